import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Alarm } from '../../contract/alarms.ts'
import type { Place } from '../../contract/api.ts'
import { midnightOf } from '../../contract/city-time.ts'
import type { GoFirst, MeterDetail, WaterBalance, WaterSummary, ZoneDetail, ZoneRow } from '../../contract/water-api.ts'
import type { ZoneNight } from '../../contract/zones.ts'
import { historyFile } from '../../store/files.ts'
import { openHistory } from '../../store/history/sqlite.ts'
import type { Page } from '../../store/state/page.ts'
import type { WaterDecision } from '../../store/state/water-port.ts'
import { type Rehearsal, rehearse, sampleAlarm } from '../rehearsal.ts'

const HOUR_MS = 3_600_000
/** 22 November 2026 in the city, ten in the morning: the night before has been judged. */
const TODAY = 20_779
const NOW = midnightOf(TODAY) * HOUR_MS + 10 * HOUR_MS
const FIRST_DAY = TODAY - 30
const METERS = 40

let stage: Rehearsal
let headers: Record<string, string>
const ask = async <T>(path: string): Promise<T> => (await stage.get(path, headers)).json() as Promise<T>

const place = (id: string, kind: Place['kind'], parentId: string | null, name = id): Place => ({
  id,
  parentId,
  kind,
  name,
  lon: null,
  lat: null,
  contact: null,
})
const night = (day: number, lossM3h: number, facts: Partial<ZoneNight> = {}): ZoneNight => ({
  day,
  lossM3h,
  nightM3h: null,
  inflowM3h: 4,
  expectedM3h: 0.2,
  lowM3h: 0.1,
  highM3h: 0.3,
  reported: 1,
  bulkReported: 1,
  verdict: 'quiet',
  judgedAt: day,
  ...facts,
})

/** Forty households use 50 l an hour each; what the village loses besides comes in too. */
function days(zone: string, lossL: number): WaterDecision['hours'] {
  const hours = []
  for (let hour = midnightOf(FIRST_DAY); hour < midnightOf(TODAY) + 6; hour++)
    hours.push({
      zone,
      hour,
      householdL: 50 * METERS,
      inflowL: 50 * METERS + lossL,
      householdKnownMs: METERS * HOUR_MS,
      householdMeasuredMs: METERS * HOUR_MS,
      bulkMeasuredMs: HOUR_MS,
    })
  return hours
}
const counts = (zone: string): WaterDecision['counts'] => [
  { zone, part: 'household', hour: midnightOf(FIRST_DAY), change: METERS },
  { zone, part: 'in', hour: midnightOf(FIRST_DAY), change: 1 },
]
const water = (facts: Partial<WaterDecision>): WaterDecision => ({
  meters: new Map(),
  hours: [],
  counts: [],
  nights: [],
  zoneStates: new Map(),
  ...facts,
})
const raise = async (id: string, facts: Partial<Alarm> & Pick<Alarm, 'type'>): Promise<void> => {
  const alarm = { ...sampleAlarm(id, '', facts.type), raisedAt: NOW - 48 * HOUR_MS, lastAt: NOW, ...facts }
  await stage.decide({
    alarms: [alarm],
    events: [{ type: 'alarm.raised', at: NOW, commandId: null, actor: null, alarm }],
  })
}
const until = async (what: () => Promise<boolean>): Promise<void> => {
  while (!(await what())) await new Promise((resolve) => setTimeout(resolve, 5))
}

