import { type Detector, NO_FINDINGS } from './detector.ts'

/** A detector of people who live alone, in front of the meters that nobody watches: those cost one comparison. */
export function watchedOnly<State>(detector: Detector<State>): Detector<State> {
  const unwatched = { state: detector.initial, findings: NO_FINDINGS }
  return {
    ...detector,
    step(state, input) {
      // Whoever ends a watch closes its alarms.
      if (input.device.alone === undefined) return unwatched
      // A register says of the time between two readings all that a late one could say.
      return input.type === 'late' ? { state, findings: NO_FINDINGS } : detector.step(state, input)
    },
  }
}
