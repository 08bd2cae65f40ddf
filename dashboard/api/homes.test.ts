import { crc32 } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Place } from '../../contract/api.ts'
import type { Hazard, HazardDetail } from '../../contract/hazards.ts'
import type { Home, HomeDetail, ImportAnswer } from '../../contract/home-answers.ts'
import type { FloorPlan, NearbyResponder } from '../../contract/homes.ts'
import { ROLES, type Role } from '../../contract/roles.ts'
import { type Rehearsal, rehearse } from '../rehearsal.ts'

let stage: Rehearsal
const tokens = new Map<Role, string>()
/** A Friday, 21:00 in the city. */
const NOW = Date.parse('2026-11-20T21:00:00+08:00')

const place = (id: string, parentId: string | null, kind: Place['kind'], more: Partial<Place> = {}): Place => ({
  id,
  parentId,
  kind,
  name: id,
  lon: null,
  lat: null,
  contact: null,
  ...more,
})

beforeAll(async () => {
  stage = await rehearse({ now: () => NOW })
  const { registry, homes, residents } = stage.stores
  await registry.putPlaces([
    place('county-1', null, 'county', { name: '东昌府区' }),
    place('county-2', null, 'county', { name: '冠县' }),
    place('home-a', 'county-1', 'home', { name: '阳光养老院', lon: 115.98, lat: 36.45, contact: '0635-0001' }),
    place('a-f2', 'home-a', 'floor'),
    place('a-201', 'a-f2', 'room'),
    place('a-201-1', 'a-201', 'bed'),
    place('a-201-2', 'a-201', 'bed'),
    place('home-b', 'county-2', 'home', { name: '湖畔养老院' }),
    place('flat', 'county-1', 'dwelling'),
  ])
  await stage.addDevices(
    { id: 'smoke-1', kind: 'smoke-detector', placeId: 'a-201' },
    { id: 'smoke-2', kind: 'smoke-detector', placeId: 'a-f2' },
    { id: 'silent-1', kind: 'smoke-detector', placeId: 'a-f2' },
    { id: 'meter-1', kind: 'water-meter', placeId: 'home-a' },
    { id: 'smoke-b', kind: 'smoke-detector', placeId: 'home-b' },
  )
  const sighted = ['smoke-1', 'smoke-2', 'silent-1', 'smoke-b'].map((deviceId) => ({ deviceId, lastHeardAt: NOW - 1 }))
  await stage.decide({ sightings: sighted })
  await residents.put(
    ['r1', 'r2'].map((id) => ({
      id,
      placeId: id === 'r1' ? 'a-201-1' : 'home-a',
      name: `住户-${id}`,
      room: '',
      relativePhone: null,
      health: ['oxygen'],
      note: 'SECRET',
    })),
  )
  const staff = { placeId: 'home-a', duty: 'carer' as const, phone: '0635-0002', days: [] }
  await homes.putStaff([
    { ...staff, id: 's1', name: '夜班', from: '20:00', to: '08:00' },
    { ...staff, id: 's2', name: '白班', from: '08:00', to: '20:00' },
  ])
  const responder = { phone: '', lon: null, lat: null, serves: null, engines: 0 }
  await homes.putResponders([
    { ...responder, id: 'post-1', kind: 'fire-post', name: '沙镇消防站', lon: 115.98, lat: 36.47, engines: 3 },
    { ...responder, id: 'post-2', kind: 'fire-post', name: '远处消防站', lon: 115.5, lat: 36.5, engines: 1 },
    { ...responder, id: 'next-door', kind: 'neighbour', name: '老王', serves: 'home-a' },
    { ...responder, id: 'other', kind: 'neighbour', name: '老李', serves: 'home-b' },
    { ...responder, id: 'hospital', kind: 'hospital', name: '市医院', lon: 116.3, lat: 36.9 },
  ])
  await stage.restart()
  for (const role of ROLES) tokens.set(role, await stage.token(role, role))
})
afterAll(() => stage.end())

