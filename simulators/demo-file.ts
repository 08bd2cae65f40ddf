import { createHmac, randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'

/**
 * What the demo keeps between two runs, readable by its owner only: the random master from which every device's secret
 * is derived, and when it was started (water that ran in an earlier burst stays in the register).
 */
const demoFileSchema = z.object({
  master: z.string().regex(/^[0-9a-f]{64}$/),
  starts: z.array(z.number().int()).min(1),
})
export type DemoFile = z.infer<typeof demoFileSchema>

const MASTER_BYTES = 32
const demoFile = (dataDir: string): string => join(dataDir, 'demo-secret')

/** Notes this start. Makes the file where it is absent; throws a plain sentence where it cannot be read. */
export function noteStart(dataDir: string, now: number): DemoFile {
  const file = demoFile(dataDir)
  const known = read(file)
  const noted: DemoFile =
    known === undefined
      ? { master: randomBytes(MASTER_BYTES).toString('hex'), starts: [now] }
      : { master: known.master, starts: [...known.starts.filter((start) => start < now), now] }
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  // Renamed into place: a crash in between must not cost the master, or no device could ever connect again.
  const draft = `${file}.new`
  writeFileSync(draft, `${JSON.stringify(noted)}\n`, { mode: 0o600 })
  chmodSync(draft, 0o600)
  renameSync(draft, file)
  return noted
}

function read(file: string): DemoFile | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return demoFileSchema.parse(JSON.parse(text))
  } catch {
    throw new Error(
      `${file} is damaged. Remove it: the demo makes a new one and registers its devices with new secrets.`,
    )
  }
}

/** A device's secret: the same at every start, unlike any other's, and of no use to guess the master. */
export const demoSecret = (master: string, deviceId: string): string =>
  createHmac('sha256', Buffer.from(master, 'hex')).update(deviceId, 'utf8').digest('base64url')
