import type { AlarmType } from '../../contract/alarms.ts'
import type { Draw, Influence } from '../devices/device.ts'

/** Something that happens in the city, with what a perfect system would say about it. */
export interface Scenario {
  readonly name: string
  readonly influences: readonly Influence[]
  readonly draws: readonly Draw[]
  readonly truth: readonly Truth[]
}

/** Ground truth: never shown to what is judged by it. Times are ms since 1970; `to` is null while nobody has repaired it. */
export interface Truth {
  readonly scenario: string
  readonly deviceId: string
  readonly alarm: AlarmType
  readonly from: number
  readonly to: number | null
  /** What happened, for a person. */
  readonly what: string
}
