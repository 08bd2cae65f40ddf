import type { Alarm } from '../../contract/alarms.ts'
import { isActive, severityRank } from '../../contract/alarms.ts'
import {
  ALONE_STATES,
  type Alone,
  type AloneEvent,
  type AloneRow,
  type AloneState,
  callNow,
  type DayUse,
  isAway,
  litresOfDay,
  type OwnUse,
  UNKNOWN_AFTER_MS,
} from '../../contract/alone.ts'
import { cityDayOf } from '../../contract/city-time.ts'
import type { PlaceTree } from '../../contract/place-tree.ts'
import { callsForHelp } from '../../contract/residents.ts'
import type { AloneWatches } from '../../store/state/alone-port.ts'
import type { Views } from '../../store/state/views-port.ts'

/** Everybody who is watched by their water, and how they are: no query is ever made for one person of a list. */

/** A person of the list, before anybody asks for their name. */
export interface Standing {
  readonly alone: Alone
  readonly use: OwnUse | undefined
  readonly alarm: Alarm | undefined
  readonly state: AloneState
  readonly placePath: readonly string[]
  /** Whom to call now, while the city's rule calls. */
  readonly call: AloneRow['call']
}

interface Known {
  readonly alone: AloneWatches
  readonly views: Pick<Views, 'alarms'>
}

const HOUR_MS = 3_600_000
const DAYS_SHOWN = 14
/** From here on of the rule's hours somebody is near it. */
const NEAR = 0.75
/** Alarms of one type read in one go. */
const ALARM_PAGE = 1000
/** Before this many days are known nothing is usual. */
const WEEK = 7
const BY_NAME = new Intl.Collator('zh', { numeric: true })

export class AloneBoard {
  private readonly stores: Known
  private readonly places: PlaceTree
  private readonly now: () => number
  private revision = -1
  private watches: readonly Alone[] = []
  private readonly uses = new Map<string, OwnUse>()
  private rev = -1
  private following: Promise<void> = Promise.resolve()
  private ordered:
    | { readonly watches: readonly Alone[]; readonly edition: number; readonly list: readonly Alone[] }
    | undefined

  constructor(stores: Known, places: PlaceTree, now: () => number) {
    this.stores = stores
    this.places = places
    this.now = now
  }

  /** Everybody, who wants somebody first. */
  async all(): Promise<readonly Standing[]> {
    await this.follow()
    const standings = await this.standings(this.inOrder())
    return standings.sort((a, b) => rank(a.state) - rank(b.state) || urgencyOf(a) - urgencyOf(b))
  }

  async one(deviceId: string): Promise<Standing | undefined> {
    await this.follow()
    const alone = this.watches.find((watch) => watch.deviceId === deviceId)
    return alone === undefined ? undefined : (await this.standings([alone]))[0]
  }

  private async standings(watches: readonly Alone[]): Promise<Standing[]> {
    const alarms = await this.openAlarms()
    const waiting = [...alarms.values()].filter((alarm) => callsForHelp(alarm) && isActive(alarm))
    const answers =
      waiting.length === 0
        ? new Map<string, readonly AloneEvent[]>()
        : await this.stores.alone.answersSince(
            waiting.map(({ deviceId }) => deviceId ?? ''),
            Math.min(...waiting.map(({ noticedAt }) => noticedAt)),
          )
    const now = this.now()
    return watches.map((alone): Standing => {
      const { deviceId, placeId, contacts } = alone
      const use = this.uses.get(deviceId)
      const alarm = alarms.get(deviceId)
      const calls = alarm !== undefined && callsForHelp(alarm) && isActive(alarm)
      return {
        alone,
        use,
        alarm,
        state: stateOf(alone, use, alarm, calls, now),
        placePath: this.places.path(placeId),
        call: calls ? callNow(contacts, alarm.noticedAt, answers.get(deviceId) ?? [], now) : null,
      }
    })
  }

  /** By the names of their places: sorted once, until somebody is entered or a place is renamed. */
  private inOrder(): readonly Alone[] {
    if (this.ordered?.watches !== this.watches || this.ordered.edition !== this.places.edition) {
      const named = this.watches.map((alone) => [this.places.path(alone.placeId).join(' '), alone] as const)
      named.sort(([a], [b]) => BY_NAME.compare(a, b))
      this.ordered = { watches: this.watches, edition: this.places.edition, list: named.map(([, alone]) => alone) }
    }
    return this.ordered.list
  }

  /** What has changed since it was last asked for; one after the other, so that nothing older overtakes. */
  private follow(): Promise<void> {
    this.following = this.following.catch(() => undefined).then(() => this.read())
    return this.following
  }

  private async read(): Promise<void> {
    const revision = await this.stores.alone.revision()
    if (revision !== this.revision) {
      const before = new Set(this.watches.map(({ deviceId }) => deviceId))
      this.watches = await this.stores.alone.all()
      // Of who is new, what was heard before is not known yet.
      if (this.watches.some(({ deviceId }) => !before.has(deviceId))) this.rev = -1
      this.revision = revision
    }
    for (const { deviceId, rev, use } of await this.stores.alone.ownUse(this.rev)) {
      this.uses.set(deviceId, use)
      this.rev = Math.max(this.rev, rev)
    }
  }

