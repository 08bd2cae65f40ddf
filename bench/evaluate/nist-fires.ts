import { normal, type Random, seeded } from '../../simulators/random.ts'
import type { Room } from './nist-data.ts'
import { chosenWith, RULES, type Rule, type Sample } from './rules.ts'

/** 2025-11-20T16:00:00Z. */
const T0 = 1_763_654_400_000
const SECOND = 1000

/** How the readings reach Hydrant. */
export interface Sampling {
  /** s; 0: as NIST recorded them (2 s, one test 5 s). */
  readonly everyS: number
  readonly phaseS: number
  /** Standard deviations that are added, dB/m and °C, and their seed. */
  readonly noise?: { readonly smoke: number; readonly temperature: number; readonly seed: number }
}

export const AS_RECORDED: Sampling = { everyS: 0, phaseS: 0 }

/** When a rule speaks first in a room, s after ignition; undefined: never. */
function speaksAt(start: Rule['start'], room: Room, sampling: Sampling): number | undefined {
  const player = start('smoke-detector', undefined)
  const random: Random = seeded(sampling.noise?.seed ?? 0)
  let next = sampling.phaseS
  for (let i = 0; i < room.timeS.length; i++) {
    const seconds = room.timeS[i]!
    if (seconds < next) continue
    next = seconds + sampling.everyS
    const { now } = player.feed([sampleOf(room, i, seconds, sampling, random)])
    if (now !== 'none') return seconds
  }
  return undefined
}

function sampleOf(room: Room, i: number, seconds: number, { noise }: Sampling, random: Random): Sample {
  const jitter = (sigma: number | undefined): number => (sigma === undefined ? 0 : sigma * normal(random))
  const smoke = room.smoke?.[i]
  return {
    at: T0 + Math.round(seconds * SECOND),
    smoke: smoke === undefined ? undefined : Math.max(0, smoke + jitter(noise?.smoke)),
    temperature: room.temperature[i]! + jitter(noise?.temperature),
    co: undefined,
  }
}

/** s before (positive) the first photoelectric alarm of the room; undefined: never found. */
export const leadsOf = (
  start: Rule['start'],
  rooms: readonly Room[],
  sampling: Sampling,
): readonly (number | undefined)[] =>
  rooms.map((room) => {
    const at = speaksAt(start, room, sampling)
    return at === undefined ? undefined : room.photoelectricS - at
  })

/** A room that was not found counts as found last. */
export function medianLead(leads: readonly (number | undefined)[]): number {
  const sorted = leads.map((lead) => lead ?? Number.NEGATIVE_INFINITY).toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length === 0) return Number.NaN
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

export interface RuleOnFires {
  readonly rule: string
  readonly about: string
  readonly found: number
  readonly of: number
  /** s before the first photoelectric alarm. */
  readonly medianLeadS: number
  readonly aheadOfPhotoelectric: number
  readonly byTest: Readonly<Record<string, number>>
}

export interface PairOnFires {
  readonly test: string
  readonly room: string
  readonly smokeMeter: Room['smokeMeter']
  readonly photoelectricS: number
  readonly ionisationS: number | null
  /** By rule: when it spoke (s after ignition), and s after (negative: before) the first real alarm of each technology. */
  readonly rules: Readonly<
    Record<
      string,
      { readonly atS: number; readonly afterPhotoelectricS: number; readonly afterIonisationS: number | null } | null
    >
  >
}

