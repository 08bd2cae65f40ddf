import { KINDS } from '../contract/kinds.ts'
import type { RegisteredDevice } from '../store/state/port.ts'
import type { Finding } from './detectors/detector.ts'
import type { Silent } from './supervision.ts'

const HOUR_MS = 3_600_000

/** A device that was not heard for one and a half of its rhythms. */
export function silentFinding(device: RegisteredDevice, { heardAt, rhythmMs }: Silent, now: number): Finding {
  const hours = tenths((now - heardAt) / HOUR_MS)
  const rhythm = tenths(rhythmMs / HOUR_MS)
  return {
    type: 'silent',
    active: true,
    at: now,
    since: heardAt,
    // A home without its detector is a home without protection (EN 54-21).
    ...(KINDS[device.kind].lane === 'urgent' ? { severity: 'MAJOR' as const } : {}),
    value: hours,
    threshold: rhythm,
    unit: 'h',
    reason: `Last heard ${hours} h ago; it should report every ${rhythm} h`,
    reasonZh: `已${hours}小时未上报,应每${rhythm}小时上报一次`,
  }
}

const tenths = (n: number): number => Math.round(n * 10) / 10
