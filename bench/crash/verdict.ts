import type { Alarm } from '../../contract/alarms.ts'
import type { Quantity, Value } from '../../contract/quantities.ts'
import type { HistoryReader } from '../../store/history/port.ts'
import type { Views } from '../../store/state/views-port.ts'
import type { Episode, SmokeDetector } from './fire.ts'

const PAGE = 1000

export interface Truthful {
  readonly id: string
  truth(): Iterable<{ readonly at: number; readonly quantity: Quantity; readonly value: number }>
}

export interface Readings {
  readonly acked: number
  readonly stored: number
  /** Acknowledged, and not in history or with another value. */
  readonly lost: number
  /** In history without having been sent. */
  readonly invented: number
}

type Range = Pick<Awaited<ReturnType<HistoryReader['range']>>, 'at' | 'fields'>

/** What was acknowledged beside what history gives back. */
export async function checkReadings(
  devices: readonly Truthful[],
  range: (deviceId: string) => Promise<Range>,
): Promise<Readings> {
  let acked = 0
  let stored = 0
  let found = 0
  for (const device of devices) {
    const { at, fields } = await range(device.id)
    const rows = new Map(at.map((time, row) => [time, row]))
    found += at.length
    const value = (quantity: Quantity, time: number): Value | null | undefined => {
      const row = rows.get(time)
      return row === undefined ? undefined : fields.get(quantity)?.[row]
    }
    for (const said of device.truth()) {
      acked++
      if (value(said.quantity, said.at) === said.value) stored++
    }
  }
  return { acked, stored, lost: acked - stored, invented: Math.max(0, found - acked) }
}

export interface Alarms {
  readonly episodes: number
  /** More alarms, or more `alarm.raised` events, than fires. */
  readonly duplicateAlarms: number
  /** Fires without an alarm. */
  readonly missedAlarms: number
  /** Alarms that do not count each message of their fire exactly once, or were not acknowledged exactly once. */
  readonly miscountedAlarms: number
  /** Alarms of other devices or other types: nothing in the load calls for one. */
  readonly otherAlarms: number
}

/** Each fire: one alarm, raised once, every message counted once, acknowledged once. */
export async function checkAlarms(
  views: Pick<Views, 'alarms' | 'eventsAfter'>,
  detectors: readonly SmokeDetector[],
): Promise<Alarms> {
  const alarms = await allAlarms((cursor) => views.alarms({ state: 'all', limit: PAGE, cursor }))
  const events = new Map<string, { raised: number; acknowledged: number }>()
  for (let seq = 0; ; ) {
    const page = await views.eventsAfter(seq, PAGE)
    for (const event of page) {
      seq = event.seq
      if (!('alarm' in event)) continue
      const counted = events.get(event.alarm.id) ?? { raised: 0, acknowledged: 0 }
      if (event.type === 'alarm.raised') counted.raised++
      else if (event.type === 'alarm.acknowledged') counted.acknowledged++
      events.set(event.alarm.id, counted)
    }
    if (page.length === 0) break
  }

  let episodes = 0
  let duplicateAlarms = 0
  let missedAlarms = 0
  let miscountedAlarms = 0
  let ofDetectors = 0
  for (const detector of detectors) {
    const mine = alarms.filter(({ deviceId, type }) => deviceId === detector.id && type === 'smoke')
    ofDetectors += mine.length
    episodes += detector.episodes.length
    for (const [i, episode] of detector.episodes.entries()) {
      const until = detector.episodes[i + 1]?.from ?? Number.POSITIVE_INFINITY
      const raised = mine.filter(({ raisedAt }) => raisedAt >= episode.from && raisedAt < until)
      if (raised.length === 0) missedAlarms++
      else if (raised.length > 1) duplicateAlarms += raised.length - 1
      else if (!isExact(raised[0] as Alarm, episode, events)) miscountedAlarms++
    }
  }
  for (const { raised } of events.values()) duplicateAlarms += Math.max(0, raised - 1)
  return { episodes, duplicateAlarms, missedAlarms, miscountedAlarms, otherAlarms: alarms.length - ofDetectors }
}

const isExact = (
  alarm: Alarm,
  episode: Episode,
  events: ReadonlyMap<string, { readonly raised: number; readonly acknowledged: number }>,
): boolean => {
  const counted = events.get(alarm.id)
  return (
    alarm.count === episode.messages &&
    alarm.raisedAt === episode.from &&
    counted?.raised === 1 &&
    counted.acknowledged === 1
  )
}

/** Whether the API tells the same alarms as the state. */
export async function apiAgrees(
  views: Pick<Views, 'alarms'>,
  ask: (path: string) => Promise<unknown>,
): Promise<boolean> {
  const stored = await allAlarms((cursor) => views.alarms({ state: 'all', limit: PAGE, cursor }))
  const told = await allAlarms(
    async (cursor) =>
      (await ask(
        `/api/alarms?state=all&limit=${PAGE}${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
      )) as {
        items: readonly Alarm[]
        next: string | null
      },
  )
  const brief = (alarms: readonly Alarm[]): string =>
    JSON.stringify(alarms.map(({ id, state, count }) => [id, state, count]).sort())
  return brief(stored) === brief(told)
}

async function allAlarms(
  page: (cursor: string | undefined) => Promise<{ readonly items: readonly Alarm[]; readonly next: string | null }>,
): Promise<readonly Alarm[]> {
  const alarms: Alarm[] = []
  let cursor: string | undefined
  do {
    const { items, next } = await page(cursor)
    alarms.push(...items)
    cursor = next ?? undefined
  } while (cursor !== undefined)
  return alarms
}
