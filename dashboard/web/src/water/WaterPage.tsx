import { lazy, type ReactNode, Suspense, type SyntheticEvent, useRef, useState } from 'react'
import type { WaterSummary, ZoneRow } from '../../../../contract/water-api.ts'
import { get, queryOf } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { usePages } from '../api/use-pages.ts'
import { useSettled } from '../api/use-settled.ts'
import { CountyChoice } from '../homes/CountyChoice.tsx'
import { useText } from '../i18n/text.ts'
import { Icon } from '../shell/Icon.tsx'
import { CityFigures } from './CityFigures.tsx'
import { LossLegend } from './LossLegend.tsx'
import { useCalmReload } from './use-calm-reload.ts'
import { WaterTabs } from './WaterTabs.tsx'
import { WorstVillage } from './WorstVillage.tsx'
import { allVillages, SORTS, type Sort, SUMMARY, worstOf, ZONES } from './water-api.ts'
import { nightDay } from './water-words.ts'
import { ZoneTable } from './ZoneTable.tsx'

/** MapLibre is large, and the list does not need it. */
const LossMapView = lazy(async () => ({ default: (await import('./LossMapView.tsx')).LossMapView }))

const NONE: readonly ZoneRow[] = []

/** The water engineer's morning: how the city stands, which village is worst, and all the others. */
export function WaterPage(): ReactNode {
  const { t } = useText()
  const [sort, setSort] = useState<Sort>('tonight')
  const [county, setCounty] = useState('')
  const [search, setSearch] = useState('')
  const [lit, setLit] = useState<string | null>(null)
  const page = useRef<HTMLDivElement>(null)
  const summary = useAnswer('summary', (signal) => get<WaterSummary>(SUMMARY, signal))
  const worst = useAnswer(`worst ${county}`, (signal) => worstOf(county, signal))
  const villages = useAnswer(`villages ${county}`, (signal) => allVillages(county, signal))
  const query = { kind: 'village', sort, placeId: county, q: useSettled(search) }
  const pages = usePages<ZoneRow>(ZONES, query)
  const answers = [summary, worst, villages, pages]
  useCalmReload(page, () => {
    for (const answer of answers) answer.reload()
  })
  const point = ({ target }: SyntheticEvent): void => {
    const row = target instanceof Element ? target.closest('tr') : null
    setLit(row?.querySelector<HTMLElement>('[data-zone]')?.dataset.zone ?? null)
  }
  const day = summary.data?.day ?? null
  const nobodyLooksFor = search === '' && county === ''
  return (
    <div className="page page-fill water-page">
      <header className="page-head">
        <h1>{t('water.title')}</h1>
        {summary.data === undefined ? null : (
          <span className="quiet">{day === null ? t('water.noNight') : t('water.night', { day: nightDay(day) })}</span>
        )}
        <WaterTabs current="water" />
      </header>
      <div className="water-morning">
        {summary.data !== undefined && worst.data !== undefined ? (
          <>
            <WorstVillage worst={worst.data.zone} summary={summary.data} />
            <CityFigures summary={summary.data} worstLeak={worst.data.leak} />
          </>
        ) : summary.failure !== undefined || worst.failure !== undefined ? (
          <p className="quiet">{t('devices.failed')}</p>
        ) : null}
      </div>
      <div className="list-filters">
        <fieldset className="segments" aria-label={t('sort.label')}>
          {SORTS.map((one) => (
            <button key={one} type="button" aria-pressed={sort === one} onClick={() => setSort(one)}>
              {t(`sort.${one}`)}
            </button>
          ))}
        </fieldset>
        <CountyChoice value={county} onChange={setCounty} />
        <input
          type="search"
          value={search}
          placeholder={t('zones.search')}
          aria-label={t('zones.search')}
          onChange={(event) => setSearch(event.target.value)}
        />
        <a className="button push" href={`${ZONES}.csv${queryOf(query)}`} download>
          <Icon name="download" />
          {t('zones.csv')}
        </a>
      </div>
      <div className="water-body">
        <div className="loss-map">
          <div className="loss-map-frame">
            <Suspense fallback={null}>
              <LossMapView villages={villages.data ?? NONE} sort={sort} lit={lit} />
            </Suspense>
          </div>
          <LossLegend sort={sort} />
        </div>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: only lights up on the map what the list's own links point at */}
        <div
          className="water-list"
          ref={page}
          onPointerOver={point}
          onPointerLeave={() => setLit(null)}
          onFocus={point}
        >
          <ZoneTable
            pages={pages}
            empty={
              <>
                <p>{t(pages.loading ? 'devices.loading' : pages.failed ? 'devices.failed' : 'zones.none')}</p>
                {!pages.loading && !pages.failed && nobodyLooksFor ? (
                  <p className="quiet">{t('zones.noneHint')}</p>
                ) : null}
              </>
            }
          />
        </div>
      </div>
    </div>
  )
}
