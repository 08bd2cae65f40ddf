import { statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { DiskGuard, diskSpace, megabytes } from './disk-guard.ts'

const free = (): number => {
  const { bavail, bsize } = statfsSync(tmpdir())
  return bavail * bsize
}

test('the line is a gigabyte, a tenth of a small disk, or what a person has set', async () => {
  const { blocks, bsize } = statfsSync(tmpdir())
  expect((await diskSpace(tmpdir(), undefined)).line).toBe(Math.min(1e9, (blocks * bsize) / 10))
  expect((await diskSpace(tmpdir(), 250)).line).toBe(250e6)
})

test('the door shuts below the line, opens only some way above it, and a folder that is gone changes nothing', async () => {
  const changes: boolean[] = []
  const guard = new DiskGuard(tmpdir(), free() / 1e6 / 2)
  guard.onChange((engaged) => changes.push(engaged))
  await guard.look()
  expect(guard.engaged).toBe(false)
  // The line moves instead of the disk.
  const set = (mb: number, folder = tmpdir()): void => void Object.assign(guard, { guardMb: mb, folder })
  set((free() / 1e6) * 2)
  await guard.look()
  expect(guard.engaged).toBe(true)
  set((free() / 1e6) * 0.95)
  await guard.look()
  expect(guard.engaged).toBe(true)
  set(1, '/nowhere')
  await guard.look()
  expect(guard.engaged).toBe(true)
  set((free() / 1e6) * 0.5)
  await guard.look()
  expect(changes).toEqual([true, false])
})

test('figures as people read them', () => {
  expect([1.5e6, 12e6, 999e6, 1e9, 80.44e9].map(megabytes)).toEqual(['1.5 MB', '12 MB', '999 MB', '1.0 GB', '80.4 GB'])
})
