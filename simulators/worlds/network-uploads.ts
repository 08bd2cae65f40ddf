import { fraction, mix, normal, seeded } from '../random.ts'
import { DAY_MS, HOUR_MS } from './household.ts'
import type { NetworkLink } from './network-engine.ts'
import { HOURS, hourOfDay } from './network-leaks.ts'

export interface WorldUpload {
  readonly deviceId: string
  readonly arrivesAt: number
  /** JSON of contract/telemetry: a series of registers. */
  readonly payload: string
}

/** Whole litres of each hour of a day. */
export interface HomeHours {
  readonly used: readonly number[]
  /** undefined: nothing leaks. */
  readonly leaked: readonly number[] | undefined
}

export interface SolvedDay {
  /** Of each hour and bulk meter, m³. */
  readonly links: number[][]
  /** Of each village and hour, metres of water. */
  readonly pressures: number[][]
}

export interface Sending {
  /** Readings of a household meter an hour; 1 unless said. */
  readonly perHour?: 1 | 4
  /** Share of uploads that come a second time; none unless said. */
  readonly twice?: number
  /** Pressure sensors send too. */
  readonly pressure?: boolean
}

/** Bulk meters: a lasting error, and one of each hour (ISO 4064 class 2 allows 2 % when new and 5 % low down). */
const BULK_BIAS = 0.008
const BULK_NOISE = 0.003
/**
 * And one of each day that does not shrink with the flow: the zero point of an ultrasonic meter wanders by about 1 mm/s, which
 * in the DN65 of a village of 200 homes (2.5 m³/h) is half a per cent of its mean flow.
 */
const BULK_ZERO = 0.005
/** Uploads a day late by one to three days; never sent at all; a bulk meter's day without any. */
const LATE = 0.03
const LOST = 0.004
const BULK_SILENT = 0.004
/** Readings lie this many minutes behind the full hour: a clock that nobody set. One in five does not keep the hour. */
const SKEW_MINUTES = 10
const SKEWED = 0.2
const MINUTES = 60
const MINUTE_MS = 60_000
/** Bulk meters and pressure sensors report soon after midnight; what comes twice comes within the day. */
const SOON_MS = 5 * MINUTE_MS
const LITRES_PER_M3 = 1000
const KPA_PER_METRE = 9.80665

export const pressureSensorId = (zone: number): string => `pressure-${zone + 1}`

/** Registers in litres, and the uploads made of them. */
export class Registers {
  readonly #seed: number
  readonly #bulk: readonly NetworkLink[]
  readonly #sending: Sending
  readonly #homes: Float64Array
  readonly #forward: Float64Array
  readonly #backward: Float64Array
  /** Of each bulk meter, m³/h: what it is sized by, the mean of its first day. */
  #usual: readonly number[] | undefined

  constructor(seed: number, homes: number, bulk: readonly NetworkLink[], sending: Sending) {
    this.#seed = seed
    this.#bulk = bulk
    this.#sending = sending
    this.#homes = Float64Array.from({ length: homes }, (_, home) => Math.floor(500_000 * fraction(seed, 51, home)))
    this.#forward = new Float64Array(bulk.length)
    this.#backward = new Float64Array(bulk.length)
  }

