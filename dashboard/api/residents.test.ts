import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Alarm } from '../../contract/alarms.ts'
import type { Place } from '../../contract/api.ts'
import type { Resident } from '../../contract/residents.ts'
import { ROLES, type Role } from '../../contract/roles.ts'
import { type Rehearsal, rehearse } from '../rehearsal.ts'

let stage: Rehearsal
const headersOf = new Map<Role, Record<string, string>>()

const place = (id: string, parentId: string | null, kind: Place['kind']): Place => ({
  id,
  parentId,
  kind,
  name: id,
  lon: null,
  lat: null,
  contact: null,
})
const resident = (id: string, placeId: string): Resident => ({
  id,
  placeId,
  name: `住户-${id}`,
  room: '1',
  relativePhone: '0635-0000001',
  health: ['oxygen', 'dementia'],
  note: `SECRET-${id}`,
})

beforeAll(async () => {
  stage = await rehearse()
  await stage.stores.registry.putPlaces([
    place('county', null, 'county'),
    place('home-a', 'county', 'home'),
    place('a-201', 'home-a', 'room'),
    place('a-202', 'home-a', 'room'),
    place('home-b', 'county', 'home'),
    place('b-101', 'home-b', 'room'),
  ])
  await stage.addDevices(
    { id: 'smoke-a', kind: 'smoke-detector', placeId: 'a-201' },
    { id: 'panic-a', kind: 'panic-button', placeId: 'a-202' },
    { id: 'smoke-b', kind: 'smoke-detector', placeId: 'b-101' },
    { id: 'meter-a', kind: 'water-meter', placeId: 'home-a' },
    { id: 'lost', kind: 'smoke-detector' },
  )
  await stage.stores.residents.put([
    resident('wang', 'a-201'),
    resident('li', 'a-202'),
    resident('zhao', 'home-a'),
    resident('sun', 'b-101'),
  ])
  await stage.restart()
  for (const role of ROLES) headersOf.set(role, { authorization: `Bearer ${await stage.token(role, role)}` })
})
afterAll(() => stage.end())

let open: Alarm[] = []
const raise = async (device: string, type: Alarm['type']): Promise<Alarm> => {
  const alarm = await stage.raise(device, type)
  open.push(alarm)
  return alarm
}
const setState = (alarm: Alarm, state: Alarm['state']): Promise<number> =>
  stage.decide({ alarms: [{ ...alarm, state }] })
beforeEach(async () => {
  for (const alarm of open) await setState(alarm, 'CLEARED_ACK')
  open = []
})

async function ask(role: Role, path: string): Promise<{ status: number; code: string; ids: string[]; text: string }> {
  const answer = await stage.get(path, headersOf.get(role))
  const text = await answer.text()
  const body = JSON.parse(text) as { items?: { id: string }[]; id?: string; error?: { code: string } }
  const ids = body.items?.map((one) => one.id) ?? (body.id === undefined ? [] : [body.id])
  return { status: answer.status, code: body.error?.code ?? '', ids, text }
}
const readsOf = async (id: string): Promise<{ actor: string; detail: string }[]> => {
  const { items } = await stage.stores.accounts.auditEntries({ action: 'resident.read', target: id, limit: 100 })
  return items.map(({ actor, detail }) => ({ actor, detail }))
}

test('in a fire the dispatcher and the brigade learn who is in that home, with what a rescuer must know', async () => {
  const alarm = await raise('smoke-a', 'smoke')
  for (const role of ['dispatcher', 'fire', 'care', 'admin'] as const) {
    const { ids, text } = await ask(role, `/api/alarms/${alarm.id}/residents`)
    expect(ids.sort()).toEqual(['li', 'wang', 'zhao'])
    expect(text).toContain('oxygen')
    expect(text).not.toContain('SECRET-sun')
  }
  for (const role of ['water', 'viewer'] as const)
    expect(await ask(role, `/api/alarms/${alarm.id}/residents`)).toMatchObject({ status: 403, code: 'right.missing' })
})

test('a dispatcher cannot read of residents who are not involved, by no way', async () => {
  await raise('smoke-a', 'smoke')
  for (const role of ['dispatcher', 'fire'] as const) {
    for (const path of [
      '/api/residents/sun',
      '/api/places/home-b/residents',
      '/api/places/b-101/residents',
      '/api/residents/nobody',
    ])
      expect(await ask(role, path)).toMatchObject({ status: 403, code: 'resident.not-involved', ids: [] })
    expect((await ask(role, '/api/residents/li')).ids).toEqual(['li'])
    expect((await ask(role, '/api/places/county/residents')).ids.sort()).toEqual(['li', 'wang', 'zhao'])
    expect((await ask(role, '/api/places/a-201/residents')).ids).toEqual(['wang'])
  }
  expect(await readsOf('sun')).toEqual([])
})

