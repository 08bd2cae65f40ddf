import { setTimeout as sleep } from 'node:timers/promises'
import { canMountSmallDisk, mountSmallDisk } from '../small-disk.ts'
import { type Fault, promises } from './fault.ts'
import { underLoad } from './under-load.ts'

/** Room for a minute of this load, and for the roles' own files. MiB. */
const DISK_MIB = 256
/** The writers may still have room in the pages that they hold. */
const SETTLE_MS = 1500

export const DISK_FULL: Fault = {
  name: 'disk-full',
  number: 3,
  about: 'not a byte left on the file system of the data folder, then space again',
  missing: async () =>
    (await canMountSmallDisk()) ? undefined : 'the right to mount a tmpfs (root, or sudo without a password)',
  run: async (context) => {
    const disk = await mountSmallDisk(DISK_MIB)
    try {
      return await underLoad(
        context,
        { dataDir: disk.path },
        {
          inject: async ({ load }) => {
            const fill = setInterval(() => disk.fill(), 100)
            disk.fill()
            await sleep(SETTLE_MS)
            const before = load.pubacks
            await sleep(context.seconds * 1000)
            const pubacksWhileFull = load.pubacks - before
            clearInterval(fill)
            disk.free()
            return { injected: `the disk was full for ${context.seconds + SETTLE_MS / 1000} s`, pubacksWhileFull }
          },
          after: async ({ ask }) => {
            const rejections = (await ask('/api/rejections')) as { items: readonly { reason: string; count: number }[] }
            const refused = rejections.items
              .filter(({ reason }) => reason.startsWith('journal.') || reason.startsWith('disk.'))
              .reduce((sum, { count }) => sum + count, 0)
            return { refused, broken: promises({ 'publishes were turned away without being counted': refused > 0 }) }
          },
        },
      )
    } finally {
      await disk.remove()
    }
  },
}
