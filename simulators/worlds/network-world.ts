import { fraction } from '../random.ts'
import { DAY_MS, HOUR_MS } from './household.ts'
import type { Emitter, Network, NetworkLink } from './network-engine.ts'
import { dayOfHousehold, personsOf, spreadHouseholds } from './network-households.ts'
import {
  coefficientAt,
  drawnLeaks,
  HOURS,
  type HomeLeak,
  hourOfDay,
  leakedHours,
  type PlannedLeak,
  placedLeak,
  type WorldLeak,
} from './network-leaks.ts'
import {
  type HomeHours,
  pressureSensorId,
  Registers,
  type Sending,
  type SolvedDay,
  type WorldUpload,
} from './network-uploads.ts'
import { branchIntoZones, type Cut, cutIntoZones } from './network-zones.ts'

/**
 * A network with a meter in every household, a bulk meter at the inlet of every village, leaks whose truth is kept apart, and the uploads
 * that all these meters would send, in the order of their arrival. Deterministic for a seed.
 */
export interface NetworkWorld {
  readonly cut: Cut
  /** Villages, and last the mains that feed them. */
  readonly villages: readonly string[]
  readonly wells: readonly WorldWell[]
  readonly meters: readonly WorldMeter[]
  /** Where the pressure of each village is measured. */
  readonly sensors: readonly PressureSensor[]
  /** One day after the other, local; each is asked for once and in order. */
  days(): Generator<WorldDay>
  /** Never shown to a detector; complete when all days have been played. */
  readonly truth: readonly WorldLeak[]
}

/** A branch of a village with a bulk meter of its own. */
interface WorldWell {
  readonly id: string
  readonly village: string
}

interface WorldMeter {
  readonly id: string
  /** Forward water runs from `from` to `to`; a household's runs to nowhere, a well's stays in its village. */
  readonly kind: 'household' | 'bulk' | 'well'
  readonly from: string | undefined
  readonly to: string | undefined
  /** A household's well; the well that a well's bulk meter feeds. */
  readonly well: string | undefined
  readonly junction: string
}