test('a panic button tells of the person in that room only; a leak, a drill and a detector without a place of nobody', async () => {
  const call = await raise('panic-a', 'panic')
  expect((await ask('dispatcher', `/api/alarms/${call.id}/residents`)).ids).toEqual(['li'])
  expect((await ask('dispatcher', '/api/residents/wang')).code).toBe('resident.not-involved')
  const leak = await raise('meter-a', 'leak')
  expect((await ask('dispatcher', `/api/alarms/${leak.id}/residents`)).code).toBe('resident.not-involved')
  const drill = await raise('smoke-b', 'heat')
  await stage.decide({ alarms: [{ ...drill, test: true }] })
  expect((await ask('dispatcher', `/api/alarms/${drill.id}/residents`)).code).toBe('resident.not-involved')
  expect((await ask('dispatcher', '/api/residents/sun')).code).toBe('resident.not-involved')
  const nowhere = await raise('lost', 'smoke')
  expect(await ask('dispatcher', `/api/alarms/${nowhere.id}/residents`)).toMatchObject({ status: 200, ids: [] })
})

test('from the raise until it is closed, not a moment longer', async () => {
  const alarm = await raise('smoke-b', 'smoke')
  for (const state of ['ACTIVE_UNACK', 'ACTIVE_ACK', 'CLEARED_UNACK'] as const) {
    await setState(alarm, state)
    expect((await ask('dispatcher', '/api/residents/sun')).ids).toEqual(['sun'])
  }
  await setState(alarm, 'CLEARED_ACK')
  for (const path of [`/api/alarms/${alarm.id}/residents`, '/api/residents/sun', '/api/places/home-b/residents'])
    expect((await ask('dispatcher', path)).code).toBe('resident.not-involved')
  expect((await ask('care', '/api/residents/sun')).ids).toEqual(['sun'])
})

test('every reading is in the audit: who, of whom, because of which alarm', async () => {
  const before = await readsOf('wang')
  const alarm = await raise('smoke-a', 'co')
  await ask('fire', `/api/alarms/${alarm.id}/residents`)
  await ask('care', '/api/residents/wang')
  await ask('care', `/api/alarms/${alarm.id}/residents`)
  const since = (await readsOf('wang')).slice(0, -before.length || undefined)
  expect(since).toEqual([
    { actor: 'token:care', detail: JSON.stringify({ because: 'post', alarmId: alarm.id }) },
    { actor: 'token:care', detail: '{"because":"post"}' },
    { actor: 'token:fire', detail: JSON.stringify({ because: 'alarm', alarmId: alarm.id }) },
  ])
})

test('what is not in the audit has not been read', async () => {
  const { accounts } = stage.stores
  const audit = accounts.audit
  accounts.audit = () => Promise.reject(new Error('database or disk is full'))
  try {
    const { status, text } = await ask('care', '/api/residents/wang')
    expect(status).toBe(500)
    expect(text).not.toContain('SECRET')
  } finally {
    accounts.audit = audit
  }
})

test('a big home comes in pages, and nonsense is refused in words', async () => {
  const first = await ask('care', '/api/places/county/residents?limit=3')
  expect(first.ids).toHaveLength(3)
  const { next } = JSON.parse(first.text) as { next: string }
  expect((await ask('care', `/api/places/county/residents?limit=3&cursor=${next}`)).ids).toHaveLength(1)
  expect((await ask('care', '/api/places/county/residents?limit=100000')).code).toBe('request.invalid')
  expect((await ask('care', `/api/places/county/residents?cursor=${'x'.repeat(300)}`)).code).toBe('request.invalid')
  expect((await ask('care', '/api/places/nowhere/residents')).code).toBe('place.unknown')
  expect((await ask('care', '/api/residents/nobody')).code).toBe('resident.unknown')
})

test('health data stands nowhere else: not in alarms, search, devices, events, places or metrics', async () => {
  const alarm = await raise('smoke-a', 'gas')
  for (const path of [
    '/api/alarms',
    `/api/alarms/${alarm.id}`,
    '/api/search?q=住户',
    '/api/search?q=wang',
    '/api/devices',
    '/api/devices/smoke-a',
    '/api/events?after=0',
    '/api/places',
    '/api/summary',
    '/metrics',
    '/docs/json',
  ]) {
    const text = await (await stage.get(path, headersOf.get('admin'))).text()
    expect(`${path} ${/SECRET|住户-|0635-0000001/.test(text)}`).toBe(`${path} false`)
  }
})