interface Answer<T> {
  readonly status: number
  readonly code: string
  readonly body: T
  readonly headers: Headers
}
async function ask<T>(
  role: Role,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer<T>> {
  const isFile = body instanceof Uint8Array || typeof body === 'string'
  const answer = await fetch(stage.dashboard.url + path, {
    method,
    headers: {
      authorization: `Bearer ${tokens.get(role)}`,
      ...(body === undefined ? {} : { 'content-type': isFile ? 'application/octet-stream' : 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: isFile ? Buffer.from(body) : JSON.stringify(body) }),
  })
  const text = await answer.text()
  const parsed = text.startsWith('{') ? (JSON.parse(text) as T & { error?: { code: string } }) : (text as T)
  const code = (parsed as { error?: { code: string } }).error?.code ?? ''
  return { status: answer.status, code, body: parsed, headers: answer.headers }
}

test('the list of homes counts beds, people, detectors and what is open; the one in trouble comes first', async () => {
  const alarm = await stage.raise('smoke-1', 'smoke')
  await stage.raise('silent-1', 'silent')
  await stage.raise('smoke-b', 'batteryLow')
  const { hazards } = stage.stores
  const hazard = (id: string, dueAt: number): Hazard => ({
    id,
    placeId: 'a-f2',
    kind: 'blocked-exit',
    description: '堵塞',
    owner: '张院长',
    dueAt,
    foundAt: 0,
    foundBy: 'wang',
    state: 'open',
    verdicts: {},
    refusals: 0,
    closedAt: null,
    photographs: [],
  })
  const opened = { type: 'opened', at: 0, by: 'wang', verdict: null, photographId: null, comment: '' } as const
  await hazards.open(hazard('hz-1', NOW - 1), opened)
  await hazards.open(hazard('hz-2', NOW + 1), opened)
  await expect
    .poll(async () => {
      const { body } = await ask<{ items: Home[] }>('viewer', 'GET', '/api/homes')
      return body.items.map(({ id, devices }) => `${id} ${devices.alarm} ${devices.silent} ${devices.faulty}`)
    })
    .toEqual(['home-a 1 1 0', 'home-b 0 0 1'])

  const { body } = await ask<{ items: Home[]; total: number }>('viewer', 'GET', '/api/homes')
  expect(body.total).toBe(2)
  expect(body.items[0]).toMatchObject({
    name: '阳光养老院',
    placePath: ['东昌府区', '阳光养老院'],
    countyId: 'county-1',
    beds: 2,
    residents: 2,
    devices: { total: 3, alarm: 1, faulty: 0, silent: 1, never: 0, ok: 1 },
    staff: { recorded: 2, onDuty: 1, staffed: true },
    openHazards: 2,
    overdueHazards: 1,
  })
  expect(body.items[1]).toMatchObject({ staff: { recorded: 0, staffed: false }, beds: 0 })
  const ids = async (query: string): Promise<string[]> =>
    (await ask<{ items: Home[] }>('viewer', 'GET', `/api/homes?${query}`)).body.items.map(({ id }) => id)
  expect(await ids('placeId=county-2')).toEqual(['home-b'])
  expect(await ids(`q=${encodeURIComponent('湖畔')}`)).toEqual(['home-b'])
  expect(await ids('kind=dwelling')).toEqual(['flat'])
  expect(await ids('kind=dwelling&attention=true')).toEqual([])
  expect(await ids('limit=1')).toEqual(['home-a'])
  expect(await ids('limit=1&cursor=1')).toEqual(['home-b'])
  await stage.decide({ alarms: [{ ...alarm, state: 'CLEARED_ACK' }] })
})

test('a home shows its rooms and beds with their counts, its devices, and to those who call people whom to call', async () => {
  const { body } = await ask<HomeDetail>('dispatcher', 'GET', '/api/homes/home-a')
  expect(body.places.map(({ id, beds, residents, devices }) => [id, beds, residents, devices.total])).toEqual([
    ['a-f2', 2, 1, 3],
    ['a-201', 2, 1, 1],
    ['a-201-1', 1, 1, 0],
    ['a-201-2', 1, 0, 0],
  ])
  expect(body.items.map(({ id }) => id).sort()).toEqual(['meter-1', 'silent-1', 'smoke-1', 'smoke-2'])
  expect(body.contacts?.staff.filter(({ onDuty }) => onDuty).map(({ name }) => name)).toEqual(['夜班'])
  // The neighbour next door before the brigade; of each kind the nearest, then the others.
  expect(body.contacts?.responders.map(({ id, distanceM }) => [id, Math.round((distanceM ?? 0) / 1000)])).toEqual([
    ['next-door', 0],
    ['post-1', 2],
    ['post-2', 43],
    ['hospital', 58],
  ])
  expect(JSON.stringify(body)).not.toMatch(/住户|SECRET|oxygen/)
  const water = await ask<HomeDetail>('water', 'GET', '/api/homes/home-a')
  expect(water.body.contacts).toBeNull()
  expect(JSON.stringify(water.body)).not.toContain('0635-0002')
  expect((await ask('viewer', 'GET', '/api/homes/county-1')).code).toBe('home.unknown')
})

test('responders are found from a room too, by kind, and never those of another home', async () => {
  const nearby = async (query: string): Promise<string[]> =>
    (await ask<{ items: NearbyResponder[] }>('care', 'GET', `/api/places/a-201/responders?${query}`)).body.items.map(
      ({ id }) => id,
    )
  expect(await nearby('')).toEqual(['next-door', 'post-1', 'post-2', 'hospital'])
  expect(await nearby('kinds=fire-post&limit=1')).toEqual(['post-1'])
  expect(await nearby('kinds=neighbour')).toEqual(['next-door'])
  expect((await ask('care', 'GET', '/api/places/a-201/responders?kinds=army')).code).toBe('request.invalid')
})

const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="800" height="600"><text>二楼</text></svg>'

test('a floor’s plan is kept with its pins, told by its revision, and can run nothing', async () => {
  const put = await ask<FloorPlan>('care', 'PUT', '/api/places/a-f2/plan', svg)
  expect(put.body).toEqual({
    placeId: 'a-f2',
    mediaType: 'image/svg+xml',
    width: 800,
    height: 600,
    revision: 1,
    pins: [],
  })
  const pins = [{ deviceId: 'smoke-2', x: 0.5, y: 0.25 }]
  expect((await ask<FloorPlan>('fire', 'PUT', '/api/places/a-f2/plan/pins', { pins })).body.pins).toEqual(pins)
  const got = await ask<string>('viewer', 'GET', '/api/places/a-f2/plan')
  expect(got.body).toBe(svg)
  expect(Object.fromEntries(got.headers)).toMatchObject({
    'content-type': 'image/svg+xml',
    etag: '"1"',
    'cache-control': 'private, no-cache',
    'x-content-type-options': 'nosniff',
    'content-disposition': 'attachment; filename="plan.svg"',
  })
  expect(got.headers.get('content-security-policy')).toMatch(/default-src 'none';.*sandbox/)
  const known = { 'if-none-match': '"1"' }
  expect((await ask('viewer', 'GET', '/api/places/a-f2/plan', undefined, known)).status).toBe(304)
  expect((await ask<HomeDetail>('viewer', 'GET', '/api/homes/home-a')).body.plans).toMatchObject([{ pins }])
  // A new drawing: the pins stay.
  const again = await ask<FloorPlan>('care', 'PUT', '/api/places/a-f2/plan', svg.replace('600', '400'))
  expect(again.body).toMatchObject({ revision: 2, height: 400, pins })
  expect((await ask('viewer', 'GET', '/api/places/a-f2/plan', undefined, known)).status).toBe(200)
})

test('what is no plan, too big a plan or a plan of nothing is refused with what to do', async () => {
  const refused = async (path: string, body: unknown): Promise<string> => (await ask('admin', 'PUT', path, body)).code
  expect(await refused('/api/places/a-f2/plan', '%PDF-1.7')).toBe('image.unknown')
  expect(await refused('/api/places/a-f2/plan', svg.replace('<text>', '<script>x()</script><text>'))).toBe(
    'image.program',
  )
  expect(await refused('/api/places/a-f2/plan', { image: 'none' })).toBe('image.none')
  expect(await refused('/api/places/a-f2/plan', Buffer.alloc(4 * 1024 * 1024 + 1))).toBe('request.too-large')
  expect(await refused('/api/places/nowhere/plan', svg)).toBe('place.unknown')
  expect(await refused('/api/places/county-1/plan', svg)).toBe('plan.not-there')
  const pin = (deviceId: string) => ({ deviceId, x: 0, y: 0 })
  const pins = '/api/places/a-f2/plan/pins'
  expect(await refused(pins, { pins: [pin('nothing')] })).toBe('device.unknown')
  expect(await refused(pins, { pins: [pin('smoke-b')] })).toBe('plan.device-elsewhere')
  expect(await refused(pins, { pins: [pin('smoke-1'), pin('smoke-1')] })).toBe('request.invalid')
  expect(await refused(pins, { pins: [{ ...pin('smoke-1'), x: 1.5 }] })).toBe('request.invalid')
  expect(await refused('/api/places/home-b/plan/pins', { pins: [] })).toBe('plan.unknown')
})

const chunk = (name: string, data: Buffer): Buffer => {
  const frame = Buffer.alloc(12 + data.length)
  frame.writeUInt32BE(data.length)
  frame.write(name, 4, 'latin1')
  data.copy(frame, 8)
  frame.writeUInt32BE(crc32(frame.subarray(4, 8 + data.length)), 8 + data.length)
  return frame
}
/** A picture with a position in it. */
const photograph = (): Buffer => {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(1)
  header.writeUInt32BE(1, 4)
  const parts = [chunk('IHDR', header), chunk('tEXt', Buffer.from('GPS 36.45 115.98')), chunk('IEND', Buffer.alloc(0))]
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...parts])
}