interface PressureSensor {
  readonly id: string
  readonly village: string
  readonly junction: string
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

export interface NetworkWorldOptions {
  readonly seed: number
  readonly meters: number
  readonly villages: number
  /** Wells with a bulk meter of their own in each village, at most; none unless said. */
  readonly wells?: number
  /** All pipes between villages stay open, each with a bulk meter, and there are no mains: harder, and built nowhere. */
  readonly looped?: boolean
  readonly days: number
  /** Leaks that begin, a village and month; 0: none. */
  readonly leaksPerMonth: number
  /** First day of the world, days since 1970, local; it changes no dice. */
  readonly firstDay?: number
  /** Leaks besides those that are drawn. */
  readonly leaks?: readonly PlannedLeak[]
  readonly homeLeaks?: readonly HomeLeak[]
  /** What meters read and send beyond a register an hour, once a day. */
  readonly sending?: Sending
}

const USUAL_FIRST_DAY = Math.floor(Date.UTC(2026, 0, 1) / DAY_MS)
/** Of a pipe's background: joints that weep, l/h a household. */
const BACKGROUND_LPH = 0.6
/** Nights a village is flushed or a fire pond filled, and with how much in one hour, m³. */
const FLUSHED = 1 / 60
const FLUSHED_M3 = 3
const LITRES_PER_M3 = 1000
/** The zone between the plant and the villages. */
export const MAINS = 'mains'

export function networkWorld(network: Network, options: NetworkWorldOptions): NetworkWorld {
  const { seed, meters: households, days, firstDay = USUAL_FIRST_DAY, homeLeaks = [], sending = {} } = options
  const { looped = false } = options
  const cut = looped
    ? cutIntoZones(network, options.villages)
    : branchIntoZones(network, options.villages, options.wells)
  const villages = Array.from({ length: cut.zones }, (_, i) =>
    looped || i < cut.zones - 1 ? `village-${i + 1}` : MAINS,
  )
  const wells = cut.wells.map(({ zone }, i): WorldWell => ({ id: `well-${i + 1}`, village: villages[zone]! }))
  const nameOf = (zone: number | undefined): string | undefined => (zone === undefined ? undefined : villages[zone])
  const junctions = network.nodes.filter(({ type }) => type === 'junction')
  const homes = spreadHouseholds(
    junctions.map(({ index, demandM3h }) => (cut.zoneOf.has(index) ? Math.max(0, demandM3h) : 0)),
    households,
  )
  const places = sensorsOf(network, cut)
  const fitted = cut.boundaries.map((boundary) => fittedAt(boundary, cut))
  const persons = homes.map((_, home) => personsOf(seed, home))
  const meters: WorldMeter[] = [
    ...homes.map((place, home): WorldMeter => {
      const node = junctions[place]!
      return {
        id: `home-${home}`,
        kind: 'household',
        from: nameOf(cut.zoneOf.get(node.index)),
        to: undefined,
        well: wells[cut.wellOf.get(node.index) ?? -1]?.id,
        junction: node.id,
      }
    }),
    ...fitted.map(
      ({ link, from, to }): WorldMeter => ({
        id: `bulk-${link.id}`,
        kind: 'bulk',
        from: nameOf(from),
        to: nameOf(to),
        well: undefined,
        junction: '',
      }),
    ),
    ...cut.wells.map(
      ({ inlet, zone }, i): WorldMeter => ({
        id: `bulk-${inlet.id}`,
        kind: 'well',
        from: villages[zone],
        to: villages[zone],
        well: wells[i]!.id,
        junction: '',
      }),
    ),
  ]
  const truth = [
    ...drawnLeaks(network, cut, villages, { ...options, firstDay }),
    ...(options.leaks ?? []).map((leak) => placedLeak(network, cut, villages, leak)),
  ]
  const measured = [...fitted, ...cut.wells.map(({ inlet, isForward }) => ({ link: inlet, isForward }))]
  const positionOf = new Map(network.nodes.map(({ id, index }) => [id, index]))
  const emittersAt = (step: number): readonly Emitter[] =>
    truth.map((leak) => ({
      node: positionOf.get(leak.node)!,
      coefficient: coefficientAt(leak, hourOfDay(firstDay) + step),
    }))

  function* play(): Generator<WorldDay> {
    const use = new HourlyUse({ seed, homes, persons, firstDay, homeLeaks }, junctions.length)
    const solved = network.solve({
      stepS: HOUR_MS / 1000,
      steps: days * HOURS,
      junctions: junctions.map(({ index }) => index),
      closed: cut.closed.map(({ index }) => index),
      demand: (step) => {
        const m3h = use.junctionsAt(step)
        for (const [zone, position] of hydrants.entries()) m3h[position]! += unmetered(seed, zone, step, weeping)
        return m3h
      },
      emitters: emittersAt,
    })
    const registers = new Registers(
      seed,
      homes.length,
      measured.map(({ link }) => link),
      sending,
    )
    const sensors = places.map(({ index }) => index)
    const hydrants = sensors.map((node) => junctions.findIndex(({ index }) => index === node))
    const weeping = (BACKGROUND_LPH * homes.length) / Math.max(1, villages.length) / LITRES_PER_M3
    for (let i = 0; i < days; i++) {
      const steps: SolvedDay = { links: [], pressures: [] }
      for (let hour = 0; hour < HOURS; hour++) {
        const next = solved.next()
        if (next.done === true) return
        const { linkM3 } = next.value
        steps.links.push(
          measured.map(({ link, isForward }) => (isForward ? linkM3[link.index]! : -linkM3[link.index]!)),
        )
        for (const [zone, node] of sensors.entries()) {
          steps.pressures[zone] ??= []
          steps.pressures[zone]!.push(next.value.pressureM[node] ?? 0)
        }
        for (const [k, leak] of truth.entries()) {
          const at = hourOfDay(firstDay) + i * HOURS + hour
          if (at >= leak.start && at < leak.end) leak.ranM3.push(next.value.leakedM3[k] ?? 0)
        }
      }
      yield {
        day: firstDay + i,
        uploads: registers.uploads(firstDay + i, (home) => use.hoursOf(home, i), steps),
        inflowM3h: villages.map((_, zone) => netInflow(fitted, steps.links, zone) / HOURS),
        pressureM: steps.pressures,
      }
    }
  }
  const sensors = places.map(({ id }, zone) => ({ id: pressureSensorId(zone), village: villages[zone]!, junction: id }))
  return { cut, villages, wells, meters, sensors, days: play, truth }
}

/** Each village has a pressure sensor and a hydrant at its first junction. */
const sensorsOf = (network: Network, cut: Cut): readonly { readonly id: string; readonly index: number }[] =>
  Array.from(
    { length: cut.zones },
    (_, zone) => network.nodes.find(({ index }) => cut.zoneOf.get(index) === zone) ?? { id: '', index: 0 },
  )

interface FittedMeter {
  readonly link: NetworkLink
  /** Whether the file draws the pipe in the direction that the meter counts forwards in. */
  readonly isForward: boolean
  readonly from: number | undefined
  readonly to: number | undefined
}

/** A meter is fitted in the direction of the flow: a pump's; from the plant to the mains, and from these into a village. */
function fittedAt({ link, from, to }: Cut['boundaries'][number], { zones }: Cut): FittedMeter {
  const depth = (zone: number | undefined): number => (zone === undefined ? 0 : zone === zones - 1 ? 1 : 2)
  const isPump = link.diameterMm === 0
  return isPump || depth(from) <= depth(to)
    ? { link, isForward: true, from, to }
    : { link, isForward: false, from: to, to: from }
}

const netInflow = (meters: readonly FittedMeter[], hours: readonly (readonly number[])[], zone: number): number =>
  hours.reduce(
    (sum, links) =>
      sum +
      meters.reduce((all, { from, to }, i) => all + (to === zone ? links[i]! : from === zone ? -links[i]! : 0), 0),
    0,
  )

/** What nobody measures, m³ in an hour: joints that weep, and some nights water taken from a hydrant. */
function unmetered(seed: number, zone: number, step: number, weeping: number): number {
  const day = Math.floor(step / HOURS)
  const isFlushed = fraction(seed, 32, zone, day) < FLUSHED
  const hour = 1 + Math.floor(4 * fraction(seed, 31, zone, day))
  return isFlushed && step % HOURS === hour ? weeping + FLUSHED_M3 : weeping
}

interface Homes {
  readonly seed: number
  /** Junction of each household. */
  readonly homes: readonly number[]
  readonly persons: readonly number[]
  readonly firstDay: number
  readonly homeLeaks: readonly HomeLeak[]
}

/** Litres of households, a day at a time, and the demand that they make at their junctions. */
class HourlyUse {
  readonly #days = new Map<number, HomeHours[]>()
  readonly #of: Homes
  readonly #demand: Float64Array

  constructor(of: Homes, junctions: number) {
    this.#of = of
    this.#demand = new Float64Array(junctions)
  }

  junctionsAt(step: number): Float64Array {
    const day = this.#day(Math.floor(step / HOURS))
    const hour = step % HOURS
    this.#demand.fill(0)
    for (const [home, place] of this.#of.homes.entries()) {
      const { used, leaked } = day[home]!
      this.#demand[place]! += (used[hour]! + (leaked?.[hour] ?? 0)) / LITRES_PER_M3
    }
    return this.#demand
  }

  hoursOf(home: number, day: number): HomeHours {
    return this.#day(day)[home]!
  }

  #day(day: number): HomeHours[] {
    let hours = this.#days.get(day)
    if (hours === undefined) {
      const { seed, homes, persons, firstDay, homeLeaks } = this.#of
      hours = homes.map(
        (_, home): HomeHours => ({ used: dayOfHousehold(seed, home, persons[home]!, day), leaked: undefined }),
      )
      for (const leak of homeLeaks)
        hours[leak.home] = { ...hours[leak.home]!, leaked: leakedHours(leak, firstDay + day, hours[leak.home]!.leaked) }
      this.#days.set(day, hours)
      this.#days.delete(day - 2)
    }
    return hours
  }
}
