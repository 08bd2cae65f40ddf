import { HOUR_MS } from '../worlds/household.ts'
import type { Scenario } from './scenario.ts'

/** A toilet cistern that runs: common, and well above what any maker's 24-hour rule finds (12.5 l/h). */
export const LEAK_LITRES_PER_HOUR = 35
/** The leak is older than the day that the meter uploads first, so that the upload alone shows it. */
const OLDER_BY_HOURS = 30

/** A household leak that has been running since before `firstStart` and that nobody repairs. */
export function leak(deviceId: string, firstStart: number): Scenario {
  const from = firstStart - OLDER_BY_HOURS * HOUR_MS
  return {
    name: 'leak',
    influences: [],
    draws: [{ deviceId, from, to: Number.POSITIVE_INFINITY, litresPerHour: LEAK_LITRES_PER_HOUR }],
    truth: [
      {
        scenario: 'leak',
        deviceId,
        alarm: 'leak',
        from,
        to: null,
        what: `${LEAK_LITRES_PER_HOUR} l/h without a pause`,
      },
    ],
  }
}
