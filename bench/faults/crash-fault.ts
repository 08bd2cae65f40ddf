import { crash, isGood } from '../crash.ts'
import { type Fault, promises } from './fault.ts'

const KILLS = 10
const QUICK_KILLS = 4
/** What every installation has to read at its start; beyond it a start may take longer. */
const RESTART_S = 2
const MANY = 300_000
const MANY_RESTART_S = 10
const ROLES = ['broker', 'ingest', 'dashboard'] as const

const killed = (name: string, about: string, devices: number, limitSeconds: number): Fault => ({
  name,
  leftOutOfQuick: devices > 0,
  number: 1,
  about,
  run: async ({ quick, seed, say }) => {
    const kills = quick || devices > 0 ? QUICK_KILLS : KILLS
    const result = await crash({ kills, seed, roles: ROLES, devices, say })
    const slow = ROLES.filter((role) => (result.restartSeconds[role]?.max ?? 0) > limitSeconds)
    return {
      ...result,
      injected: `kill -9 of ${ROLES.join(', ')} at random moments, ${kills} times${devices > 0 ? `, with ${devices} devices registered` : ''}`,
      recoverySeconds: Math.max(...ROLES.map((role) => result.restartSeconds[role]?.max ?? 0)),
      broken: promises({
        'an acknowledged reading is missing, or a fire was not raised, counted and acknowledged exactly once':
          isGood(result),
        [`${slow.join(' and ')} took longer than ${limitSeconds} s to serve again`]: slow.length === 0,
      }),
    }
  },
})

export const CRASHES: readonly Fault[] = [
  killed('crash', 'kill -9 of broker, ingest and dashboard under load (see bench crash)', 0, RESTART_S),
  killed('crash.many-devices', `the same with ${MANY} devices registered`, MANY, MANY_RESTART_S),
]
