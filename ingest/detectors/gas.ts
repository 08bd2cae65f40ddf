import { GAS_KINDS } from './kinds-watched.ts'
import { levelWatch } from './level-watch.ts'

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
  preAlarm: { limit: 'gas.preAlarm', severity: 'MAJOR' },
  alarm: { limit: 'gas.alarm' },
  endsAt: GAS_ENDS,
})
