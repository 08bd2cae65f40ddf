import type { Alarm } from '../../contract/alarms.ts'
import type { IncidentMode, WatchMode } from '../../contract/incidents.ts'
import { watchTarget } from '../../contract/incidents.ts'
import type { PlaceTree } from '../../contract/place-tree.ts'
import type { KnownHandling } from './handling.ts'

const DAY_MS = 24 * 3_600_000
/** The longest test, drill or isolation: a wing that is rebuilt is without detectors for months. */
export const LONGEST_WATCH_DAYS = 366

/** What would end later was mistyped, or set before the clock was set back, and would keep silent about every fire. */
export const isEndless = (until: number, now: number): boolean => until > now + LONGEST_WATCH_DAYS * DAY_MS

/** What a watch mode can be set on to hold for an alarm: its device, then the places around it, the innermost first. */
export function watchTargetsOf(
  { deviceId, placeId }: Pick<Alarm, 'deviceId' | 'placeId'>,
  places: PlaceTree,
): readonly string[] {
  const around = places.upwards(placeId).map(({ id }) => watchTarget({ placeId: id, deviceId: null }))
  return deviceId === null ? around : [watchTarget({ placeId: null, deviceId }), ...around]
}

/** The test, drill or isolation that a device is under at `at`: its own, else that of the innermost place around it. */
export function watchOver(
  alarm: Pick<Alarm, 'deviceId' | 'placeId'>,
  at: number,
  known: Pick<KnownHandling, 'watchMode' | 'places'>,
): WatchMode | undefined {
  for (const target of watchTargetsOf(alarm, known.places)) {
    const watch = known.watchMode(target)
    if (watch !== undefined && at < watch.until) return watch
  }
  return undefined
}

/**
 * The alarm, marked with the mode it stands under. What began for real stays real; what is seen again when its test,
 * drill or isolation is over is real now, and rings although somebody acknowledged the test.
 */
export function marked(alarm: Alarm, before: Alarm | undefined, watch: WatchMode | undefined): Alarm {
  if (before !== undefined && before.mode === undefined) return alarm
  const mode = watch?.mode ?? (alarm.test ? 'test' : undefined)
  if (mode !== undefined) return { ...alarm, mode }
  if (before === undefined) return alarm
  const { mode: _, ...real } = alarm
  return alarm.state === 'ACTIVE_ACK' ? { ...real, state: 'ACTIVE_UNACK', ackBy: null, ackAt: null } : real
}

/** In which incident an alarm belongs; undefined: an isolated one opens none. */
export const incidentModeOf = ({ mode, test }: Alarm): IncidentMode | undefined =>
  mode === 'isolated' ? undefined : (mode ?? (test ? 'test' : 'real'))
