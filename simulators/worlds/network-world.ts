import { fraction, mix, normal, seeded } from '../random.ts'
import { DAY_MS, HOUR_MS, LOCAL_OFFSET_MS } from './household.ts'
import type { Emitter, Network, SolvedStep } from './network-engine.ts'
import { dayOfHousehold, personsOf, spreadHouseholds } from './network-households.ts'
import { type Cut, cutIntoZones } from './network-zones.ts'

/**
 * A network with a meter in every household, bulk meters where villages meet, leaks whose truth is kept apart, and the uploads
 * that all these meters would send, in the order of their arrival. Deterministic for a seed.
 */
export interface NetworkWorld {
  readonly cut: Cut
  readonly villages: readonly string[]
  readonly meters: readonly WorldMeter[]
  /** One day after the other, local; each is asked for once and in order. */
  days(): Generator<WorldDay>
  /** Never shown to a detector; complete when all days have been played. */
  readonly truth: readonly WorldLeak[]
}

interface WorldMeter {
  readonly id: string
  /** `forward` water runs from `from` to `to`; a household's runs to nowhere. */
  readonly kind: 'household' | 'bulk'
  readonly from: string | undefined
  readonly to: string | undefined
  readonly junction: string
}

export interface WorldUpload {
  readonly deviceId: string
  readonly arrivesAt: number
  /** JSON of contract/telemetry: a series of registers. */
  readonly payload: string
}

interface WorldDay {
  /** Days since 1970, local. */
  readonly day: number
  /** What is sent of this day, whenever it arrives. */
  readonly uploads: readonly WorldUpload[]
  /** Mean flow into each village less what flows on, m³/h. */
  readonly inflowM3h: readonly number[]
  /** Metres of water at the pressure sensor of each village, hour by hour. */
  readonly pressureM: readonly (readonly number[])[]
}

export interface WorldLeak {
  readonly village: string
  readonly node: string
  readonly kind: 'abrupt' | 'incipient'
  /** Hours since 1970; a leak that grows is whole at `full`. */
  readonly start: number
  readonly full: number
  readonly end: number
  readonly m3h: number
  /** What really ran in each hour from `start` on, m³. */
  readonly ranM3: number[]
}

export interface NetworkWorldOptions {
  readonly seed: number
  readonly meters: number
  readonly villages: number
  readonly days: number
  /** Leaks that begin, a village and month; 0: none. */
  readonly leaksPerMonth: number
}

const FIRST_DAY = Math.floor(Date.UTC(2026, 0, 1) / DAY_MS)
const HOURS = 24
const MONTH_DAYS = 30
/** Learning time before the first leak. */
const QUIET_DAYS = 14
/** Emitters between these, m³/h: `water.md`. */
const LEAK_M3H = { least: 0.1, most: 10 }
const TYPICAL_PRESSURE_M = 45
const GROWS_DAYS = { least: 5, more: 10 }
const LASTS_DAYS = { least: 16, more: 10 }
/** Of a pipe's background: joints that weep, l/h a household. */
const BACKGROUND_LPH = 0.6
/** Bulk meters: a lasting error, and one of each hour (ISO 4064 class 2 allows 2 % when new and 5 % low down). */
const BULK_BIAS = 0.008
const BULK_NOISE = 0.003
/** Uploads a day late by one to three days; never sent at all; a bulk meter's day without any. */
const LATE = 0.03
const LOST = 0.004
const BULK_SILENT = 0.004
/** Readings lie this many minutes behind the full hour: a clock that nobody set. One in five does not keep the hour. */
const SKEW_MINUTES = 10
const SKEWED = 0.2
/** Nights a village is flushed or a fire pond filled, and with how much in one hour, m³. */
const FLUSHED = 1 / 60
const FLUSHED_M3 = 3
const LITRES_PER_M3 = 1000

export const hourOfDay = (day: number): number => day * HOURS - LOCAL_OFFSET_MS / HOUR_MS