  /** The worst open one of each meter. */
  private async openAlarms(): Promise<ReadonlyMap<string, Alarm>> {
    const worst = new Map<string, Alarm>()
    for (const type of ['noUse', 'overUse'] as const) {
      let cursor: string | undefined
      do {
        const page = await this.stores.views.alarms({ state: 'open', type, limit: ALARM_PAGE, cursor })
        for (const alarm of page.items) {
          const known = alarm.deviceId === null ? undefined : worst.get(alarm.deviceId)
          if (alarm.deviceId !== null && (known === undefined || isWorse(alarm, known)))
            worst.set(alarm.deviceId, alarm)
        }
        cursor = page.next ?? undefined
      } while (cursor !== undefined)
    }
    return worst
  }
}

const isWorse = (a: Alarm, b: Alarm): boolean =>
  Number(isActive(b)) - Number(isActive(a)) < 0 ||
  (isActive(a) === isActive(b) && severityRank(a.severity) < severityRank(b.severity))

/** What is shown of one of them. */
export function rowOf(
  { alone, use, alarm, state, placePath, call }: Standing,
  now: number,
): Omit<AloneRow, 'name' | 'residentId'> {
  const { deviceId, placeId, rule, away } = alone
  return {
    deviceId,
    placeId,
    placePath: [...placePath],
    state,
    away: away === null ? null : { from: away.from, until: away.until, by: away.by },
    overdue: away !== null && away.until !== null && away.until <= now && (use?.backAt ?? 0) <= away.from,
    lastAt: use?.last[0] ?? null,
    still: use === undefined ? null : { since: use.still[0], litres: Math.round(use.still[1]) },
    rule: { ...rule },
    days: lastDays(use, now),
    usual: usualOf(use, rule.noUseLitres),
    alarm: alarm === undefined ? null : alarmOf(alarm),
    call,
  }
}

function stateOf(
  { away, rule, judgedFrom }: Alone,
  use: OwnUse | undefined,
  alarm: Alarm | undefined,
  calls: boolean,
  now: number,
): AloneState {
  if (calls) return 'alarm'
  if (alarm !== undefined) return 'notice'
  if (isAway(away, now, use?.backAt)) return 'away'
  if (use === undefined || now - use.last[0] > UNKNOWN_AFTER_MS) return 'unknown'
  const stillMs = use.last[0] - Math.max(use.still[0], judgedFrom)
  return stillMs >= rule.noUseHours * NEAR * HOUR_MS ? 'near' : 'fine'
}

const alarmOf = (alarm: Alarm): NonNullable<AloneRow['alarm']> => ({
  id: alarm.id,
  type: alarm.type === 'overUse' ? 'overUse' : 'noUse',
  severity: alarm.severity,
  active: isActive(alarm),
  since: alarm.raisedAt,
  noticedAt: alarm.noticedAt,
  reason: alarm.reason,
  reasonZh: alarm.reasonZh,
  incidentId: alarm.incidentId,
})

function lastDays(use: OwnUse | undefined, now: number): DayUse[] {
  const today = cityDayOf(now)
  const known = new Map(use?.days.map((day) => [day.day, day]))
  return Array.from({ length: DAYS_SHOWN }, (_, i) => {
    const day = today - DAYS_SHOWN + 1 + i
    const found = known.get(day)
    const litres = found === undefined ? null : litresOfDay(found)
    return { day, litres: litres === null ? null : Math.round(litres), away: found?.away === true }
  })
}

/** Median of whole days at home. */
function usualOf(use: OwnUse | undefined, limit: number): number | null {
  if (use === undefined) return null
  const today = cityDayOf(use.last[0] - 1)
  const known = use.days
    .filter(({ day, away }) => day < today && away !== true)
    .map(litresOfDay)
    .filter((litres) => litres !== null)
    .filter((litres) => litres >= limit)
    .sort((a, b) => a - b)
  const median = known[known.length >> 1]
  return known.length < WEEK || median === undefined ? null : Math.round(median)
}

/** Mean litres by weekday (Monday first) and hour; null: not known. */
export function weekdaysOf(use: OwnUse | undefined): (number | null)[][] {
  const week = Array.from({ length: WEEK }, () => Array.from({ length: 24 }, () => ({ sum: 0, n: 0 })))
  for (const { day, hours, away } of use?.days ?? []) {
    if (hours === undefined || away === true) continue
    // Day 0 of 1970 was a Thursday.
    const weekday = week[(day + 3) % WEEK]
    for (const [hour, litres] of hours.entries()) {
      const cell = weekday?.[hour]
      if (litres === null || cell === undefined) continue
      cell.sum += litres
      cell.n += 1
    }
  }
  return week.map((hours) => hours.map(({ sum, n }) => (n === 0 ? null : Math.round((sum / n) * 10) / 10)))
}

const rank = (state: AloneState): number => ALONE_STATES.indexOf(state)

/** Who waits longest for an answer; who has not been heard longest; who is nearest to the rule. Smaller goes first. */
function urgencyOf({ state, alarm, use, alone: { away } }: Standing): number {
  switch (state) {
    case 'alarm':
    case 'notice':
      return alarm?.noticedAt ?? 0
    case 'unknown':
      return use?.last[0] ?? 0
    case 'near':
      return use?.still[0] ?? 0
    case 'away':
      return away?.until ?? Number.MAX_SAFE_INTEGER
    case 'fine':
      return 0
  }
}
