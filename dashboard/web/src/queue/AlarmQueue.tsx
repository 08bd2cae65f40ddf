import { Fragment, type ReactNode, useCallback, useEffect, useState } from 'react'
import type { Alarm } from '../../../../contract/alarms.ts'
import { get, queryOf } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { useText } from '../i18n/text.ts'
import { placeOfIncident, titleOf } from '../incident/incident-words.ts'
import { Icon } from '../shell/Icon.tsx'
import { useTick } from '../shell/ticker.ts'
import { consoleStore, useConsole } from '../store/console.ts'
import type { ConsoleState } from '../store/console-state.ts'
import { ALARM_GROUPS, countPassing, passes, QUEUE_SECTIONS, type QueueRow as Row, sectionOf } from '../store/queue.ts'
import { type Ring, ringing } from '../store/rings.ts'
import { useView, view } from '../store/view.ts'
import { AlarmRow } from './AlarmRow.tsx'
import { typeOf, whereabouts } from './alarm-words.ts'
import { IncidentRow } from './IncidentRow.tsx'
import { queueRows } from './queue-model.ts'
import { SeverityCounts } from './SeverityCounts.tsx'

/** Rows drawn at first, and added by "more": a flood must not slow down the alarm on top. */
const ROWS = 40
/** Closed alarms looked back at. */
const PAST = 200
const PAST_EVERY_MS = 5000
const STATES = ['open', 'active', 'all'] as const

function GroupFilter(): ReactNode {
  const { t } = useText()
  const group = useView((v) => v.filter.group)
  const state = useView((v) => v.filter.state)
  const alarms = useConsole((s) => s.alarms)
  const incidents = useConsole((s) => s.incidents)
  const count = (of: (typeof ALARM_GROUPS)[number]): number =>
    countPassing({ alarms, incidents }, { group: of, activeOnly: state === 'active' })
  const choose = (next: typeof group): void => view.change({ filter: { group: next, state } })
  return (
    <div className="filters">
      <fieldset className="segments" aria-label={t('queue.groupLabel')}>
        <button type="button" aria-pressed={group === null} onClick={() => choose(null)}>
          {t('queue.all')}
        </button>
        {ALARM_GROUPS.map((of) => (
          <button key={of} type="button" aria-pressed={group === of} onClick={() => choose(of)}>
            {t(`queue.group.${of}`)}
            <span className="segment-count">{count(of) || ''}</span>
          </button>
        ))}
      </fieldset>
      <select
        aria-label={t('queue.stateLabel')}
        value={state}
        onChange={(event) => {
          const next = STATES.find((one) => one === event.target.value) ?? 'open'
          view.change({ filter: { group, state: next } })
        }}
      >
        <option value="open">{t('queue.open')}</option>
        <option value="active">{t('queue.active')}</option>
        <option value="all">{t('queue.all')}</option>
      </select>
    </div>
  )
}

/** Says what newly rings to a screen reader: an incident once, whatever the number of its alarms. */
function Announcer(): ReactNode {
  const { t, language } = useText()
  const newest = useConsole(newestRing)
  const [words, setWords] = useState('')
  // biome-ignore lint/correctness/useExhaustiveDependencies: said anew when the ring is another, not when a fact of it changes
  useEffect(() => {
    if (newest === null) return
    const { devices, places } = consoleStore.get()
    const { incident, alarm } = newest
    const said =
      incident !== null
        ? [titleOf(incident, t), t(incident.verification === 'confirmed' ? 'incident.confirmed' : 'incident.preAlarm')]
        : alarm !== null
          ? [t(`severity.${alarm.severity}`), typeOf(alarm, language)]
          : []
    const where =
      incident !== null
        ? placeOfIncident(incident, devices, places, t)
        : alarm !== null
          ? whereabouts(alarm, devices, places)
          : { path: [] }
    setWords(t('queue.newArrived', { text: [...said, ...where.path].join(' ') }))
  }, [newest?.key, t, language])
  return (
    <div className="visually-hidden" aria-live="assertive" role="status">
      {words}
    </div>
  )
}

function newestRing(state: ConsoleState): Ring | null {
  let newest: Ring | null = null
  for (const ring of ringing(state)) if (newest === null || ring.since > newest.since) newest = ring
  return newest
}

