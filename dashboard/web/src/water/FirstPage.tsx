import { type ReactNode, useRef, useState } from 'react'
import type { GoFirst, WaterSummary } from '../../../../contract/water-api.ts'
import { get } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { usePages } from '../api/use-pages.ts'
import { formatCount } from '../format/amount.ts'
import { formatDate, formatDay } from '../format/time.ts'
import { CountyChoice } from '../homes/CountyChoice.tsx'
import { useText } from '../i18n/text.ts'
import { LongTable } from '../list/LongTable.tsx'
import { mayAct } from '../queue/act.ts'
import { Icon } from '../shell/Icon.tsx'
import { Link } from '../shell/Link.tsx'
import { CityFigure, OpenInflows } from './CityFigures.tsx'
import { NewOrder } from './NewOrder.tsx'
import { OrderMark } from './OrderMark.tsx'
import { useCalmReload } from './use-calm-reload.ts'
import { WaterTabs } from './WaterTabs.tsx'
import { FIRST, SUMMARY } from './water-api.ts'
import { flowWords, leakWords, volumeFigure, yuanFigure } from './water-words.ts'

const ROW_PX = 72
const WHOSE = ['all', 'zone', 'meter'] as const
const LITRES_PER_M3 = 1000

/** Where to go first: what costs most, losses of zones and leaks of households in one list. */
export function FirstPage(): ReactNode {
  const { t } = useText()
  const [whose, setWhose] = useState<(typeof WHOSE)[number]>('all')
  const [county, setCounty] = useState('')
  const [repairing, setRepairing] = useState<GoFirst | null>(null)
  const list = useRef<HTMLDivElement>(null)
  const summary = useAnswer('summary', (signal) => get<WaterSummary>(SUMMARY, signal))
  const pages = usePages<GoFirst>(FIRST, { kind: whose === 'all' ? null : whose, placeId: county })
  useCalmReload(list, () => {
    summary.reload()
    pages.reload()
  })
  return (
    <div className="page page-fill first-page">
      <header className="page-head">
        <h1>{t('first.title')}</h1>
        <span className="quiet">{t('first.lead')}</span>
        <WaterTabs current="first" />
      </header>
      <div className="first-figures">{summary.data === undefined ? null : <Figures summary={summary.data} />}</div>
      <div className="list-filters">
        <fieldset className="segments" aria-label={t('first.whose')}>
          {WHOSE.map((one) => (
            <button key={one} type="button" aria-pressed={whose === one} onClick={() => setWhose(one)}>
              {t(`first.whose.${one}`)}
            </button>
          ))}
        </fieldset>
        <CountyChoice value={county} onChange={setCounty} />
      </div>
      {repairing === null ? null : (
        <section className="panel" aria-label={t('zone.repair')}>
          <h2>
            {t('zone.repair')}:{repairing.name}
          </h2>
          <NewOrder
            key={repairing.alarmId}
            kind={repairing.kind}
            id={repairing.id}
            m3h={repairing.lph / LITRES_PER_M3}
            onCancel={() => setRepairing(null)}
          />
        </section>
      )}
      <div className="water-list" ref={list}>
        <LongTable
          label={t('first.title')}
          className="list-first"
          pages={pages}
          rowPx={ROW_PX}
          columns={[t('first.where'), t('first.cost'), t('first.lost'), t('first.why'), t('first.order')]}
          empty={
            <>
              <p>{t(pages.loading ? 'devices.loading' : pages.failed ? 'devices.failed' : 'first.none')}</p>
              {pages.loading || pages.failed || county !== '' ? null : <p className="quiet">{t('first.noneHint')}</p>}
            </>
          }
          keyOf={(one) => one.alarmId}
          cells={(one) => <Cells one={one} repair={() => setRepairing(one)} />}
        />
      </div>
    </div>
  )
}

function Figures({ summary }: { readonly summary: WaterSummary }): ReactNode {
  const { t } = useText()
  const { saved } = summary
  return (
    <dl>
      <CityFigure
        name={t('first.saved')}
        figure={formatCount(saved.m3)}
        unit={`m³ · ${t('water.yuan', { n: yuanFigure(saved.yuan) })}`}
      >
        {saved.repairs === 0
          ? t('first.savedNone')
          : t('first.savedOf', { since: formatDate(saved.since), n: formatCount(saved.repairs) })}
      </CityFigure>
      <CityFigure
        name={t('first.open')}
        figure={yuanFigure(summary.openYuanPerDay)}
        unit={t('water.yuanDay', { n: '' }).trim()}
      >
        {t('first.openOf', { n: formatCount(summary.openLosses), flow: flowWords(summary.openLossM3h) })}
        <OpenInflows summary={summary} />
      </CityFigure>
      <CityFigure name={t('first.leaks')} figure={formatCount(summary.householdLeaks)} unit={t('city.households')}>
        {t('city.leaksOf', { n: formatCount(summary.householdLeakLph) })}
      </CityFigure>
    </dl>
  )
}

function Cells({ one, repair }: { readonly one: GoFirst; repair(): void }): ReactNode {
  const { t, language } = useText()
  return (
    <>
      <td className="list-name">
        <Link to={one.kind === 'zone' ? { page: 'zone', id: one.id } : { page: 'device', id: one.id }}>{one.name}</Link>
        <small className="quiet">
          <span className="first-kind">
            <Icon name={one.kind === 'zone' ? 'water' : 'home'} size={13} />
            {t(`first.kind.${one.onlyInflow ? 'inflow' : one.kind}`)}
          </span>{' '}
          {one.path.join(' › ')}
        </small>
      </td>
      <td className="cell-cost">
        <strong>{t('water.yuan', { n: yuanFigure(one.yuanPerDay) })}</strong>
        <small className="quiet">{leakWords(one.lph)}</small>
      </td>
      <td className="cell-lost" data-label={t('first.lost')}>
        {t('water.m3', { n: volumeFigure(one.lostM3) })} · {t('water.yuan', { n: yuanFigure(one.lostYuan) })}
        <small className="quiet">{t('households.since', { day: formatDay(one.since) })}</small>
      </td>
      <td className="cell-why">{language === 'zh' ? one.evidenceZh : one.evidence}</td>
      <td className="cell-order">
        {one.workOrder !== null ? (
          <OrderMark order={one.workOrder} />
        ) : mayAct('water.edit') ? (
          <button type="button" className="button" onClick={repair}>
            {t('first.repair')}
          </button>
        ) : null}
      </td>
    </>
  )
}