  uploads(day: number, hoursOf: (home: number) => HomeHours, { links, pressures }: SolvedDay): WorldUpload[] {
    const midnight = hourOfDay(day) * HOUR_MS
    const { perHour = 1, pressure = false } = this.#sending
    const uploads: WorldUpload[] = []
    for (let home = 0; home < this.#homes.length; home++) {
      const minutes =
        fraction(this.#seed, 52, home) < SKEWED ? 1 + Math.floor(SKEW_MINUTES * fraction(this.#seed, 53, home)) : 0
      const volume = this.#readDay(home, day, hoursOf(home), perHour, minutes)
      const dice = fraction(this.#seed, 54, home, day)
      if (dice < LOST) continue
      const late = dice < LOST + LATE ? 1 + Math.floor(3 * fraction(this.#seed, 55, home, day)) : 0
      const hour = 1 + 6 * fraction(this.#seed, 56, home)
      const arrivesAt = midnight + (1 + late) * DAY_MS + Math.floor(hour * HOUR_MS)
      const payload = series(midnight + minutes * MINUTE_MS, perHour, { volume })
      this.#send(uploads, { deviceId: `home-${home}`, arrivesAt, payload }, home, day)
    }
    this.#usual ??= this.#bulk.map((_, i) => links.reduce((sum, hour) => sum + Math.abs(hour[i]!), 0) / links.length)
    for (const [i, link] of this.#bulk.entries()) {
      const random = seeded(mix(this.#seed, 57, link.index, day))
      const bias = BULK_BIAS * normal(seeded(mix(this.#seed, 58, link.index)))
      const zero = BULK_ZERO * this.#usual[i]! * normal(random) * LITRES_PER_M3
      const volume: number[] = []
      const reverseVolume: number[] = []
      for (const hour of links) {
        volume.push(Math.round(this.#forward[i]!))
        reverseVolume.push(Math.round(this.#backward[i]!))
        const ran = hour[i]! * LITRES_PER_M3 * (1 + bias + BULK_NOISE * normal(random)) + zero
        if (ran > 0) this.#forward[i]! += ran
        else this.#backward[i]! -= ran
      }
      if (random() < BULK_SILENT) continue
      const payload = series(midnight, 1, { volume, reverseVolume })
      this.#send(uploads, { deviceId: `bulk-${link.id}`, arrivesAt: midnight + DAY_MS + SOON_MS, payload }, -1 - i, day)
    }
    if (pressure)
      for (const [zone, metres] of pressures.entries()) {
        const values = { pressure: metres.map((metre) => Math.round(metre * KPA_PER_METRE * 10) / 10) }
        const payload = JSON.stringify({ ts: midnight, step: HOUR_MS, values })
        uploads.push({ deviceId: pressureSensorId(zone), arrivesAt: midnight + DAY_MS + SOON_MS, payload })
      }
    return uploads
  }

  /** The register at so many minutes behind the hour: of this hour, the part that had run by then. Litres. */
  #readDay(home: number, day: number, { used, leaked }: HomeHours, perHour: 1 | 4, minutes: number): number[] {
    const values: number[] = []
    for (let hour = 0; hour < HOURS; hour++) {
      const own = used[hour]!
      const lost = leaked?.[hour] ?? 0
      const litre = own + lost
      if (perHour === 1) values.push(this.#homes[home]! + Math.floor((litre * minutes) / MINUTES))
      else {
        // What a household draws in an hour it draws in one of its quarters, or in two; what leaks, leaks in all of them.
        const at = fraction(this.#seed, 59, home, day, hour)
        const ends = at + fraction(this.#seed, 60, home, day, hour) * (1 - at)
        for (let quarter = 0; quarter < perHour; quarter++) {
          const share = quarter / perHour + minutes / MINUTES
          const drawn = Math.min(1, Math.max(0, (share - at) / Math.max(ends - at, 1 / MINUTES)))
          values.push(this.#homes[home]! + Math.floor(own * drawn) + Math.floor(lost * share))
        }
      }
      this.#homes[home]! += litre
    }
    return values
  }

  #send(uploads: WorldUpload[], upload: WorldUpload, sender: number, day: number): void {
    uploads.push(upload)
    const { twice = 0 } = this.#sending
    if (twice === 0 || fraction(this.#seed, 61, sender, day) >= twice) return
    uploads.push({
      ...upload,
      arrivesAt: upload.arrivesAt + Math.floor(DAY_MS * fraction(this.#seed, 62, sender, day)),
    })
  }
}

const series = (ts: number, perHour: 1 | 4, litres: Readonly<Record<string, readonly number[]>>): string =>
  JSON.stringify({
    ts,
    step: HOUR_MS / perHour,
    values: Object.fromEntries(
      Object.entries(litres).map(([name, values]) => [name, values.map((litre) => litre / LITRES_PER_M3)]),
    ),
  })
