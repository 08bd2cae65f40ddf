import { closeSync, existsSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { bad, type Check, good, megabytes } from './check.ts'

/** Below this the journal may fill the disk before somebody notices: a city's day is about 0.3 GB. */
const LEAST_FREE_BYTES = 1e9
const PROBES = 20
const PROBE_BYTES = 4096
/** An acknowledgement waits for one fsync. SSDs take 0.1–5 ms, hard disks 8–15; beyond this something is wrong. */
const SLOW_FSYNC_MS = 50

/** Where the data lies, or will lie: is there room, can it be written, how fast is it durable? */
export function checkDisk(dataDir: string): readonly Check[] {
  const exists = existsSync(dataDir)
  const folder = exists ? dataDir : nearestFolder(dataDir)
  const todo = `Make it writable for this user, or name another folder with HYDRANT_DATA_DIR.`
  let fsyncMs: number
  try {
    fsyncMs = medianFsyncMs(folder)
  } catch (error) {
    return [bad('data folder', `${dataDir}: ${error instanceof Error ? error.message : error}`, todo)]
  }
  const { bavail, bsize } = statfsSync(folder)
  const free = bavail * bsize
  return [
    good('data folder', exists ? `${dataDir} is writable` : `${dataDir} does not exist yet; it will be made`),
    free >= LEAST_FREE_BYTES
      ? good('free disk', megabytes(free))
      : bad('free disk', `only ${megabytes(free)}`, 'Free some space: a full disk stops every acknowledgement.'),
    fsyncMs <= SLOW_FSYNC_MS
      ? good('durable write', `${fsyncMs.toFixed(2)} ms (median of ${PROBES})`)
      : bad(
          'durable write',
          `${fsyncMs.toFixed(0)} ms (median of ${PROBES}): acknowledgements and alarms wait that long`,
          'Put HYDRANT_DATA_DIR on a local SSD, not on a network share.',
        ),
  ]
}

function nearestFolder(path: string): string {
  let folder = dirname(path)
  while (!existsSync(folder)) folder = dirname(folder)
  return folder
}

function medianFsyncMs(folder: string): number {
  const file = join(folder, `.hydrant-doctor-${process.pid}`)
  const fd = openSync(file, 'wx', 0o600)
  try {
    const page = Buffer.alloc(PROBE_BYTES)
    const times = Array.from({ length: PROBES }, () => {
      const from = performance.now()
      writeSync(fd, page)
      fsyncSync(fd)
      return performance.now() - from
    })
    return times.toSorted((a, b) => a - b)[PROBES / 2] ?? 0
  } finally {
    closeSync(fd)
    rmSync(file)
  }
}
