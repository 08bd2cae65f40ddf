import { afterAll, beforeAll, expect, test } from 'vitest'
import type { IncidentDetail } from '../../contract/incident-api.ts'
import type { Incident } from '../../contract/incidents.ts'
import { type LiveClient, next, type Rehearsal, rehearse, sampleAlarm } from '../rehearsal.ts'

let stage: Rehearsal
let headers: Record<string, string>
beforeAll(async () => {
  stage = await rehearse()
  const place = { lon: null, lat: null, contact: null }
  await stage.stores.registry.putPlaces([
    { ...place, id: 'county', parentId: null, kind: 'county', name: '东昌府区' },
    {
      ...place,
      id: 'home',
      parentId: 'county',
      kind: 'home',
      name: '阳光养老院',
      lon: 115.98,
      lat: 36.45,
      contact: '8351',
    },
    { ...place, id: 'room', parentId: 'home', kind: 'room', name: '203' },
  ])
  await stage.addDevices({ id: 'smoke-1', kind: 'smoke-detector', placeId: 'room' })
  const resident = { relativePhone: null, note: '', room: '1床' }
  await stage.stores.residents.put([
    { ...resident, id: 'r-1', placeId: 'room', name: '王秀英', health: ['oxygen'] },
    { ...resident, id: 'r-2', placeId: 'home', name: '李大爷', health: [] },
  ])
  await stage.restart()
  headers = { authorization: `Bearer ${await stage.token('li', 'dispatcher')}` }
})
afterAll(() => stage.end())

const detailOf = async (id: string): Promise<IncidentDetail> =>
  (await (await stage.get(`/api/incidents/${id}`, headers)).json()) as IncidentDetail
const post = async (path: string, body: unknown): Promise<{ status: number; said: IncidentDetail }> => {
  const answer = await stage.post(path, body, headers)
  return { status: answer.status, said: (await answer.json()) as IncidentDetail }
}
const open = (facts?: Partial<Incident>): Promise<Incident> =>
  stage.openIncident({ premisesId: 'home', placeId: 'room', ...facts })

test('one answer holds what a dispatcher must know: where, who is inside, whom to call, what is watched', async () => {
  const { id } = await open()
  const alarm = { ...sampleAlarm('a-in', 'smoke-1', 'smoke'), incidentId: id }
  await stage.decide({ alarms: [alarm] })
  const watch = { target: { deviceId: 'smoke-1' }, mode: 'isolated', until: Date.now() + 60_000, reason: '装修' }
  expect((await post('/api/watch', watch)).status).toBe(200)
  const said = await detailOf(id)
  expect(said.placePath).toEqual(['东昌府区', '阳光养老院', '203'])
  expect(said).toMatchObject({ people: 2, position: { lon: 115.98, lat: 36.45 }, premises: { contact: '8351' } })
  expect(said.alarms.map((one) => one.id)).toEqual(['a-in'])
  expect(said.watch).toMatchObject([{ mode: 'isolated', deviceId: 'smoke-1', by: 'token:li', reason: '装修' }])
  expect(said.timeline.map((event) => event.type)).toEqual(['incident.opened'])
})

test('a fire goes from taken to closed, each step answered with what has become of it and written down', async () => {
  const { id } = await open()
  const at = `/api/incidents/${id}`
  await post(`${at}/acknowledge`, {})
  await post(`${at}/confirm`, { comment: '护工看到明火' })
  await post(`${at}/tell`, {})
  await post(`${at}/call`, { call: { who: '值班室', number: '8351', answered: false } })
  await post(`${at}/dispatch`, { responderIds: ['post-1'] })
  await post(`${at}/arrive`, { response: 'staff' })
  const { said } = await post(`${at}/close`, { disposition: 'real', cause: 'cooking', comment: '已扑灭' })
  expect(said.incident).toMatchObject({
    state: 'closed',
    acknowledgedBy: 'token:li',
    disposition: 'real',
    cause: 'cooking',
    arrivals: { staff: expect.any(Number) },
  })
  const steps = ['opened', 'acknowledged', 'confirmed', 'told', 'called', 'dispatched', 'arrived', 'closed']
  expect(said.timeline.map((event) => event.type)).toEqual(steps.map((step) => `incident.${step}`))
  const { items } = await stage.stores.accounts.auditEntries({ action: 'incident.', target: id, limit: 20 })
  expect(items.map((entry) => entry.action).reverse()).toEqual([
    'incident.acknowledge',
    'incident.confirm',
    'incident.tell',
    'incident.call',
    'incident.dispatch',
    'incident.arrive',
    'incident.close',
  ])
  const again = await post(`${at}/tell`, {})
  expect(again).toMatchObject({ status: 409, said: { error: { code: 'incident.closed' } } })
})

