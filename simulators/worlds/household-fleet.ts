import { mix, type Random, seeded, weighted } from '../random.ts'
import { addTrouble, drawTruth, type Truth } from './household-troubles.ts'
import { DAY_MS, drawHabits, drawUse, HOUR_MS } from './household-use.ts'

/**
 * A fleet of household meters as a city's vendors deliver it: registers of one or ten litres, an hour or a quarter apart,
 * once a day, late, twice, out of order and with holes. Seeded: the same seed, number of meters and days give the same
 * bytes. `truth` stands apart from what is uploaded.
 */

export interface MeterType {
  readonly model: string
  /** l/h */
  readonly q3: number
  readonly resolutionL: number
  readonly stepMs: number
  /** Sends its own flags: reverse, tamper, stuck. */
  readonly flags: boolean
  /** Sends the flow of the moment with every reading. */
  readonly flow: boolean
  /** Backward litres have a register of their own; else the one register runs back. */
  readonly reverseRegister: boolean
}

const QUARTER_MS = HOUR_MS / 4

/** Five vendors. Shares are an estimate of a Chinese county's fleet: most of it hourly NB-IoT, a quarter of it 10 l. */
const TYPES: readonly (MeterType & { readonly share: number })[] = [
  // biome-ignore format: a table
  { share: 34, model: 'NB-IoT DN15', q3: 2500, resolutionL: 1, stepMs: HOUR_MS, flags: true, flow: false, reverseRegister: true },
  // biome-ignore format: a table
  { share: 22, model: '4G ultrasonic DN15 Q3 2.5', q3: 2500, resolutionL: 1, stepMs: QUARTER_MS, flags: false, flow: true, reverseRegister: true },
  // biome-ignore format: a table
  { share: 20, model: 'NB-IoT DN15 dry 10 l', q3: 2500, resolutionL: 10, stepMs: HOUR_MS, flags: false, flow: false, reverseRegister: false },
  // biome-ignore format: a table
  { share: 16, model: 'NB-IoT DN20 Q3 4', q3: 4000, resolutionL: 1, stepMs: HOUR_MS, flags: true, flow: true, reverseRegister: true },
  // biome-ignore format: a table
  { share: 8, model: '4G DN20 Q3 4 10 l', q3: 4000, resolutionL: 10, stepMs: QUARTER_MS, flags: true, flow: false, reverseRegister: false },
]

export interface FleetOptions {
  readonly seed: number
  readonly days: number
  /** Every meter reads its register once an hour. */
  readonly hourly: boolean
}

/** One publish. `at` is its arrival, ms since 1970. */
interface Upload {
  readonly arrivedAt: number
  readonly payload: string
}

export interface FleetMeter {
  readonly id: string
  readonly type: MeterType
  /** In the order of their arrival. */
  readonly uploads: readonly Upload[]
}

/** Local midnight in Beijing, 2026-03-02: when the world begins. */
export const WORLD_START = Date.UTC(2026, 2, 1, 16)
const LITRES_PER_M3 = 1000

export function fleetMeter(
  index: number,
  { seed, days, hourly }: FleetOptions,
): { readonly meter: FleetMeter; readonly truth: Truth | undefined } {
  const random = seeded(mix(seed, index))
  const found =
    TYPES[
      weighted(
        random,
        TYPES.map(({ share }) => share),
      )
    ]!
  const type: MeterType = hourly ? { ...found, stepMs: HOUR_MS } : found
  const habits = drawHabits(random, days, type.q3)
  const truth = drawTruth(random, days, type)
  const slotHours = type.stepMs / HOUR_MS
  const litres = drawUse(random, habits, days, slotHours)
  const backwards = new Float64Array(litres.length)
  if (truth !== undefined) addTrouble(truth, slotHours, litres, backwards)
  const dial = readDial(random, type, litres, backwards, truth)
  const id = `h${index}`
  return { meter: { id, type, uploads: deliver(random, type, dial, days) }, truth: shownFrom(truth, litres, type) }
}

/** l. A stuck register shows when water is drawn: from here on it could be known. */
const SHOWN_LITRES = 100

function shownFrom(truth: Truth | undefined, litres: Float64Array, { stepMs }: MeterType): Truth | undefined {
  if (truth?.kind !== 'stuck') return truth
  let slot = Math.ceil(truth.from / stepMs)
  for (let drawn = 0; slot < litres.length && drawn < SHOWN_LITRES; slot++) drawn += litres[slot]!
  return { ...truth, largeFrom: slot * stepMs }
}

/** What the meter shows at the end of every slot; index 0 is the beginning of the world. */
interface Dial {
  /** Litres, cut to the resolution. */
  readonly volume: Float64Array
  readonly reverse: Float64Array | undefined
  /** m³/h */
  readonly flow: Float64Array | undefined
  /** Bits of `FLAG_BITS`. */
  readonly flags: Uint8Array | undefined
}

const FLAG_BITS = { reverse: 1, tamper: 2, stuck: 4 } as const

/** Share of meters exchanged within the world, and of those whose register slips once. Estimates. */
const EXCHANGED = 0.02
const SLIPS = 0.01
const SLIP_LITRES = 40_000
/** A meter's own word that it is stuck comes after three days without a pulse while its sensor sees flow. Estimate. */
const STUCK_FLAG_AFTER_MS = 3 * DAY_MS
/** l/h through a tap that happens to run when the flow is read: the median of the measured uses lies between 207 and 690. */
const TAP = 450