test('a hazard goes from found to closed through three parties, a refusal and photographs; all of it stays on record', async () => {
  const found = await ask<HazardDetail>('fire', 'POST', '/api/hazards', {
    placeId: 'a-201',
    kind: 'wiring',
    description: '=电线裸露',
    owner: '张院长',
    dueAt: NOW + 86_400_000,
  })
  expect(found).toMatchObject({ status: 201, body: { state: 'open', premisesId: 'home-a', foundBy: 'token:fire' } })
  const at = `/api/hazards/${found.body.id}`
  const judge = (role: Role, verdict: string, agreed: boolean, reason = ''): Promise<Answer<HazardDetail>> =>
    ask(role, 'POST', `${at}/verdicts`, { verdict, agreed, reason })

  const taken = await ask<HazardDetail>('fire', 'POST', `${at}/photographs`, photograph())
  expect(taken.body.photographs).toMatchObject([{ by: 'token:fire', after: false }])
  const shown = await ask<string>('viewer', 'GET', `${at}/photographs/${taken.body.photographs[0]?.id}`)
  expect(shown.headers.get('content-type')).toBe('image/png')
  expect(shown.body).not.toContain('GPS')
  expect((await ask('fire', 'POST', `${at}/photographs`, photograph())).code).toBe('hazard.photographed-already')
  expect((await ask('fire', 'POST', `${at}/photographs`, svg)).code).toBe('image.unknown')
  expect((await ask('viewer', 'GET', `${at}/photographs/${'0'.repeat(64)}.png`)).status).toBe(404)

  expect((await judge('fire', 'standard', true)).code).toBe('hazard.not-claimed')
  await ask('care', 'PATCH', at, { dueAt: NOW - 1, reason: '提前' })
  await ask('care', 'POST', `${at}/claim`, { comment: '已更换' })
  expect((await judge('care', 'standard', true)).code).toBe('hazard.not-your-verdict')
  expect((await judge('fire', 'standard', false)).code).toBe('hazard.reason-missing')
  await judge('care', 'put-right', true)
  const sentBack = await judge('fire', 'standard', false, '未穿管')
  expect(sentBack.body).toMatchObject({ state: 'open', refusals: 1, overdue: true })
  await ask('care', 'POST', `${at}/claim`, {})
  expect((await ask<HazardDetail>('fire', 'GET', at)).body.may.judge).toEqual(['standard'])
  await judge('admin', 'put-right', true)
  expect((await judge('admin', 'people', true)).code).toBe('hazard.one-verdict-each')
  await judge('fire', 'standard', true)
  expect((await judge('dispatcher', 'people', true, '家属满意')).body).toMatchObject({ state: 'closed', closedAt: NOW })
  expect((await judge('dispatcher', 'people', false, '反悔')).code).toBe('hazard.closed')

  const { body } = await ask<HazardDetail>('viewer', 'GET', at)
  expect(body.history.map(({ type, by }) => `${type} ${by.replace('token:', '')}`)).toEqual([
    'opened fire',
    'photographed fire',
    'changed care',
    'claimed care',
    'agreed care',
    'refused fire',
    'claimed care',
    'agreed admin',
    'agreed fire',
    'agreed dispatcher',
    'closed dispatcher',
  ])
  const audited = await stage.stores.accounts.auditEntries({ action: 'hazard.', target: body.id, limit: 100 })
  expect(audited.items).toHaveLength(10)
  const list = async (query: string): Promise<string[]> =>
    (await ask<{ items: Hazard[] }>('viewer', 'GET', `/api/hazards?${query}`)).body.items.map(({ id }) => id)
  expect(await list('placeId=home-a')).not.toContain(body.id)
  expect(await list('placeId=county-1&state=closed')).toEqual([body.id])
  expect(await list('placeId=county-2&state=all')).toEqual([])
  expect(await list('overdue=true')).toEqual(['hz-1'])
  const csv = await ask<string>('viewer', 'GET', '/api/hazards.csv?state=closed')
  expect(csv.body).toContain("'=电线裸露")
  expect(csv.headers.get('content-disposition')).toContain('hazards.csv')
})

