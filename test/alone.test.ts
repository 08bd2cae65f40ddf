import { connectAsync } from 'mqtt'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type System, startSystem } from '../bench/system.ts'
import { type AloneDetail, type AlonePage, CITY_RULE } from '../contract/alone.ts'
import type { IncidentDetail, ListedIncident } from '../contract/incident-api.ts'
import { stateFile } from '../store/files.ts'
import { hashSecret, makeSecret } from '../store/identity.ts'
import { openAccounts, openAlone, openRegistry, openResidents } from '../store/state/sqlite.ts'

/** Real roles: the meter of somebody who lives alone uploads day by day, a carer answers, and water runs again. */

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const SECRET = 'a meter in a well'
/** A week ago, on the hour: everything that is published lies in the past. */
const BEGAN = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 8 * DAY_MS
const LIVES = [0, 0, 0, 8, 0, 0, 9, 4, 2, 0, 6, 5, 3, 8, 0, 2, 0, 6, 9, 4, 2, 0, 0, 0]
const HARDLY = LIVES.map((_, hour) => (hour === 12 ? 3 : 0))

let system: System
let authorization: string
beforeAll(async () => {
  system = await startSystem()
  const file = stateFile(system.dataDir)
  const [registry, alone, accounts, residents] = [
    openRegistry(file),
    openAlone(file),
    openAccounts(file),
    openResidents(file),
  ]
  const place = { lon: null, lat: null, contact: null }
  await registry.putPlaces([
    { ...place, id: 'v1', parentId: null, kind: 'village', name: '梨园村' },
    { ...place, id: 'well-1', parentId: 'v1', kind: 'well', name: '一号表井' },
    { ...place, id: 'dwelling-1', parentId: 'v1', kind: 'dwelling', name: '12号院' },
  ])
  const facts = { name: '水表', model: null, gatewayId: null, lon: null, lat: null, rhythmS: 86_400 }
  await registry.put([{ ...facts, id: 'm1', kind: 'water-meter', placeId: 'well-1', secretHash: hashSecret(SECRET) }], {
    replace: false,
  })
  const person = { room: '', relativePhone: null, health: [], note: '' }
  await residents.put([{ ...person, id: 'r1', placeId: 'dwelling-1', name: '王桂英' }])
  const contacts = [
    { stage: 'family', name: '王强', phone: '0635-0001', minutes: 10 },
    { stage: 'nearby', name: '李婶', phone: '0635-0002', minutes: 20 },
  ] as const
  const watch = { deviceId: 'm1', placeId: 'dwelling-1', residentId: 'r1', rule: CITY_RULE, contacts: [...contacts] }
  await alone.put([watch], 'test', BEGAN)
  const token = makeSecret()
  await accounts.addToken({ name: 'carer', role: 'care', tokenHash: hashSecret(token), createdAt: Date.now() })
  authorization = `Bearer ${token}`
  for (const port of [registry, alone, accounts, residents]) await port.close()
})
afterAll(() => system.stop())

let litres = 40_000
let day = 0
/** One upload of a day's registers. */
async function upload(...days: readonly (readonly number[])[]): Promise<void> {
  const client = await connectAsync(`mqtt://127.0.0.1:${system.mqttPort}`, {
    clientId: 'm1',
    username: 'm1',
    password: SECRET,
  })
  for (const drawn of days) {
    const volume = drawn.map((one) => {
      litres += one
      return litres / 1000
    })
    const series = { ts: BEGAN + day * DAY_MS + HOUR_MS, step: HOUR_MS, values: { volume } }
    day += 1
    await client.publishAsync('v1/devices/me/telemetry', JSON.stringify(series), { qos: 1 })
  }
  await client.endAsync()
}

async function ask<T>(path: string, body?: object): Promise<T> {
  const answer = await fetch(system.httpUrl + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const said = (await answer.json()) as T
  expect(answer.status, JSON.stringify(said)).toBe(200)
  return said
}
const person = (): Promise<AloneDetail> => ask<AloneDetail>('/api/alone/m1')
const heardUntil = (days: number) =>
  expect.poll(async () => (await person()).lastAt, { timeout: 10_000, interval: 30 }).toBe(BEGAN + days * DAY_MS)

test('three days of 3 l call for a visit; away ends it, and the next day’s use ends away', async () => {
  await upload(LIVES, HARDLY, HARDLY, HARDLY)
  await heardUntil(4)
  const calling = await person()
  expect(calling).toMatchObject({
    state: 'alarm',
    name: '王桂英',
    alarm: { type: 'noUse', severity: 'MAJOR', active: true },
    call: { contact: 0, stage: 'family' },
    contacts: [{ name: '王强' }, { name: '李婶' }],
  })
  const incidentId = calling.alarm?.incidentId ?? ''
  expect(await ask<IncidentDetail>(`/api/incidents/${incidentId}`)).toMatchObject({
    incident: { kind: 'care', state: 'received', premisesId: 'dwelling-1', placeId: 'dwelling-1' },
  })

  // The daughter does not answer: the neighbour is next. What was said stays with the person, that it was said with the incident.
  await ask('/api/alone/m1/answers', { answer: 'nobody', contact: 0, note: '手机关机' })
  expect((await person()).call).toMatchObject({ contact: 1, stage: 'nearby' })
  const called = await ask<IncidentDetail>(`/api/incidents/${incidentId}`)
  expect(called.timeline.at(-1)).toMatchObject({ type: 'incident.called', call: { answered: false } })
  expect(JSON.stringify(called.timeline)).not.toMatch(/手机关机|王强|0635-0001/)

  const away = await ask<AloneDetail>('/api/alone/m1/away', { note: '去女儿家' })
  expect(away).toMatchObject({ state: 'away', alarm: null, awayNote: '去女儿家', away: { until: null } })
  expect(await ask<IncidentDetail>(`/api/incidents/${incidentId}`)).toMatchObject({
    incident: { state: 'closed', disposition: 'false', cause: 'away' },
  })

  await upload(HARDLY, HARDLY)
  await heardUntil(6)
  expect(await person()).toMatchObject({ state: 'away', alarm: null })
  const open = await ask<{ readonly items: readonly ListedIncident[] }>('/api/incidents')
  expect(open.items).toEqual([])

  await upload(LIVES)
  await heardUntil(7)
  const home = await person()
  expect(home).toMatchObject({ state: 'fine', away: null, alarm: null })
  expect(home.history[0]).toMatchObject({ type: 'back-by-itself', by: null })
  expect(home.history.map(({ type }) => type)).toEqual(['back-by-itself', 'away', 'answer', 'watched'])
  expect(await ask<AlonePage>('/api/alone')).toMatchObject({ total: 1, counts: { fine: 1, alarm: 0 } })
})
