import type { Command } from 'commander'
import { checkCertificates } from '../doctor/certificate.ts'
import { checkChannels } from '../doctor/channels.ts'
import type { Check, Surroundings } from '../doctor/check.ts'
import { bad } from '../doctor/check.ts'
import { checkClock } from '../doctor/clock.ts'
import { checkDatabases } from '../doctor/databases.ts'
import { checkDisk } from '../doctor/disk.ts'
import { checkHistory } from '../doctor/history.ts'
import { checkImages } from '../doctor/images.ts'
import { checkJournals } from '../doctor/journals.ts'
import { checkLimits } from '../doctor/limits.ts'
import { checkRegistered } from '../doctor/registered.ts'
import { checkNode, checkSqlite } from '../doctor/runtime.ts'
import { checkServing } from '../doctor/serving.ts'
import { checkSettings } from '../doctor/settings.ts'
import { EXIT_FAILED } from '../mistake.ts'
import { print, printFacts, printJson } from '../print.ts'
import type { Session } from '../session.ts'
import type { Run } from './run.ts'

/** In this order: what stands below depends on what stands above. */
const LOOKS: readonly (readonly [string, (s: Surroundings) => Promise<readonly Check[]> | readonly Check[]])[] = [
  ['runtime', () => [checkNode(process.versions.node), checkSqlite()]],
  ['settings', () => checkSettings(process.env)],
  ['disk', ({ config }) => checkDisk(config.dataDir, config.diskGuardMb)],
  ['certificate', checkCertificates],
  ['clock', async (s) => [await checkClock(s)]],
  ['databases', ({ config }) => checkDatabases(config.dataDir)],
  ['images', ({ config }) => checkImages(config.dataDir)],
  ['history', ({ config }) => checkHistory(config.dataDir, process.env)],
  ['journals', ({ config }) => checkJournals(config.dataDir)],
  ['ports', checkServing],
  ['registry', ({ config }) => checkRegistered(config.dataDir)],
  ['channels', ({ config }) => checkChannels(config.dataDir)],
  ['detection limits', ({ config }) => checkLimits(config.dataDir)],
]

async function examine(session: Session, options: { readonly json?: true }): Promise<void> {
  const surroundings: Surroundings = { config: session.config, now: Date.now }
  const checks: Check[] = []
  for (const [name, look] of LOOKS) {
    try {
      checks.push(...(await look(surroundings)))
    } catch (error) {
      const found = error instanceof Error ? error.message : String(error)
      checks.push(bad(name, found, 'Correct what stands above first, then run doctor again.'))
    }
  }
  const wrong = checks.filter((check) => !check.ok)
  if (options.json === true) printJson({ ok: wrong.length === 0, checks })
  else {
    for (const { name, ok, found, todo } of checks) {
      print(`${ok ? '✓' : '✗'} ${name}: ${found}`)
      if (todo !== undefined) printFacts({ '→': todo })
    }
    print(wrong.length === 0 ? 'Everything is in order.' : `${wrong.length} of ${checks.length} need attention.`)
  }
  if (wrong.length > 0) process.exitCode = EXIT_FAILED
}

export function addDoctorCommand(parent: Command, run: Run): void {
  parent
    .command('doctor')
    .option('--json', 'as JSON')
    .description('look whether everything Hydrant needs is in order; exit code 1 if not')
    .action(run(examine))
}