beforeAll(async () => {
  stage = await rehearse({ now: () => NOW })
  headers = { authorization: `Bearer ${await stage.token('engineer', 'water')}` }
  await stage.stores.registry.putPlaces([
    place('c', 'county', null, '东阿县'),
    place('t', 'township', 'c', '铜城镇'),
    place('v-calm', 'village', 't', '安村'),
    place('v-leaky', 'village', 't', '漏村'),
    place('v-dumb', 'village', 't', '无表村'),
    place('v-deaf', 'village', 't', '失联村'),
    place('w1', 'well', 'v-leaky', '1号井'),
  ])
  await stage.addDevices(
    { id: 'm1', kind: 'water-meter', placeId: 'w1', name: '1号', lon: 116, lat: 36 },
    { id: 'm2', kind: 'water-meter', placeId: 'w1', name: '2号', lon: 116.2, lat: 36.2 },
    { id: 'm3', kind: 'water-meter', placeId: 'v-calm', name: '=cmd()' },
    { id: 'm4', kind: 'water-meter', placeId: 'v-dumb', name: '4号' },
    { id: 'm5', kind: 'water-meter', placeId: 'v-deaf', name: '5号' },
    { id: 'b-leaky', kind: 'bulk-meter', placeId: 'v-leaky' },
    { id: 'b-calm', kind: 'bulk-meter', placeId: 'v-calm' },
    { id: 'b-deaf', kind: 'bulk-meter', placeId: 'v-deaf' },
    { id: 'p1', kind: 'pressure-sensor', placeId: 'w1' },
  )
  const nights = []
  for (let day = TODAY - 20; day <= TODAY; day++) {
    nights.push({ ...night(day, 0.2), zone: 'v-calm' })
    const lost = day >= TODAY - 1 ? { lossM3h: 1.2, verdict: 'loss' as const } : {}
    nights.push({ ...night(day, 0.2, lost), zone: 'v-leaky' })
  }
  nights.push({ ...night(TODAY, 9, { verdict: 'not-judged', reported: 0.5, expectedM3h: null }), zone: 'v-deaf' })
  const zones = ['v-calm', 'v-leaky']
  await stage.decide({
    water: water({
      hours: [...days('v-calm', 100), ...days('v-leaky', 500)],
      counts: zones.flatMap(counts),
      nights,
      zoneStates: new Map([...zones, 'v-deaf'].map((zone) => [zone, '{}'])),
    }),
  })
  const history = await openHistory(historyFile(stage.dataDir))
  const at = Array.from({ length: 72 }, (_, i) => NOW - (71 - i) * HOUR_MS)
  await history.write([
    { deviceId: 'm1', readings: { at, fields: [{ quantity: 'volume', values: at.map((_, i) => 100 + i * 0.02) }] } },
    { deviceId: 'p1', readings: { at, fields: [{ quantity: 'pressure', values: at.map(() => 300) }] } },
  ])
  await history.close()
  await raise('a-zone', { type: 'zoneLoss', deviceId: null, placeId: 'v-leaky', value: 1, unit: 'm³/h' })
  await raise('a-leak', {
    type: 'leak',
    deviceId: 'm1',
    placeId: 'w1',
    value: 14,
    unit: 'l/h',
    reason: 'never below 14 l/h for 31 h',
    reasonZh: '31小时内流量从未低于14升/小时',
  })
  await raise('a-old', {
    type: 'zoneLoss',
    deviceId: null,
    placeId: 'v-calm',
    state: 'CLEARED_ACK',
    raisedAt: NOW - 10 * 24 * HOUR_MS,
    lastAt: NOW - 8 * 24 * HOUR_MS,
    clearedAt: NOW - 8 * 24 * HOUR_MS,
    value: 0.5,
    unit: 'm³/h',
  })
  await until(async () => (await ask<ZoneRow & { total: number }>('/api/water/first')).total === 2)
  await until(async () => (await ask<WaterSummary>('/api/water/summary')).villages.judged === 2)
})
afterAll(() => stage.end())

