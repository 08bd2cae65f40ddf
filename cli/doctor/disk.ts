import { closeSync, existsSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { diskSpace, megabytes } from '../../store/disk-guard.ts'
import { bad, type Check, good } from './check.ts'

/** So many times the guard line is soon reached: a person should know before the meters do. */
const SOON = 2
const PROBES = 20
const PROBE_BYTES = 4096
/** An acknowledgement waits for one fsync. SSDs take 0.1–5 ms, hard disks 8–15; beyond this something is wrong. */
const SLOW_FSYNC_MS = 50

/** Where the data lies, or will lie: is there room, can it be written, how fast is it durable? */
export async function checkDisk(dataDir: string, guardMb: number | undefined): Promise<readonly Check[]> {
  const exists = existsSync(dataDir)
  const folder = exists ? dataDir : nearestFolder(dataDir)
  const todo = `Make it writable for this user, or name another folder with HYDRANT_DATA_DIR.`
  const { free, line } = await diskSpace(folder, guardMb)
  const found = `${megabytes(free)}; below ${megabytes(line)} meters are held back`
  const makeRoom = 'Free some space under HYDRANT_DATA_DIR; meters go on by themselves.'
  let fsyncMs: number
  try {
    fsyncMs = medianFsyncMs(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return [bad('free disk', found, makeRoom)]
    return [bad('data folder', `${dataDir}: ${error instanceof Error ? error.message : error}`, todo)]
  }
  return [
    good('data folder', exists ? `${dataDir} is writable` : `${dataDir} does not exist yet; it will be made`),
    free >= line * SOON ? good('free disk', found) : bad('free disk', found, makeRoom),
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
