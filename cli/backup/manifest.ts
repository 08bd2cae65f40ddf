import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { historyFile, journalFile, stateFile } from '../../store/files.ts'
import { HISTORY_SCHEMA } from '../../store/history/schema.ts'
import { JOURNAL_SCHEMA } from '../../store/journal/schema.ts'
import { STATE_SCHEMA } from '../../store/state/schema.ts'
import { Mistake } from '../mistake.ts'

/** The last file that a backup writes: without it the backup did not come to its end. */
export const MANIFEST = 'manifest.json'

/** How a backup lies in its folder. A newer one is refused. */
export const FORMAT = 1

const manifestSchema = z.object({
  format: z.number().int(),
  hydrant: z.string(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  files: z.array(
    z.object({
      /** Under the backup's folder and under the data folder alike, with `/`. */
      path: z.string().regex(/^(?!\/)(?!.*(^|\/)\.\.(\/|$))[\w./-]+$/),
      bytes: z.number().int(),
      sha256: z.string(),
      /** Migration steps the database has taken; null for what is no database. */
      schema: z.number().int().nullable(),
    }),
  ),
  /** How far the journals reach, and how far the state has read them. */
  lanes: z.array(
    z.object({ lane: z.string(), from: z.number().int(), through: z.number().int(), readThrough: z.number().int() }),
  ),
})
export type Manifest = z.output<typeof manifestSchema>

/** Every database, and how many migration steps this Hydrant knows. The state comes last: see `restore.ts`. */
export const DATABASES: readonly { readonly path: string; readonly steps: number }[] = [
  ...(['urgent', 'bulk', 'operator'] as const).map((lane) => ({
    path: journalFile('', lane),
    steps: JOURNAL_SCHEMA.length,
  })),
  { path: historyFile(''), steps: HISTORY_SCHEMA.length },
  { path: stateFile(''), steps: STATE_SCHEMA.length },
]

/** @throws Mistake where the folder holds no whole backup, or one that this Hydrant does not understand */
export function readManifest(folder: string): Manifest {
  const file = join(folder, MANIFEST)
  if (!existsSync(file))
    throw new Mistake(
      `${folder} holds no backup: there is no ${MANIFEST} in it. A backup that was interrupted has none; it cannot be used.`,
    )
  let manifest: Manifest
  try {
    manifest = manifestSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    throw new Mistake(`${file} cannot be read as a backup's manifest (${error instanceof Error ? error.name : error}).`)
  }
  const newer = manifest.files.find(({ path, schema }) => (schema ?? 0) > stepsOf(path))
  if (manifest.format > FORMAT || newer !== undefined)
    throw new Mistake(
      `The backup was made by a newer Hydrant (${manifest.hydrant}${newer === undefined ? '' : `; ${newer.path} has schema ${newer.schema}, this one knows ${stepsOf(newer.path)}`}). Restore it with that version.`,
    )
  return manifest
}

const stepsOf = (path: string): number => DATABASES.find((database) => database.path === path)?.steps ?? 0

export async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
