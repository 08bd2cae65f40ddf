import { join } from 'node:path'
import { runCommand } from '../system.ts'
import { type Fault, promises } from './fault.ts'

/** Faults that have a bench of their own: run short here. */

const BENCH = join(import.meta.dirname, '..', 'bench.ts')

async function lastLineOf(args: readonly string[]): Promise<{ code: number; result: Record<string, unknown> }> {
  const { code, stdout, stderr } = await runCommand(process.execPath, [BENCH, ...args, '--json'])
  const line = stdout.trimEnd().split('\n').at(-1) ?? ''
  if (!line.startsWith('{')) throw new Error(`bench ${args.join(' ')} ended with ${code}: ${stderr.slice(-300)}`)
  return { code, result: JSON.parse(line) as Record<string, unknown> }
}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0)

const HERD: Fault = {
  name: 'herd',
  leftOutOfQuick: true,
  number: 8,
  about: 'every connected meter comes back at once after a kill of the broker (see bench herd)',
  run: async ({ quick }) => {
    const devices = quick ? 300 : 1000
    const { code, result } = await lastLineOf(['herd', '--devices', String(devices), '--kills', '1'])
    const readings = numberOf(result.readings)
    const lost = numberOf(result.lost)
    const { lastSeconds } = (result.reconnect ?? {}) as { lastSeconds?: number }
    return {
      injected: `${devices} meters connected, the broker killed with -9`,
      acked: readings + lost,
      stored: readings,
      lost,
      duplicateAlarms: numberOf(result.duplicates),
      recoverySeconds: lastSeconds ?? null,
      missedAlarms: result.missedAlarms,
      alarm: result.alarm,
      broken: promises({ [`bench herd ended with code ${code}`]: code === 0 }),
    }
  },
}

const SOAK: Fault = {
  name: 'soak',
  leftOutOfQuick: true,
  number: 13,
  about: 'ordinary load for a while: memory, files and journals (see bench soak, which runs for an hour)',
  run: async ({ quick }) => {
    const minutes = quick ? 0.2 : 1
    const { result } = await lastLineOf(['soak', '--minutes', String(minutes)])
    const readings = numberOf(result.readings)
    const lost = numberOf(result.lost)
    return {
      injected: `nothing, for ${minutes * 60} s`,
      acked: readings + lost,
      stored: readings,
      lost,
      duplicateAlarms: numberOf(result.duplicates),
      recoverySeconds: null,
      missedAlarms: result.missedAlarms,
      deaths: result.deaths,
      // Whether memory is flat shows in an hour, not in a minute: that is for the bench itself to judge.
      broken: promises({
        [`${lost} acknowledged readings are not stored`]: lost === 0,
        'an alarm was raised twice or not at all':
          numberOf(result.duplicates) === 0 && numberOf(result.missedAlarms) === 0,
        'a role ended': Array.isArray(result.deaths) && result.deaths.length === 0,
      }),
    }
  },
}

export const OTHER_BENCHES: readonly Fault[] = [HERD, SOAK]
