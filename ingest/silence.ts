import { KINDS } from '../contract/kinds.ts'
import type { RegisteredDevice } from '../store/state/registry-port.ts'
import type { Finding } from './detectors/detector.ts'
import { durationEn, durationZh, rounded } from './detectors/wording.ts'
import type { Silent } from './supervision.ts'

const HOUR_MS = 3_600_000

/** A device that was not heard for one and a half of its rhythms. */
export function silentFinding(device: RegisteredDevice, { heardAt, rhythmMs }: Silent, now: number): Finding {
  const silentMs = now - heardAt
  return {
    type: 'silent',
    active: true,
    at: now,
    since: heardAt,
    // A home without its detector is a home without protection (EN 54-21).
    ...(KINDS[device.kind].lane === 'urgent' ? { severity: 'MAJOR' as const } : {}),
    value: rounded(silentMs / HOUR_MS, 2),
    threshold: rounded(rhythmMs / HOUR_MS, 2),
    unit: 'h',
    reason: `Not heard for ${durationEn(silentMs)}; it should report every ${durationEn(rhythmMs)}`,
    reasonZh: `已${durationZh(silentMs)}未上报,应每${durationZh(rhythmMs)}上报一次`,
  }
}
