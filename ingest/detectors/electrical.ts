import { ELECTRICAL_KINDS } from './kinds-watched.ts'
import { levelWatch } from './level-watch.ts'

/** mA. GB 50116 §9.2.3: 300–500 mA above a natural leakage of 100–200 mA. */
const RESIDUAL_CURRENT_ALARM = 300
/** mA. Half-way back to the largest natural leakage. */
const RESIDUAL_CURRENT_ENDS = 250

/** Residual current, or the electrical fire monitor's own alarm. */
export const electrical = levelWatch({
  name: 'electrical',
  type: 'electrical',
  kinds: 'all',
  reported: { alarmOf: ELECTRICAL_KINDS },
  quantity: 'residualCurrent',
  noun: { en: 'residual current', zh: '剩余电流' },
  direction: 'rising',
  alarm: { limit: RESIDUAL_CURRENT_ALARM },
  endsAt: RESIDUAL_CURRENT_ENDS,
})
