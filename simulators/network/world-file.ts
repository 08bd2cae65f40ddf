import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { NetworkMistake } from './network-mistake.ts'

/**
 * What is remembered of a network's world between two runs, readable by its owner only: the same command goes on with the same
 * registers and leaks where it was stopped. Without it a second run would begin with other registers, which run backwards.
 */
const worldFileSchema = z.object({
  /** Every secret is derived from it. */
  master: z.string().regex(/^[0-9a-f]{64}$/),
  /** What the world was made of: another one needs another name. */
  made: z.object({
    inp: z.string(),
    seed: z.number(),
    meters: z.number(),
    villages: z.number(),
    perHour: z.union([z.literal(1), z.literal(4)]),
    leaksPerMonth: z.number(),
    pressure: z.boolean(),
  }),
  /** Days since 1970, local. */
  firstDay: z.number().int(),
  /** When the live part began, ms since 1970. */
  liveFrom: z.number(),
  /** Leaks as they were typed, with the beginning of the live part that they count from. */
  leaks: z.array(z.object({ words: z.string(), liveFrom: z.number() })),
  homeLeaks: z.array(z.object({ words: z.string(), liveFrom: z.number() })),
  /** Everything that arrives until then has been acknowledged. */
  sentThrough: z.number(),
})
export type WorldFile = z.infer<typeof worldFileSchema>

const MASTER_BYTES = 32
const fileOf = (dataDir: string, name: string): string => join(dataDir, 'simulated', `${name}.json`)

export const newMaster = (): string => randomBytes(MASTER_BYTES).toString('hex')

/** @throws where it cannot be understood */
export function readWorldFile(dataDir: string, name: string): WorldFile | undefined {
  const file = fileOf(dataDir, name)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return worldFileSchema.parse(JSON.parse(text))
  } catch {
    throw new NetworkMistake(`${file} is damaged. Remove it and begin another world with --name.`)
  }
}

/** Renamed into place: a crash in between must not cost the master. */
export function writeWorldFile(dataDir: string, name: string, world: WorldFile): void {
  const file = fileOf(dataDir, name)
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.new`
  writeFileSync(draft, `${JSON.stringify(world)}\n`, { mode: 0o600 })
  chmodSync(draft, 0o600)
  renameSync(draft, file)
}
