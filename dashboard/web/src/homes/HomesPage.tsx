import { type ReactNode, useState } from 'react'
import type { Home } from '../../../../contract/home-answers.ts'
import { usePages } from '../api/use-pages.ts'
import { anyNews, useReload } from '../api/use-reload.ts'
import { useSettled } from '../api/use-settled.ts'
import { DutyMark } from '../duty/DutyMark.tsx'
import { formatCount } from '../format/amount.ts'
import { useText } from '../i18n/text.ts'
import { LongTable } from '../list/LongTable.tsx'
import { Age } from '../shell/Age.tsx'
import { Link } from '../shell/Link.tsx'
import { Concerns } from './Concerns.tsx'
import { CountyChoice } from './CountyChoice.tsx'
import { HomesTabs } from './HomesTabs.tsx'
import { LastDrill } from './LastDrill.tsx'

const ROW_PX = 64
/** How the homes stand is asked for again at most this often: a flood of alarms changes it every second. */
const GATHER_MS = 3000
const KINDS = ['home', 'dwelling'] as const

/** Every home or dwelling, the one that wants somebody most first. */
export function HomesPage(): ReactNode {
  const { t } = useText()
  const [kind, setKind] = useState<(typeof KINDS)[number]>('home')
  const [attention, setAttention] = useState(false)
  const [county, setCounty] = useState('')
  const [search, setSearch] = useState('')
  const pages = usePages<Home>('/api/homes', {
    kind,
    placeId: county,
    q: useSettled(search),
    attention: attention ? 'true' : null,
  })
  useReload(anyNews, GATHER_MS, pages.reload)
  return (
    <div className="page page-fill">
      <header className="page-head">
        <h1>{t('homes.title')}</h1>
        <span className="quiet">{t(`homes.total.${kind}`, { n: formatCount(pages.total) })}</span>
        <HomesTabs current="homes" />
      </header>
      <div className="list-filters">
        <input
          type="search"
          value={search}
          placeholder={t('homes.search')}
          aria-label={t('homes.search')}
          onChange={(event) => setSearch(event.target.value)}
        />
        <CountyChoice value={county} onChange={setCounty} />
        <fieldset className="segments" aria-label={t('homes.kind')}>
          {KINDS.map((one) => (
            <button key={one} type="button" aria-pressed={kind === one} onClick={() => setKind(one)}>
              {t(`homes.kind.${one}`)}
            </button>
          ))}
        </fieldset>
        <label>
          <input type="checkbox" checked={attention} onChange={(event) => setAttention(event.target.checked)} />
          {t('homes.attention')}
        </label>
      </div>
      <LongTable
        label={t('homes.title')}
        className="own-columns list-homes"
        pages={pages}
        rowPx={ROW_PX}
        columns={[
          t('homes.name'),
          t('homes.concerns'),
          t('homes.detectors'),
          t('homes.duty'),
          t('homes.drill'),
          t('homes.people'),
        ]}
        empty={
          <>
            <p>{t(pages.loading ? 'devices.loading' : pages.failed ? 'devices.failed' : 'homes.none')}</p>
            {!pages.loading && !pages.failed && search === '' && county === '' && !attention ? (
              <p className="quiet">{t('homes.noneHint')}</p>
            ) : null}
          </>
        }
        keyOf={(home) => home.id}
        cells={(home) => <Cells home={home} />}
      />
    </div>
  )
}

function Cells({ home }: { readonly home: Home }): ReactNode {
  const { t } = useText()
  const { devices, lastDutyCheck, staff } = home
  return (
    <>
      <td className="list-name">
        <Link to={{ page: 'home', id: home.id }}>{home.name}</Link>
        <small className="quiet">{home.placePath.slice(0, -1).join(' › ')}</small>
      </td>
      <td className="cell-concerns">
        <Concerns home={home} />
      </td>
      <td data-label={t('homes.detectors')}>
        {devices.total === 0 ? (
          <span className="quiet">–</span>
        ) : (
          t('homes.ok', { ok: formatCount(devices.ok), n: formatCount(devices.total) })
        )}
      </td>
      <td data-label={t('homes.duty')}>
        {lastDutyCheck === null ? (
          <span className="quiet">{t('duty.never')}</span>
        ) : (
          <>
            <DutyMark check={lastDutyCheck} />
            <small className="quiet">
              <Age at={lastDutyCheck.askedAt} />
            </small>
          </>
        )}
      </td>
      <td data-label={t('homes.drill')}>
        <LastDrill home={home} />
      </td>
      <td data-label={t('homes.people')}>
        {t('homes.peopleIn', { beds: formatCount(home.beds), people: formatCount(home.residents) })}
        {staff.recorded === 0 ? null : <small className="quiet">{t('homes.onDuty', { n: staff.onDuty })}</small>}
      </td>
    </>
  )
}
