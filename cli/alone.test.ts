import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cityDate } from '../contract/city-time.ts'
import { stateFile } from '../store/files.ts'
import { openAlone } from '../store/state/sqlite.ts'
import { hydrant as typeHydrant } from './hydrant-under-test.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hydrant-alone-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const hydrant = (...args: string[]) => typeHydrant(args, { cwd: dir, env: { HYDRANT_DATA_DIR: dir } })
const DAY_MS = 86_400_000

test('somebody is entered from a table, is away until a day that is named, and comes home', async () => {
  await hydrant('place', 'add', 'd1', '--kind', 'dwelling')
  await hydrant('device', 'add', 'm1', '--kind', 'water-meter', '--place', 'd1')
  writeFileSync(join(dir, 'people.csv'), '水表,家属,家属电话\nm1,王强,0635-0001\n')
  expect((await hydrant('alone', 'import', 'people.csv')).out).toContain('1 added')

  const now = Date.now()
  const last = cityDate(now + 3 * DAY_MS)
  expect((await hydrant('alone', 'away', 'm1', '--until', last, '--note', '去女儿家')).out).toBe(
    `m1: away until ${last} 23:59. An alarm that is open is closed in the console.\n`,
  )
  const alone = openAlone(stateFile(dir))
  const watched = await alone.find('m1')
  expect(watched?.away).toMatchObject({ until: Date.parse(`${last}T23:59:59+08:00`), note: '去女儿家' })
  expect(watched?.judgedFrom).toBeGreaterThanOrEqual(now)
  expect((await hydrant('alone', 'list')).out).toContain(`until ${last} 23:59`)
  expect((await hydrant('alone', 'back', 'm1')).out).toContain('home again')

  const [first, second] = [cityDate(now + 5 * DAY_MS), cityDate(now + 9 * DAY_MS)]
  expect((await hydrant('alone', 'away', 'm1', '--from', first, '--days', '4')).out).toBe(
    `m1: away from ${first} 00:00 until ${second} 00:00.\n`,
  )
  await alone.close()
})

test('an end that is over, before its beginning, or said twice is refused with what to do', async () => {
  await hydrant('device', 'add', 'm1', '--kind', 'water-meter', '--place', 'd1')
  writeFileSync(join(dir, 'people.csv'), 'id\nm1\n')
  await hydrant('alone', 'import', 'people.csv')
  const away = async (...options: string[]) => (await hydrant('alone', 'away', 'm1', ...options)).err
  expect(await away('--until', '2026-01-04')).toContain('2026-01-04 23:59 is over')
  expect(await away('--from', cityDate(Date.now() + 9 * DAY_MS), '--until', cityDate(Date.now() + DAY_MS))).toContain(
    'before it begins',
  )
  expect(await away('--until', '2199-01-01', '--days', '3')).toContain('not both')
  expect(await away('--until', 'sunday')).toContain('is no time')
  expect(await away('--from', '2199-01-01')).toContain('within a year')
  expect((await hydrant('alone', 'away', 'm2', '--days', '3')).err).toContain('Nobody is watched by the meter m2')
})