export function networkWorld(network: Network, options: NetworkWorldOptions): NetworkWorld {
  const { seed, meters: households, days } = options
  const cut = cutIntoZones(network, options.villages)
  const villages = Array.from({ length: cut.zones }, (_, i) => `village-${i + 1}`)
  const nameOf = (zone: number | undefined): string | undefined => (zone === undefined ? undefined : villages[zone])
  const junctions = network.nodes.filter(({ type }) => type === 'junction')
  const homes = spreadHouseholds(
    junctions.map(({ index, demandM3h }) => (cut.zoneOf.has(index) ? Math.max(0, demandM3h) : 0)),
    households,
  )
  const persons = homes.map((_, home) => personsOf(seed, home))
  const meters: WorldMeter[] = [
    ...homes.map((place, home): WorldMeter => {
      const node = junctions[place]!
      return {
        id: `home-${home}`,
        kind: 'household',
        from: nameOf(cut.zoneOf.get(node.index)),
        to: undefined,
        junction: node.id,
      }
    }),
    ...cut.boundaries.map(
      ({ link, from, to }): WorldMeter => ({
        id: `bulk-${link.id}`,
        kind: 'bulk',
        from: nameOf(from),
        to: nameOf(to),
        junction: '',
      }),
    ),
  ]
  const truth = plannedLeaks(network, cut, villages, options)
  const positionOf = new Map(network.nodes.map(({ id, index }) => [id, index]))
  const emittersAt = (step: number): readonly Emitter[] =>
    truth.map((leak) => ({
      node: positionOf.get(leak.node)!,
      coefficient: coefficientAt(leak, hourOfDay(FIRST_DAY) + step),
    }))

  function* play(): Generator<WorldDay> {
    const use = new HourlyUse(seed, homes, persons, junctions.length)
    const solved = network.solve({
      stepS: HOUR_MS / 1000,
      steps: days * HOURS,
      junctions: junctions.map(({ index }) => index),
      demand: (step) => use.junctionsAt(step),
      emitters: emittersAt,
    })
    const registers = new Registers(seed, homes.length, cut)
    const sensors = sensorsOf(network, cut)
    const size = homes.length / Math.max(1, villages.length)
    for (let i = 0; i < days; i++) {
      const steps: SolvedDay = { links: [], pressures: [] }
      for (let hour = 0; hour < HOURS; hour++) {
        const next = solved.next()
        if (next.done === true) return
        keepStep(steps, next.value, cut, sensors)
        for (const [k, leak] of truth.entries()) {
          const at = hourOfDay(FIRST_DAY) + i * HOURS + hour
          if (at >= leak.start && at < leak.end) leak.ranM3.push(next.value.leakedM3[k] ?? 0)
        }
      }
      flushSome(steps, seed, cut, FIRST_DAY + i, size)
      const litres = homes.map((_, home) => use.litresOf(home, i))
      yield {
        day: FIRST_DAY + i,
        uploads: registers.uploads(FIRST_DAY + i, litres, steps.links),
        inflowM3h: villages.map((_, zone) => netInflow(cut, steps.links, zone) / HOURS),
        pressureM: steps.pressures,
      }
    }
  }
  return { cut, villages, meters, days: play, truth }
}

interface SolvedDay {
  /** Of each hour and boundary, m³. */
  readonly links: number[][]
  /** Of each village and hour. */
  readonly pressures: number[][]
}

function keepStep(day: SolvedDay, step: SolvedStep, cut: Cut, sensors: readonly number[]): void {
  day.links.push(cut.boundaries.map(({ link }) => step.linkM3[link.index]!))
  for (const [zone, node] of sensors.entries()) {
    day.pressures[zone] ??= []
    day.pressures[zone]!.push(step.pressureM[node] ?? 0)
  }
}

/** The middle of each village has a pressure sensor: its first junction. */
const sensorsOf = (network: Network, cut: Cut): number[] =>
  Array.from(
    { length: cut.zones },
    (_, zone) => network.nodes.find(({ index }) => cut.zoneOf.get(index) === zone)?.index ?? 0,
  )

