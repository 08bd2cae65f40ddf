import type { AlarmType } from '../../contract/alarms.ts'
import type { Kind } from '../../contract/kinds.ts'
import type { Detector } from './detector.ts'
import { CALL_POINT_KINDS, PANIC_KINDS, PRESSED_AS_CALL_POINT } from './kinds-watched.ts'
import { ALARM, QUIET, type WatchState } from './rule.ts'
import { watch } from './watch.ts'

const PRESSED = { value: null, threshold: null, unit: null, en: 'pressed', zh: '已按下' }
const RELEASED = { value: null, threshold: null, unit: null, en: 'reset', zh: '已复位' }

interface ButtonMemory {
  pressed?: boolean
}

/** A person pressed it: at once, confirmed by nature, until the button is reset (`pressed: false`). */
function button(
  name: string,
  type: AlarmType,
  kinds: ReadonlySet<Kind>,
  alarmOf: ReadonlySet<Kind>,
): Detector<WatchState<ButtonMemory>> {
  return watch<ButtonMemory>({
    name,
    type,
    kinds,
    reported: { alarmOf },
    measured: {
      kinds,
      quantities: ['pressed'],
      draft: () => ({}),
      keep: () => undefined,
      judge: (_draft, _level, _at, pressed) => (pressed === 1 ? ALARM : QUIET),
      report: (_draft, level) => (level === QUIET ? null : PRESSED),
      ended: () => ({ now: RELEASED, peak: PRESSED }),
    },
  })
}

export const callPoint = button('callPoint', 'callPoint', PRESSED_AS_CALL_POINT, CALL_POINT_KINDS)
export const panicButton = button('panic', 'panic', PANIC_KINDS, PANIC_KINDS)
