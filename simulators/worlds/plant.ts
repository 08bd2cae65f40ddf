import type { Quantity } from '../../contract/quantities.ts'
import { fraction, mix, normal, seeded } from '../random.ts'
import { DAY_MS, HOUR_MS, LOCAL_OFFSET_MS } from './household.ts'
import { type PlantFault, plantFaultsOfDay } from './plant-faults.ts'
import { PLANT_INSTRUMENTS, type PlantInstrumentId } from './plant-instruments.ts'

/**
 * A waterworks of 40,000 m³ a day: reservoir, raw-water pumps switched by the level of the clear-water tank, treatment,
 * the tank, delivery pumps that hold the outlet pressure. Water is accounted: the level follows what comes in less what goes
 * out. Chlorine is that of a stirred tank, so that dosing that stops is seen hours later, as in a real one. It runs
 * from its commissioning on, so whoever asks twice for a time, or after a restart, gets the same numbers.
 */

interface PlantReading {
  readonly instrument: PlantInstrumentId
  /** In the units of contract/quantities.ts. */
  readonly values: Readonly<Partial<Record<Quantity, number>>>
}

export interface PlantMoment {
  /** ms since 1970 */
  readonly at: number
  readonly readings: readonly PlantReading[]
  /** What is really so, beside what instruments show; never shown to a detector. */
  readonly truth: PlantTruth
}

interface PlantTruth {
  readonly faults: readonly PlantFault[]
  readonly levelM: number
  readonly chlorineMgL: number
  readonly turbidityNtu: number
  readonly pressureKpa: number
  readonly rawPumpsOn: number
  /** Since the commissioning, m³: raw water, what filters are washed with, delivered. */
  readonly inM3: number
  readonly washedM3: number
  readonly outM3: number
}

export interface PlantOptions {
  readonly seed: number
  /** First moment asked for, ms since 1970; nothing runs before the commissioning. */
  readonly from: number
  /** End, not included. Default: it never ends. */
  readonly to?: number
  /** Default: a quarter of an hour. A multiple of five minutes. */
  readonly everyMs?: number
  /** Of each kind of fault, a month. Default 1; 0: a plant in which nothing ever fails. */
  readonly faultsPerMonth?: number
}

/** 1 January 2026, local. */
export const COMMISSIONED_AT = Date.UTC(2026, 0, 1) - LOCAL_OFFSET_MS
const STEP_MS = 300_000
const EVERY_MS = 900_000
const STEP_H = STEP_MS / HOUR_MS

/** 40,000 m³ a day for 600,000 people (../shared/place.md). */
const MEAN_DELIVERED_M3H = 1667
/** Of the day's mean, by the local hour: low at three, high at eight and nineteen; its largest 1.4, as GB 50013 has 1.2–1.6. */
const DAY_SHAPE = [
  0.55, 0.48, 0.45, 0.45, 0.52, 0.78, 1.15, 1.38, 1.4, 1.25, 1.15, 1.18, 1.22, 1.1, 1.0, 1.0, 1.08, 1.22, 1.36, 1.38,
  1.25, 1.05, 0.85, 0.68,
]
const SUMMER_SWING = 0.12
const DEMAND_NOISE = 0.02
/** A fifth of a day's delivery (GB 50013 has 10–20 %), four metres of water. */
const TANK_AREA_M2 = 2000
const TANK_DEPTH_M = 4.2
const TANK_BOTTOM_M = 0.5
/** Pumps for raw water, and the levels at which the first, second, third … is started and stopped. */
const RAW_PUMP_M3H = 780
const PUMPS = [
  { onM: 3.6, offM: 4 },
  { onM: 3.2, offM: 3.8 },
  { onM: 2.5, offM: 3.4 },
]
/** Share of raw water that washes the filters. */
const WASHED = 0.04

/** Of a pump's curve only this is kept: the pressure that is aimed at, by day and by night, and what is lost with the flow. */
const PRESSURE_KPA = { day: 420, night: 380, noise: 3 }
const NIGHT_UNTIL = 5
/** GB 5749-2022: 0.3 to 2 mg/l of free chlorine in water that leaves the plant. */
const CHLORINE_SET_MGL = 0.75
/** An hour at 20 °C; double every ten degrees. */
const CHLORINE_DECAY = 0.012
const RAW_TURBIDITY_NTU = 4
/** What filters let through. */
const FILTERED = { base: 0.12, share: 0.006 }
/** Raw turbidity clears up in so many hours. */
const CLEARS_H = 30
/** Raw turbidity from a millimetre of rain. */
const NTU_OF_MM = 0.6
const PH = { mean: 7.7, day: 0.08, noise: 0.015, ofTurbidity: 0.0015 }
const WATER_TEMPERATURE = { mean: 15, swing: 11, coldestDay: 25, noise: 0.1 }
/** Days with rain, in July and in January, and their mean millimetres. */
const RAINY = { summer: 0.35, winter: 0.06, mm: 9 }
const RAIN_H = 5

