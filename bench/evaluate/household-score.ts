import type { AlarmType } from '../../contract/alarms.ts'
import { mix, seeded } from '../../simulators/random.ts'
import { type FleetOptions, fleetMeter, WORLD_START } from '../../simulators/worlds/household-fleet.ts'
import { LARGE_LEAK, litresFrom, type Trouble, type Truth } from '../../simulators/worlds/household-troubles.ts'
import { MakersRules } from './household-makers.ts'
import { type Raised, replay } from './household-replay.ts'

/** One part of a fleet, replayed and judged against its truth. All of it is plain data: it crosses from a thread. */

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** After a repair the alarm may take so long to come, by the next upload and its delay: it is still about that trouble. */
const AFTER_MS = 2 * DAY_MS
/** Between the alarm and the closed valve or the repaired pipe. Our estimate for a county; of leaks. */
const REPAIR_MS = 3 * DAY_MS
/** l */
const COARSE_DIAL = 10

/** Alarm types that are judged, and what makes one true. A burst that runs for a day is a leak too; a stuck meter may have been tampered with. */
const JUDGED = {
  leak: ['leak', 'burst'],
  intermittentLeak: ['leak'],
  burst: ['burst'],
  reverse: ['reverse'],
  tamper: ['tamper'],
  stuck: ['stuck'],
} as const satisfies Partial<Record<AlarmType, readonly Trouble[]>>
export type JudgedType = keyof typeof JUDGED
export const JUDGED_TYPES = Object.keys(JUDGED) as readonly JudgedType[]

/** What became of one trouble under one rule. */
interface Outcome {
  readonly class: string
  readonly found: boolean
  /** With the first upload that held an hour of it (bursts). */
  readonly atOnce: boolean
  /** ms of received data that the rule needed after the trouble began (a growing leak: after it passed 12.5 l/h). */
  readonly decisionMs: number
  /** ms of the time until the alarm in which nothing was measured or nothing had arrived. */
  readonly latencyMs: number
  /** Of a leak: lost until it ended, and what a repair after the alarm would have kept. */
  readonly litres: number
  readonly avoided: number
}

export interface RuleScore {
  readonly outcome: Outcome | undefined
  /** Class of a trouble that nobody could see in the readings that arrived. */
  readonly notAsked?: string
  /** Alarms that nothing explains, and those that something does, by type. */
  readonly wrong: Partial<Record<JudgedType, number>>
  readonly right: Partial<Record<JudgedType, number>>
}

export interface MeterScore {
  readonly truth: Truth | undefined
  /** Its dial shows ten litres at a time. */
  readonly coarse: boolean
  readonly hydrant: RuleScore
  readonly makers: RuleScore
}

export interface PartScore {
  readonly meters: readonly MeterScore[]
  readonly readings: number
  /** ms of this thread's time spent on making the world, and on decoding and judging it. */
  readonly worldMs: number
  readonly judgeMs: number
  /** Bytes of JSON that are remembered of each meter, on average. */
  readonly stateBytes: number
}

/** The class a trouble is reported in: size classes for leaks, else its kind. */
function classOf({ kind, shape, rate }: Truth, coarse: boolean, shows: boolean): string {
  const size = rate >= LARGE_LEAK ? 'leak ≥ 12.5 l/h' : 'leak 3–12.5 l/h'
  if (shape === 'intermittent') return coarse ? 'intermittent leak, dial of 10 l' : `intermittent ${size}, dial of 1 l`
  if (kind === 'leak') return size
  if (kind === 'stuck') return shape === 'evident' && shows ? 'stuck' : 'stuck, register alone'
  return kind
}

const explains = (truth: Truth | undefined, { type, arrivedAt, decidedAt }: Raised): boolean => {
  if (truth === undefined || !Object.hasOwn(JUDGED, type)) return false
  if (!(JUDGED[type as JudgedType] as readonly Trouble[]).includes(truth.kind)) return false
  const [from, to] = [WORLD_START + truth.from, WORLD_START + truth.to]
  return arrivedAt >= from && decidedAt <= to + AFTER_MS
}

type Data = Pick<ReturnType<typeof replay>, 'heard' | 'heldBy' | 'shownBackwards' | 'sawRunning'>
/** Of a rule that does not look at data. */
const ALL_DATA: Data = {
  heard: (from, to) => Math.max(0, to - from),
  heldBy: () => Number.POSITIVE_INFINITY,
  shownBackwards: () => true,
  sawRunning: (from) => from,
}
/** ms. The makers' half hour, as the readings can show it: an hour of an hourly register. */
const BURST_SHOWN_MS = 55 * 60_000

