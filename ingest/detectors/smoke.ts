import { SMOKE_KINDS } from './kinds-watched.ts'
import { levelWatch } from './level-watch.ts'

/** dB/m. NIST home smoke alarm tests: optical density 0.14 /m; EN 54-7's m = 10 × optical density. */
const SMOKE_ALARM = 1.4
/** dB/m. NIST: 0.058 /m came a median of 13 s before the first photoelectric alarm, in 32 of 35 room/test pairs. */
const SMOKE_PRE_ALARM = 0.58
/** dB/m. Twice the noise of NIST's smoke meters before there was smoke (0.024 /m), and clear of the pre-alarm. */
const SMOKE_ENDS = 0.5

/** Smoke, by optical density or by the smoke detector's own alarm. Any device that reports `smoke` is watched. */
export const smoke = levelWatch({
  name: 'smoke',
  type: 'smoke',
  kinds: 'all',
  reported: { alarmOf: SMOKE_KINDS },
  quantity: 'smoke',
  noun: { en: 'smoke', zh: '烟雾' },
  direction: 'rising',
  preAlarm: { limit: SMOKE_PRE_ALARM, severity: 'MAJOR' },
  alarm: { limit: SMOKE_ALARM },
  endsAt: SMOKE_ENDS,
})