test('a table is tried first and then imported; what it brought shows at once', async () => {
  const table =
    'id,kind,name,parent,beds\nhome-c,home,新开养老院,county-2,\nc-1,room,101,home-c,3\nc-2,room,102,nowhere,\n'
  const tried = await ask<ImportAnswer>('care', 'POST', '/api/places/import?dryRun=true', table)
  expect(tried.body).toMatchObject({ dryRun: true, added: 5, changed: 0, unchanged: 0, notImported: 1 })
  expect(tried.body.faults).toMatchObject([{ line: 4, column: 'parent', reasonZh: '没有编号为“nowhere”的地点' }])
  expect(tried.body.errorsCsv).toContain('3,4,parent,')
  expect((await ask('care', 'GET', '/api/homes/home-c')).code).toBe('home.unknown')
  await ask('care', 'POST', '/api/places/import?name=c.csv', table)
  expect((await ask<HomeDetail>('care', 'GET', '/api/homes/home-c')).body).toMatchObject({
    beds: 3,
    name: '新开养老院',
  })
  const { items } = await stage.stores.accounts.auditEntries({ action: 'place.import', limit: 10 })
  expect(items).toMatchObject([{ target: 'c.csv', detail: '5 added, 0 changed' }])
  // Written by a Chinese spreadsheet: GB18030.
  const gb = Buffer.from('6964,kind,parent,name\n'.replace('6964', 'id'), 'latin1')
  const row = Buffer.concat([
    Buffer.from('home-d,home,county-2,'),
    Buffer.from('d1f8c0cfd4ba', 'hex'),
    Buffer.from('\n'),
  ])
  await ask('care', 'POST', '/api/places/import', Buffer.concat([gb, row]))
  expect((await ask<HomeDetail>('care', 'GET', '/api/homes/home-d')).body.name).toBe('养老院')
  expect((await ask('care', 'POST', '/api/places/import', 'name\nx')).code).toBe('table.unreadable')
  expect((await ask('care', 'POST', '/api/places/import', { rows: [] })).code).toBe('table.none')
  const staff = '编号,机构,姓名,岗位,上班,下班\nN1,home-c,赵敏,护理员,20:00,08:00\n'
  expect((await ask<ImportAnswer>('care', 'POST', '/api/staff/import', staff)).body.added).toBe(1)
  const { body } = await ask<{ items: unknown[] }>('fire', 'GET', '/api/places/home-c/staff')
  expect(body.items).toMatchObject([{ id: 'N1', onDuty: true, days: [] }])
  const post = '编号,类型,名称,经度,纬度,坐标系\nP9,消防站,某站,115.9,36.4,gcj02\nP8,乡镇消防站,某站,115.9,36.4,gcj02\n'
  expect((await ask<ImportAnswer>('fire', 'POST', '/api/responders/import', post)).body).toMatchObject({
    added: 1,
    notImported: 1,
  })
  expect((await ask<{ total: number }>('fire', 'GET', '/api/responders?q=p8')).body.total).toBe(1)
  expect((await ask('care', 'DELETE', '/api/responders/P8')).status).toBe(204)
  expect((await ask('care', 'DELETE', '/api/staff/nobody')).code).toBe('staff.unknown')
})
