import { expect, test } from 'vitest'
import { ALONE_TABLE, type Alone } from '../../contract/alone.ts'
import type { AloneWatches, WatchToPut } from '../state/alone-port.ts'
import type { Registry } from '../state/registry-port.ts'
import type { Residents } from '../state/residents-port.ts'
import { ALONE_COLUMNS, planAlone } from './alone.ts'
import { readHeader } from './header.ts'

/** The ports that the table is laid over, in memory. */
function stores() {
  const watched = new Map<string, Alone>()
  const devices = new Map([
    ['m1', { kind: 'water-meter', placeId: 'd1' }],
    ['m2', { kind: 'water-meter', placeId: 'well' }],
    ['m3', { kind: 'water-meter', placeId: null }],
    ['b1', { kind: 'bulk-meter', placeId: 'd1' }],
  ])
  const alone = {
    all: async () => [...watched.values()],
    put: async (watches: readonly WatchToPut[]) => {
      for (const watch of watches) watched.set(watch.deviceId, { ...watch, away: null, judgedFrom: 0 })
    },
  } as unknown as AloneWatches
  const registry = {
    places: async () => ['d1', 'd2', 'well'].map((id) => ({ id })),
    find: async (id: string) => devices.get(id),
  } as unknown as Registry
  const residents = { find: async (id: string) => (id === 'r1' ? {} : undefined) } as unknown as Residents
  return { watched, ports: { alone, registry, residents } }
}
const plan = ({ ports }: ReturnType<typeof stores>, table: string) =>
  planAlone(ports, Buffer.from(table), 'alone.csv', 'test', () => 0)

test('people are entered as a district writes them; a second time nothing changes, and a shorter table keeps the rest', async () => {
  const at = stores()
  const table = [
    '水表编号,住址,老人编号,用水下限,家属,家属电话,邻居,邻居电话',
    'm1,,r1,8,王强,0635-0001,李婶,0635-0002',
    'm2,d2,,,,,村主任,',
  ].join('\n')
  const first = await plan(at, table)
  expect([first.added, first.faults]).toEqual([2, []])
  await first.apply()
  expect(at.watched.get('m1')).toMatchObject({
    placeId: 'd1',
    residentId: 'r1',
    rule: { noUseLitres: 8, noUseHours: 24, overUseLitres: 1000 },
    contacts: [
      { stage: 'family', name: '王强', phone: '0635-0001', minutes: 10 },
      { stage: 'nearby', name: '李婶', phone: '0635-0002', minutes: 20 },
    ],
  })
  expect((await plan(at, table)).unchanged).toBe(2)
  const shorter = await plan(at, 'id,visit,visit_phone\nm1,网格员,0635-0003\n')
  await shorter.apply()
  expect(at.watched.get('m1')?.contacts.map(({ name }) => name)).toEqual(['王强', '李婶', '网格员'])
  expect(at.watched.get('m1')?.residentId).toBe('r1')
})

test('a bad row costs that row, and says why in both languages', async () => {
  const at = stores()
  const rows = [
    'id,place,resident,no_use_litres,family,family_phone',
    'm9,d1,,,,',
    'b1,d1,,,,',
    'm3,,,,,',
    'm2,d9,r9,500,,1234567',
  ]
  const { faults, added } = await plan(at, rows.join('\n'))
  expect(added).toBe(0)
  expect(faults.map(({ line, column }) => `${line} ${column}`)).toEqual([
    '2 id',
    '3 id',
    '4 place',
    '5 place',
    '5 resident',
    '5 no_use_litres',
    '5 family',
  ])
  expect(faults.every(({ reasonZh }) => /\p{Script=Han}/u.test(reasonZh ?? ''))).toBe(true)
})

test('the table that the console hands out is understood in both languages, and lacks nothing', () => {
  expect(Object.keys(ALONE_TABLE)).toEqual(Object.keys(ALONE_COLUMNS))
  for (const language of ['zh', 'en'] as const) {
    const titles = Object.values(ALONE_TABLE).map((column) => column[language])
    const { at, ignored, faults } = readHeader(titles, ALONE_COLUMNS, ['id'])
    expect([[...at.keys()], ignored, faults]).toEqual([Object.keys(ALONE_COLUMNS), [], []])
  }
})

test('who may not say who it is changes nothing of that', async () => {
  const at = stores()
  await (await plan(at, 'id,resident\nm1,r1\n')).apply()
  const table = Buffer.from('id,resident,visit\nm1,r9,网格员\n')
  const careless = await planAlone(at.ports, table, 'alone.csv', 'test', () => 0, false)
  expect([careless.changed, careless.faults, careless.ignored]).toEqual([1, [], ['resident']])
  await careless.apply()
  expect(at.watched.get('m1')).toMatchObject({ residentId: 'r1', contacts: [{ name: '网格员' }] })
})
