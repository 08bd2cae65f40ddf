import type { CareHome } from '../worlds/city.ts'
import type { Scenario } from './scenario.ts'

const BEGINS_MS = 12_000
const LASTS_MS = 10 * 60_000
const REPORT_MS = 5000

/** A power cut takes a whole home off the air, and gives it back. */
export function silentHome(home: CareHome, start: number): Scenario {
  const from = start + BEGINS_MS
  const to = from + LASTS_MS
  return {
    name: 'silent-home',
    influences: home.devices.map(({ id }) => ({
      deviceId: id,
      from,
      to,
      everyMs: REPORT_MS,
      condition: () => ({ offline: true }),
    })),
    draws: [],
    truth: home.devices.map(({ id }) => ({
      scenario: 'silent-home',
      deviceId: id,
      alarm: 'silent',
      from,
      to,
      what: `power cut in ${home.name}`,
    })),
  }
}
