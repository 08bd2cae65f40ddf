import { type ReactNode, useState } from 'react'
import type { Home } from '../../../../contract/home-answers.ts'
import type { DutyCheck } from '../../../../contract/incidents.ts'
import { usePages } from '../api/use-pages.ts'
import { lastEvent, useReload } from '../api/use-reload.ts'
import { useSettled } from '../api/use-settled.ts'
import { formatSpan } from '../format/age.ts'
import { formatCount } from '../format/amount.ts'
import { CountyChoice } from '../homes/CountyChoice.tsx'
import { HomesTabs } from '../homes/HomesTabs.tsx'
import { useText } from '../i18n/text.ts'
import { LongTable } from '../list/LongTable.tsx'
import { Age, At } from '../shell/Age.tsx'
import { Link } from '../shell/Link.tsx'
import { serverNow, useConsole } from '../store/console.ts'
import { placeChain } from '../store/queue.ts'
import { AskButton } from './AskButton.tsx'
import { DutyCheckLine } from './DutyCheckLine.tsx'
import { DutyMark } from './DutyMark.tsx'
import { sumsOf } from './duty-sums.ts'

const ROW_PX = 56
const GATHER_MS = 1000
const SIDES = ['homes', 'record'] as const

/** Duty checks (查岗) of all homes: who is being asked, who answered in how long, who did not. */
export function DutyPage(): ReactNode {
  const { t } = useText()
  const [side, setSide] = useState<(typeof SIDES)[number]>('homes')
  const [county, setCounty] = useState('')
  const [search, setSearch] = useState('')
  const q = useSettled(search)
  const homes = usePages<Home>('/api/homes', { sort: 'name', placeId: county, q })
  const checks = usePages<DutyCheck>('/api/duty-checks', {})
  const reload = (): void => {
    homes.reload()
    checks.reload()
  }
  useReload(lastEvent, GATHER_MS, reload)
  const places = useConsole((s) => s.places)
  const pathOf = (id: string): readonly string[] =>
    placeChain(id, places)
      .map(({ name }) => name)
      .reverse()
  const running = checks.items.filter(({ settled }) => settled === null)
  return (
    <div className="page page-fill">
      <header className="page-head">
        <h1>{t('duty.title')}</h1>
        <HomesTabs current="duty" />
      </header>
      <Sums checks={checks.items} />
      {running.length === 0 ? null : (
        <section className="panel duty-now" aria-label={t('duty.runningNow')}>
          <h2>{t('duty.runningNow')}</h2>
          <ul className="plain">
            {running.map((check) => (
              <DutyCheckLine
                key={check.id}
                check={check}
                name={
                  <Link to={{ page: 'home', id: check.placeId }}>{pathOf(check.placeId).at(-1) ?? check.placeId}</Link>
                }
                onAnswered={reload}
              />
            ))}
          </ul>
        </section>
      )}
      <div className="list-filters">
        <fieldset className="segments" aria-label={t('duty.title')}>
          {SIDES.map((one) => (
            <button key={one} type="button" aria-pressed={side === one} onClick={() => setSide(one)}>
              {t(`duty.side.${one}`)}
            </button>
          ))}
        </fieldset>
        {side === 'homes' ? (
          <>
            <input
              type="search"
              value={search}
              placeholder={t('homes.search')}
              aria-label={t('homes.search')}
              onChange={(event) => setSearch(event.target.value)}
            />
            <CountyChoice value={county} onChange={setCounty} />
          </>
        ) : null}
      </div>
      {side === 'homes' ? (
        <LongTable
          label={t('duty.side.homes')}
          className="own-columns list-duty"
          pages={homes}
          rowPx={ROW_PX}
          columns={[t('homes.name'), t('homes.duty'), t('home.present'), t('users.actions')]}
          empty={<p>{t(homes.loading ? 'devices.loading' : homes.failed ? 'devices.failed' : 'homes.none')}</p>}
          keyOf={(home) => home.id}
          cells={(home) => (
            <HomeCells home={home} isRunning={running.some(({ placeId }) => placeId === home.id)} onAsked={reload} />
          )}
        />
      ) : (
        <LongTable
          label={t('duty.side.record')}
          className="own-columns list-checks"
          pages={checks}
          rowPx={ROW_PX}
          columns={[t('incidents.when'), t('homes.name'), t('incidents.result'), t('duty.by')]}
          empty={<p>{t(checks.loading ? 'devices.loading' : checks.failed ? 'devices.failed' : 'duty.none')}</p>}
          keyOf={(check) => check.id}
          cells={(check) => <CheckCells check={check} path={pathOf(check.placeId)} />}
        />
      )}
    </div>
  )
}

function Sums({ checks }: { readonly checks: readonly DutyCheck[] }): ReactNode {
  const { t } = useText()
  const { asked, answered, late, unanswered, medianMs } = sumsOf(checks, serverNow())
  if (asked === 0) return <p className="lead">{t('duty.lead')}</p>
  return (
    <ul className="record-sums" aria-label={t('duty.sums', { n: formatCount(asked) })}>
      <li>
        <strong>{formatCount(answered)}</strong>
        <span>{t('duty.sum.answered')}</span>
      </li>
      <li>
        <strong>{formatCount(late)}</strong>
        <span>{t('duty.sum.late')}</span>
      </li>
      <li className={unanswered > 0 ? 'is-bad' : undefined}>
        <strong>{formatCount(unanswered)}</strong>
        <span>{t('duty.sum.unanswered')}</span>
      </li>
      <li>
        <strong>{medianMs === null ? '–' : formatSpan(medianMs, t)}</strong>
        <span>{t('duty.sum.median')}</span>
      </li>
      <li className="quiet">{t('duty.sums', { n: formatCount(asked) })}</li>
    </ul>
  )
}

function HomeCells(props: { readonly home: Home; readonly isRunning: boolean; onAsked(): void }): ReactNode {
  const { t } = useText()
  const { home, isRunning, onAsked } = props
  const { lastDutyCheck, staff } = home
  return (
    <>
      <td className="list-name name-only">
        <Link to={{ page: 'home', id: home.id }}>{home.name}</Link>
        <small className="quiet">{home.placePath.slice(0, -1).join(' › ')}</small>
      </td>
      <td>
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
      <td data-label={t('home.present')}>
        {staff.recorded === 0 ? (
          <span className="quiet">{t('home.noStaff')}</span>
        ) : (
          <span className={staff.staffed ? undefined : 'warn'}>{t('staff.count', { n: staff.onDuty })}</span>
        )}
      </td>
      <td>
        <AskButton placeId={home.id} name={home.name} isRunning={isRunning} onAsked={onAsked} />
      </td>
    </>
  )
}

function CheckCells(props: { readonly check: DutyCheck; readonly path: readonly string[] }): ReactNode {
  const { t } = useText()
  const { check, path } = props
  return (
    <>
      <td>
        <At at={check.askedAt} />
      </td>
      <td className="list-name name-only">
        <Link to={{ page: 'home', id: check.placeId }}>{path.at(-1) ?? check.placeId}</Link>
        <small className="quiet">{path.slice(0, -1).join(' › ')}</small>
      </td>
      <td>
        <DutyMark check={check} />
      </td>
      <td data-label={t('duty.by')}>
        {t('duty.askedBy', { name: check.askedBy })}
        {check.answeredBy === null ? null : (
          <small className="quiet">{t('duty.answeredBy', { name: check.answeredBy })}</small>
        )}
      </td>
    </>
  )
}