describe('the list of villages', () => {
  test('tonight’s worst comes first, those that nobody may judge last, each with its reason', async () => {
    const { items, total } = await ask<Page<ZoneRow>>('/api/water/zones')
    expect(total).toBe(4)
    expect(items.map(({ id, unjudged }) => [id, unjudged])).toEqual([
      ['v-leaky', null],
      ['v-calm', null],
      ['v-deaf', 'meters-silent'],
      ['v-dumb', 'no-bulk-meter'],
    ])
  })

  test('a line says what is lost tonight and in the week, and since when beyond the usual', async () => {
    const [leaky] = (await ask<Page<ZoneRow>>('/api/water/zones')).items
    expect(leaky).toMatchObject({
      kind: 'village',
      name: '漏村',
      path: ['东阿县', '铜城镇'],
      meters: 2,
      lon: expect.closeTo(116.1, 9),
      tonightPercent: 30,
      week: { lossL: 500 * 168, meters: METERS, valid: true },
      weekPercent: 20,
      weekLitresPerConnectionDay: (500 * 24) / METERS,
      householdLeaks: 1,
      householdLeakLph: 14,
    })
    expect(leaky?.trend.slice(-3)).toEqual([0.2, 1.2, 1.2])
    expect(leaky?.trendM3h).toBeCloseTo(2 / 7, 9)
    // Three nights: the first was judged as quiet still.
    expect(leaky?.open?.lostM3).toBeCloseTo(48, 9)
    expect(leaky?.open).toMatchObject({
      alarmId: 'a-zone',
      lossM3h: 1,
      lostYuan: expect.closeTo(144, 6),
      yuanPerDay: 72,
    })
  })

  test('goes page by page and by any of its figures', async () => {
    const first = await ask<Page<ZoneRow>>('/api/water/zones?limit=1&sort=week')
    const second = await ask<Page<ZoneRow>>(`/api/water/zones?limit=1&sort=week&cursor=${first.next}`)
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(['v-leaky', 'v-calm'])
    const of = async (query: string): Promise<string[]> =>
      (await ask<Page<ZoneRow>>(`/api/water/zones?${query}`)).items.map(({ id }) => id)
    expect((await of('sort=trend'))[0]).toBe('v-leaky')
    expect((await of('sort=percent'))[0]).toBe('v-leaky')
    expect(await of('kind=well')).toEqual(['w1'])
    expect(await of('kind=county&placeId=c')).toEqual(['c'])
    expect(await of(`q=${encodeURIComponent('漏')}`)).toEqual(['v-leaky'])
    expect(await of('placeId=v-calm')).toEqual(['v-calm'])
  })
})