const netInflow = (cut: Cut, hours: readonly (readonly number[])[], zone: number): number =>
  hours.reduce(
    (sum, links) =>
      sum +
      cut.boundaries.reduce(
        (all, { from, to }, i) => all + (to === zone ? links[i]! : from === zone ? -links[i]! : 0),
        0,
      ),
    0,
  )

/** Water taken from hydrants at night, through the village's largest bulk meter: no leak, and measured by nobody. */
function flushSome(day: SolvedDay, seed: number, cut: Cut, at: number, homes: number): void {
  for (let zone = 0; zone < cut.zones; zone++) {
    const hour = 1 + Math.floor(4 * fraction(seed, 31, zone, at))
    const links = day.links[hour]!
    let main = -1
    for (const [i, { from, to }] of cut.boundaries.entries()) {
      const into = to === zone ? links[i]! : from === zone ? -links[i]! : 0
      if (main < 0 || into > 0) main = into > 0 ? i : main
    }
    const weeping = (BACKGROUND_LPH * homes) / LITRES_PER_M3
    for (const hourly of day.links)
      if (main >= 0) hourly[main]! += cut.boundaries[main]!.to === zone ? weeping : -weeping
    if (main >= 0 && fraction(seed, 32, zone, at) < FLUSHED)
      links[main]! += cut.boundaries[main]!.to === zone ? FLUSHED_M3 : -FLUSHED_M3
  }
}

function plannedLeaks(
  network: Network,
  cut: Cut,
  villages: readonly string[],
  options: NetworkWorldOptions,
): WorldLeak[] {
  const { seed, days, leaksPerMonth } = options
  if (leaksPerMonth <= 0) return []
  const leaks: WorldLeak[] = []
  const every = MONTH_DAYS / leaksPerMonth
  for (const [zone, village] of villages.entries()) {
    const places = network.nodes.filter(({ index, demandM3h }) => cut.zoneOf.get(index) === zone && demandM3h > 0)
    if (places.length === 0) continue
    const random = seeded(mix(seed, 41, zone))
    for (
      let day = QUIET_DAYS + random() * every;
      day < days - 7;
      day += Math.max(every, LASTS_DAYS.least + LASTS_DAYS.more)
    ) {
      const start = hourOfDay(FIRST_DAY) + Math.floor(day * HOURS)
      const kind = random() < 0.5 ? 'abrupt' : 'incipient'
      const grows = Math.floor((GROWS_DAYS.least + GROWS_DAYS.more * random()) * HOURS)
      const lasts = Math.floor((LASTS_DAYS.least + LASTS_DAYS.more * random()) * HOURS)
      leaks.push({
        village,
        node: places[Math.floor(random() * places.length)]!.id,
        kind,
        start,
        full: kind === 'abrupt' ? start : start + grows,
        end: start + lasts,
        m3h: LEAK_M3H.least * (LEAK_M3H.most / LEAK_M3H.least) ** random(),
        ranM3: [],
      })
    }
  }
  return leaks
}

function coefficientAt({ start, full, end, m3h }: WorldLeak, hour: number): number {
  if (hour < start || hour >= end) return 0
  const share = full > start ? Math.min(1, (hour - start) / (full - start)) : 1
  return (share * m3h) / Math.sqrt(TYPICAL_PRESSURE_M)
}

/** Litres of households, a day at a time, and the demand that they make at their junctions. */
class HourlyUse {
  readonly #days = new Map<number, number[][]>()
  readonly #seed: number
  readonly #homes: readonly number[]
  readonly #persons: readonly number[]
  readonly #demand: Float64Array

  constructor(seed: number, homes: readonly number[], persons: readonly number[], junctions: number) {
    this.#seed = seed
    this.#homes = homes
    this.#persons = persons
    this.#demand = new Float64Array(junctions)
  }