/** Alarms of the past, closed ones too, as the server lists them; live ones as they are now. */
function usePast(): { readonly rows: readonly Row[]; readonly loading: boolean } | null {
  const filter = useView((v) => v.filter)
  const live = useConsole((s) => s.alarms)
  const wanted = filter.state === 'all'
  const round = useTick((now) => Math.floor(now / PAST_EVERY_MS))
  const { data, loading } = useAnswer(wanted ? `all@${round}` : null, (signal) =>
    get<{ readonly items: readonly Alarm[] }>(`/api/alarms${queryOf({ state: 'all', limit: PAST })}`, signal),
  )
  const [kept, setKept] = useState<readonly Alarm[]>([])
  useEffect(() => {
    if (data) setKept(data.items)
  }, [data])
  if (!wanted) return null
  const byId = new Map(kept.map((alarm) => [alarm.id, alarm]))
  for (const alarm of live.values()) byId.set(alarm.id, alarm)
  const rows = [...byId.values()]
    .filter((alarm) => passes(alarm, { group: filter.group, activeOnly: false }))
    .sort((a, b) => b.raisedAt - a.raisedAt)
    .map(
      (alarm): Row => ({
        type: 'alarms',
        key: alarm.id,
        lead: alarm,
        members: [alarm],
        unacknowledged: alarm.state.endsWith('_UNACK') ? 1 : 0,
        siteId: null,
      }),
    )
  return { rows, loading: loading && kept.length === 0 }
}

function Empty({ filtered }: { readonly filtered: boolean }): ReactNode {
  const { t } = useText()
  const never = useConsole((s) => s.seq === 0)
  const group = useView((v) => v.filter)
  return (
    <div className="empty">
      <Icon name="check" size={34} />
      <p className="empty-title">{filtered ? t('queue.emptyFiltered') : t('queue.empty')}</p>
      {filtered ? (
        <button
          type="button"
          className="button"
          onClick={() => view.change({ filter: { ...group, group: null, state: 'open' } })}
        >
          {t('queue.clearFilter')}
        </button>
      ) : (
        <p className="quiet">{never ? t('queue.emptyAdmin') : t('queue.emptyHint')}</p>
      )}
    </div>
  )
}

export function AlarmQueue(): ReactNode {
  const { t } = useText()
  const filter = useView((v) => v.filter)
  const ready = useConsole((s) => s.ready)
  const alarms = useConsole((s) => s.alarms)
  const incidents = useConsole((s) => s.incidents)
  const total = countPassing({ alarms, incidents }, { group: null, activeOnly: false })
  const live = useConsole(useCallback((state: ConsoleState) => queueRows(state, filter), [filter]))
  const past = usePast()
  const [shown, setShown] = useState(ROWS)
  const rows = past?.rows ?? live
  const hiddenByFilter = past
    ? 0
    : total - rows.reduce((sum, row) => sum + (row.type === 'incident' ? 1 : row.members.length), 0)
  const visible = rows.slice(0, shown)
  const sections = past
    ? [{ section: null, rows: visible }]
    : QUEUE_SECTIONS.map((section) => ({ section, rows: visible.filter((row) => sectionOf(row) === section) })).filter(
        (part) => part.rows.length > 0,
      )
  return (
    <aside className="queue" aria-label={t('queue.title')} id="queue" tabIndex={-1}>
      <SeverityCounts />
      <GroupFilter />
      <Announcer />
      <div className="queue-scroll">
        {rows.length === 0 ? (
          ready && !past?.loading ? (
            <Empty filtered={total > 0 && hiddenByFilter > 0} />
          ) : (
            <p className="empty quiet">{t('queue.loading')}</p>
          )
        ) : (
          <>
            {sections.map((part, i) => (
              <Fragment key={part.section}>
                {part.section !== null && i > 0 ? (
                  <h2 className="queue-section">{t(`queue.section.${part.section}`)}</h2>
                ) : null}
                <ul className="rows">
                  {part.rows.map((row) =>
                    row.type === 'incident' ? (
                      <IncidentRow key={row.key} row={row} />
                    ) : (
                      <AlarmRow key={row.key} row={row} />
                    ),
                  )}
                </ul>
              </Fragment>
            ))}
            {rows.length > shown ? (
              <button type="button" className="button button-more" onClick={() => setShown((n) => n + ROWS)}>
                {t('queue.more', { n: Math.min(ROWS, rows.length - shown) })}
              </button>
            ) : null}
          </>
        )}
        {hiddenByFilter > 0 && rows.length > 0 ? (
          <p className="queue-note quiet">{t('queue.hidden', { n: hiddenByFilter })}</p>
        ) : null}
      </div>
    </aside>
  )
}
