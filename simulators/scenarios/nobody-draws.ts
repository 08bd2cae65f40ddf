import { DAY_MS, HOUR_MS } from '../worlds/household.ts'
import type { Scenario } from './scenario.ts'

/** Older than the rule's day when the demo first starts, so that the first upload shows it. */
const OLDER_BY_HOURS = 30

/** Somebody who lives alone has drawn no water since yesterday, and is up again a day after the demo was first started. */
export function nobodyDraws(deviceId: string, firstStart: number): Scenario {
  const from = firstStart - OLDER_BY_HOURS * HOUR_MS
  const to = firstStart + DAY_MS
  return {
    name: 'nobody-draws',
    influences: [],
    draws: [{ deviceId, from, to, litresPerHour: 0, nothingElse: true }],
    truth: [{ scenario: 'nobody-draws', deviceId, alarm: 'noUse', from, to, what: 'lies ill and draws no water' }],
  }
}