/** One that stops and comes back is found by either alarm: with short rests it runs without a standstill. */
const tells = (truth: Truth, type: JudgedType): boolean =>
  type === truth.kind || (truth.shape === 'intermittent' && type === 'intermittentLeak')

function judge(truth: Truth | undefined, coarse: boolean, raised: readonly Raised[], data: Data): RuleScore {
  const wrong: Partial<Record<JudgedType, number>> = {}
  const right: Partial<Record<JudgedType, number>> = {}
  let first: Raised | undefined
  for (const one of raised) {
    if (!Object.hasOwn(JUDGED, one.type)) continue
    const type = one.type as JudgedType
    if (!explains(truth, one)) wrong[type] = (wrong[type] ?? 0) + 1
    else {
      right[type] = (right[type] ?? 0) + 1
      if (first === undefined && truth !== undefined && tells(truth, type)) first = one
    }
  }
  if (truth === undefined) return { outcome: undefined, wrong, right }
  const { heard, heldBy, shownBackwards, sawRunning } = data
  const [from, to] = [WORLD_START + truth.from, WORLD_START + truth.to]
  const heldAt = truth.kind === 'burst' ? heldBy(from, to, BURST_SHOWN_MS) : undefined
  // A burst of which no upload brought an hour is nobody's to find, nor reverse flow that no reading shows.
  const isShown =
    truth.kind === 'burst' ? heldAt !== undefined : truth.kind !== 'reverse' || shownBackwards(from, to + HOUR_MS)
  if (!isShown) return { outcome: undefined, notAsked: classOf(truth, coarse, false), wrong, right }
  // A stuck register shows when the meter sees water run, or says so; until then it is a home without anybody.
  const shows = truth.kind === 'stuck' ? sawRunning(from) : from
  const began = Math.max(WORLD_START + truth.largeFrom, shows ?? 0)
  const litres = truth.kind === 'leak' ? litresFrom(truth, 0) : 0
  const avoided =
    first === undefined || truth.kind !== 'leak' ? 0 : litresFrom(truth, first.arrivedAt + REPAIR_MS - WORLD_START)
  const decisionMs = first === undefined ? 0 : heard(began, first.decidedAt, first.arrivedAt)
  const outcome: Outcome = {
    class: classOf(truth, coarse, shows !== undefined),
    found: first !== undefined,
    atOnce: first !== undefined && (heldAt === undefined || first.arrivedAt <= heldAt),
    decisionMs,
    latencyMs: first === undefined ? 0 : Math.max(0, first.arrivedAt - began) - decisionMs,
    litres,
    avoided,
  }
  return { outcome, wrong, right }
}

/** Meters `from` … `to` − 1 of the fleet. */
export function scorePart(options: FleetOptions, from: number, to: number): PartScore {
  const meters: MeterScore[] = []
  let readings = 0
  let worldMs = 0
  let judgeMs = 0
  let bytes = 0
  for (let index = from; index < to; index++) {
    const start = performance.now()
    const { meter, truth } = fleetMeter(index, options)
    const made = performance.now()
    const makers = new MakersRules(meter.type)
    const replayed = replay(meter, (seen, arrivedAt) => makers.take(seen, arrivedAt))
    readings += replayed.readings
    worldMs += made - start
    judgeMs += performance.now() - made
    bytes += JSON.stringify(replayed.state).length
    const coarse = meter.type.resolutionL >= COARSE_DIAL
    meters.push({
      truth,
      coarse,
      hydrant: judge(truth, coarse, replayed.raised, replayed),
      makers: judge(truth, coarse, makers.raised, replayed),
    })
  }
  return { meters, readings, worldMs, judgeMs, stateBytes: bytes / Math.max(1, to - from) }
}

/** As many alarms of each type as were raised, on any meter and at any time. */
export function judgeRandom(meters: readonly MeterScore[], { seed, days }: FleetOptions): readonly RuleScore[] {
  const random = seeded(mix(seed, meters.length))
  const drawn: Raised[][] = meters.map(() => [])
  for (const { hydrant } of meters)
    for (const type of JUDGED_TYPES)
      for (let i = (hydrant.right[type] ?? 0) + (hydrant.wrong[type] ?? 0); i > 0; i--) {
        const at = WORLD_START + random() * days * DAY_MS
        drawn[Math.floor(random() * meters.length)]!.push({
          type,
          arrivedAt: at + DAY_MS,
          decidedAt: at,
          since: at,
          value: null,
        })
      }
  return meters.map(({ truth, coarse }, i) => judge(truth, coarse, drawn[i]!, ALL_DATA))
}