/** Every reading from `from` to `to`, in order. */
export function* plantWorld(options: PlantOptions): Generator<PlantMoment> {
  const { seed, from, to = Number.POSITIVE_INFINITY, everyMs = EVERY_MS, faultsPerMonth = 1 } = options
  if (everyMs % STEP_MS !== 0) throw new Error('A plant is played in steps of five minutes.')
  const state = newPlant()
  const instruments = new Instruments(seed)
  let faults: readonly PlantFault[] = []
  for (let at = COMMISSIONED_AT; at < to; at += STEP_MS) {
    if ((at + LOCAL_OFFSET_MS) % DAY_MS === 0) {
      const day = (at + LOCAL_OFFSET_MS) / DAY_MS
      // A fault may last into the next days.
      faults = [...faults.filter(({ end }) => end > at), ...plantFaultsOfDay(seed, day, faultsPerMonth)]
    }
    const now = faults.filter(({ start, end }) => start <= at && at < end)
    if (at % everyMs === 0) {
      // Read before `from` too: a stuck instrument shows what it showed when it stuck.
      const readings = instruments.read(at, state, now)
      if (at >= from) yield { at, readings, truth: truthOf(state, now) }
    }
    advance(state, seed, at, now)
  }
}

interface PlantState {
  levelM: number
  pumps: boolean[]
  chlorineMgL: number
  rawNtu: number
  turbidityNtu: number
  temperatureC: number
  ph: number
  inM3h: number
  outM3h: number
  pressureKpa: number
  rainMm: number
  inM3: number
  washedM3: number
  outM3: number
  allRainMm: number
}

const newPlant = (): PlantState => ({
  levelM: 3.3,
  pumps: [true, true, false],
  chlorineMgL: CHLORINE_SET_MGL,
  rawNtu: RAW_TURBIDITY_NTU,
  turbidityNtu: FILTERED.base,
  temperatureC: 5,
  ph: PH.mean,
  inM3h: 2 * RAW_PUMP_M3H,
  outM3h: MEAN_DELIVERED_M3H,
  pressureKpa: PRESSURE_KPA.night,
  rainMm: 0,
  inM3: 0,
  washedM3: 0,
  outM3: 0,
  allRainMm: 0,
})

/** Five minutes. */
function advance(state: PlantState, seed: number, at: number, faults: readonly PlantFault[]): void {
  const local = at + LOCAL_OFFSET_MS
  const day = Math.floor(local / DAY_MS)
  const hour = (local % DAY_MS) / HOUR_MS
  const random = seeded(mix(seed, 1, Math.floor(at / STEP_MS)))
  const sizeOf = (type: PlantFault['type']): number | undefined => faults.find((one) => one.type === type)?.size
  const season = -Math.cos((2 * Math.PI * (dayOfYear(day) - WATER_TEMPERATURE.coldestDay)) / 365)

  state.rainMm = rainOf(seed, day, hour, season) * STEP_H
  state.allRainMm += state.rainMm
  const muddy = sizeOf('turbidity-peak') ?? 0
  state.rawNtu += state.rainMm * NTU_OF_MM + muddy * STEP_H
  state.rawNtu += (RAW_TURBIDITY_NTU - state.rawNtu) * (STEP_H / CLEARS_H)
  const filtered = FILTERED.base + FILTERED.share * state.rawNtu * (1 + 0.03 * normal(random))
  state.turbidityNtu += (filtered - state.turbidityNtu) * STEP_H
  state.temperatureC = WATER_TEMPERATURE.mean + WATER_TEMPERATURE.swing * season + 0.5 * Math.sin(hour / 3.8)
  state.ph = PH.mean + PH.day * Math.sin(((hour - 9) / 12) * Math.PI) - PH.ofTurbidity * state.rawNtu

  for (const [i, { onM, offM }] of PUMPS.entries())
    state.pumps[i] = state.levelM <= onM ? true : state.levelM >= offM ? false : state.pumps[i]!
  const standing = sizeOf('raw-pumps-stand') ?? 0
  const running = Math.max(0, Math.min(state.pumps.filter(Boolean).length, PUMPS.length - standing))
  state.inM3h = running * RAW_PUMP_M3H * (1 + 0.005 * normal(random))

  const ofDay =
    DAY_SHAPE[Math.floor(hour)]! + (DAY_SHAPE[(Math.floor(hour) + 1) % 24]! - DAY_SHAPE[Math.floor(hour)]!) * (hour % 1)
  const usual = (MEAN_DELIVERED_M3H * ofDay * (1 + SUMMER_SWING * season)) / shapeMean
  const wanted = usual * (1 + DEMAND_NOISE * normal(random))
  // Fewer delivery pumps give less pressure and less water; an almost empty tank is throttled.
  const lost = sizeOf('delivery-pump-trips') ?? 0
  const throttled = Math.min(1, Math.max(0, (state.levelM - TANK_BOTTOM_M) / 0.5))
  const share = (1 - lost) * throttled
  state.outM3h = wanted * Math.sqrt(share)
  const aim = hour < NIGHT_UNTIL ? PRESSURE_KPA.night : PRESSURE_KPA.day
  state.pressureKpa += (aim * share - state.pressureKpa) * 0.6 + PRESSURE_KPA.noise * normal(random)

  const inM3 = state.inM3h * STEP_H
  const washedM3 = WASHED * inM3
  const volume = state.levelM * TANK_AREA_M2
  const room = TANK_DEPTH_M * TANK_AREA_M2 - volume
  // What does not fit runs over, and is counted with the water that washed the filters.
  const outM3 = Math.min(state.outM3h * STEP_H, volume + inM3 - washedM3)
  const overflowM3 = Math.max(0, inM3 - washedM3 - outM3 - room)
  const dosed = sizeOf('dosing-stops') === undefined ? CHLORINE_SET_MGL * (1 + 0.02 * normal(random)) * 1.05 : 0
  const decay = CHLORINE_DECAY * 2 ** ((state.temperatureC - 20) / 10) * STEP_H
  const fresh = inM3 - washedM3
  state.chlorineMgL = ((state.chlorineMgL * volume + dosed * fresh) / Math.max(1, volume + fresh)) * (1 - decay)
  state.levelM = (volume + fresh - outM3 - overflowM3) / TANK_AREA_M2
  state.inM3 += inM3
  state.washedM3 += washedM3 + overflowM3
  state.outM3 += outM3
}

