import { type Alarm, isActive, type Severity } from '../../contract/alarms.ts'
import type { Kind } from '../../contract/kinds.ts'
import type { RegisteredDevice } from '../../store/state/registry-port.ts'
import { fireZoneOf } from './fire-zone.ts'
import type { KnownHandling } from './handling.ts'

/** What watches for fire. A button or a panel that is lost leaves the floor its detectors. */
const DETECTORS: ReadonlySet<Kind> = new Set(['smoke-detector', 'heat-detector', 'fire-detector'])

/**
 * How much safety is lost with a detector that is silent or faulty: more, the fewer are left of its fire zone; the last
 * one is CRITICAL (EN 54-21). Undefined: no detector, or in no home or dwelling, so that nobody knows what else is there.
 */
export function severityOfLoss(
  device: RegisteredDevice,
  known: Pick<KnownHandling, 'places' | 'fireAndCareIn'>,
  openAlarm: (deviceId: string, type: 'silent' | 'fault') => Alarm | undefined,
): Severity | undefined {
  if (!DETECTORS.has(device.kind)) return undefined
  const zone = fireZoneOf(known.places, device.placeId)
  if (zone === undefined) return undefined
  const lost = (id: string): boolean =>
    (['silent', 'fault'] as const).some((type) => {
      const alarm = openAlarm(id, type)
      return alarm !== undefined && isActive(alarm)
    })
  const all = known.fireAndCareIn(zone).filter(({ kind, disabled }) => DETECTORS.has(kind) && !disabled)
  const left = all.filter(({ id }) => id !== device.id && !lost(id)).length
  if (left === 0) return 'CRITICAL'
  return left === 1 || left * 2 < all.length ? 'MAJOR' : 'MINOR'
}