export function judgeFires(rooms: readonly Room[]): {
  readonly rules: readonly RuleOnFires[]
  readonly pairs: readonly PairOnFires[]
} {
  const spoke = RULES.map((rule) => rooms.map((room) => speaksAt(rule.start, room, AS_RECORDED)))
  const tests = [...new Set(rooms.map(({ test }) => test))]
  const rules = RULES.map(({ name, about }, r): RuleOnFires => {
    const leads = rooms.map((room, i) => leadOf(room, spoke[r]?.[i]))
    const found = leads.filter((lead) => lead !== undefined)
    return {
      rule: name,
      about,
      found: found.length,
      of: rooms.length,
      medianLeadS: medianLead(leads),
      aheadOfPhotoelectric: found.filter((lead) => lead > 0).length,
      byTest: Object.fromEntries(
        tests.map((test) => [test, medianLead(leads.filter((_, i) => rooms[i]?.test === test))]),
      ),
    }
  })
  const pairs = rooms.map(
    (room, i): PairOnFires => ({
      test: room.test,
      room: room.room,
      smokeMeter: room.smokeMeter,
      photoelectricS: room.photoelectricS,
      ionisationS: room.ionisationS ?? null,
      rules: Object.fromEntries(
        RULES.map(({ name }, r) => {
          const atS = spoke[r]?.[i]
          if (atS === undefined) return [name, null]
          const afterIonisationS = room.ionisationS === undefined ? null : atS - room.ionisationS
          return [name, { atS, afterPhotoelectricS: atS - room.photoelectricS, afterIonisationS }]
        }),
      ),
    }),
  )
  return { rules, pairs }
}

const leadOf = (room: Room, atS: number | undefined): number | undefined =>
  atS === undefined ? undefined : room.photoelectricS - atS

/** Shares of evidence that a person might have chosen. */
const SHARES = [0.5, 0.6, 0.75, 0.9, 1, 1.25]
/** s. What the choice must reach on the other tests, with room for one that is harder. */
const WANTED_LEAD_S = 12

/** The share is chosen anew without each test (the largest that reaches the wanted lead on the others) and tried on it. */
export function leaveOneOut(rooms: readonly Room[]) {
  const tests = [...new Set(rooms.map(({ test }) => test))]
  const leads = new Map(SHARES.map((share) => [share, leadsOf(chosenWith(share), rooms, AS_RECORDED)]))
  const pick = (share: number, keep: (test: string) => boolean) =>
    (leads.get(share) ?? []).filter((_, i) => keep(rooms[i]?.test ?? ''))
  return tests.map((left) => {
    const others = (share: number): number => medianLead(pick(share, (test) => test !== left))
    const share = SHARES.toReversed().find((one) => others(one) >= WANTED_LEAD_S) ?? SHARES[0]!
    const on = pick(share, (test) => test === left)
    return {
      leftOut: left,
      chosenShare: share,
      medianOnOthersS: others(share),
      medianOnItS: medianLead(on),
      found: on.filter((lead) => lead !== undefined).length,
      of: on.length,
    }
  })
}

const RHYTHMS_S = [0, 1, 2, 3, 5, 8, 10]
const SEEDS = [1, 2, 3, 4, 5]
/** dB/m, °C: what a photoelectric chamber and a thermistor add to the laboratory's instruments. */
const NOISE = { smoke: 0.02, temperature: 0.2 }

/** The chosen rule at other rhythms, begun at other moments, with noise: medians over all rooms. */
export function shaken(rooms: readonly Room[], start: Rule['start']) {
  return RHYTHMS_S.map((everyS) => {
    const phases = everyS <= 2 ? [0] : [0, everyS / 3, (2 * everyS) / 3]
    const medians: number[] = []
    let leastFound = rooms.length
    for (const phaseS of phases)
      for (const seed of SEEDS) {
        const leads = leadsOf(start, rooms, { everyS, phaseS, noise: { ...NOISE, seed } })
        medians.push(medianLead(leads))
        leastFound = Math.min(leastFound, leads.filter((lead) => lead !== undefined).length)
      }
    medians.sort((a, b) => a - b)
    return {
      everyS,
      runs: medians.length,
      medianLeadS: medians[medians.length >> 1]!,
      worstMedianS: medians[0]!,
      bestMedianS: medians[medians.length - 1]!,
      leastFound,
      of: rooms.length,
    }
  })
}
