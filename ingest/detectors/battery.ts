import { levelWatch } from './level-watch.ts'

/** %. Our choice: of a meter's ten years, 10 % is a year in which to plan the visit. */
const BATTERY_LOW = 10
/** %. Our choice: cold lowers a cell's reading and a warm noon raises it again by a few percent. */
const BATTERY_ENDS = 15

/** Battery low, by its percentage or by the device's flag. */
export const battery = levelWatch({
  name: 'battery',
  type: 'batteryLow',
  kinds: 'all',
  reported: { flag: 'batteryLow' },
  quantity: 'battery',
  noun: { en: 'battery', zh: '电量' },
  direction: 'falling',
  alarm: { limit: BATTERY_LOW },
  endsAt: BATTERY_ENDS,
})
