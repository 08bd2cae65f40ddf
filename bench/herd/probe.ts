import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMainThread } from 'node:worker_threads'

/**
 * Loaded into a role before its own code (`--import`), by benches that look at memory: on SIGUSR2 it collects garbage and
 * writes what is left to `memory-<pid>.json` in the data directory. Without it, resident memory is as much as the last
 * busy moment left behind, and says little of what a connection costs.
 */
export interface MemoryReport extends NodeJS.MemoryUsage {
  /** ms since 1970. */
  readonly at: number
}

export const memoryFile = (dataDir: string, pid: number): string => join(dataDir, `memory-${pid}.json`)

/** What a role needs in its environment to answer; the young generation is as large as the supervisor makes it. */
export const probed = (): { readonly NODE_OPTIONS: string } => ({
  NODE_OPTIONS: `--max-semi-space-size=64 --expose-gc --import ${import.meta.url}`,
})

const collect = (globalThis as { gc?: (options: object) => void }).gc
/** As when memory is short: the young generation, up to 3 × 64 MiB after a storm, gives back what it does not need. */
const EVERYTHING = { type: 'major', execution: 'sync', flavor: 'last-resort' }
const dataDir = process.env.HYDRANT_DATA_DIR
if (isMainThread && collect !== undefined && dataDir !== undefined)
  process.on('SIGUSR2', () => {
    collect(EVERYTHING)
    const report: MemoryReport = { at: Date.now(), ...process.memoryUsage() }
    writeFileSync(memoryFile(dataDir, process.pid), JSON.stringify(report))
  })