test('the list tells open from closed ones, and one home from another', async () => {
  const { id } = await open({ kind: 'outage', premisesId: null, placeId: null, cell: '7A21' })
  const ids = async (query: string): Promise<string[]> => {
    const answer = await stage.get(`/api/incidents${query}`, headers)
    return ((await answer.json()) as { items: Incident[] }).items.map((one) => one.id)
  }
  expect(await ids('?kind=outage')).toEqual([id])
  expect(await ids('?premisesId=home&state=all')).not.toContain(id)
  expect((await ids('?state=all')).length).toBeGreaterThan((await ids('')).length)
})

test('who forgets the end of an isolation, or names what is not there, is told so and nothing is stored', async () => {
  const refusal = async (path: string, body: unknown): Promise<string> => {
    const answer = await stage.post(path, body, headers)
    return ((await answer.json()) as { error: { code: string } }).error.code
  }
  const isolation = { target: { placeId: 'home' }, mode: 'isolated', reason: 'x' }
  expect(await refusal('/api/watch', isolation)).toBe('request.invalid')
  expect(await refusal('/api/watch', { ...isolation, until: 1, target: { placeId: 'no' } })).toBe('place.unknown')
  expect(await refusal('/api/incidents/no/acknowledge', {})).toBe('incident.unknown')
  expect(await refusal('/api/duty-checks/no/answer', {})).toBe('duty-check.unknown')
  expect(await refusal('/api/places/no/reset', {})).toBe('place.unknown')
})

test('a duty check is asked and answered; detectors that staff have reset are noted', async () => {
  const asked = await stage.post('/api/duty-checks', { placeId: 'home', minutes: 3 }, headers)
  const duty = (await asked.json()) as { id: string; dueAt: number; askedAt: number }
  expect(duty.dueAt - duty.askedAt).toBe(180_000)
  const answered = await stage.post(`/api/duty-checks/${duty.id}/answer`, { comment: '老张在岗' }, headers)
  expect(await answered.json()).toMatchObject({ id: duty.id, settled: 'answered', answeredBy: 'token:li' })
  const list = await stage.get('/api/duty-checks?placeId=home', headers)
  expect(await list.json()).toMatchObject({ total: 1, items: [{ id: duty.id }] })
  expect((await stage.post('/api/places/room/reset', {}, headers)).status).toBe(204)
})

test('a console is given open incidents, hears of each change, takes one over its socket, and sees whose bell is silent', async () => {
  const { id } = await open()
  const socket = async (name: string): Promise<LiveClient> => {
    const client = stage.connect({ headers: { cookie: await stage.signIn(name, 'dispatcher') } })
    const first = next(client, 'snapshot')
    client.emit('hello', {})
    const { openIncidents, watchModes } = await first
    expect(openIncidents.map((one) => one.id)).toContain(id)
    expect(watchModes).toMatchObject([{ deviceId: 'smoke-1' }])
    return client
  }
  const [wang, zhao] = [await socket('wang'), await socket('zhao')]
  const silent: string[][] = []
  zhao.on('pulse', ({ muted }) => silent.push(muted.map(({ name }) => name)))
  wang.emit('muted', { alarmIds: [], incidentIds: [id] })
  await expect.poll(() => silent.at(-1)).toEqual(['wang'])
  const events = next(zhao, 'events')
  const answer = await new Promise((resolve) =>
    wang.emit('acknowledgeIncident', { incidentId: id, comment: '' }, resolve),
  )
  expect(answer).toEqual({ ok: true })
  expect((await events).events).toMatchObject([
    { type: 'incident.acknowledged', incident: { id, acknowledgedBy: 'wang' } },
  ])
  wang.close()
  await expect.poll(() => silent.at(-1)).toEqual([])
})
