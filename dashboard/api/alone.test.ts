import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AloneDetail, type AlonePage, CITY_RULE, callNow } from '../../contract/alone.ts'
import type { Place } from '../../contract/api.ts'
import type { ImportAnswer } from '../../contract/home-answers.ts'
import { ROLES, type Role } from '../../contract/roles.ts'
import { type Rehearsal, rehearse } from '../rehearsal.ts'

let stage: Rehearsal
const headersOf = new Map<Role, Record<string, string>>()
const NOW = 1_764_000_000_000
const CONTACTS = [
  { stage: 'nearby', name: '李婶', phone: '0635-0002', minutes: 20 },
  { stage: 'family', name: '王强', phone: '0635-0001', minutes: 10 },
] as const

beforeAll(async () => {
  stage = await rehearse({ now: () => NOW })
  const place = (id: string, parentId: string | null, kind: Place['kind']): Place => ({
    ...{ id, parentId, kind, name: `地点-${id}` },
    ...{ lon: null, lat: null, contact: null },
  })
  await stage.stores.registry.putPlaces([
    place('county', null, 'county'),
    place('d1', 'county', 'dwelling'),
    place('d2', 'county', 'dwelling'),
  ])
  await stage.addDevices(
    { id: 'm1', kind: 'water-meter', placeId: 'd1' },
    { id: 'm2', kind: 'water-meter', placeId: 'd2' },
    { id: 'smoke', kind: 'smoke-detector', placeId: 'd1' },
  )
  const person = { room: '', relativePhone: null, health: [], note: '' }
  await stage.stores.residents.put([
    { ...person, id: 'wang', placeId: 'd1', name: '王桂英' },
    { ...person, id: 'li', placeId: 'd2', name: '李秀兰' },
  ])
  await stage.restart()
  for (const role of ROLES) headersOf.set(role, { authorization: `Bearer ${await stage.token(role, role)}` })
})
afterAll(() => stage.end())

