import type { Command } from 'commander'
import { isServing } from '../doctor/serving.ts'
import { EXIT_FAILED } from '../mistake.ts'
import { print } from '../print.ts'
import type { Session } from '../session.ts'
import type { Run } from './run.ts'

const ROLES = ['broker', 'ingest', 'dashboard'] as const

async function tellHealth({ config }: Session): Promise<void> {
  const alive = await isServing(config, Date.now())
  const silent = ROLES.filter((role) => !alive.has(role))
  if (silent.length > 0) {
    console.error(`Not healthy: no answer from ${silent.join(', ')}. doctor says more.`)
    // Docker knows 0 and 1 only.
    process.exitCode = EXIT_FAILED
    return
  }
  print('Healthy: broker, ingest and dashboard answer.')
}

/** For supervisors of containers: cheap enough for every ten seconds. */
export function addHealthyCommand(parent: Command, run: Run): void {
  parent
    .command('healthy')
    .description('whether broker, ingest and dashboard are at work; exit code not 0 if not')
    .action(run(tellHealth))
}
