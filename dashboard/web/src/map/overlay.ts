import { type Alarm, isActive, severityRank } from '../../../../contract/alarms.ts'
import { whereabouts } from '../queue/alarm-words.ts'
import type { ConsoleState } from '../store/console-state.ts'
import { compareAlarms, isWaiting } from '../store/queue.ts'
import { alarmSymbol } from './symbols.ts'

/** Alarms as marks of their own, above everything, never clustered. */

export interface AlarmMark {
  readonly alarm: Alarm
  /** Nobody has acknowledged it or taken its incident. */
  readonly waiting: boolean
  readonly lon: number
  readonly lat: number
}

/** The most urgent alarm of each position, the least urgent first so that the worst is drawn last. */
export function alarmMarks(
  state: Pick<ConsoleState, 'alarms' | 'incidents' | 'devices' | 'places'>,
): readonly AlarmMark[] {
  const byPosition = new Map<string, AlarmMark>()
  for (const alarm of state.alarms.values()) {
    // What is over and only waits for an acknowledgement stays on the map when it was critical.
    if (!isActive(alarm) && alarm.severity !== 'CRITICAL') continue
    const { lon, lat } = whereabouts(alarm, state.devices, state.places)
    if (lon === null || lat === null) continue
    const key = `${lon},${lat}`
    const there = byPosition.get(key)
    if (!there || compareAlarms(alarm, there.alarm) < 0)
      byPosition.set(key, { alarm, waiting: isWaiting(alarm, state.incidents), lon, lat })
  }
  return [...byPosition.values()].sort((a, b) => compareAlarms(b.alarm, a.alarm))
}

/** Sizes by severity at the scale of the city and of a street: a leak in the city view must not hide a fire. */
const SMALL = [0.85, 0.66, 0.52, 0.46] as const
const LARGE = [1.2, 1.05, 0.95, 0.85] as const
/** What somebody has taken on steps back a little. */
const ACKNOWLEDGED = 0.85

/** GeoJSON for the map's alarm layer. */
export function alarmFeatures(marks: readonly AlarmMark[]) {
  return {
    type: 'FeatureCollection' as const,
    features: marks.map(({ alarm, waiting, lon, lat }, order) => {
      const rank = severityRank(alarm.severity)
      const factor = waiting ? 1 : ACKNOWLEDGED
      return {
        type: 'Feature' as const,
        properties: {
          id: alarm.id,
          deviceId: alarm.deviceId,
          icon: alarmSymbol(alarm.severity, !waiting),
          small: (SMALL[rank] ?? 0.5) * factor,
          large: (LARGE[rank] ?? 0.8) * factor,
          order,
        },
        geometry: { type: 'Point' as const, coordinates: [lon, lat] },
      }
    }),
  }
}
