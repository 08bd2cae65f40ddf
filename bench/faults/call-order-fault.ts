import type { Fault } from './fault.ts'
import { hasStrace, traceBroker } from './traced-broker.ts'

export const CALL_ORDER: Fault = {
  name: 'call-order',
  number: 2,
  about: 'the journal’s fsync has returned before the PUBACK is written (strace)',
  missing: async () => ((await hasStrace()) ? undefined : 'strace (Debian’s package strace)'),
  run: async () => {
    const { published, acknowledged, violations, syncs, lanes, pubacks } = await traceBroker()
    const early = violations.length
    return {
      injected: 'nothing: the broker’s system calls are read while devices of both lanes publish',
      acked: pubacks,
      // A record is stored when it is written and synchronised: what the trace shows of each PUBACK before it was sent.
      stored: acknowledged.length,
      lost: pubacks - acknowledged.length,
      duplicateAlarms: 0,
      recoverySeconds: null,
      published,
      syncs,
      lanes,
      early,
      broken: violations.slice(0, 5),
    }
  },
}
