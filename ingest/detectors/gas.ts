import { GAS_KINDS } from './kinds-watched.ts'
import { levelWatch } from './level-watch.ts'

/** %LEL. Warn in the common band of 5–10 %LEL; GB 15322.2 lets a household detector be set to 5–25 %LEL. */
const GAS_PRE_ALARM = 5
/** %LEL. The top of the warning band; EN 50194-1 asks for an alarm by 20, the common band by 25. */
const GAS_ALARM = 10
/** %LEL. EN 50194-1: no detector may alarm below 3; what is under 4 is air again. */
const GAS_ENDS = 4

/** Combustible gas, by %LEL or by the gas detector's own alarm. */
export const gas = levelWatch({
  name: 'gas',
  type: 'gas',
  kinds: 'all',
  reported: { alarmOf: GAS_KINDS },
  quantity: 'gas',
  noun: { en: 'gas', zh: '燃气' },
  direction: 'rising',
  preAlarm: { limit: GAS_PRE_ALARM, severity: 'MAJOR' },
  alarm: { limit: GAS_ALARM },
  endsAt: GAS_ENDS,
})
