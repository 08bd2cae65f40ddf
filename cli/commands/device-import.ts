import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { basename, extname } from 'node:path'
import type { Command } from 'commander'
import { countRows } from '../../store/import/row-fault.ts'
import type { NewDevice, Registry } from '../../store/state/registry-port.ts'
import { userPath } from '../config.ts'
import { DEVICE_COLUMNS } from '../import/columns.ts'
import { readDeviceRows } from '../import/device-rows.ts'
import { planImport } from '../import/plan.ts'
import { readTableFile } from '../import/read-table.ts'
import { reportFaults } from '../import/report-faults.ts'
import { Mistake } from '../mistake.ts'
import { undescribedPlace } from '../places.ts'
import { print } from '../print.ts'
import { freshSecret } from '../secret.ts'
import type { Session } from '../session.ts'
import type { Run } from './run.ts'

/** Devices written in one transaction: about 20 ms, so that ingest never waits long for the state. */
const BATCH = 1000
/** Names tried for a new file of secrets before giving up. */
const MOST_FILES = 1000

interface ImportOptions {
  readonly dryRun?: true
  readonly out?: string
  readonly errors: string
}

async function importDevices(session: Session, file: string, options: ImportOptions): Promise<void> {
  const { header, rows } = await readTableFile(file, session.env, DEVICE_COLUMNS, ['id', 'kind'])
  const { registry } = session
  const { devices, faults } = await readDeviceRows(rows, header.at, {
    isGateway: async (id) => (await registry.find(id))?.kind === 'gateway',
    ownerOf: async (gbAddress) => (await registry.findByGbAddress(gbAddress))?.id,
  })
  const plan = await planImport(devices, (id) => registry.find(id), freshSecret)

  const dry = options.dryRun === true
  let secretsFile: string | undefined
  if (!dry) {
    // The secrets first: a device whose secret nobody knows would have to be given a new one.
    if (plan.made.size > 0) secretsFile = writeSecrets(session, file, options.out, plan.made)
    try {
      await store(registry, [...plan.added, ...plan.changed])
    } catch (error) {
      if (secretsFile !== undefined && (await registry.find([...plan.made.keys()][0] ?? '')) === undefined)
        rmSync(secretsFile)
      throw error
    }
    await session.audit('device.import', basename(file), `${plan.added.length} added, ${plan.changed.length} changed`)
  }

  for (const title of header.ignored) print(`Ignored the column "${title}".`)
  print(
    `${dry ? 'Would be: ' : ''}${plan.added.length} added, ${plan.changed.length} changed, ${plan.unchanged} as they were, ${countRows(faults)} not imported.`,
  )
  if (secretsFile !== undefined)
    print(`The new secrets are in ${secretsFile} (for you only). Give them to the devices, then delete the file.`)
  if (faults.length > 0) reportFaults(options.errors, session.env, faults)
}

async function store(registry: Registry, devices: readonly NewDevice[]): Promise<void> {
  const known = new Set((await registry.places()).map((place) => place.id))
  const places = new Map<string, ReturnType<typeof undescribedPlace>>()
  for (const { placeId, kind } of devices)
    if (placeId !== null && !known.has(placeId) && !places.has(placeId))
      places.set(placeId, undescribedPlace(placeId, kind))
  await registry.putPlaces([...places.values()])
  for (let i = 0; i < devices.length; i += BATCH) await registry.put(devices.slice(i, i + BATCH), { replace: true })
}

/** Never written over a file that is there: it may hold the only copy of other secrets. */
function writeSecrets(
  session: Session,
  file: string,
  out: string | undefined,
  secrets: ReadonlyMap<string, string>,
): string {
  const stem = basename(file, extname(file))
  for (let n = 1; n <= MOST_FILES; n += 1) {
    const path = userPath(out ?? `${stem}.secrets${n === 1 ? '' : `-${n}`}.csv`, session.env)
    let fd: number
    try {
      fd = openSync(path, 'wx', 0o600)
    } catch (error) {
      const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST'
      if (exists && out === undefined) continue
      throw new Mistake(
        exists
          ? `${path} is there already and may hold secrets: name another file with --out. Nothing was imported.`
          : `${path} cannot be written: ${error instanceof Error ? error.message : String(error)}. Name another file with --out. Nothing was imported.`,
      )
    }
    writeSync(fd, 'id,secret\r\n')
    for (const [id, secret] of secrets) writeSync(fd, `${id},${secret}\r\n`)
    fsyncSync(fd)
    closeSync(fd)
    return path
  }
  throw new Mistake('Name a file for the new secrets with --out. Nothing was imported.')
}

export function addDeviceImport(device: Command, run: Run): void {
  device
    .command('import')
    .argument('<file>', 'a table (CSV) with a first line of column names; UTF-8 or GB18030')
    .option('--dry-run', 'only say what would happen')
    .option('--out <file>', 'where new secrets are written (default: FILE.secrets.csv)')
    .option('--errors <file>', 'where rows that cannot be imported are listed', 'errors.csv')
    .description('register the devices of a table; importing it again changes only what has changed')
    .addHelpText(
      'after',
      `
Columns: ${Object.keys(DEVICE_COLUMNS).join(', ')}. Needed: id and kind.
An empty cell says nothing: what is known of the device stays. A device without a secret gets a new one,
unless its identity is derived (a key of the master, HYDRANT_MASTER_KEY_FILE) or certificate.
Positions are WGS-84 degrees. One bad row costs that row only; the exit code is then 1.`,
    )
    .action(run(importDevices))
}
