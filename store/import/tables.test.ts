import { describe, expect, test } from 'vitest'
import type { Place } from '../../contract/api.ts'
import type { Responder, Staff } from '../../contract/homes.ts'
import type { Homes } from '../state/homes-port.ts'
import type { Registry } from '../state/registry-port.ts'
import { readClock, readDays } from './fields.ts'
import type { ImportPlan } from './outcome.ts'
import { planPlaces } from './places.ts'
import { planResponders } from './responders.ts'
import { countRows, faultsCsv } from './row-fault.ts'
import { planStaff } from './staff.ts'

/** The ports that a table is laid over, in memory. */
function stores(...places: Place[]) {
  const put = <T extends { id: string }>(into: Map<string, T>, items: readonly T[]): void => {
    for (const item of items) into.set(item.id, item)
  }
  const byId = new Map(places.map((place) => [place.id, place]))
  const staff = new Map<string, Staff>()
  const responders = new Map<string, Responder>()
  return {
    byId,
    staff,
    responders,
    registry: {
      places: async () => [...byId.values()],
      putPlaces: async (items: readonly Place[]) => put(byId, items),
    } as unknown as Registry,
    homes: {
      staff: async () => [...staff.values()],
      putStaff: async (items: readonly Staff[]) => put(staff, items),
      responders: async () => [...responders.values()],
      putResponders: async (items: readonly Responder[]) => put(responders, items),
    } as unknown as Homes,
  }
}
const place = (id: string, kind: Place['kind'], parentId: string | null = null): Place => ({
  id,
  parentId,
  kind,
  name: id,
  lon: null,
  lat: null,
  contact: null,
})
const bytes = (text: string): Uint8Array => Buffer.from(text)
const counts = ({ added, changed, unchanged, faults }: ImportPlan): string =>
  `${added} added, ${changed} changed, ${unchanged} same, ${countRows(faults)} not`
const faults = (plan: ImportPlan): string[] =>
  plan.faults.map(({ line, column, reason }) => `${line} ${column}: ${reason}`)

describe('a table of places', () => {
  const HOME = [
    'id,kind,name,parent,beds,lon,lat,datum,contact',
    'h1-f2-201,room,201房,h1-f2,2,,,,',
    'h1,home,阳光养老院,county-1,,115.989,36.445,gcj02,0635-0001',
    'h1-f2,floor,2楼,h1-b1,,,,,',
    'h1-b1,building,1号楼,h1,,,,,',
    'h1-f2-202,房间,202房,h1-f2,,,,,',
    'h1-f2-202-a,床位,靠窗,h1-f2-202,,,,,',
  ].join('\n')

  test('brings a home with its buildings, floors, rooms and beds, in whatever order the rows stand', async () => {
    const { registry, byId } = stores(place('county-1', 'county'))
    const plan = await planPlaces(registry, bytes(HOME), 'homes.csv')
    expect(counts(plan)).toBe('8 added, 0 changed, 0 same, 0 not')
    expect(byId.size).toBe(1)
    await plan.apply()
    expect([...byId.keys()]).toEqual([
      'county-1',
      'h1',
      'h1-b1',
      'h1-f2',
      ...['h1-f2-201', 'h1-f2-202', 'h1-f2-202-a', 'h1-f2-201-1', 'h1-f2-201-2'],
    ])
    expect(byId.get('h1-f2-201-2')).toMatchObject({ kind: 'bed', parentId: 'h1-f2-201', name: '2床' })
    // From Amap's coordinates to those that are stored: some 500 m.
    expect(byId.get('h1')?.lon).toBeCloseTo(115.983, 2)
    expect(byId.get('h1')?.contact).toBe('0635-0001')
  })

  test('a second time changes nothing; an empty cell or a missing column says nothing', async () => {
    const { registry, byId } = stores(place('county-1', 'county'))
    await (await planPlaces(registry, bytes(HOME), 'homes.csv')).apply()
    expect(counts(await planPlaces(registry, bytes(HOME), 'homes.csv'))).toBe('0 added, 0 changed, 8 same, 0 not')
    const renamed = await planPlaces(registry, bytes('编号,类型,名称\nh1,养老机构,湖畔养老院\nh1-b1,楼栋,\n'), 'x.csv')
    expect(counts(renamed)).toBe('0 added, 1 changed, 1 same, 0 not')
    await renamed.apply()
    expect(byId.get('h1')).toMatchObject({ name: '湖畔养老院', contact: '0635-0001', parentId: 'county-1' })
    expect(byId.get('h1-b1')?.name).toBe('1号楼')
  })

  test('a bad row costs that row and what lies in it, and says why in both languages', async () => {
    const { registry } = stores(place('county-1', 'county'), place('r9', 'room', 'b9'), place('b9', 'bed', null))
    const plan = await planPlaces(
      registry,
      bytes(
        [
          'id,kind,parent,beds,lon,lat,datum',
          'h1,home,county-1,,,,',
          'h2,palace,county-1,,,,',
          'h2-f1,floor,h2,,,,',
          'f3,floor,county-1,,,,',
          'f4,floor,nowhere,,,,',
          'f5,floor,,,,,',
          'h1,home,county-1,,,,',
          'r6,room,h1,500,,,',
          'h7,home,county-1,3,115,,mars',
          '=1,home,,,,,',
          'b9,bed,r9,,,,',
        ].join('\n'),
      ),
      'homes.csv',
    )
    expect(faults(plan).map((one) => one.replace(/; write.*/, ''))).toEqual([
      '3 kind: the kind "palace" is not known',
      '4 parent: h2, which it lies in (line 3), cannot be imported',
      '5 parent: a floor lies in a home, building, dwelling, but county-1 is a county',
      '6 parent: there is no place "nowhere"',
      '7 parent: a floor lies in a home, building, dwelling: name it',
      '8 id: h1 stands already in line 2',
      '9 beds: "500" is no number from 0 to 50',
      '10 beds: only a room or a dwelling has beds',
      '10 lon: longitude and latitude belong together',
      '10 datum: "mars" is not a known coordinate system: write wgs84, gcj02 (Amap, Tencent) or bd09 (Baidu)',
      '11 id: "=1" cannot be an id: use 1 to 100 letters, digits and . _ -',
      '12 parent: r9 lies in b9 itself',
    ])
    expect(counts(plan)).toBe('1 added, 0 changed, 0 same, 10 not')
    expect(plan.faults[1]?.reasonZh).toBe('它所在的 h2(第 3 行)无法导入')
    expect(plan.faults.every(({ reasonZh }) => /\p{Script=Han}/u.test(reasonZh ?? ''))).toBe(true)
    expect(faultsCsv(plan.faults).split('\r\n')[0]).toBe('\ufeffrow,line,column,reason,reason_zh')
  })

  test('a list of a city’s beds is read while one waits, also where every row lies in the next', async () => {
    const { registry } = stores(place('county-1', 'county'))
    const rooms = Array.from({ length: 6000 }, (_, i) => `r${i},room,${i % 2 === 0 ? 'h1' : `r${i + 1}`},4`)
    const plan = await planPlaces(registry, bytes(`id,kind,parent,beds\n${rooms.join('\n')}\nh1,home,county-1,`), 'x')
    expect(counts(plan)).toBe('15001 added, 0 changed, 0 same, 3000 not')
  })
})

