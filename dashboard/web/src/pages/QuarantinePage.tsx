import { type ReactNode, useState } from 'react'
import type { QuarantineGroup } from '../../../../contract/api.ts'
import { may } from '../../../../contract/roles.ts'
import { get, queryOf } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { useSettled } from '../api/use-settled.ts'
import { formatCount } from '../format/amount.ts'
import { useText } from '../i18n/text.ts'
import { GroupRow } from '../quarantine/GroupRow.tsx'
import { ReplayPanel } from '../quarantine/ReplayPanel.tsx'
import { wordsOf } from '../quarantine/reason-words.ts'
import { TurnedAway } from '../quarantine/TurnedAway.tsx'
import { filterOf, RANGES, type Range, type Which } from '../quarantine/which.ts'
import { Icon } from '../shell/Icon.tsx'
import { useTick } from '../shell/ticker.ts'
import { serverNow, useConsole } from '../store/console.ts'

/** How often the page asks again while it is open. */
const REFRESH_MS = 5000
/** Groups shown at first, and as many more at each click. */
const PAGE = 50
/** What the server gives at once. */
const MOST = 1000

interface Groups {
  readonly items: readonly QuarantineGroup[]
  readonly total: number
  readonly next: string | null
  readonly reasons: readonly { readonly reason: string; readonly count: number }[]
}

const VIEWS = ['open', 'replayed', 'counts'] as const
const NO_FILTER: Which = { deviceId: '', reason: '', range: 'all', state: 'open' }

/** What could not be understood: what waits, what has been understood since, and everything that was turned away. */
export function QuarantinePage(): ReactNode {
  const { t } = useText()
  const role = useConsole((s) => s.session?.role)
  const mayRead = role !== undefined && may(role, 'quarantine.read')
  const [chosen, choose] = useState<(typeof VIEWS)[number]>(mayRead ? 'open' : 'counts')
  return (
    <div className="page set-aside">
      <header className="page-head">
        <h1>{t('quarantine.title')}</h1>
        {mayRead ? (
          <span className="segments">
            {VIEWS.map((one) => (
              <button key={one} type="button" aria-pressed={chosen === one} onClick={() => choose(one)}>
                {t(`quarantine.view.${one}`)}
              </button>
            ))}
          </span>
        ) : null}
      </header>
      <p className="lead">{t(`quarantine.lead.${chosen}`)}</p>
      {chosen === 'counts' ? <TurnedAway /> : <Quarantined key={chosen} state={chosen} />}
      {mayRead ? null : <p className="quiet">{t('quarantine.forbidden')}</p>}
    </div>
  )
}

function Quarantined({ state }: { readonly state: 'open' | 'replayed' }): ReactNode {
  const { t } = useText()
  const role = useConsole((s) => s.session?.role)
  const [which, setWhich] = useState<Which>({ ...NO_FILTER, state })
  const [limit, setLimit] = useState(PAGE)
  const [opened, open] = useState<string | null>(null)
  const [replayed, setReplayed] = useState(false)
  const settled = useSettled(which)
  const round = useTick((now) => Math.floor(now / REFRESH_MS))
  const filter = filterOf(settled, serverNow())
  const query = queryOf({ ...filter, state, limit })
  const { data, failure, reload } = useAnswer(`${query}@${round}`, (signal) =>
    get<Groups>(`/api/quarantine/groups${query}`, signal),
  )
  const [kept, setKept] = useState<Groups | null>(null)
  if (data && kept !== data) setKept(data)
  const change = (news: Partial<Which>): void => {
    setWhich((before) => ({ ...before, ...news }))
    setLimit(PAGE)
  }
  const filtered = which.deviceId !== '' || which.reason !== '' || which.range !== 'all'
  const waiting = (kept?.reasons ?? []).reduce(
    (sum, one) => sum + (filter.reason === undefined || filter.reason === one.reason ? one.count : 0),
    0,
  )
  return (
    <>
      <Filters which={which} reasons={kept?.reasons ?? []} onChange={change} />
      {state === 'open' && role !== undefined && may(role, 'quarantine.replay') && (waiting > 0 || replayed) ? (
        <ReplayPanel
          filter={filter}
          count={waiting}
          onDone={() => {
            setReplayed(true)
            reload()
          }}
        />
      ) : null}
      {kept === null ? (
        <p className="quiet">{failure ? t('devices.failed') : t('devices.loading')}</p>
      ) : kept.items.length === 0 ? (
        <div className="empty">
          <Icon name="check" size={34} />
          <p className="empty-title">{t(filtered ? 'quarantine.noMatch' : `quarantine.none.${state}`)}</p>
          {filtered ? (
            <button type="button" className="button" onClick={() => change(NO_FILTER)}>
              {t('queue.clearFilter')}
            </button>
          ) : (
            <p className="quiet">{t(`quarantine.noneHint.${state}`)}</p>
          )}
        </div>
      ) : (
        <>
          <p className="quiet group-total">
            {t('quarantine.total', { n: formatCount(waiting), groups: formatCount(kept.total) })}
          </p>
          <ul className="plain groups">
            {kept.items.map((group) => {
              const key = `${group.deviceId} ${group.reason} ${group.pattern}`
              return (
                <GroupRow
                  key={key}
                  group={group}
                  state={state}
                  open={opened === key}
                  onToggle={() => open(opened === key ? null : key)}
                  onReplayed={reload}
                />
              )
            })}
          </ul>
          {kept.next !== null && limit < MOST ? (
            <button type="button" className="button more" onClick={() => setLimit(Math.min(MOST, limit + PAGE))}>
              {t('quarantine.more', { n: formatCount(kept.total - kept.items.length) })}
            </button>
          ) : null}
          {kept.next !== null && limit >= MOST ? <p className="quiet">{t('quarantine.narrow')}</p> : null}
        </>
      )}
    </>
  )
}

function Filters(props: {
  readonly which: Which
  readonly reasons: Groups['reasons']
  onChange(news: Partial<Which>): void
}): ReactNode {
  const { t, language } = useText()
  const { which, reasons, onChange } = props
  return (
    <div className="list-filters">
      <input
        type="search"
        value={which.deviceId}
        placeholder={t('quarantine.byDevice')}
        aria-label={t('quarantine.byDevice')}
        onChange={(event) => onChange({ deviceId: event.target.value })}
      />
      <label>
        {t('quarantine.reason')}
        <select value={which.reason} onChange={(event) => onChange({ reason: event.target.value })}>
          <option value="">{t('quarantine.all')}</option>
          {which.reason !== '' && !reasons.some(({ reason }) => reason === which.reason) ? (
            <option value={which.reason}>{wordsOf(which.reason, language)} (0)</option>
          ) : null}
          {reasons.map(({ reason, count }) => (
            <option key={reason} value={reason}>
              {wordsOf(reason, language)} ({formatCount(count)})
            </option>
          ))}
        </select>
      </label>
      <label>
        {t('quarantine.arrived')}
        <select value={which.range} onChange={(event) => onChange({ range: event.target.value as Range })}>
          {Object.keys(RANGES).map((range) => (
            <option key={range} value={range}>
              {t(`quarantine.range.${range as Range}`)}
            </option>
          ))}
        </select>
      </label>
    </div>
  )
}
