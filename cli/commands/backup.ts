import type { Command } from 'commander'
import { megabytes } from '../../store/disk-guard.ts'
import { backup } from '../backup/backup.ts'
import { restore } from '../backup/restore.ts'
import { userPath } from '../config.ts'
import { print, printJson } from '../print.ts'
import type { Session } from '../session.ts'
import type { Run } from './run.ts'

async function make(session: Session, folder: string, options: { readonly json?: true }): Promise<void> {
  const { config } = session
  const target = userPath(folder, session.env)
  const manifest = await backup({ dataDir: config.dataDir, target, guardMb: config.diskGuardMb, now: () => new Date() })
  await session.audit('backup.made', target)
  if (options.json === true) return printJson(manifest)
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0)
  print(`The backup is in ${target}: ${manifest.files.length} files, ${megabytes(bytes)}.`)
  print(
    'Keep it as you keep keys: it holds the hashes of all secrets and passwords, residents, and the TLS keys of tls/.',
  )
  if (config.masterKeyFile !== undefined)
    print(`Not in it: the master key in ${config.masterKeyFile}. Without it no derived device key is accepted.`)
  if (config.historyIsInflux)
    print('Not in it: the readings in InfluxDB. Back them up with InfluxDB’s own tool: influx backup DIR.')
}

async function put(session: Session, folder: string, options: { readonly force?: true }): Promise<void> {
  const { dataDir, historyIsInflux } = session.config
  const source = userPath(folder, session.env)
  const { manifest, aside } = await restore({
    source,
    dataDir,
    force: options.force === true,
    now: () => new Date(),
  })
  await session.audit('backup.restored', source, `of ${manifest.startedAt}`)
  print(`${dataDir} is as it was at ${manifest.startedAt}. Start Hydrant.`)
  if (aside !== undefined) print(`What was there before lies in ${aside}.`)
  print('Everyone has to sign in again. API tokens, device secrets and passwords are those of the backup, also such as')
  print('were withdrawn since: look at them (user list, token list, device list).')
  if (historyIsInflux)
    print('The readings in InfluxDB are as they are; what the journal still holds is written again, once.')
}

export function addBackupCommands(parent: Command, run: Run): void {
  parent
    .command('backup')
    .argument('<folder>', 'an empty or new folder, best on another disk')
    .option('--json', 'print the manifest')
    .description('copy everything that is kept into a folder, while Hydrant runs')
    .action(run(make))
  parent
    .command('restore')
    .argument('<folder>', 'a backup')
    .option('--force', 'move away what is in the data folder')
    .description('put a backup into HYDRANT_DATA_DIR, while Hydrant does not run')
    .action(run(put))
}
