import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkNights, nightFrom, settleOrder } from '../../contract/repair-verdict.ts'
import type { PlantDetail, ZoneDetail } from '../../contract/water-api.ts'
import type { OrderDetail } from '../../contract/work-order-api.ts'
import type { ZoneNight } from '../../contract/zones.ts'
import { historyFile } from '../../store/files.ts'
import { openHistory } from '../../store/history/sqlite.ts'
import { type Rehearsal, rehearse, sampleAlarm } from '../rehearsal.ts'

const HOUR_MS = 3_600_000
const DAY = 20_700
/** 09:00 in the city. */
const NOW = nightFrom(DAY) + 8 * HOUR_MS

let stage: Rehearsal
let now = NOW
let engineer: Record<string, string>
let viewer: Record<string, string>
beforeAll(async () => {
  stage = await rehearse({ now: () => now })
  engineer = { authorization: `Bearer ${await stage.token('engineer', 'water')}` }
  viewer = { authorization: `Bearer ${await stage.token('viewer', 'viewer')}` }
  const place = (id: string, kind: 'county' | 'village' | 'plant', parentId: string | null) => ({
    id,
    parentId,
    kind,
    name: `${id} 名`,
    lon: null,
    lat: null,
    contact: null,
  })
  await stage.stores.registry.putPlaces([
    place('county', 'county', null),
    place('village', 'village', 'county'),
    place('works', 'plant', 'county'),
  ])
  await stage.addDevices(
    { id: 'm1', kind: 'water-meter', placeId: 'village' },
    { id: 'raw', kind: 'bulk-meter', placeId: 'works' },
    { id: 'out', kind: 'bulk-meter', placeId: 'works' },
    { id: 'tank', kind: 'level-sensor', placeId: 'works' },
    { id: 'cell', kind: 'quality-sensor', placeId: 'works' },
  )
  await stage.stores.topology.putFlow({ deviceId: 'out', into: 'county', outOf: 'works', from: 0 })
  await stage.stores.registry.setDeviceLimits('tank', { 'plant.levelLow': 1, 'plant.tankArea': 1000 })
  const since = nightFrom(DAY - 3)
  const alarm = { ...sampleAlarm('a1', '', 'zoneLoss'), deviceId: null, placeId: 'village', raisedAt: since }
  const leak = { ...sampleAlarm('a2', 'm1', 'leak'), value: 14, unit: 'l/h', raisedAt: since }
  await stage.decide({
    alarms: [{ ...alarm, value: 2, unit: 'm³/h', reason: 'two', reasonZh: '二' }, leak],
    sightings: [
      { deviceId: 'cell', lastHeardAt: NOW, latest: new Map([['turbidity', { value: 1.4, at: NOW }]]) },
      { deviceId: 'tank', lastHeardAt: NOW, latest: new Map([['level', { value: 3, at: NOW - 24 * HOUR_MS }]]) },
    ],
    water: {
      meters: new Map(),
      hours: [],
      counts: [],
      zoneStates: new Map(),
      nights: [3, 2, 1, 0].map((ago) => ({ ...night(DAY - ago, 2.5, 'loss'), zone: 'village' })),
    },
  })
  const history = await openHistory(historyFile(stage.dataDir))
  const at = Array.from({ length: 40 }, (_, i) => NOW - (39 - i) * HOUR_MS)
  const write = (deviceId: string, quantity: 'volume' | 'level', value: (i: number) => number) => ({
    deviceId,
    readings: { at, fields: [{ quantity, values: at.map((_, i) => value(i)) }] },
  })
  await history.write([
    write('raw', 'volume', (i) => i * 100),
    write('out', 'volume', (i) => i * 90),
    write('tank', 'level', (i) => 1 + i * 0.01),
  ])
  await history.close()
  await stage.restart()
})
afterAll(() => stage.end())

const night = (day: number, lossM3h: number, verdict: ZoneNight['verdict']): ZoneNight => ({
  day,
  lossM3h,
  nightM3h: null,
  inflowM3h: 20,
  expectedM3h: 0.5,
  lowM3h: 0.4,
  highM3h: 0.6,
  reported: 1,
  bulkReported: 1,
  verdict,
  judgedAt: NOW,
})
const post = (path: string, body: unknown, who = engineer) => stage.post(`/api/water/orders${path}`, body, who)
const code = async (answer: Response): Promise<string> =>
  ((await answer.json()) as { error: { code: string } }).error.code