function readDial(
  random: Random,
  type: MeterType,
  litres: Float64Array,
  backwards: Float64Array,
  truth: Truth | undefined,
): Dial {
  const slots = litres.length
  const { stepMs, resolutionL, reverseRegister } = type
  const volume = new Float64Array(slots + 1)
  const reverse = reverseRegister ? new Float64Array(slots + 1) : undefined
  const flow = type.flow ? new Float64Array(slots + 1) : undefined
  const flags = type.flags ? new Uint8Array(slots + 1) : undefined
  const exchangedAt = random() < EXCHANGED ? Math.floor(slots * (0.1 + 0.8 * random())) : -1
  const slipAt = random() < SLIPS ? Math.floor(slots * (0.1 + 0.8 * random())) : -1
  const stuck = truth?.kind === 'stuck' ? truth : undefined
  let forward = 40_000 + 500_000 * random()
  let back = 0
  for (let i = 0; i <= slots; i++) {
    const at = i * stepMs
    if (i > 0) {
      const drawn = litres[i - 1]!
      const ran = backwards[i - 1]!
      if (i === exchangedAt) {
        forward = 2 * random()
        back = 0
      }
      if (stuck === undefined || at <= stuck.from) {
        forward += drawn
        if (reverse === undefined) forward -= ran
        else back += ran
      }
      if (flow !== undefined) {
        const rate = Math.max(TAP * (0.5 + random()), (drawn * HOUR_MS) / stepMs)
        const runs = random() < (drawn * HOUR_MS) / stepMs / rate
        flow[i] =
          ran > 0 ? -Math.round((ran * HOUR_MS) / stepMs) / LITRES_PER_M3 : runs ? Math.round(rate) / LITRES_PER_M3 : 0
      }
    }
    volume[i] = Math.floor((i === slipAt ? forward + SLIP_LITRES : forward) / resolutionL + 1e-9) * resolutionL
    if (reverse !== undefined) reverse[i] = Math.floor(back)
    if (flags !== undefined && truth !== undefined && at >= truth.from && at <= truth.to + stepMs) {
      if (truth.kind === 'reverse') flags[i] = FLAG_BITS.reverse
      else if (truth.kind === 'tamper') flags[i] = FLAG_BITS.tamper
      else if (truth.kind === 'stuck' && at >= truth.from + STUCK_FLAG_AFTER_MS) flags[i] = FLAG_BITS.stuck
    }
  }
  return { volume, reverse, flow, flags }
}

/** Readings lost in a meter: from 2 to 10 %, by its place (water.md). */
const MISSING_LEAST = 0.02
const MISSING_MOST = 0.1
/** Half of the missing readings are whole uploads that never come. Estimate. */
const LOST_UPLOADS = 0.25
/** Uploads that come again, and those that come some days late, behind newer ones. Estimates. */
const TWICE = 0.03
const LATE = 0.02
const LATE_DAYS = 5
/** Meters whose clock is wrong, by up to so much. Estimate. */
const SKEWED = 0.1
const SKEW_MS = 25 * 60_000

function deliver(random: Random, type: MeterType, dial: Dial, days: number): readonly Upload[] {
  const missing = MISSING_LEAST + (MISSING_MOST - MISSING_LEAST) * random()
  const skew = random() < SKEWED ? Math.round((2 * random() - 1) * SKEW_MS) : 0
  const minute = 60_000 * Math.floor(5 + 290 * random())
  const slots = DAY_MS / type.stepMs
  const uploads: Upload[] = []
  for (let day = 0; day < days; day++) {
    const first = day * slots + (day === 0 ? 0 : 1)
    const payload = write(random, type, dial, first, (day + 1) * slots, skew, missing * (1 - LOST_UPLOADS))
    const lost = random() < missing * LOST_UPLOADS
    const late = random() < LATE ? DAY_MS * (1 + Math.floor(random() * LATE_DAYS)) : 0
    const again = random() < TWICE
    if (lost && day > 0) continue
    const arrivedAt = WORLD_START + (day + 1) * DAY_MS + minute + late + Math.floor(random() * 60_000)
    uploads.push({ arrivedAt, payload })
    if (again) uploads.push({ arrivedAt: arrivedAt + 30_000 + Math.floor(random() * DAY_MS), payload })
  }
  return uploads.sort((a, b) => a.arrivedAt - b.arrivedAt)
}

/** The series form, from reading `first` to `last`. */
function write(
  random: Random,
  { stepMs }: MeterType,
  { volume, reverse, flow, flags }: Dial,
  first: number,
  last: number,
  skew: number,
  missing: number,
): string {
  const columns: Record<string, (number | null)[]> = { volume: [] }
  if (reverse !== undefined) columns.reverseVolume = []
  if (flow !== undefined) columns.flow = []
  let seen = 0
  for (let i = first; i <= last; i++) {
    const gone = random() < missing
    columns.volume!.push(gone ? null : volume[i]! / LITRES_PER_M3)
    if (reverse !== undefined) columns.reverseVolume!.push(gone ? null : reverse[i]! / LITRES_PER_M3)
    if (flow !== undefined) columns.flow!.push(gone ? null : flow[i]!)
    if (flags !== undefined) seen |= flags[i]!
  }
  const values: Record<string, unknown> = columns
  if (flags !== undefined)
    values.flags = Array.from({ length: last - first + 1 }, (_, i) => (i === last - first ? wordsOf(seen) : null))
  return JSON.stringify({ ts: WORLD_START + first * stepMs + skew, step: stepMs, values })
}

const wordsOf = (bits: number): readonly string[] =>
  Object.entries(FLAG_BITS).flatMap(([word, bit]) => ((bits & bit) === 0 ? [] : [word]))