describe('one zone', () => {
  test('shows its nights, its wells and the household that leaks first', async () => {
    const zone = await ask<ZoneDetail>('/api/water/zones/v-leaky')
    expect(zone.nights.length).toBe(21)
    expect(zone.inside.map(({ id }) => id)).toEqual(['w1'])
    expect(zone.householdsTotal).toBe(2)
    expect(zone.households.map(({ deviceId, leak }) => [deviceId, leak?.evidenceZh])).toEqual([
      ['m1', '31小时内流量从未低于14升/小时'],
      ['m2', undefined],
    ])
    expect(zone.households[0]).toMatchObject({ litresDay: 480, nightLph: 20, placeName: '1号井' })
    expect(zone.bulkMeters).toMatchObject([{ deviceId: 'b-leaky', direction: 'in' }])
    expect(zone.losses).toMatchObject([{ alarmId: 'a-zone', until: null, lossM3h: 1 }])
    expect((await ask<ZoneDetail>('/api/water/zones/v-calm')).losses).toMatchObject([
      { alarmId: 'a-old', until: NOW - 8 * 24 * HOUR_MS },
    ])
  })

  test('a bulk meter that has been said to feed another village counts there', async () => {
    await stage.stores.topology.putFlow({ deviceId: 'b-calm', into: 'v-dumb', outOf: 'v-calm', from: NOW })
    const bulkMeters = async (id: string) => (await ask<ZoneDetail>(`/api/water/zones/${id}`)).bulkMeters
    await until(async () => (await bulkMeters('v-dumb')).length === 1)
    expect(await bulkMeters('v-calm')).toMatchObject([{ deviceId: 'b-calm', direction: 'out' }])
    await stage.stores.topology.putFlow({ deviceId: 'b-calm', into: 'v-calm', outOf: null, from: NOW + 1 })
    await until(async () => (await bulkMeters('v-dumb')).length === 0)
  })

  test('every hour is inflow − households to the litre, also after late data', async () => {
    const path = `/api/water/zones/v-calm/hours?from=${NOW - 24 * HOUR_MS}&to=${NOW}`
    const before = await ask<{ hours: ZoneDetail['hours']; total: { lossL: number } }>(path)
    const lossOf = ({ inflowL, householdL }: ZoneDetail['hours'][number]) => (inflowL ?? 0) - (householdL ?? 0)
    expect(before.hours.every((hour) => hour.lossL === lossOf(hour))).toBe(true)
    expect(before.hours[0]).toMatchObject({ lossL: 100, reported: 1, bulkReported: 1 })
    const late = { ...before.hours[3], hour: before.hours[3]?.hour ?? 0 }
    const nothing = { inflowL: 0, householdKnownMs: 0, householdMeasuredMs: 0, bulkMeasuredMs: 0 }
    await stage.decide({ water: water({ hours: [{ ...nothing, zone: 'v-calm', hour: late.hour, householdL: 17 }] }) })
    const after = await ask<typeof before>(path)
    expect(after.total.lossL).toBe(before.total.lossL - 17)
    expect(after.hours.reduce((sum, { lossL }) => sum + (lossL ?? 0), 0)).toBe(after.total.lossL)
    const { items } = await ask<Page<ZoneRow>>('/api/water/zones?q=v-calm')
    expect(items[0]?.week?.lossL).toBe(100 * 168 - 17)
  })

  test('what no meter of a zone measures is not told as 0, nor its whole inflow as lost', async () => {
    const sums = { householdKnownMs: 0, householdMeasuredMs: 0, inflowL: 0, householdL: 0, bulkMeasuredMs: 0 }
    const hour = midnightOf(TODAY - 1)
    await stage.decide({
      water: water({
        hours: [
          { ...sums, zone: 'w1', hour, householdL: 300, householdMeasuredMs: HOUR_MS },
          { ...sums, zone: 'v-deaf', hour, inflowL: 700, bulkMeasuredMs: HOUR_MS },
        ],
        counts: [
          { zone: 'w1', part: 'household', hour, change: 1 },
          { zone: 'v-deaf', part: 'in', hour, change: 1 },
        ],
      }),
    })
    const span = `from=${hour * HOUR_MS}&to=${(hour + 1) * HOUR_MS}`
    for (const [zone, told] of [
      ['w1', { inflowL: null, householdL: 300, lossL: null }],
      ['v-deaf', { inflowL: 700, householdL: null, lossL: null }],
    ] as const) {
      expect(await ask(`/api/water/zones/${zone}/hours?${span}`)).toMatchObject({ total: told, hours: [told] })
      const parts = { realM3: null, lossPercent: null }
      expect(await ask<WaterBalance>(`/api/water/zones/${zone}/balance?${span}`)).toMatchObject(parts)
      const row = (await ask<ZoneDetail>(`/api/water/zones/${zone}`)) satisfies ZoneRow
      expect(row).toMatchObject({ week: { lossL: null }, weekPercent: null })
      const csv = await (await stage.get(`/api/water/zones/${zone}/balance.csv?${span}`, headers)).text()
      expect(csv).toMatch(/真实漏损,,m³/)
    }
  })

  test('the balance takes the pressure from its sensors, and the length of its pipes from the water engineer', async () => {
    const path = '/api/water/zones/v-leaky/balance'
    expect((await ask<WaterBalance>(path)).ili).toBeNull()
    const pipes = { mainsKm: 2, privateKm: null, pressureM: null }
    const put = {
      method: 'PUT',
      body: JSON.stringify(pipes),
      headers: { ...headers, 'content-type': 'application/json' },
    }
    expect((await fetch(`${stage.dashboard.url}/api/water/zones/v-leaky/pipes`, put)).status).toBe(200)
    const balance = await ask<WaterBalance>(path)
    expect(balance.pipes).toEqual(pipes)
    expect(balance).toMatchObject({ inputM3: 2.5 * 720, billedM3: 2 * 720, lossPercent: 20, valid: true })
    expect(balance.uarlLitresPerConnectionDay).toBeCloseTo(((18 * 2 + 0.8 * METERS) * 300) / 9.81 / METERS, 6)
  })

  test.each([
    ['/api/water/zones/nowhere', 404, 'zone.unknown'],
    ['/api/water/zones/v-calm/hours?from=5&to=1', 400, 'range.backwards'],
    [`/api/water/zones/v-calm/hours?from=0&to=${NOW}`, 400, 'range.too-long'],
    ['/api/water/meters/p1', 404, 'device.unknown'],
    ['/api/water/zones?sort=worst', 400, 'request.invalid'],
  ])('%s is answered with what is wrong', async (path, status, code) => {
    const answer = await stage.get(path, headers)
    expect([answer.status, ((await answer.json()) as { error: { code: string } }).error.code]).toEqual([status, code])
  })
})

