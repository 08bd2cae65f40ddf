import { ELECTRICAL_KINDS } from './kinds-watched.ts'
import { levelWatch } from './level-watch.ts'

/** mA. Half-way from GB 50116's 300 mA back to the largest natural leakage, 200 mA. */
const RESIDUAL_CURRENT_ENDS = 250
/** °C. Below the 70 °C of a PVC cable by more than its load swings within a minute. */
const CABLE_ENDS = 65

/** Residual current, or the electrical fire monitor's own alarm. */
export const electrical = levelWatch({
  name: 'electrical',
  type: 'electrical',
  kinds: 'all',
  reported: { alarmOf: ELECTRICAL_KINDS },
  quantity: 'residualCurrent',
  noun: { en: 'residual current', zh: '剩余电流' },
  direction: 'rising',
  alarm: { limit: 'electrical.residualCurrent' },
  endsAt: RESIDUAL_CURRENT_ENDS,
})

/** The temperature of a cable or terminal (GB 14287.3). Of electrical fire monitors only: anything else's is a room's or water's. */
export const cableHeat = levelWatch({
  name: 'cableHeat',
  type: 'cableHeat',
  kinds: ELECTRICAL_KINDS,
  reported: null,
  quantity: 'temperature',
  noun: { en: 'cable', zh: '线缆温度' },
  direction: 'rising',
  alarm: { limit: 'electrical.temperature' },
  endsAt: CABLE_ENDS,
})