describe('a repair', () => {
  let order: OrderDetail

  test('is opened from the loss that is open, once; who only looks on opens none', async () => {
    expect((await post('', { subject: 'zone', subjectId: 'village' }, viewer)).status).toBe(403)
    const answer = await post('', { subject: 'zone', subjectId: 'village', note: '村口' })
    expect(answer.status).toBe(201)
    order = (await answer.json()) as OrderDetail
    expect(order).toMatchObject({ state: 'open', m3h: 2, alarmId: 'a1', evidence: { en: 'two', zh: '二' } })
    const zone = (await (await stage.get('/api/water/zones/village', engineer)).json()) as ZoneDetail
    expect(order.lostM3, 'the figure of the zone’s own page').toBe(zone.open?.lostM3)
    expect(order.lostYuan).toBeCloseTo(order.lostM3 * 3)
    const again = await post('', { subject: 'zone', subjectId: 'village' })
    expect([again.status, await code(again)]).toEqual([409, 'order.open-already'])
  })
  test('of a meter takes the size of its leak; without a loss somebody has to say it', async () => {
    const leak = (await (await post('', { subject: 'meter', subjectId: 'm1' })).json()) as OrderDetail
    expect(leak).toMatchObject({ m3h: 0.014, placeId: 'village', alarmId: 'a2' })
    expect(await code(await post('', { subject: 'zone', subjectId: 'county' }))).toBe('order.no-loss')
    expect(await code(await post('', { subject: 'zone', subjectId: 'works', m3h: 1 }))).toBe('order.nothing-to-repair')
    // Half of next to nothing is confirmed by the scatter of any two nights.
    expect((await post('', { subject: 'zone', subjectId: 'village', m3h: 1e-9 })).status).toBe(400)
    expect(await code(await post('', { subject: 'meter', subjectId: 'cell', m3h: 1 }))).toBe('order.nothing-to-repair')
  })
  test('is assigned and claimed by people, and closed by the night flow alone', async () => {
    const step = async (path: string, body: unknown) =>
      (await (await post(`/${order.id}${path}`, body)).json()) as OrderDetail
    expect(await code(await post(`/${order.id}/claim`, { done: '换管' }))).toBe('order.not-assigned')
    expect(await step('/assign', { assignee: '抢修一队', dueAt: NOW - 1 })).toMatchObject({ overdue: true })
    const claimed = await step('/claim', { done: '更换接头' })
    expect(claimed).toMatchObject({ state: 'claimed', confirming: 0, may: { claim: false, assign: false } })
    expect(claimed.check).toMatchObject({ verdict: 'waiting', beforeM3h: 2.5 })
    for (const path of ['/confirm', '/close', '/confirmed'])
      expect((await post(`/${order.id}${path}`, {})).status).toBe(404)
    const nights = [night(DAY, 2.5, 'loss'), night(DAY + 1, 0.5, 'quiet'), night(DAY + 2, 0.5, 'quiet')]
    now = NOW + 48 * HOUR_MS
    await stage.stores.workOrders.update(order.id, (before) =>
      settleOrder(before, checkNights(before, before.claim?.repairedAt ?? 0, nights), now),
    )
    const sums = await (await stage.get('/api/water/orders/sums', viewer)).json()
    expect(sums).toEqual({
      unclosed: 1,
      overdue: 0,
      claimed: 0,
      confirmed: 1,
      savedM3Year: 2 * 8760,
      savedYuanYear: 6 * 8760,
    })
    const shown = (await (await stage.get(`/api/water/orders/${order.id}`, viewer)).json()) as OrderDetail
    expect(shown.history.map(({ type, by }) => `${type} ${by}`)).toEqual([
      'opened token:engineer',
      'assigned token:engineer',
      'claimed token:engineer',
      'confirmed ',
    ])
    expect(shown.may).toEqual({ assign: false, claim: false, cancel: false, comment: false })
    expect(await code(await post(`/${order.id}/cancel`, { reason: '误报' }))).toBe('order.closed')
  })
  test('stands in the table that is exported, and a name that looks like a formula does no harm', async () => {
    const table = await stage.get('/api/water/orders.csv?state=all', viewer)
    const lines = (await table.text()).trim().split('\n')
    expect(lines).toHaveLength(3)
    expect(lines.find((line) => line.includes(order.id))).toContain('confirmed')
    const listed = async (query: string): Promise<number> =>
      ((await (await stage.get(`/api/water/orders?${query}`, viewer)).json()) as { total: number }).total
    expect(await listed('zoneId=county&state=all')).toBe(2)
    expect(await listed('subjectId=m1')).toBe(1)
    expect(await listed('state=cancelled')).toBe(0)
  })
})

test('a day that is none is refused with what to do, and no repair comes of it', async () => {
  for (const dueAt of [1e300, 9e15, 1.5, -1]) {
    const body = { subject: 'zone', subjectId: 'county', m3h: 1, assignee: '抢修一队', dueAt }
    const answer = await stage.post('/api/water/orders', body, engineer)
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('dueAt')])
  }
})

test('a plant shows its values beside their limits, how old they are, and what its tank makes of in and out', async () => {
  now = NOW
  const plant = (await (await stage.get('/api/water/plants/works', viewer)).json()) as PlantDetail
  expect(plant).toMatchObject({
    instruments: [
      { deviceId: 'raw', role: 'inflow', value: null },
      { role: 'turbidity', value: 1.4, high: 1, within: false, standard: 'GB 5749-2022', stale: false },
      { role: 'level', low: 1, high: null, within: true, standard: '', stale: true },
      { deviceId: 'out', role: 'outflow' },
    ],
    tankAreaM2: 1000,
    balance: { inM3: 2400, outM3: 2160 },
  })
  expect(plant.balance?.tankM3).toBeCloseTo(230, 0)
  expect((await stage.get('/api/water/plants/village', viewer)).status).toBe(404)
  expect(await (await stage.get('/api/water/plants', viewer)).json()).toMatchObject({ items: [{ id: 'works' }] })
})
