import type { AlarmType } from '../../contract/alarms.ts'
import {
  confirmedBy,
  confirmedByTime,
  type Evidence,
  VERIFY_WITHIN_MS,
  type Witness,
} from '../../ingest/incidents/verification.ts'
import { mix, type Random, seeded } from '../../simulators/random.ts'
import {
  CAUSE_NAMES,
  type CauseName,
  couldMatter,
  drawEvent,
  type Exposed,
  eventsOf,
  type NuisanceEvent,
  QUIET_BEFORE_S,
  quietRoom,
  readingOf,
  SAMPLE_S,
} from '../../simulators/worlds/nuisance.ts'
import { poissonInterval } from './poisson-interval.ts'
import { CHOSEN, NUISANCE_RULES, type Rule, type Sample } from './rules.ts'

/** 2025-11-20T16:00:00Z. */
const T0 = 1_763_654_400_000
const SECOND = 1000
/** s after what made it: pre-alarms end, and nothing comes of it any more. */
const AFTER_S = 200
const STAFFED = { nobodyToLook: false, afterReset: false }
const ALONE = { nobodyToLook: true, afterReset: false }

/** What a rule made of one event. */
interface Verdict {
  preAlarms: number
  /** Confirmed by the evidence of detectors, staff being there who look. */
  confirmed: ReturnType<typeof confirmedBy>
  /** Still at alarm level a minute later: confirmed where nobody has answered. */
  unanswered: boolean
  /** Confirmed where nobody can look. */
  alone: boolean
}

/** Messages of one device: the readings of each. A backlog is one message. */
type Message = readonly Sample[]

function messagesOf(random: Random, exposed: Exposed, { lengthS, dropout }: NuisanceEvent): readonly Message[] {
  const messages: Message[] = []
  const phase = random() * SAMPLE_S
  let backlog: Sample[] = []
  const readings = Math.ceil((QUIET_BEFORE_S + lengthS + AFTER_S) / SAMPLE_S)
  for (let i = 0; i < readings; i++) {
    const seconds = i * SAMPLE_S - QUIET_BEFORE_S + phase
    const sample = { at: T0 + Math.round(seconds * SECOND), ...readingOf(random, exposed, i, seconds) }
    if (dropout !== undefined && seconds >= dropout.fromS && seconds < dropout.toS) {
      if (!dropout.lost) backlog.push(sample)
    } else if (backlog.length > 0) {
      messages.push([...backlog, sample])
      backlog = []
    } else messages.push([sample])
  }
  return messages
}

/** Several devices, each with its messages, in front of one rule; what they say is weighed as incidents weigh it. */
function play(rule: Rule, event: NuisanceEvent, messages: readonly (readonly Message[])[]): Verdict {
  const verdict: Verdict = { preAlarms: 0, confirmed: undefined, unanswered: false, alone: false }
  const players = event.exposed.map(({ kind, limits, dust }) => rule.start(kind, limits, dust))
  const witnesses: Witness[] = event.exposed.map((_, i) => witness(i, 'smoke', 'none', 0, false))
  let firstAt: number | undefined
  const longest = Math.max(...messages.map(({ length }) => length))
  for (let m = 0; m < longest; m++)
    for (const [i, player] of players.entries()) {
      const message = messages[i]?.[m]
      if (message === undefined) continue
      const before = witnesses[i]!
      const { now, type, missed } = player.feed(message)
      const at = message[message.length - 1]!.at
      if (missed && !before.active) verdict.preAlarms += 1
      if (now === 'none') {
        if (before.active) witnesses[i] = { ...before, active: false, at }
      } else if (!before.active || now !== before.evidence) {
        if (!before.active) verdict.preAlarms += 1
        firstAt ??= at
        const said = witness(i, type, now, at, true)
        witnesses[i] = said
        verdict.confirmed ??= confirmedBy(said, witnesses, STAFFED)
        if (confirmedBy(said, witnesses, ALONE) !== undefined) verdict.alone = true
      }
      if (firstAt !== undefined && at - firstAt >= VERIFY_WITHIN_MS && confirmedByTime(witnesses))
        verdict.unanswered = true
    }
  return verdict
}

const witness = (i: number, type: AlarmType, evidence: Evidence, at: number, active: boolean): Witness => ({
  deviceId: `d${i}`,
  zone: 'floor',
  type,
  evidence,
  at,
  active,
})

interface Tally {
  preAlarms: number
  confirmed: number
  unanswered: number
  alone: number
}
const nothing = (): Tally => ({ preAlarms: 0, confirmed: 0, unanswered: 0, alone: 0 })

export interface Rate {
  readonly count: number
  readonly per1000: number
  /** 95 %, Poisson. */
  readonly interval: readonly [number, number]
}

