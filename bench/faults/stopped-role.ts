import { setTimeout as sleep } from 'node:timers/promises'
import { percentile } from '../percentile.ts'
import type { RoleName } from '../system.ts'
import type { Fault } from './fault.ts'
import { underLoad } from './under-load.ts'

/** A role that is alive and does nothing: SIGSTOP, as a debugger, a swapping machine or a frozen virtual machine does it. */
const stopped = (role: RoleName, promise: (pubacks: number) => readonly string[]): Fault => ({
  name: `stop.${role}`,
  number: 7,
  leftOutOfQuick: role === 'dashboard',
  about: `${role} stands still (SIGSTOP) and goes on`,
  run: (context) =>
    underLoad(
      context,
      {},
      {
        inject: async ({ system, load }) => {
          const pid = system.pid(role)
          if (pid === undefined) throw new Error(`${role} does not run`)
          const before = load.pubacks
          const from = performance.now()
          process.kill(pid, 'SIGSTOP')
          try {
            await sleep(context.seconds * 1000)
          } finally {
            process.kill(pid, 'SIGCONT')
          }
          const pubacksMeanwhile = load.pubacks - before
          return {
            injected: `SIGSTOP of ${role} for ${context.seconds} s`,
            pubacksMeanwhile,
            pubackP99Ms: percentile(load.pubackTimes(from), 0.99),
            broken: promise(pubacksMeanwhile),
          }
        },
      },
    ),
})

const mustGoOn = (pubacks: number): readonly string[] =>
  pubacks === 0 ? ['the broker acknowledged nothing while another role stood still'] : []

export const STOPPED_ROLES: readonly Fault[] = [
  stopped('broker', () => []),
  stopped('ingest', mustGoOn),
  stopped('dashboard', mustGoOn),
]
