import { type Behaviour, type Condition, type Influence, NOTHING } from './device.ts'

/** When a device speaks, and what acts on it then. Pure: the fleet asks, and sends. */

/** The first influence that holds at this time. */
const acting = (influences: readonly Influence[], at: number): Influence | undefined =>
  influences.find((influence) => at >= influence.from && at < influence.to)

export const conditionAt = (influences: readonly Influence[], at: number): Condition =>
  acting(influences, at)?.condition(at) ?? NOTHING

/**
 * When the device speaks next after `at`: at its rhythm (a little early or late, as `jitter` in [0, 1) says), more often
 * while something acts on it, and at once when something begins or ends.
 */
export function nextReportAt(
  behaviour: Behaviour,
  influences: readonly Influence[],
  at: number,
  jitter: number,
): number {
  const now = acting(influences, at)
  let next = at + (now?.everyMs ?? behaviour.rhythmMs * (0.9 + 0.2 * jitter))
  for (const influence of influences) {
    if (influence.from > at && influence.from < next) next = influence.from
    if (influence.to > at && influence.to < next) next = influence.to
  }
  return next
}