test('go first: zones and households by what they cost a day, with the repair under way', async () => {
  const { items } = await ask<Page<GoFirst>>('/api/water/first')
  expect(items.map(({ kind, id, path, lph }) => [kind, id, path.at(-1), lph])).toEqual([
    ['zone', 'v-leaky', '铜城镇', 1000],
    ['meter', 'm1', '1号井', 14],
  ])
  expect(items[1]).toMatchObject({ lostM3: expect.closeTo(0.672, 9), yuanPerDay: expect.closeTo(1.008, 9) })
  expect((await ask<Page<GoFirst>>('/api/water/first?kind=meter&placeId=v-leaky')).total).toBe(1)
  expect((await ask<Page<GoFirst>>('/api/water/first?placeId=v-calm')).total).toBe(0)
})

test('a meter’s page says how much it never falls below, and why it is believed to leak', async () => {
  const meter = await ask<MeterDetail>('/api/water/meters/m1')
  expect(meter).toMatchObject({ leastLph: 20, stillAt: null, leak: { alarmId: 'a-leak', lph: 14 } })
  expect(meter.zones.map(({ id }) => id)).toEqual(['w1', 'v-leaky', 't', 'c'])
  expect(meter.hours.at(-2)).toMatchObject({ litres: 20, measured: true })
})

test('the city’s figures: judged and not, lost and leaking', async () => {
  const summary = await ask<WaterSummary>('/api/water/summary')
  expect(summary).toMatchObject({
    day: TODAY,
    lossM3h: expect.closeTo(1.4, 9),
    lossM3hBefore: expect.closeTo(0.4, 9),
    villages: { judged: 2, learning: 0, notJudged: 1, unmeasured: 1 },
    openLosses: 1,
    openLossM3h: 1,
    householdLeaks: 1,
    householdLeakLph: 14,
    yuanPerM3: 3,
  })
  expect(summary.revision).toBeGreaterThan(0)
})

test('tables open in a spreadsheet, and what could be a formula is text', async () => {
  const text = async (path: string): Promise<string> => (await stage.get(path, headers)).text()
  const zones = await text('/api/water/zones.csv')
  expect(zones.split('\r\n').length).toBe(1 + 4 + 1)
  expect(zones).toContain('v-leaky,village,漏村,东阿县 / 铜城镇,2,2026-11-22,1.2')
  expect(await text('/api/water/zones/v-calm/households.csv')).toContain(",'=cmd(),")
  expect((await text('/api/water/zones/v-calm/nights.csv')).split('\r\n').length).toBe(1 + 21 + 1)
  expect(await text('/api/water/zones/v-leaky/balance.csv')).toContain('供水总量,1800,m³')
})
