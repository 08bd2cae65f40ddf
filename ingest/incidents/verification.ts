import type { AlarmType, Severity } from '../../contract/alarms.ts'
import type { Confirmation } from '../../contract/incidents.ts'

/**
 * Whether a fire is believed (ADR 23). One detector is a pre-alarm: staff are called to look. A second detector of its
 * fire zone, a person at a call point, or the same detector again within a minute after somebody has reset it is a fire.
 * Pure: the pipeline and the evaluation over nuisances judge by the same lines.
 */

/** Verification never delays longer. ms. */
export const VERIFY_WITHIN_MS = 60_000
/** The same detector again after a reset confirms for so long. ms. */
export const AFTER_RESET_MS = 60_000
/** A detector whose alarm has ended still stands for another's for so long. ms. Smoke crosses a floor in minutes. */
const CROSS_ZONE_MS = 10 * 60_000

/**
 * What an alarm is worth as evidence. `certain`: a person, or a gas that people have to be got out from at once. `alarm`:
 * a detector at the level it is made to alarm at. `early`: at a pre-alarm level, which stands for another detector and
 * never for itself. `none`: says nothing about a fire, or says that it is being tested.
 */
export type Evidence = 'certain' | 'alarm' | 'early' | 'none'

export function evidenceOf({ type, severity }: { readonly type: AlarmType; readonly severity: Severity }): Evidence {
  if (severity !== 'CRITICAL' && severity !== 'MAJOR') return 'none'
  switch (type) {
    case 'callPoint':
    case 'panic':
      return 'certain'
    case 'co':
    case 'gas':
      return severity === 'CRITICAL' ? 'certain' : 'early'
    case 'smoke':
    case 'heat':
    case 'detectorAlarm':
      return severity === 'CRITICAL' ? 'alarm' : 'early'
    default:
      return 'none'
  }
}

/** One detector in alarm. */
export interface Witness {
  readonly deviceId: string
  readonly type: AlarmType
  /** Undefined: in no place, so that nothing else stands for it. */
  readonly zone: string | undefined
  readonly evidence: Evidence
  /** When it was measured. ms since 1970. */
  readonly at: number
  /** The condition holds. */
  readonly active: boolean
}

export interface Scene {
  /** Nobody is there who can go and look: somebody who lives alone, a home without staff at this hour. */
  readonly nobodyToLook: boolean
  /** Its message came within `AFTER_RESET_MS` after somebody had reset the detectors there. */
  readonly afterReset: boolean
}

/** What a witness makes of a pre-alarm, beside those who were there; undefined: it stays one. */
export function confirmedBy(
  witness: Witness,
  others: readonly Witness[],
  { nobodyToLook, afterReset }: Scene,
): Confirmation | undefined {
  const { evidence, type } = witness
  if (evidence === 'none' || !witness.active) return undefined
  if (evidence === 'certain') return type === 'callPoint' ? 'call-point' : type === 'panic' ? 'panic-button' : 'gas'
  if (others.some((other) => standsFor(other, witness))) return 'second-detector'
  if (evidence !== 'alarm') return undefined
  if (afterReset) return 'again-after-reset'
  return nobodyToLook ? 'nobody-to-look' : undefined
}

/**
 * Another detector of the same zone. One of the two has to be at alarm level: the haze of one kitchen reaches two
 * detectors at a pre-alarm level, and the standards' coincidence of two detectors is one of alarms.
 */
function standsFor(other: Witness, witness: Witness): boolean {
  if (isOneVoice(other.deviceId, witness.deviceId)) return false
  if (other.zone === undefined || other.zone !== witness.zone) return false
  if (other.evidence === 'none' || (other.evidence === 'early' && witness.evidence === 'early')) return false
  return other.active || Math.abs(witness.at - other.at) <= CROSS_ZONE_MS
}

/**
 * A device, and what speaks for it: a fire panel and its systems repeat what their points say (type 1 and 21 of GB/T
 * 26875.3 beside type 2), which makes no second detector of them. The ids of what they speak for begin with their own.
 */
const isOneVoice = (a: string, b: string): boolean => a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`)

/** When the minute is over and nobody has said anything else: it is a fire where a detector is still at alarm level. */
export const confirmedByTime = (witnesses: readonly Pick<Witness, 'evidence' | 'active'>[]): boolean =>
  witnesses.some(({ evidence, active }) => active && (evidence === 'alarm' || evidence === 'certain'))
