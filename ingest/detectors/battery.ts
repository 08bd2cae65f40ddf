import { levelWatch } from './level-watch.ts'

/** %. Lithium cells of meters and detectors hold their voltage until little is left: time for one round of visits. */
export const BATTERY_LOW = 10
/** %. Cold lowers a cell's reading by some percent and a warm noon raises it again. */
export const BATTERY_ENDS = 15

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
