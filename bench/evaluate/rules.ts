import { ALARM_TYPES, type AlarmType } from '../../contract/alarms.ts'
import type { DetectionLimits } from '../../contract/detection-limits.ts'
import { KINDS, type Kind } from '../../contract/kinds.ts'
import type { Field, Readings } from '../../contract/readings.ts'
import type { Detector, DeviceFacts, Finding } from '../../ingest/detectors/detector.ts'
import { DETECTORS } from '../../ingest/detectors/index.ts'
import { type Evidence, evidenceOf } from '../../ingest/incidents/verification.ts'

/** One reading of a device; what it does not measure is absent. Times in ms. */
export interface Sample {
  readonly at: number
  readonly smoke: number | undefined
  readonly temperature: number | undefined
  readonly co: number | undefined
}

/** What a device says after a message. */
interface Said {
  readonly now: Evidence
  /** By what type of alarm. */
  readonly type: AlarmType
  /** Came and went within the message: known only afterwards. */
  readonly missed: boolean
}

interface Player {
  /** One message with these readings. */
  feed(samples: readonly Sample[]): Said
}

export interface Rule {
  readonly name: string
  readonly about: string
  /** @param dust dB/m that have gathered in its chamber over months; a detector that follows its dust has learnt them */
  start(kind: Kind, limits: DetectionLimits | undefined, dust?: number): Player
}

const NOTHING: Said = { now: 'none', type: 'smoke', missed: false }
/** Worst last. */
const ORDER: readonly Evidence[] = ['none', 'early', 'alarm', 'certain']
const worse = (a: Evidence, b: Evidence): boolean => ORDER.indexOf(a) > ORDER.indexOf(b)

/** The detectors of production in front of one device, as ingest runs them. */
class Production implements Player {
  private readonly device: DeviceFacts
  private readonly detectors: readonly Detector<unknown>[]
  private readonly states: unknown[]
  private readonly holding = new Map<AlarmType, Evidence>()

  constructor(device: DeviceFacts, detectors: readonly Detector<unknown>[], dust: number) {
    this.device = device
    this.detectors = detectors
    // What the smoke detector remembers of a long quiet time.
    const learnt = { memory: { background: [], dust } }
    this.states = detectors.map(({ name, initial }) => (name === 'smoke' && dust > 0 ? learnt : initial))
  }

  feed(samples: readonly Sample[]): Said {
    const last = samples[samples.length - 1]
    if (last === undefined) return this.said(false)
    const input = { type: 'readings', device: this.device, readings: readingsOf(samples), arrivedAt: last.at } as const
    let missed = false
    for (let i = 0; i < this.detectors.length; i++) {
      const { state, findings } = this.detectors[i]!.step(this.states[i], input)
      this.states[i] = state
      for (const finding of findings) missed = this.note(finding) || missed
    }
    return this.said(missed)
  }

  private note({ type, active, severity, missed }: Finding): boolean {
    const evidence = evidenceOf({ type, severity: severity ?? ALARM_TYPES[type].severity })
    if (active) this.holding.set(type, evidence)
    else this.holding.delete(type)
    return missed === true && evidence !== 'none'
  }

  private said(missed: boolean): Said {
    let now: Evidence = 'none'
    let by: AlarmType = 'smoke'
    for (const [type, evidence] of this.holding)
      if (worse(evidence, now)) {
        now = evidence
        by = type
      }
    return now === 'none' && !missed ? NOTHING : { now, type: by, missed }
  }
}

const COLUMNS = ['smoke', 'temperature', 'co'] as const

function readingsOf(samples: readonly Sample[]): Readings {
  const fields: Field[] = []
  for (const quantity of COLUMNS)
    if (samples.some((sample) => sample[quantity] !== undefined))
      fields.push({ quantity, values: samples.map((sample) => sample[quantity] ?? null) })
  return { at: samples.map(({ at }) => at), fields }
}

/** Rules that do not look at these would only cost time. */
const SIGNS_OF_FIRE: ReadonlySet<string> = new Set(['smoke', 'heat', 'co'])
const FIRE_DETECTORS = DETECTORS.filter(({ name }) => SIGNS_OF_FIRE.has(name))

const production = (only: ReadonlySet<string>, more: DetectionLimits = {}): Rule['start'] => {
  const detectors = FIRE_DETECTORS.filter(({ name }) => only.has(name))
  return (kind, limits, dust = 0) =>
    new Production(
      { id: 'd', kind, model: null, rhythmS: KINDS[kind].rhythmS, limits: { ...limits, ...more } },
      detectors,
      dust,
    )
}

/** The chosen rule, with another share of evidence than its own: for leaving one test out. */
export const chosenWith = (evidence: number): Rule['start'] => production(SIGNS_OF_FIRE, { 'fire.evidence': evidence })

/** ms. A plain rule that pauses for less is the same nuisance. */
const SAME_MS = 120_000

/** A rule of one line, for comparison. It knows the readings of the last minute. */
function plain(holds: (history: readonly Sample[]) => boolean): Rule['start'] {
  return () => {
    const history: Sample[] = []
    let until = Number.NEGATIVE_INFINITY
    return {
      feed(samples) {
        for (const sample of samples) {
          history.push(sample)
          while (history.length > 1 && sample.at - history[0]!.at > 60_000) history.shift()
          if (holds(history)) until = sample.at + SAME_MS
        }
        const last = samples[samples.length - 1]
        return last !== undefined && last.at < until ? { now: 'early', type: 'smoke', missed: false } : NOTHING
      },
    }
  }
}

const smokeFrom =
  (limit: number) =>
  (history: readonly Sample[]): boolean =>
    (history[history.length - 1]?.smoke ?? 0) >= limit

/** °C/min between now and the newest reading that is 30 s older. */
function risesBy(history: readonly Sample[], limit: number): boolean {
  const now = history[history.length - 1]
  if (now?.temperature === undefined) return false
  for (let i = history.length - 2; i >= 0; i--) {
    const before = history[i]!
    const span = now.at - before.at
    if (span >= 30_000)
      return before.temperature !== undefined && ((now.temperature - before.temperature) / span) * 60_000 >= limit
  }
  return false
}

export const CHOSEN: Rule = {
  name: 'chosen',
  about: 'what runs: smoke with temperature and CO, heat, CO',
  start: production(SIGNS_OF_FIRE),
}

export const RULES: readonly Rule[] = [
  CHOSEN,
  { name: 'smoke', about: 'what runs, its smoke detector alone', start: production(new Set(['smoke'])) },
  { name: 'heat', about: 'what runs, its heat detector alone', start: production(new Set(['heat'])) },
  { name: 'plain 1.4 dB/m', about: 'optical density 0.14 /m, nothing else', start: plain(smokeFrom(1.4)) },
  { name: 'plain 0.58 dB/m', about: 'optical density 0.058 /m, nothing else', start: plain(smokeFrom(0.58)) },
  { name: 'plain rise', about: '8.3 °C/min over 30 s, nothing else', start: plain((history) => risesBy(history, 8.3)) },
  {
    name: 'rise and 0.58',
    about: 'both at once',
    start: plain((history) => smokeFrom(0.58)(history) && risesBy(history, 8.3)),
  },
]

/** What the nuisance world is played to: parts of the chosen rule are in the chosen one, and cost as much again. */
export const NUISANCE_RULES: readonly Rule[] = RULES.filter(({ name }) => name !== 'smoke' && name !== 'heat')
