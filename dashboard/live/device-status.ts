import type { AlarmType, Severity } from '../../contract/alarms.ts'
import { severityRank } from '../../contract/alarms.ts'
import type { DeviceStatus } from '../../contract/api.ts'

export interface ActiveAlarm {
  readonly id: string
  readonly severity: Severity
}

const STATUS_OF: Record<Severity, DeviceStatus> = {
  CRITICAL: 'critical',
  MAJOR: 'major',
  MINOR: 'minor',
  WARNING: 'warning',
}

/**
 * How a device stands. An active alarm shows before everything else; silence shows as `silent`, and only while nothing
 * else is wrong, so that "not heard" never hides a leak that was reported before.
 */
export function deviceStatus(
  device: { readonly disabled: boolean; readonly heard: boolean },
  /** One per type. */
  active: ReadonlyMap<AlarmType, ActiveAlarm> | undefined,
): DeviceStatus {
  let worst: Severity | undefined
  for (const [type, { severity }] of active ?? [])
    if (type !== 'silent' && (worst === undefined || severityRank(severity) < severityRank(worst))) worst = severity
  if (worst !== undefined) return STATUS_OF[worst]
  if (device.disabled) return 'disabled'
  if (active?.has('silent') === true) return 'silent'
  return device.heard ? 'ok' : 'never'
}
