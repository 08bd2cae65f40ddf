import type { Detector, Finding } from './detector.ts'
import { NO_FINDINGS } from './detector.ts'
import { columnOf } from './watch.ts'

interface TamperState {
  /** The device's flag is set. */
  readonly set?: true
}

const INITIAL: TamperState = {}
const UNCHANGED = { state: INITIAL, findings: NO_FINDINGS }

/**
 * Tampering latches, as Kamstrup's does: whoever opened a meter can also make it forget. A missing flag never clears the
 * alarm, a person does; and a flag that stays set after a person closed it does not ring every day again, only when it
 * was gone in between.
 */
export const tamper: Detector<TamperState> = {
  name: 'tamper',
  kinds: 'all',
  initial: INITIAL,
  step(state, input) {
    const flags = input.type === 'tick' ? undefined : columnOf(input.readings, 'flags')
    if (flags === undefined || input.type === 'tick')
      return state === INITIAL ? UNCHANGED : { state, findings: NO_FINDINGS }
    const late = input.type === 'late'
    let set = state.set === true
    let raisedAt: number | undefined
    for (let i = 0; i < flags.length; i++) {
      const words = flags[i]
      if (!Array.isArray(words)) continue
      const now = (words as readonly string[]).includes('tamper')
      if (now && !set) raisedAt = input.readings.at[i]!
      set = now
    }
    const findings = raisedAt === undefined ? NO_FINDINGS : [finding(raisedAt, late)]
    if (late || set === (state.set === true)) return { state, findings }
    return { state: set ? { set: true } : INITIAL, findings }
  },
}

const finding = (at: number, late: boolean): Finding => ({
  type: 'tamper',
  active: !late,
  at,
  value: null,
  threshold: null,
  unit: null,
  reason: late ? 'Known only afterwards; reported by the device itself' : 'Reported by the device itself',
  reasonZh: late ? '事后得知;设备自身上报' : '设备自身上报',
  ...(late ? { missed: true } : {}),
})
