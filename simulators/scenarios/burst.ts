import { NOTHING } from '../devices/device.ts'
import type { Scenario } from './scenario.ts'

/** A service pipe torn off behind a DN15 meter: above Q4 (3.125 m³/h at Q3 2.5). */
const BURST_LITRES_PER_HOUR = 4800
const REPORT_MS = 5000
/**
 * At the very first start the pipe has been broken for an hour: the quarter-hours that the meter uploads first show half
 * an hour of it, which is what makers call a burst, and nobody has to wait for it.
 */
const FIRST_OLDER_BY_MS = 65 * 60_000
/** From a start on, until somebody has closed the valve. */
const LASTS_MS = 12 * 60_000

/**
 * A burst at each start of the demo. Water that ran in earlier runs stays in the register; a start within an earlier burst
 * prolongs it instead of tearing a second hole.
 */
export function burst(deviceId: string, starts: readonly number[]): Scenario {
  const times: { from: number; to: number }[] = []
  for (const [i, start] of starts.entries()) {
    const to = start + LASTS_MS
    const last = times.at(-1)
    if (last !== undefined && start <= last.to) last.to = to
    // Later starts tear it anew: what the meter has already told cannot change any more.
    else times.push({ from: i === 0 ? start - FIRST_OLDER_BY_MS : start, to })
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
