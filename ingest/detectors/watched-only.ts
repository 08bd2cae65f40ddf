import { type Detector, type Finding, NO_FINDINGS } from './detector.ts'
import type { WatchState } from './rule.ts'

/**
 * A detector of people who live alone, in front of the meters that nobody watches: those cost one comparison. One of
 * them also tells when somebody who was away is home again.
 */
export function watchedOnly<Memory extends { readonly backAt?: number }>(
  detector: Detector<WatchState<Memory>>,
  options: { readonly tellsHomecoming: boolean },
): Detector<WatchState<Memory>> {
  const unwatched = { state: detector.initial, findings: NO_FINDINGS }
  return {
    ...detector,
    step(state, input) {
      const { alone } = input.device
      // Whoever ends a watch closes its alarms.
      if (alone === undefined) return unwatched
      // A register says of the time between two readings all that a late one could say.
      if (input.type === 'late') return { state, findings: NO_FINDINGS }
      const stepped = detector.step(state, input)
      const backAt = stepped.state.memory?.backAt
      if (!options.tellsHomecoming || backAt === undefined || backAt === state.memory?.backAt) return stepped
      if (alone.away === null || backAt <= alone.away.from) return stepped
      return { state: stepped.state, findings: withHomecoming(stepped.findings, backAt) }
    },
  }
}

/** At most one finding per type and step: the homecoming goes with what is said anyway. */
function withHomecoming(findings: readonly Finding[], homeAgainAt: number): readonly Finding[] {
  const [said, ...others] = findings
  const nothing = { value: null, threshold: null, unit: null }
  return [
    said === undefined
      ? {
          ...nothing,
          type: 'noUse',
          active: false,
          at: homeAgainAt,
          homeAgainAt,
          reason: 'Home again: water is used as usual',
          reasonZh: '已回家:用水恢复正常',
        }
      : { ...said, homeAgainAt },
    ...others,
  ]
}
