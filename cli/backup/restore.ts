import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { chmod, copyFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { megabytes } from '../../store/disk-guard.ts'
import { stateFile } from '../../store/files.ts'
import { openDatabase } from '../../store/sqlite.ts'
import { Mistake } from '../mistake.ts'
import { takeDataDir } from '../supervisor/only-one.ts'
import { sync } from './backup.ts'
import { DATABASES, type Manifest, readManifest, sha256 } from './manifest.ts'

export interface RestoreOptions {
  readonly source: string
  readonly dataDir: string
  /** Move away what is in the data folder. */
  readonly force: boolean
  readonly now: () => Date
}

export interface Restored {
  readonly manifest: Manifest
  /** Where what was there before lies now; undefined when there was nothing. */
  readonly aside: string | undefined
}

/**
 * Puts a backup into the data folder. The files are checked first, copied beside their places and moved into them at the
 * end, the state last: whatever interrupts it, Hydrant either starts with all of the backup or refuses to start, because
 * journals without a state are never begun anew (`store/state/sqlite/open.ts`).
 * @throws Mistake
 */
export async function restore({ source, dataDir, force, now }: RestoreOptions): Promise<Restored> {
  const manifest = readManifest(source)
  await checkFiles(source, manifest)
  const letGo = takeDataDir(dataDir)
  const staging = join(dataDir, `.restore-${process.pid}`)
  try {
    for (const { path } of DATABASES) refuseIfOpen(join(dataDir, path))
    const there = readdirSync(dataDir).filter((name) => BELONGS.test(name))
    if (there.length > 0 && !force)
      throw new Mistake(
        `${dataDir} holds a Hydrant already (${there.join(', ')}). Name another folder with HYDRANT_DATA_DIR, or add --force: what is there is then moved into a folder beside it, not deleted.`,
      )
    for (const { path, sha256: expected } of manifest.files) {
      const to = join(staging, path)
      mkdirSync(dirname(to), { recursive: true, mode: 0o700 })
      await copyFile(join(source, path), to)
      await chmod(to, 0o600)
      sync(to)
      if ((await sha256(to)) !== expected) throw new Error(`${to} is not what was copied: is the disk sound?`)
    }
    signEveryoneOut(stateFile(staging))
    const aside = there.length === 0 ? undefined : setAside(dataDir, there, now())
    for (const name of readdirSync(staging).toSorted(stateLast)) renameSync(join(staging, name), join(dataDir, name))
    sync(dataDir)
    return { manifest, aside }
  } finally {
    rmSync(staging, { recursive: true, force: true })
    letGo()
  }
}

/** What a Hydrant keeps in its folder, but for logs and lock. */
const BELONGS = /^(state|history|journal-\w+)\.db(-wal|-shm)?$|^(tls|images)$/

const stateLast = (a: string, b: string): number => Number(a === stateFile('')) - Number(b === stateFile(''))

async function checkFiles(source: string, manifest: Manifest): Promise<void> {
  const wrong: string[] = []
  for (const { path, bytes, sha256: expected } of manifest.files) {
    const file = join(source, path)
    const size = statSync(file, { throwIfNoEntry: false })?.size
    if (size === undefined) wrong.push(`${path} is missing`)
    else if (size !== bytes) wrong.push(`${path} has ${megabytes(size)} instead of ${megabytes(bytes)}`)
    else if ((await sha256(file)) !== expected) wrong.push(`${path} is not what was backed up (its checksum differs)`)
  }
  if (!manifest.files.some(({ path }) => path === stateFile(''))) wrong.push('there is no state.db in it')
  if (wrong.length > 0)
    throw new Mistake(`The backup in ${source} is damaged: ${wrong.join('; ')}. Nothing was changed.`)
}

/** Roles that were started one by one hold no lock on the folder, but they have its databases open. */
function refuseIfOpen(file: string): void {
  if (!existsSync(file)) return
  const db = new DatabaseSync(file, { timeout: 0 })
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE')
    db.exec('BEGIN EXCLUSIVE')
    db.exec('ROLLBACK')
  } catch (error) {
    // What is damaged is nobody's; it is what a restore is for.
    if (error instanceof Error && /locked|busy/.test(error.message))
      throw new Mistake(`Something has ${file} open: stop Hydrant first.`)
  } finally {
    db.close()
  }
}

function setAside(dataDir: string, names: readonly string[], at: Date): string {
  const aside = join(dataDir, `before-restore-${at.toISOString().replaceAll(/[:.]/g, '-')}`)
  mkdirSync(aside, { mode: 0o700 })
  // The state first: journals alone are refused, a state alone would look like a Hydrant that has heard nothing yet.
  for (const name of names.toSorted((a, b) => stateLast(b, a))) renameSync(join(dataDir, name), join(aside, name))
  return aside
}

/** A session or a link that was ended after the backup must not come back with it. */
function signEveryoneOut(file: string): void {
  const db = openDatabase(file, { durability: 'FULL' })
  try {
    db.exec('DELETE FROM session; DELETE FROM link; DELETE FROM role_metric')
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  } finally {
    db.close()
  }
}
