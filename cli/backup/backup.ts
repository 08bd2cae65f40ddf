import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import { diskSpace, megabytes } from '../../store/disk-guard.ts'
import { imageFolder, journalFile, makeFolder, stateFile } from '../../store/files.ts'
import type { JournalLane } from '../../store/journal/port.ts'
import { openJournalReader } from '../../store/journal/sqlite.ts'
import { DatabaseDamaged, isDamage, openDatabase, schemaVersion } from '../../store/sqlite.ts'
import { Mistake } from '../mistake.ts'
import { DATABASES, FORMAT, MANIFEST, type Manifest, sha256 } from './manifest.ts'

const LANES: readonly JournalLane[] = ['urgent', 'bulk', 'operator']
/**
 * `tls` is made by `hydrant tls init`: without its authority no device would trust a restored Hydrant. Floor plans and
 * photographs are files of their own.
 */
const FOLDERS = ['tls', basename(imageFolder(''))] as const
/**
 * Between the copy of the state and that of a journal, records could be read and pruned. They are at least an hour old
 * then (`broker/housekeeping.ts`), so it takes a backlog of that age; the state is copied anew and has read them.
 */
const ATTEMPTS = 3

export interface BackupOptions {
  readonly dataDir: string
  readonly target: string
  readonly guardMb: number | undefined
  readonly now: () => Date
}

/**
 * Copies everything that is kept, while Hydrant runs. Every file is copied as it is at one moment; of these moments the
 * state's is the first. So the journals hold every record that the copied state has not read, among them all that was
 * acknowledged before the backup began, and the history every reading that the state says has been archived. After a
 * restore the records behind the cursors are decided again, from the same state, with the same outcome, once.
 * @throws Mistake
 */
export async function backup({ dataDir, target, guardMb, now }: BackupOptions): Promise<Manifest> {
  if (!existsSync(stateFile(dataDir))) throw new Mistake(`There is no Hydrant in ${dataDir}: it has no state.db.`)
  await refuseTarget(dataDir, target, guardMb)
  const startedAt = now().toISOString()
  makeFolder(target)
  chmodSync(target, 0o700)
  for (let attempt = 1; ; attempt += 1) {
    for (const { path } of DATABASES.toReversed()) copyDatabase(join(dataDir, path), join(target, path))
    const lanes = await lanesOf(target)
    const gap = lanes.find(({ from, through, readThrough }) => readThrough < from - 1 || readThrough > through)
    if (gap === undefined) {
      // What the copied state speaks of is there: an image is on disk before it is spoken of, and stays.
      const copied = FOLDERS.flatMap((folder) => copyFolder(folder, dataDir, target))
      const files = [...DATABASES.map(({ path }) => path), ...copied].filter((path) => existsSync(join(target, path)))
      return await seal(target, { startedAt, finishedAt: now().toISOString(), files, lanes })
    }
    if (attempt === ATTEMPTS)
      throw new Error(
        `The journal ${gap.lane} holds the records ${gap.from} to ${gap.through}, but the state has read through ${gap.readThrough}: they do not belong together. hydrant doctor tells more.`,
      )
  }
}

async function refuseTarget(dataDir: string, target: string, guardMb: number | undefined): Promise<void> {
  const inside = relative(dataDir, target)
  if (inside === '' || !(inside === '..' || inside.startsWith(`..${sep}`)))
    throw new Mistake(
      `${target} lies in the data folder: what takes the one would take the other. Name another folder.`,
    )
  if (existsSync(target) && (!statSync(target).isDirectory() || readdirSync(target).length > 0))
    throw new Mistake(`${target} is not an empty folder. Every backup gets a folder of its own.`)
  const databases = DATABASES.flatMap(({ path }) => [join(dataDir, path), join(dataDir, `${path}-wal`)])
  const needed = [...databases, ...FOLDERS.flatMap((name) => filesIn(join(dataDir, name)))]
    .map((path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, size) => sum + size, 0)
  const folder = nearestFolder(target)
  const { free } = await diskSpace(folder, guardMb)
  const { line } = await diskSpace(dataDir, guardMb)
  // On Hydrant's own disk the backup must not be what holds back the meters.
  const usable = statSync(folder).dev === statSync(dataDir).dev ? free - line : free
  if (usable < needed)
    throw new Mistake(
      `The backup needs up to ${megabytes(needed)}, but ${target} has room for ${megabytes(Math.max(0, usable))}. Free some space, or name a folder on another disk.`,
    )
}