const shapeMean = DAY_SHAPE.reduce((sum, share) => sum + share, 0) / DAY_SHAPE.length

const dayOfYear = (day: number): number => {
  const date = new Date(day * DAY_MS)
  return (date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY_MS
}

/** Millimetres an hour. */
function rainOf(seed: number, day: number, hour: number, season: number): number {
  const chance = RAINY.winter + ((RAINY.summer - RAINY.winter) * (1 + season)) / 2
  if (fraction(seed, 2, day) >= chance) return 0
  const begins = 24 * fraction(seed, 3, day) - RAIN_H / 2
  if (hour < begins || hour >= begins + RAIN_H) return 0
  return (-RAINY.mm * Math.log(1 - fraction(seed, 4, day))) / RAIN_H
}

const truthOf = (state: PlantState, faults: readonly PlantFault[]): PlantTruth => ({
  faults,
  levelM: state.levelM,
  chlorineMgL: state.chlorineMgL,
  turbidityNtu: state.turbidityNtu,
  pressureKpa: state.pressureKpa,
  rawPumpsOn: Math.round(state.inM3h / RAW_PUMP_M3H),
  inM3: state.inM3,
  washedM3: state.washedM3,
  outM3: state.outM3,
})

/** What instruments show: rounded as they show it, with their own noise, and for ever the same when they are stuck. */
class Instruments {
  readonly #seed: number
  readonly #last = new Map<PlantInstrumentId, PlantReading['values']>()

  constructor(seed: number) {
    this.#seed = seed
  }

  read(at: number, state: PlantState, faults: readonly PlantFault[]): PlantReading[] {
    const random = seeded(mix(this.#seed, 5, Math.floor(at / STEP_MS)))
    const near = (value: number, relative: number, least: number): number =>
      Math.max(0, value * (1 + relative * normal(random)) + least * normal(random))
    const shown: Readonly<Record<PlantInstrumentId, PlantReading['values']>> = {
      rain: { rainfall: rounded(state.allRainMm, 1) },
      inflow: { volume: rounded(state.inM3, 0), flow: rounded(near(state.inM3h, 0.003, 1), 1) },
      temperature: { temperature: rounded(state.temperatureC + WATER_TEMPERATURE.noise * normal(random), 1) },
      turbidity: { turbidity: rounded(near(state.turbidityNtu, 0.03, 0.005), 2) },
      ph: { ph: rounded(state.ph + PH.noise * normal(random), 2) },
      chlorine: { chlorine: rounded(near(state.chlorineMgL, 0.02, 0.005), 2) },
      level: { level: rounded(near(state.levelM, 0, 0.004), 2) },
      outflow: { volume: rounded(state.outM3, 0), flow: rounded(near(state.outM3h, 0.003, 1), 1) },
      pressure: { pressure: rounded(near(state.pressureKpa, 0, 1), 0) },
    }
    const stuck = faults.find(({ type }) => type === 'sensor-stuck')?.instrument
    return PLANT_INSTRUMENTS.map(({ id }) => {
      const values = (id === stuck ? this.#last.get(id) : undefined) ?? shown[id]
      this.#last.set(id, values)
      return { instrument: id, values }
    })
  }
}

const rounded = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits
