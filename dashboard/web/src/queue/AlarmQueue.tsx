import { type ReactNode, useCallback, useEffect, useState } from 'react'
import { type Alarm, isActive } from '../../../../contract/alarms.ts'
import { get, queryOf } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { useText } from '../i18n/text.ts'
import { Icon } from '../shell/Icon.tsx'
import { useTick } from '../shell/ticker.ts'
import { consoleStore, useConsole } from '../store/console.ts'
import type { ConsoleState } from '../store/console-state.ts'
import { ALARM_GROUPS, passes, type QueueRow as Row } from '../store/queue.ts'
import { useView, view } from '../store/view.ts'
import { typeOf, whereabouts } from './alarm-words.ts'
import { QueueRow } from './QueueRow.tsx'
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
  const count = (of: (typeof ALARM_GROUPS)[number]): number => {
    let n = 0
    for (const alarm of alarms.values()) if (passes(alarm, { group: of, activeOnly: state === 'active' })) n++
    return n
  }
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

/** Says a newly arrived alarm to a screen reader. */
function Announcer(): ReactNode {
  const { t, language } = useText()
  const newest = useConsole(newestAlarm)
  const [words, setWords] = useState('')
  useEffect(() => {
    if (newest === null) return
    const { devices, places } = consoleStore.get()
    const where = whereabouts(newest, devices, places)
    setWords(
      t('queue.newArrived', {
        text: [t(`severity.${newest.severity}`), typeOf(newest, language), ...where.path, where.deviceName].join(' '),
      }),
    )
  }, [newest, t, language])
  return (
    <div className="visually-hidden" aria-live="assertive" role="status">
      {words}
    </div>
  )
}

function newestAlarm(state: ConsoleState): Alarm | null {
  let newest: Alarm | null = null
  for (const alarm of state.alarms.values())
    if (isActive(alarm) && (newest === null || alarm.noticedAt > newest.noticedAt)) newest = alarm
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
  const total = useConsole((s) => s.alarms.size)
  const live = useConsole(useCallback((state: ConsoleState) => queueRows(state, filter), [filter]))
  const past = usePast()
  const [shown, setShown] = useState(ROWS)
  const rows = past?.rows ?? live
  const waiting = past ? [] : rows.filter((row) => row.unacknowledged > 0)
  const rest = past ? rows : rows.slice(waiting.length)
  const visible = (list: readonly Row[], already: number): readonly Row[] => list.slice(0, Math.max(0, shown - already))
  const hiddenByFilter = past ? 0 : total - rows.reduce((sum, row) => sum + row.members.length, 0)
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
            <ul className="rows">
              {visible(waiting, 0).map((row) => (
                <QueueRow key={row.key} row={row} />
              ))}
            </ul>
            {rest.length > 0 && waiting.length > 0 ? (
              <h2 className="queue-section">{t('alarmState.ACTIVE_ACK')}</h2>
            ) : null}
            <ul className="rows">
              {visible(rest, waiting.length).map((row) => (
                <QueueRow key={row.key} row={row} />
              ))}
            </ul>
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
