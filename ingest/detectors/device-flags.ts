import type { AlarmType } from '../../contract/alarms.ts'
import type { Flag } from '../../contract/quantities.ts'
import type { Detector } from './detector.ts'
import type { WatchState } from './rule.ts'
import { watch } from './watch.ts'

/**
 * Flags that Hydrant has no measurement of its own for: passed on at once, over when the device sends its flags without
 * it. `leak`, `burst`, `reverse`, `stuck`, `freeze` and `batteryLow` are passed on by the detectors that also measure them, and
 * `tamper` latches (tamper.ts). `valveClosed` is a state, no alarm.
 */
const passOn = (flag: Flag & AlarmType): Detector<WatchState<never>> =>
  watch<never>({ name: flag, type: flag, kinds: 'all', reported: { flag }, measured: null })

export const dryFlag = passOn('dry')
export const faultFlag = passOn('fault')
