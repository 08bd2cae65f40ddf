import { cityDayOf, midnightOf } from '../../contract/city-time.ts'
import { lossByNights, newestNight, nightsOfLoss } from '../../contract/losses.ts'
import { balanceOfHours, type MeterHours } from '../../contract/zone-balance.ts'
import type { Balance, HourSums, ZoneNight } from '../../contract/zones.ts'
import type { Zones } from '../../store/state/water-port.ts'

const DAY_HOURS = 24
export const TREND_NIGHTS = 14
export const WEEK_DAYS = 7
/** Zones that are worked out before anything else may have its turn: about 10 ms. */
const AT_ONCE = 25
/** Looking for what has changed may take this share of the time at most, while a fleet reports. */
const SHARE_OF_TIME = 0.1
/** Of how many zones the losses by nights are remembered. */
const REMEMBERED_LOSSES = 5000

const isOfInflow = ({ lossM3h, nightM3h }: ZoneNight): boolean => lossM3h === null && nightM3h !== null

/** What a list shows of a zone's past. */
export interface ZoneAccount {
  /** The last day of the trend, days since 1970 in the city. */
  readonly newestDay: number
  /** Loss, or inflow where only that is measured, m³/h, oldest first; null: not judged. */
  readonly trend: readonly (number | null)[]
  /** Seven whole days, and the seven before. */
  readonly week: Balance
  readonly weekBefore: Balance
}

/**
 * Follows the zones' accounts. The newest nights of all zones are in memory; the fortnight of a zone is worked out when it
 * is first asked for, and again when its hours or nights have changed. 2,000 zones take half a second, in slices.
 */
export class Accounts {
  /** The store's: grows with every change of any account. */
  revision = -1
  private readonly zones: Zones
  private readonly now: () => number
  private newest: ReadonlyMap<string, ZoneNight> = new Map()
  private day = 0
  private readonly known = new Map<string, ZoneAccount>()
  private readonly lost = new Map<string, { readonly since: number; readonly m3: number }>()
  private following: Promise<void> | undefined
  private followedAt = Number.NEGATIVE_INFINITY
  private tookMs = 0

  constructor(zones: Zones, now: () => number) {
    this.zones = zones
    this.now = now
  }

  /** Takes up what has changed. To be awaited before anything is asked. */
  follow(): Promise<void> {
    this.following ??= this.look().finally(() => {
      this.following = undefined
    })
    return this.following
  }

  /** The newest night that any zone has, days since 1970; today where there is none. */
  get newestDay(): number {
    return this.day
  }

  /** The newest night of a zone, judged or not. */
  night(zone: string): ZoneNight | undefined {
    return this.newest.get(zone)
  }

  async account(zone: string): Promise<ZoneAccount> {
    const known = this.known.get(zone)
    if (known !== undefined && known.newestDay === this.day) return known
    const { revision } = this
    const account = await this.workOut(zone)
    // What has changed meanwhile is worked out again by whoever asks next.
    if (revision === this.revision) this.known.set(zone, account)
    return account
  }

  /** Of many zones: others have their turn in between. @param enough ends it early */
  async accounts(zones: readonly string[], enough = (): boolean => false): Promise<ReadonlyMap<string, ZoneAccount>> {
    const found = new Map<string, ZoneAccount>()
    let worked = 0
    for (const zone of zones) {
      if (enough()) break
      const known = this.known.get(zone)
      if (known === undefined || known.newestDay !== this.day) {
        worked += 1
        if (worked % AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      found.set(zone, await this.account(zone))
    }
    return found
  }

  /** m³ that a zone has lost beyond the usual since then, by its nights; undefined where none of them was judged. */
  async lostSince(zone: string, since: number): Promise<number | undefined> {
    const known = this.lost.get(zone)
    if (known?.since === since) return known.m3
    const { from, to } = nightsOfLoss(since, null, this.day)
    const m3 = lossByNights(await this.zones.nights(zone, from, to + 1), from, to)
    if (m3 === undefined) return undefined
    if (this.lost.size >= REMEMBERED_LOSSES) this.lost.clear()
    this.lost.set(zone, { since, m3 })
    return m3
  }

  private async look(): Promise<void> {
    const began = performance.now()
    if (began - this.followedAt < this.tookMs / SHARE_OF_TIME) return
    const revision = await this.zones.revision()
    if (revision === this.revision && this.newest.size > 0) return
    const before = this.revision
    const nights = await this.zones.lastNights()
    if (before >= 0) {
      for (const { zone } of await this.zones.changedSince(before)) this.forget(zone)
      // Judged anew without a change of its hours: the night was decided after them.
      for (const [zone, night] of nights) if (this.newest.get(zone)?.judgedAt !== night.judgedAt) this.forget(zone)
    }
    this.newest = nights
    this.day = newestNight(nights.values(), cityDayOf(this.now()))
    this.revision = revision
    this.followedAt = performance.now()
    this.tookMs = this.followedAt - began
  }

  private forget(zone: string): void {
    this.known.delete(zone)
    this.lost.delete(zone)
  }

  private async workOut(zone: string): Promise<ZoneAccount> {
    const { zones, day } = this
    // The day before the newest night is whole: the night came after it.
    const own = this.newest.get(zone)?.day
    const ends = own === undefined ? day : Math.min(day, Math.max(day - 1, own))
    const [first, middle, end] = [ends - 2 * WEEK_DAYS, ends - WEEK_DAYS, ends].map(midnightOf) as [
      number,
      number,
      number,
    ]
    const [nights, hours, time, timeBefore] = await Promise.all([
      zones.nights(zone, day - TREND_NIGHTS + 1, day + 1),
      zones.hours(zone, first, end),
      zones.meterHours(zone, middle, end),
      zones.meterHours(zone, first, middle),
    ])
    const week = hours.filter(({ hour }) => hour >= middle)
    const weekBefore = hours.filter(({ hour }) => hour < middle)
    const trend: (number | null)[] = Array.from({ length: TREND_NIGHTS }, () => null)
    // Nights are compared with their like: before it had household meters a zone's nights say what ran in.
    const onlyInflow = this.newest.get(zone)?.lossM3h === null
    for (const { day: of, lossM3h, nightM3h, verdict } of nights)
      if (verdict !== 'not-judged') trend[of - (day - TREND_NIGHTS + 1)] = onlyInflow ? nightM3h : lossM3h
    const span = WEEK_DAYS * DAY_HOURS
    /** Without household meters all that comes in would look like a loss, also where that was so for some of the days only. */
    const balanceOf = (from: number, sums: readonly HourSums[], ofMeters: MeterHours): Balance => {
      const balance = balanceOfHours(sums, ofMeters, span)
      const hasUnsaid = nights.some((night) => isOfInflow(night) && night.day >= from && night.day < from + WEEK_DAYS)
      return { ...balance, valid: balance.valid && balance.meters > 0 && !hasUnsaid }
    }
    return {
      newestDay: day,
      trend,
      week: balanceOf(ends - WEEK_DAYS, week, time),
      weekBefore: balanceOf(ends - 2 * WEEK_DAYS, weekBefore, timeBefore),
    }
  }
}
