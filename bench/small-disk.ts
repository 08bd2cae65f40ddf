import { closeSync, existsSync, ftruncateSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { mkdtemp, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from './system.ts'

/** Bytes written at once while filling, and the granularity at the end: one page of the file system. */
const CHUNK = 1024 * 1024
const PAGE = 4096
const FILLER = 'filler'

/** A file system of its own, small enough to be filled for real: everything on it meets ENOSPC as on a full disk. */
export interface SmallDisk {
  /** Where it is mounted: a data folder for `startSystem`. */
  readonly path: string
  /** What a program without privileges may still write. Bytes. */
  freeBytes(): number
  /** Takes space with a file until only `leave` bytes are free; 0 fills it to the last page. May be called again. */
  fill(leave?: number): void
  /** Gives back what `fill` took. */
  free(): void
  /** Unmounts it; whatever runs on it must have ended. */
  remove(): Promise<void>
}

/** Mounting needs root; elsewhere a sudo that asks for nothing. */
const privileged = (program: string, ...args: string[]) =>
  process.getuid?.() === 0 ? runCommand(program, args) : runCommand('sudo', ['-n', program, ...args])

/** Mounts a tmpfs of that size (a MiB is 1,048,576 bytes). Rejects with a sentence where this user may not mount. */
export async function mountSmallDisk(mebibytes: number): Promise<SmallDisk> {
  const path = await mkdtemp(join(tmpdir(), 'hydrant-disk-'))
  const owner = `uid=${process.getuid?.() ?? 0},gid=${process.getgid?.() ?? 0}`
  const mounted = await privileged('mount', '-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=700,${owner}`, 'tmpfs', path)
  if (mounted.code !== 0) {
    await rmdir(path)
    throw new Error(`a small disk cannot be mounted (needs root, or sudo without a password): ${mounted.stderr.trim()}`)
  }
  const freeBytes = (): number => {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize
  }
  const filler = join(path, FILLER)
  return {
    path,
    freeBytes,
    fill: (leave = 0) => {
      const fd = openSync(filler, 'a', 0o600)
      try {
        for (let room = freeBytes() - leave; room > 0; room = freeBytes() - leave)
          writeSync(fd, Buffer.alloc(Math.min(CHUNK, Math.max(PAGE, room))))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      } finally {
        closeSync(fd)
      }
    },
    free: () => {
      if (!existsSync(filler)) return
      // A full disk has no room for a directory entry's change on every file system, but always for a shorter file.
      const fd = openSync(filler, 'r+')
      ftruncateSync(fd, 0)
      closeSync(fd)
      rmSync(filler)
    },
    remove: async () => {
      const unmounted = await privileged('umount', path)
      // Somebody still stands in it (a shell, a crashed role): it goes away when they leave.
      if (unmounted.code !== 0) await privileged('umount', '-l', path)
      await rmdir(path)
    },
  }
}

/** Whether `mountSmallDisk` can work here. */
export async function canMountSmallDisk(): Promise<boolean> {
  try {
    await (await mountSmallDisk(1)).remove()
    return true
  } catch {
    return false
  }
}
