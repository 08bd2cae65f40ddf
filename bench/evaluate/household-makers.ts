import type { AlarmType } from '../../contract/alarms.ts'
import type { Value } from '../../contract/quantities.ts'
import type { Readings } from '../../contract/readings.ts'
import type { MeterType } from '../../simulators/worlds/household-fleet.ts'
import type { Raised } from './household-replay.ts'

/** The control: what the makers' own rules would say of the same uploads. Kept as plain as they are written. */

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Badger: at least 1 gal/h in each of the 24 hours before the last communication. l/h */
const LEAK_MIN = 3.8
/** Neptune's intermittent leak: from 50 to 95 of the 96 quarter-hours of a day with flow; the same shares of hours. */
const INTERMITTENT_SHARE = 50 / 96
/** Kamstrup's highest: share of Q3 for 30 min. */
const BURST_SHARE = 0.2
const BURST_MS = HOUR_MS / 2
/** Sensus: 15 min. */
const REVERSE_MS = HOUR_MS / 4
/** Zenner: 4 weeks without progress. */
const STUCK_MS = 28 * DAY_MS
const LITRES = 1000

export class MakersRules {
  readonly raised: Raised[] = []
  private readonly type: MeterType
  private readonly open = new Set<AlarmType>()
  private readonly spans: { readonly from: number; readonly at: number; readonly rate: number }[] = []
  private last: { readonly at: number; readonly litres: number; readonly reverse: number } | undefined
  private high = 0
  private movedAt = 0

  constructor(type: MeterType) {
    this.type = type
  }

  /** Uploads of the past are not looked at: the rules run in the meter, or on its last communication. */
  take({ at, fields }: Readings, arrivedAt: number): void {
    const column = (name: string): readonly (Value | null)[] | undefined =>
      fields.find(({ quantity }) => quantity === name)?.values
    const [volume, reverse, flags] = [column('volume'), column('reverseVolume'), column('flags')]
    for (const [i, time] of at.entries()) {
      const words = flags?.[i]
      if (Array.isArray(words)) this.set('tamper', words.includes('tamper'), time, time, arrivedAt)
      const m3 = volume?.[i]
      if (typeof m3 !== 'number' || time <= (this.last?.at ?? 0)) continue
      const back = reverse?.[i]
      this.step(time, m3 * LITRES, typeof back === 'number' ? back * LITRES : 0, arrivedAt)
    }
    const newest = this.last?.at ?? 0
    while (this.spans.length > 0 && this.spans[0]!.at <= newest - DAY_MS) this.spans.shift()
    const whole = this.spans.length > 0 && this.spans[0]!.from <= newest - DAY_MS + HOUR_MS
    this.set('leak', whole && this.spans.every(({ rate }) => rate >= LEAK_MIN), newest, newest - DAY_MS, arrivedAt)
    const flowing = this.spans.filter(({ rate }) => rate > 0).length
    const isIntermittent = flowing >= this.spans.length * INTERMITTENT_SHARE && flowing < this.spans.length
    this.set('intermittentLeak', whole && isIntermittent, newest, newest - DAY_MS, arrivedAt)
  }

  private step(at: number, litres: number, reverse: number, arrivedAt: number): void {
    const { last } = this
    this.last = { at, litres, reverse }
    if (last === undefined) {
      this.movedAt = at
      return
    }
    const hours = (at - last.at) / HOUR_MS
    const rate = (litres - last.litres) / hours
    this.spans.push({ from: last.at, at, rate })
    if (rate !== 0) this.movedAt = at
    this.set('stuck', at - this.movedAt >= STUCK_MS, at, this.movedAt, arrivedAt)
    if (rate >= this.type.q3 * BURST_SHARE) {
      if (this.high === 0) this.high = last.at
    } else this.high = 0
    this.set('burst', this.high > 0 && at - this.high >= BURST_MS, at, this.high, arrivedAt)
    this.set('reverse', (reverse > last.reverse || rate < 0) && at - last.at >= REVERSE_MS, at, last.at, arrivedAt)
  }

  private set(type: AlarmType, active: boolean, at: number, since: number, arrivedAt: number): void {
    if (!active) this.open.delete(type)
    else if (!this.open.has(type)) {
      this.open.add(type)
      this.raised.push({ type, arrivedAt, decidedAt: at, since, value: null })
    }
  }
}
