import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { imageFolder, stateFile } from '../store/files.ts'
import { ImageFolder } from '../store/images/folder.ts'
import { openAccounts, openHazards, openHomes, openRegistry } from '../store/state/sqlite.ts'
import { backup } from './backup/backup.ts'
import { restore } from './backup/restore.ts'
import { checkImages } from './doctor/images.ts'
import { hydrant as typeHydrant } from './hydrant-under-test.ts'

let dir: string
let data: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hydrant-homes-'))
  data = join(dir, 'data')
})
afterEach(() => rmSync(dir, { recursive: true }))

const hydrant = (...args: string[]) => typeHydrant(args, { cwd: dir, env: { HYDRANT_DATA_DIR: data } })

test('a home is set up from tables and a drawing, tried first, and a backup brings all of it back', async () => {
  const places = 'id,kind,name,parent,beds\nh1,home,夕阳红,,\nh1-f1,floor,1楼,h1,\nh1-101,room,101,h1-f1,2\nx,bed,,,\n'
  writeFileSync(join(dir, 'places.csv'), places)
  const dry = await hydrant('place', 'import', 'places.csv', '--dry-run')
  expect(dry).toMatchObject({ code: 1, err: '' })
  expect(dry.out).toContain('Would be: 5 added, 0 changed, 0 as they were, 1 not imported.')
  expect(readFileSync(join(dir, 'errors.csv'), 'utf8')).toContain('4,5,parent,')
  expect((await hydrant('place', 'import', 'places.csv')).out).toContain('5 added')
  writeFileSync(join(dir, 'staff.csv'), 'id,place,name,duty,from,to\ns1,h1,李秀兰,carer,20:00,08:00\n')
  expect(await hydrant('staff', 'import', 'staff.csv')).toMatchObject({ code: 0 })
  writeFileSync(join(dir, 'f1.svg'), '<svg viewBox="0 0 800 600"></svg>')
  expect((await hydrant('plan', 'set', 'h1-f1', 'f1.svg')).out).toContain('a plan of 800 × 600 (revision 1')
  writeFileSync(join(dir, 'no.svg'), '%PDF')
  expect(await hydrant('plan', 'set', 'h1-f1', 'no.svg')).toMatchObject({
    code: 2,
    err: 'no.svg cannot be used as a plan: it is no PNG, JPEG, WebP or SVG.\n',
  })

  const target = join(dir, 'backup')
  await backup({ dataDir: data, target, guardMb: 0, now: () => new Date() })
  const restored = join(dir, 'restored')
  await restore({ source: target, dataDir: restored, force: false, now: () => new Date() })
  const homes = openHomes(stateFile(restored))
  const plan = await homes.plan('h1-f1')
  expect(await homes.staff()).toMatchObject([{ id: 's1', placeId: 'h1' }])
  await homes.close()
  const image = await new ImageFolder(imageFolder(restored)).read(plan?.imageId ?? '')
  expect(Buffer.from(image).toString()).toContain('viewBox="0 0 800 600"')
  expect(await checkImages(restored)).toMatchObject([{ ok: true, found: '1 plans and photographs, whole' }])
  rmSync(imageFolder(restored), { recursive: true })
  expect(await checkImages(restored)).toMatchObject([{ ok: false }])
  const registry = openRegistry(stateFile(restored))
  expect((await registry.places()).map(({ id }) => id)).toEqual(['h1', 'h1-101', 'h1-101-1', 'h1-101-2', 'h1-f1'])
  await registry.close()
  const accounts = openAccounts(stateFile(restored))
  const { items } = await accounts.auditEntries({ limit: 10 })
  expect(items.map(({ action }) => action)).toEqual(['plan.put', 'staff.import', 'place.import'])
  await accounts.close()
})

test('hazards are listed with the soonest deadline first, those of a home with its rooms', async () => {
  const registry = openRegistry(stateFile(data))
  const place = { lon: null, lat: null, contact: null }
  await registry.putPlaces([
    { ...place, id: 'h1', parentId: null, kind: 'home', name: 'h1' },
    { ...place, id: 'r1', parentId: 'h1', kind: 'room', name: 'r1' },
  ])
  await registry.close()
  const hazards = openHazards(stateFile(data))
  for (const [id, placeId, dueAt] of [
    ['hz-later', 'r1', Date.now() + 86_400_000],
    ['hz-late', 'h1', 1],
    ['hz-other', 'h2', 2],
  ] as const)
    await hazards.open(
      {
        id,
        placeId,
        kind: 'wiring',
        description: '电线裸露',
        owner: '张院长',
        dueAt,
        foundAt: 0,
        foundBy: 'wang',
        state: 'open',
        verdicts: {},
        refusals: 0,
        closedAt: null,
        photographs: [],
      },
      { type: 'opened', at: 0, by: 'wang', verdict: null, photographId: null, comment: '' },
    )
  await hazards.close()
  const listed = await hydrant('hazard', 'list', '--place', 'h1')
  expect(listed.out.match(/hz-\w+/g)).toEqual(['hz-late', 'hz-later'])
  expect(listed.out).toContain('1970-01-01 overdue')
})
