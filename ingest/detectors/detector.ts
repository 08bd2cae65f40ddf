import type { AlarmType, Severity } from '../../contract/alarms.ts'
import type { AloneFacts } from '../../contract/alone.ts'
import type { DetectionLimits } from '../../contract/detection-limits.ts'
import type { Kind } from '../../contract/kinds.ts'
import type { Readings } from '../../contract/readings.ts'

/**
 * A detector is a pure function: `(state, input) → { state, findings }`. State is plain JSON data, so that it can be
 * stored with the cursor and taken up after a crash. Time is in the input; a detector never asks a clock. It knows no
 * MQTT, no database and no zone tree.
 */
export interface DeviceFacts {
  readonly id: string
  readonly kind: Kind
  readonly model: string | null
  /** Expected interval between two signs of life, seconds. */
  readonly rhythmS: number
  /** What a person set for it; read through `limitOf`. */
  readonly limits?: DetectionLimits
  /** Somebody lives alone behind this meter, and is watched by it. */
  readonly alone?: AloneFacts
}

export type DetectorInput =
  /** Readings of one message: ascending, none of them seen before, none older than what this device's detectors have seen. */
  | {
      readonly type: 'readings'
      readonly device: DeviceFacts
      readonly readings: Readings
      readonly arrivedAt: number
      /**
       * An upload is missing and may still come: nothing is known between this time and the first reading. Whatever is
       * concluded from the time between must hold whatever that upload brings.
       */
      readonly after?: number
    }
  /**
   * Readings older than what has been judged already (a backlog that came after the newest value), and, of a meter, too old
   * to be judged anew together with those around them. They correct history
   * and may be learnt from; a fire that they show is reported as over (`active: false` with a `missed` time), never as now.
   */
  | { readonly type: 'late'; readonly device: DeviceFacts; readonly readings: Readings; readonly arrivedAt: number }
  /** Time has passed without a reading. Only sent to detectors with `wantsTicks`. */
  | { readonly type: 'tick'; readonly device: DeviceFacts; readonly at: number }

/**
 * ms. So late an upload may come and still be judged as if it had come in time (water.md's late backfill: up to five days, and
 * a weekend). What is missing for longer is missing for good.
 */
export const LATE_MS = 8 * 24 * 3_600_000

/** What a detector says about one condition. At most one finding per type and step: the last state of the condition. */
export interface Finding {
  readonly type: AlarmType
  /** The condition holds / no longer holds. */
  readonly active: boolean
  /** When it was measured (event time). */
  readonly at: number
  /** When the condition began, where that is earlier than `at`. */
  readonly since?: number
  /** Absent: the type's own. */
  readonly severity?: Severity
  readonly value: number | null
  readonly threshold: number | null
  readonly unit: string | null
  /** The evidence for a person, for example "never below 14 l/h for 31 h". */
  readonly reason: string
  readonly reasonZh: string
  /** The device said that it is being tested. */
  readonly test?: boolean
  /** With `active: false`: the condition came and went before we knew (late data). The alarm is recorded as cleared, unacknowledged. */
  readonly missed?: boolean
  /**
   * Told before under this beginning (ms since 1970); readings that came later say it anew: since when, how large, whether
   * it is over.
   */
  readonly restates?: number
  /** With `restates`: it was not so, or was part of something longer. `missed`: it had been told as over. */
  readonly withdrawn?: true
  /** Found when a message of the past was decoded anew. */
  readonly replayed?: boolean
}

export interface Detector<State> {
  /** Key of its state in the device's stored states; never change it. */
  readonly name: string
  readonly kinds: ReadonlySet<Kind> | 'all'
  readonly wantsTicks?: true
  /** Whether it waits for time to pass, in this state. Absent: in any state but the initial one. */
  waits?(state: State): boolean
  readonly initial: State
  step(state: State, input: DetectorInput): { readonly state: State; readonly findings: readonly Finding[] }
}

export const NO_FINDINGS: readonly Finding[] = []