describe('a table of staff', () => {
  test('is read as a home writes it, and keeps what a shorter table does not say', async () => {
    const { homes, registry, staff } = stores(place('h1', 'home'))
    const table = '编号,机构,姓名,岗位,电话,上班时间,下班时间,星期\nS1,h1,赵敏,护理员,0635-0001,20:00,8:00,周一至周五\n'
    await (await planStaff(homes, registry, bytes(table), 'x')).apply()
    expect(staff.get('S1')).toMatchObject({ duty: 'carer', from: '20:00', to: '08:00', days: [1, 2, 3, 4, 5] })
    const shorter = 'id,place,name,duty,from,to\nS1,h1,赵敏,control-room,20:00,08:00\nS2,h9,,boss,25:00,\n'
    const plan = await planStaff(homes, registry, bytes(shorter), 'x')
    expect(counts(plan)).toBe('0 added, 1 changed, 0 same, 1 not')
    expect(plan.faults.map(({ column }) => column)).toEqual(['place', 'name', 'duty', 'from', 'to'])
    await plan.apply()
    expect(staff.get('S1')).toMatchObject({ duty: 'control-room', phone: '0635-0001', days: [1, 2, 3, 4, 5] })
  })

  test.each([
    ['8:00', '08:00'],
    ['24:00', '00:00'],
    ['7:30', '07:30'],
    ['08:00:00', '08:00'],
    ['8', undefined],
    ['12:60', undefined],
  ])('the hour %s is %s', (text, clock) => {
    const read = readClock(text)
    expect(read.ok ? read.value : undefined).toBe(clock)
  })

  test.each([
    ['', []],
    ['1-5', [1, 2, 3, 4, 5]],
    ['周六、周日', [6, 7]],
    ['一三五', [1, 3, 5]],
    ['6-1', [1, 6, 7]],
    ['7;7;2', [2, 7]],
    ['weekdays', undefined],
    ['8', undefined],
  ])('the days "%s" are %j', (text, days) => {
    const read = readDays(text)
    expect(read.ok ? read.value : undefined).toEqual(days)
  })
})

test('a table of responders names a place or a position, and the kinds in Chinese', async () => {
  const { homes, registry, responders } = stores(place('h1', 'home'))
  const table = [
    '编号,类型,名称,电话,经度,纬度,坐标系,服务对象,消防车',
    'P1,乡镇消防站,沙镇消防站,0635-0002,115.8,36.4,,,3',
    'N1,邻居,王守田,,,,,h1,',
    'N2,邻居,无处,,,,,,',
    'N3,warrior,谁,call me,,,,h9,many',
  ].join('\n')
  const plan = await planResponders(homes, registry, bytes(table), 'x')
  expect(faults(plan).map((one) => one.split(':')[0])).toEqual(['4 lon', '5 kind', '5 serves', '5 phone', '5 engines'])
  await plan.apply()
  expect(responders.get('P1')).toMatchObject({ kind: 'fire-post', engines: 3, lon: 115.8, serves: null })
  expect(responders.get('N1')).toMatchObject({ serves: 'h1', lon: null, engines: 0 })
  expect(counts(await planResponders(homes, registry, bytes(table), 'x'))).toBe('0 added, 0 changed, 2 same, 2 not')
})
