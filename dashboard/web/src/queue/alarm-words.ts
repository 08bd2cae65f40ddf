import { ALARM_TYPES, type Alarm } from '../../../../contract/alarms.ts'
import type { Place } from '../../../../contract/api.ts'
import { type Amount, amountInUnit } from '../format/amount.ts'
import { inLanguage, type Language } from '../i18n/text.ts'
import type { DeviceFacts } from '../store/console-state.ts'
import { placeChain, placeOfAlarm } from '../store/queue.ts'

/** How an alarm reads: its type, where it is, what was measured. */

export const typeOf = (alarm: Alarm, language: Language): string => inLanguage(ALARM_TYPES[alarm.type], language)

export const firstStep = (alarm: Alarm, language: Language): string =>
  language === 'zh' ? ALARM_TYPES[alarm.type].doZh : ALARM_TYPES[alarm.type].doEn

export const reasonOf = (alarm: Alarm, language: Language): string =>
  (language === 'zh' ? alarm.reasonZh : alarm.reason) || alarm.reason

/** A device's name without the words that its path already says: "阳光养老院 1楼 大厅 手动报警" → "手动报警". */
export function shortName(name: string, path: readonly string[]): string {
  let rest = name
  for (const part of path) {
    const start = rest.trimStart()
    if (start.startsWith(part) && start.length > part.length) rest = start.slice(part.length)
  }
  return rest.trim() || name
}

export const deviceName = (alarm: Alarm, devices: ReadonlyMap<string, DeviceFacts>): string =>
  (alarm.deviceId === null ? '' : devices.get(alarm.deviceId)?.name) || alarm.deviceId || ''

export interface Whereabouts {
  /** From the county down. */
  readonly path: readonly string[]
  readonly deviceName: string
  /** Who to call: the nearest contact on the way up. */
  readonly contact: string | null
  readonly lon: number | null
  readonly lat: number | null
}

export function whereabouts(
  alarm: Alarm,
  devices: ReadonlyMap<string, DeviceFacts>,
  places: ReadonlyMap<string, Place>,
): Whereabouts {
  const device = alarm.deviceId === null ? undefined : devices.get(alarm.deviceId)
  const chain = placeChain(placeOfAlarm(alarm, devices), places)
  const positioned = chain.find((place) => place.lon !== null)
  const path = chain.length > 0 ? chain.map((place) => place.name).reverse() : (device?.place?.path ?? [])
  return {
    path,
    deviceName: shortName(deviceName(alarm, devices), path),
    contact: chain.find((place) => place.contact !== null)?.contact ?? null,
    lon: device?.lon ?? positioned?.lon ?? null,
    lat: device?.lat ?? positioned?.lat ?? null,
  }
}

export const measured = (alarm: Alarm): Amount | null =>
  alarm.value === null ? null : amountInUnit(alarm.value, alarm.unit)
export const limit = (alarm: Alarm): Amount | null =>
  alarm.threshold === null ? null : amountInUnit(alarm.threshold, alarm.unit, alarm.value ?? alarm.threshold)