async function ask<T>(role: Role, method: string, path: string, body?: object): Promise<{ status: number; said: T }> {
  const answer = await fetch(stage.dashboard.url + path, {
    method,
    headers: { ...headersOf.get(role), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: answer.status, said: (await answer.json().catch(() => undefined)) as T }
}
const names = async (role: Role): Promise<(string | null)[]> =>
  (await ask<AlonePage>(role, 'GET', '/api/alone')).said.items.map(({ name }) => name)
const readsOf = async (target: string): Promise<number> =>
  (await stage.stores.accounts.auditEntries({ action: 'resident.read', target, limit: 100 })).total

test('a carer enters somebody with whom to call; a meter that is none, and a place that is not there, are refused', async () => {
  const body = { placeId: 'd1', residentId: 'wang', rule: CITY_RULE, contacts: CONTACTS }
  const entered = await ask<AloneDetail>('care', 'PUT', '/api/alone/m1', body)
  expect(entered).toMatchObject({ status: 200, said: { name: '王桂英', state: 'unknown', usual: null } })
  expect(entered.said.contacts?.map(({ name }) => name)).toEqual(['王强', '李婶'])
  expect((await ask('care', 'PUT', '/api/alone/m2', { placeId: 'd2', residentId: 'li' })).status).toBe(200)
  expect((await ask('care', 'PUT', '/api/alone/smoke', body)).status).toBe(409)
  expect((await ask('care', 'PUT', '/api/alone/m9', body)).status).toBe(404)
  expect((await ask('care', 'PUT', '/api/alone/m1', { ...body, placeId: 'd9' })).status).toBe(404)
  expect(
    (await ask('care', 'PUT', '/api/alone/m1', { ...body, rule: { ...CITY_RULE, noUseLitres: 500 } })).status,
  ).toBe(400)
})

test('who has nothing to do with them is not told which dwellings are empty', async () => {
  for (const role of ['viewer', 'water', 'fire'] as const)
    for (const [method, path] of [
      ['GET', '/api/alone'],
      ['GET', '/api/alone/m1'],
      ['POST', '/api/alone/m1/back'],
    ] as const)
      expect((await ask(role, method, path, method === 'POST' ? {} : undefined)).status).toBe(403)
})

test('a dispatcher is told the name while the city’s rule calls, and of nobody else; each telling is in the audit once', async () => {
  expect(await names('dispatcher')).toEqual([null, null])
  const alarm = { ...(await stage.raise('m1', 'noUse')), placeId: 'd1' }
  await stage.decide({ alarms: [alarm] })
  const before = await readsOf('wang')
  expect(await names('dispatcher')).toEqual(['王桂英', null])
  expect(await names('dispatcher')).toEqual(['王桂英', null])
  expect(await readsOf('wang')).toBe(before + 1)
  expect((await ask<AlonePage>('dispatcher', 'GET', '/api/alone?q=李秀兰')).said.total).toBe(0)
  expect((await ask<AlonePage>('care', 'GET', '/api/alone?q=李秀兰')).said.total).toBe(1)
  await stage.decide({ alarms: [{ ...alarm, severity: 'MINOR' }] })
  expect(await names('dispatcher')).toEqual([null, null])
  await stage.decide({ alarms: [alarm] })
})

test('who does not answer is followed by the next; fine ends the alarm and begins a new day', async () => {
  const called = await ask<AloneDetail>('dispatcher', 'POST', '/api/alone/m1/answers', { answer: 'nobody', contact: 0 })
  expect(called.said.call).toMatchObject({ contact: 1, stage: 'nearby' })
  const fine = await ask<AloneDetail>('dispatcher', 'POST', '/api/alone/m1/answers', {
    answer: 'fine',
    contact: 1,
    note: '在邻居家打牌',
  })
  // The stand-in for ingest closes nothing: what it was asked is what counts here; test/alone.test.ts sees it closed.
  expect(fine.status).toBe(200)
  const closed = await stage.stores.accounts.auditEntries({ action: 'alarm.close', limit: 9 })
  expect(closed.items.map(({ actor, detail }) => [actor, JSON.parse(detail).disposition])).toEqual([
    ['token:dispatcher', 'false'],
  ])
  expect(await stage.stores.alone.find('m1')).toMatchObject({ judgedFrom: NOW })
  const told = (await ask<AloneDetail>('care', 'GET', '/api/alone/m1')).said.history[0]
  expect(told).toMatchObject({ answer: 'fine', stage: 'nearby', note: '在邻居家打牌', by: 'token:dispatcher' })
})

test('an absence must end after today; it can be ended by hand; the watch can be ended, and its history stays', async () => {
  expect((await ask('care', 'POST', '/api/alone/m2/away', { until: NOW - 1 })).status).toBe(400)
  for (const until of [1e300, NOW + 0.5])
    expect((await ask('care', 'POST', '/api/alone/m2/away', { until })).status).toBe(400)
  const away = await ask<AloneDetail>('care', 'POST', '/api/alone/m2/away', { until: NOW + 1000, note: '女儿家' })
  expect(away.said).toMatchObject({ state: 'away', away: { until: NOW + 1000 }, awayNote: '女儿家' })
  expect((await ask<AlonePage>('dispatcher', 'GET', '/api/alone?state=away')).said).toMatchObject({ total: 1 })
  expect((await ask('care', 'POST', '/api/alone/m2/back', {})).status).toBe(200)
  expect((await ask('care', 'POST', '/api/alone/m2/back', {})).status).toBe(409)
  expect((await ask('care', 'DELETE', '/api/alone/m2')).status).toBe(204)
  expect((await ask('care', 'GET', '/api/alone/m2')).status).toBe(404)
  expect((await stage.stores.alone.history('m2', 9)).map(({ type }) => type)).toEqual([
    'unwatched',
    'back',
    'away',
    'watched',
  ])
})

test('contacts are called one after the other, by their minutes or as soon as one has not answered', () => {
  const MINUTE = 60_000
  const contacts = [
    { stage: 'family', minutes: 10 },
    { stage: 'nearby', minutes: 20 },
  ] as const
  const nobody = (at: number, contact: number) => ({ at, type: 'answer', answer: 'nobody', contact }) as const
  const at = (minute: number, answers: readonly ReturnType<typeof nobody>[] = []) =>
    callNow(contacts, 0, answers, minute * MINUTE)
  expect(at(9)).toEqual({ contact: 0, stage: 'family', since: 0, nextAt: 10 * MINUTE })
  expect(at(12)).toEqual({ contact: 1, stage: 'nearby', since: 10 * MINUTE, nextAt: 30 * MINUTE })
  expect(at(3, [nobody(2 * MINUTE, 0)])).toMatchObject({ contact: 1, since: 2 * MINUTE })
  expect(at(3, [nobody(MINUTE, 0), nobody(2 * MINUTE, 1)])).toMatchObject({
    contact: null,
    stage: 'visit',
    nextAt: null,
  })
  expect(at(40)).toMatchObject({ contact: null, since: 30 * MINUTE })
})

test('a table is laid over what is known: every wrong row is told at once, and nothing is written while one is wrong', async () => {
  const send = async (role: Role, query: string, table: string): Promise<{ status: number; said: ImportAnswer }> => {
    const answer = await fetch(`${stage.dashboard.url}/api/alone/import?${query}`, {
      method: 'POST',
      headers: { ...headersOf.get(role), 'content-type': 'text/csv' },
      body: table,
    })
    return { status: answer.status, said: (await answer.json()) as ImportAnswer }
  }
  await stage.addDevices({ id: 'm3', kind: 'water-meter', placeId: 'd2' })
  const table = '水表,住址,家属,家属电话\nm3,d2,王强,0635-0001\nm8,d2,,\nsmoke,d9,,0635-0002\n'
  const looked = await send('care', 'whole=true', table)
  expect(looked.said).toMatchObject({ dryRun: true, added: 1, notImported: 2 })
  expect(looked.said.faults.map(({ line, column }) => `${line} ${column}`)).toEqual([
    '3 id',
    '4 id',
    '4 place',
    '4 family',
  ])
  expect((await ask('care', 'GET', '/api/alone/m3')).status).toBe(404)
  expect((await send('care', 'whole=true', table.split('\n').slice(0, 2).join('\n'))).said).toMatchObject({
    dryRun: false,
    added: 1,
  })
  expect((await ask('care', 'GET', '/api/alone/m3')).status).toBe(200)
  expect((await send('dispatcher', 'dryRun=true', 'id,resident\nm1,wang\n')).said.ignored).toEqual(['resident'])
  expect((await send('water', 'dryRun=true', 'id\nm1\n')).status).toBe(403)
})
