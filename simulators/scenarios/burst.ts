import { NOTHING } from '../devices/device.ts'
import type { Scenario } from './scenario.ts'

/** A service pipe torn off behind a DN15 meter: above Q4 (3.125 m³/h at Q3 2.5). */
const BURST_LITRES_PER_HOUR = 4800
const REPORT_MS = 5000
const BEGINS_MS = 20_000
/** Until somebody has closed the valve. */
const LASTS_MS = 12 * 60_000

/**
 * A burst soon after each start of the demo. Water that ran in earlier runs stays in the register; a start within an
 * earlier burst prolongs it instead of tearing a second hole.
 */
export function burst(deviceId: string, starts: readonly number[]): Scenario {
  const times: { from: number; to: number }[] = []
  for (const start of starts) {
    const from = start + BEGINS_MS
    const last = times.at(-1)
    if (last !== undefined && from <= last.to) last.to = from + LASTS_MS
    else times.push({ from, to: from + LASTS_MS })
  }
  return {
    name: 'burst',
    influences: times.map(({ from, to }) => ({ deviceId, from, to, everyMs: REPORT_MS, condition: () => NOTHING })),
    draws: times.map(({ from, to }) => ({ deviceId, from, to, litresPerHour: BURST_LITRES_PER_HOUR })),
    truth: times.map(({ from, to }) => ({
      scenario: 'burst',
      deviceId,
      alarm: 'burst',
      from,
      to,
      what: `${BURST_LITRES_PER_HOUR} l/h through a DN15 meter`,
    })),
  }
}