interface RuleOnNuisances {
  readonly rule: string
  readonly preAlarms: Rate
  readonly confirmed: Rate
  /** Confirmed after a minute, were there never anybody who answers. */
  readonly ifNobodyAnswers: Rate
  /** Confirmed at once, were nobody ever there who can look. */
  readonly ifNobodyIsThere: Rate
  readonly byCause: Readonly<Record<string, { readonly preAlarms: number; readonly confirmed: number }>>
}

export interface NuisanceYear {
  readonly seed: number
  readonly sensorYears: number
  readonly events: number
  /** Events that could not matter to any rule are counted, not played. */
  readonly played: number
  readonly readings: number
  readonly causes: Readonly<Record<string, { readonly events: number; readonly played: number }>>
  readonly rules: readonly RuleOnNuisances[]
}

/** The nuisance world, `sensorYears` of it, in front of every rule. The same seed gives the same year. */
export function judgeNuisances(
  seed: number,
  sensorYears: number,
  rules: readonly Rule[] = NUISANCE_RULES,
): NuisanceYear {
  const totals = rules.map(nothing)
  const byCause = rules.map(() => new Map<CauseName, Tally>())
  const causes: Record<string, { events: number; played: number }> = {}
  let readings = 0
  for (const [index, cause] of CAUSE_NAMES.entries()) {
    const events = eventsOf(seeded(mix(seed, index)), cause, sensorYears)
    let played = 0
    for (let n = 0; n < events; n++) {
      const random = seeded(mix(seed, index, n + 1))
      const event = drawEvent(random, cause)
      if (!couldMatter(event)) continue
      played += 1
      const messages = event.exposed.map((exposed) => messagesOf(random, exposed, event))
      readings += messages.reduce((sum, { length }) => sum + length, 0)
      for (const [r, rule] of rules.entries()) {
        const verdict = play(rule, event, messages)
        if (verdict.preAlarms === 0) continue
        const of = byCause[r]!
        if (!of.has(cause)) of.set(cause, nothing())
        for (const tally of [totals[r]!, of.get(cause)!]) {
          tally.preAlarms += verdict.preAlarms
          tally.confirmed += Number(verdict.confirmed !== undefined)
          tally.unanswered += Number(verdict.unanswered)
          tally.alone += Number(verdict.alone)
        }
      }
    }
    causes[cause] = { events, played }
  }
  const rate = (count: number): Rate => {
    const per1000 = (value: number): number => Math.round((value / sensorYears) * 1000 * 100) / 100
    const [low, high] = poissonInterval(count)
    return { count, per1000: per1000(count), interval: [per1000(low), per1000(high)] }
  }
  return {
    seed,
    sensorYears,
    events: Object.values(causes).reduce((sum, { events }) => sum + events, 0),
    played: Object.values(causes).reduce((sum, { played }) => sum + played, 0),
    readings,
    causes,
    rules: rules.map(({ name }, r) => {
      const { preAlarms, confirmed, unanswered, alone } = totals[r]!
      return {
        rule: name,
        preAlarms: rate(preAlarms),
        confirmed: rate(confirmed),
        ifNobodyAnswers: rate(unanswered),
        ifNobodyIsThere: rate(alone),
        byCause: Object.fromEntries(
          [...byCause[r]!].map(([cause, tally]) => [cause, { preAlarms: tally.preAlarms, confirmed: tally.confirmed }]),
        ),
      }
    }),
  }
}

/** A day in each room. */
const QUIET_DAYS = 40
const DAY_S = 86_400

export interface Quiet {
  readonly sensorDays: number
  readonly readings: number
  readonly timesTheNoise: number
  readonly preAlarms: number
}

/**
 * Days in which nothing happens, with several times the ordinary noise: a thousand sensor-years of readings, three
 * billion, cannot be played, but noise that is quiet at three times its size is quiet at its own for far longer than that.
 */
export function judgeQuiet(seed: number, timesTheNoise: number): Quiet {
  let preAlarms = 0
  const perDay = DAY_S / SAMPLE_S
  for (let day = 0; day < QUIET_DAYS; day++) {
    const random = seeded(mix(seed, -1, day))
    const room = quietRoom(random)
    const player = CHOSEN.start(room.kind, room.limits, room.dust)
    let before: Evidence = 'none'
    for (let i = 0; i < perDay; i++) {
      const sample = { at: T0 + i * SAMPLE_S * SECOND, ...readingOf(random, room, i, i * SAMPLE_S, timesTheNoise) }
      const { now } = player.feed([sample])
      if (now !== 'none' && before === 'none') preAlarms += 1
      before = now
    }
  }
  return { sensorDays: QUIET_DAYS, readings: QUIET_DAYS * perDay, timesTheNoise, preAlarms }
}
