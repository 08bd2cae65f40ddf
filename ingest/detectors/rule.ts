import type { AlarmType, Severity } from '../../contract/alarms.ts'
import type { Kind } from '../../contract/kinds.ts'
import type { Flag, Quantity } from '../../contract/quantities.ts'
import type { DeviceFacts } from './detector.ts'

/** What a rule of detection is made of; `watch` makes a detector of it. */
export type Level = 0 | 1 | 2
export const QUIET = 0
export const PRE_ALARM = 1
export const ALARM = 2

export interface WatchRule<Memory extends object, Draft extends object = Memory> {
  /** Key of the stored state; never change it. */
  readonly name: string
  readonly type: AlarmType
  readonly kinds: ReadonlySet<Kind> | 'all'
  /** How the device says it itself; null: it cannot. */
  readonly reported: { readonly alarmOf: ReadonlySet<Kind> } | { readonly flag: Flag } | null
  readonly measured: Measurement<Memory, Draft> | null
  /** Of a pre-alarm and of an alarm; absent: the type's own. A function where it depends on the device. */
  readonly severity?: (level: Level, device: DeviceFacts) => Severity | undefined
}

/**
 * How a condition is measured. `Memory` is plain JSON data, as small as it can be; `Draft` is what the loop over a
 * message's readings changes in place: 28.5 million of them a day, so one that is hot keeps one shape and has NaN where
 * `Memory` has nothing.
 */
export interface Measurement<Memory extends object, Draft extends object = Memory> {
  readonly kinds: ReadonlySet<Kind> | 'all'
  /** Up to three; their values are handed to `judge` in this order, NaN where a reading has none (true is 1, false 0). */
  readonly quantities: readonly [Quantity, Quantity?, Quantity?]
  /** A copy to be changed; `undefined`: nothing is remembered. */
  draft(memory: Memory | undefined): Draft
  /** What must be remembered until the next message; undefined: nothing. */
  keep(draft: Draft, level: Level): Memory | undefined
  /** One reading. `level` is what was measured before it; returned is what is measured now. */
  judge(draft: Draft, level: Level, at: number, a: number, b: number, c: number, device: DeviceFacts): Level
  /**
   * Nothing is known from `from` to `to`, the next reading, and an upload may still bring it: what is concluded from then on
   * must hold whatever it brings.
   */
  gap?(draft: Draft, from: number, to: number): void
  /** Time has passed without a reading. */
  pass?(draft: Draft, level: Level, at: number, device: DeviceFacts): Level
  /** When the condition began, where that is earlier than the reading that showed it. */
  began?(draft: Draft): number | undefined
  /** Of what began and ended before anybody was told: whether it is not worth telling any more. */
  negligible?(draft: Draft): boolean
  /** The evidence while it is measured. At level 0 (only the device itself reports it): the last value, or null. */
  report(draft: Draft, level: Level, device: DeviceFacts): Report | null
  /** The evidence right after it has ended; `peak` is for a person who hears of it only now. */
  ended(draft: Draft, device: DeviceFacts): { readonly now: Report | null; readonly peak: Report | null }
}

export interface Report {
  readonly value: number | null
  readonly threshold: number | null
  readonly unit: string | null
  readonly en: string
  readonly zh: string
}

export interface WatchState<Memory extends object> {
  /** The device itself says so. */
  readonly reported?: true
  readonly measured?: 1 | 2
  /** When the condition began; absent: it does not hold. */
  readonly since?: number
  /** Worst level since then. */
  readonly worst?: 1 | 2
  /** Seen outside test mode at least once since then: a test that is switched on later cannot play a real fire down. */
  readonly real?: true
  readonly testUntil?: number
  readonly memory?: Memory
}