  junctionsAt(step: number): Float64Array {
    const day = this.#day(Math.floor(step / HOURS))
    const hour = step % HOURS
    this.#demand.fill(0)
    for (const [home, place] of this.#homes.entries()) this.#demand[place]! += day[home]![hour]! / LITRES_PER_M3
    return this.#demand
  }

  litresOf(home: number, day: number): readonly number[] {
    return this.#day(day)[home]!
  }

  #day(day: number): number[][] {
    let litres = this.#days.get(day)
    if (litres === undefined) {
      litres = this.#homes.map((_, home) => dayOfHousehold(this.#seed, home, this.#persons[home]!, day))
      this.#days.set(day, litres)
      this.#days.delete(day - 2)
    }
    return litres
  }
}

/** Registers in litres, and the uploads made of them. */
class Registers {
  readonly #seed: number
  readonly #cut: Cut
  readonly #homes: Float64Array
  readonly #forward: Float64Array
  readonly #backward: Float64Array

  constructor(seed: number, homes: number, cut: Cut) {
    this.#seed = seed
    this.#cut = cut
    this.#homes = Float64Array.from({ length: homes }, (_, home) => Math.floor(500_000 * fraction(seed, 51, home)))
    this.#forward = new Float64Array(cut.boundaries.length)
    this.#backward = new Float64Array(cut.boundaries.length)
  }

  uploads(day: number, litres: readonly (readonly number[])[], links: readonly (readonly number[])[]): WorldUpload[] {
    const midnight = hourOfDay(day) * HOUR_MS
    const uploads: WorldUpload[] = []
    for (const [home, hours] of litres.entries()) {
      const minutes =
        fraction(this.#seed, 52, home) < SKEWED ? 1 + Math.floor(SKEW_MINUTES * fraction(this.#seed, 53, home)) : 0
      const values: number[] = []
      for (const litre of hours) {
        // The register at so many minutes behind the hour: of this hour, the part that had run by then.
        values.push(this.#homes[home]! + Math.floor((litre * minutes) / 60))
        this.#homes[home]! += litre
      }
      const dice = fraction(this.#seed, 54, home, day)
      if (dice < LOST) continue
      const late = dice < LOST + LATE ? 1 + Math.floor(3 * fraction(this.#seed, 55, home, day)) : 0
      const hour = 1 + 6 * fraction(this.#seed, 56, home)
      const arrivesAt = midnight + (1 + late) * DAY_MS + Math.floor(hour * HOUR_MS)
      uploads.push({
        deviceId: `home-${home}`,
        arrivesAt,
        payload: series(midnight + minutes * 60_000, { volume: values }),
      })
    }
    for (const [i, { link }] of this.#cut.boundaries.entries()) {
      const random = seeded(mix(this.#seed, 57, link.index, day))
      const bias = BULK_BIAS * normal(seeded(mix(this.#seed, 58, link.index)))
      const volume: number[] = []
      const reverseVolume: number[] = []
      for (const hour of links) {
        volume.push(Math.round(this.#forward[i]!))
        reverseVolume.push(Math.round(this.#backward[i]!))
        const ran = hour[i]! * LITRES_PER_M3 * (1 + bias + BULK_NOISE * normal(random))
        if (ran > 0) this.#forward[i]! += ran
        else this.#backward[i]! -= ran
      }
      if (random() < BULK_SILENT) continue
      const payload = series(midnight, { volume, reverseVolume })
      uploads.push({ deviceId: `bulk-${link.id}`, arrivesAt: midnight + DAY_MS + 5 * 60_000, payload })
    }
    return uploads
  }
}

const series = (ts: number, litres: Readonly<Record<string, readonly number[]>>): string =>
  JSON.stringify({
    ts,
    step: HOUR_MS,
    values: Object.fromEntries(
      Object.entries(litres).map(([name, values]) => [name, values.map((litre) => litre / LITRES_PER_M3)]),
    ),
  })