/**
 * `VACUUM INTO` reads one moment of the database in one transaction, does not hold up its writers, leaves out free pages,
 * and fails where a page is damaged instead of copying it.
 */
function copyDatabase(from: string, to: string): void {
  rmSync(to, { force: true })
  if (!existsSync(from)) return
  const db = openDatabase(from, { durability: 'NORMAL', readOnly: true })
  try {
    db.prepare('VACUUM INTO ?').run(to)
  } catch (error) {
    throw isDamage(error) ? new DatabaseDamaged(from, error) : error
  } finally {
    db.close()
  }
  chmodSync(to, 0o600)
}

async function lanesOf(folder: string): Promise<Manifest['lanes']> {
  const state = openDatabase(stateFile(folder), { durability: 'NORMAL', readOnly: true })
  const lanes: Manifest['lanes'] = []
  try {
    for (const lane of LANES) {
      const file = journalFile(folder, lane)
      if (!existsSync(file)) continue
      const row = state.prepare('SELECT min(seq) AS seq FROM cursor WHERE lane = ?').get(lane)
      const reader = openJournalReader(file)
      const through = await reader.head()
      const tail = await reader.tail()
      await reader.close()
      const readThrough = (row?.seq as number | null | undefined) ?? 0
      lanes.push({ lane, from: tail === 0 ? through + 1 : tail, through, readThrough })
    }
  } finally {
    state.close()
  }
  return lanes
}

/** @returns what was copied, relative to the folders */
function copyFolder(name: string, dataDir: string, target: string): readonly string[] {
  return filesIn(join(dataDir, name)).map((file) => {
    const path = relative(dataDir, file)
    mkdirSync(dirname(join(target, path)), { recursive: true, mode: 0o700 })
    copyFileSync(join(dataDir, path), join(target, path))
    chmodSync(join(target, path), 0o600)
    return path
  })
}

/** Every file of a folder but what is being written now. */
function filesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.new'))
    .map((entry) => join(entry.parentPath, entry.name))
}

async function seal(
  target: string,
  what: Omit<Manifest, 'files' | 'format' | 'hydrant'> & { readonly files: readonly string[] },
): Promise<Manifest> {
  const files: Manifest['files'] = []
  for (const path of what.files) {
    const file = join(target, path)
    sync(file)
    files.push({ path, bytes: statSync(file).size, sha256: await sha256(file), schema: schemaOf(file) })
  }
  const manifest: Manifest = { format: FORMAT, hydrant: version(), ...what, files }
  const unfinished = join(target, `${MANIFEST}.unfinished`)
  writeFileSync(unfinished, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 })
  sync(unfinished)
  renameSync(unfinished, join(target, MANIFEST))
  sync(target)
  return manifest
}

function schemaOf(file: string): number | null {
  if (!file.endsWith('.db')) return null
  const db = openDatabase(file, { durability: 'NORMAL', readOnly: true })
  try {
    return schemaVersion(db)
  } finally {
    db.close()
  }
}

export function sync(path: string): void {
  const fd = openSync(path, 'r')
  fsyncSync(fd)
  closeSync(fd)
}

function nearestFolder(path: string): string {
  let folder = path
  while (!existsSync(folder)) folder = dirname(folder)
  return folder
}

const version = (): string => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
    version: string
  }
  return version
}
