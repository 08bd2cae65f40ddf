import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Place } from '../../contract/api.ts'
import { midnightOf } from '../../contract/city-time.ts'
import type { GoFirst, WaterSummary, ZoneDetail, ZoneRow } from '../../contract/water-api.ts'
import type { ZoneNight } from '../../contract/zones.ts'
import { parseCsv } from '../../store/import/csv.ts'
import type { Page } from '../../store/state/page.ts'
import type { WaterDecision } from '../../store/state/water-port.ts'
import { type Rehearsal, rehearse, sampleAlarm } from '../rehearsal.ts'

/** Zones of which only the inflow is measured, beside villages whose loss is. */

const HOUR_MS = 3_600_000
/** 22 November 2026 in the city, ten in the morning. */
const TODAY = 20_779
const NOW = midnightOf(TODAY) * HOUR_MS + 10 * HOUR_MS
const FIRST_DAY = TODAY - 16
const BURST_AT = NOW - 4 * HOUR_MS
/** The day from which on the households of a village are metered. */
const METERED_FROM = TODAY - 3

let stage: Rehearsal
let headers: Record<string, string>
const ask = async <T>(path: string): Promise<T> => (await stage.get(path, headers)).json() as Promise<T>
const table = async (path: string): Promise<(readonly string[])[]> =>
  parseCsv(await (await stage.get(path, headers)).text()).map(({ cells }) => cells)

const place = (id: string, kind: Place['kind'], parentId: string | null): Place => ({
  ...{ id, kind, parentId, name: id },
  ...{ lon: null, lat: null, contact: null },
})
const inflowNight = (zone: string, day: number, nightM3h: number | null, facts: Partial<ZoneNight> = {}) => ({
  ...{ zone, day, lossM3h: null, nightM3h, inflowM3h: 10, reported: 1, bulkReported: 1, judgedAt: day },
  ...{ expectedM3h: 5, lowM3h: 4.5, highM3h: 5.5, verdict: 'quiet' as const },
  ...facts,
})
const lossNight = (zone: string, day: number, lossM3h: number) => ({
  ...inflowNight(zone, day, 2.2, { expectedM3h: 0.2, lowM3h: 0.1, highM3h: 0.3 }),
  lossM3h,
})
/** 10 m³/h run in; from some day on households use 9.5 of them. */
function hoursOf(zone: string, meteredFrom: number): WaterDecision['hours'] {
  const hours = []
  for (let hour = midnightOf(FIRST_DAY); hour < midnightOf(TODAY) + 10; hour++) {
    const isMetered = hour >= midnightOf(meteredFrom)
    const ms = isMetered ? 40 * HOUR_MS : 0
    const households = { householdKnownMs: ms, householdMeasuredMs: ms, householdL: isMetered ? 9500 : 0 }
    hours.push({ zone, hour, inflowL: 10_000, bulkMeasuredMs: HOUR_MS, ...households })
  }
  return hours
}
const NEVER = TODAY + 100

beforeAll(async () => {
  stage = await rehearse({ now: () => NOW })
  headers = { authorization: `Bearer ${await stage.token('engineer', 'water')}` }
  await stage.stores.registry.putPlaces([
    place('c', 'county', null),
    ...['park', 'port', 'new', 'calm', 'leaky'].map((id) => place(id, 'village', 'c')),
  ])
  await stage.addDevices(
    ...['park', 'port', 'new', 'calm', 'leaky'].map((id) => ({
      id: `b-${id}`,
      kind: 'bulk-meter' as const,
      placeId: id,
    })),
    ...['new', 'calm', 'leaky'].map((id) => ({ id: `m-${id}`, kind: 'water-meter' as const, placeId: id })),
  )
  const nights = []
  for (let day = FIRST_DAY; day <= TODAY; day++) {
    nights.push(inflowNight('park', day, 5))
    nights.push(inflowNight('port', day, 50, { verdict: 'learning', expectedM3h: null, lowM3h: null, highM3h: null }))
    nights.push(day < METERED_FROM ? inflowNight('new', day, 10) : lossNight('new', day, 0.5))
    nights.push(lossNight('calm', day, 0.2))
    nights.push(lossNight('leaky', day, day >= TODAY - 1 ? 1.2 : 0.2))
  }
  const metered = { new: METERED_FROM, calm: FIRST_DAY, leaky: FIRST_DAY }
  await stage.decide({
    water: {
      meters: new Map(),
      hours: [
        ...['park', 'port'].flatMap((zone) => hoursOf(zone, NEVER)),
        ...Object.entries(metered).flatMap(([zone, from]) => hoursOf(zone, from)),
      ],
      counts: [
        ...['park', 'port', 'new', 'calm', 'leaky'].map((zone) => ({
          ...{ zone, part: 'in' as const, hour: midnightOf(FIRST_DAY), change: 1 },
        })),
        ...Object.entries(metered).map(([zone, from]) => ({
          ...{ zone, part: 'household' as const, hour: midnightOf(from), change: 40 },
        })),
      ],
      nights,
      zoneStates: new Map(['park', 'port', 'new', 'calm', 'leaky'].map((zone) => [zone, '{}'])),
    },
  })
  for (const [id, placeId, value, raisedAt] of [
    ['a-park', 'park', 0.8, BURST_AT],
    ['a-leaky', 'leaky', 1, NOW - 48 * HOUR_MS],
  ] as const) {
    const alarm = {
      ...sampleAlarm(id, '', 'zoneLoss'),
      ...{ deviceId: null, placeId, value, unit: 'm³/h', raisedAt, lastAt: raisedAt + 2 * HOUR_MS },
    }
    await stage.decide({
      alarms: [alarm],
      events: [{ type: 'alarm.raised', at: NOW, commandId: null, actor: null, alarm }],
    })
  }
  const until = async (what: (park: Partial<ZoneDetail>) => boolean): Promise<void> => {
    while (!what(await ask('/api/water/zones/park'))) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await until(({ open }) => open?.alarmId === 'a-park')
  await stage.decide({ sightings: [{ deviceId: 'b-park', lastHeardAt: NOW }] })
  await until(({ bulkMeters }) => bulkMeters?.[0]?.lastHeardAt === NOW)
})
afterAll(() => stage.end())

const rows = async (sort: string): Promise<readonly ZoneRow[]> =>
  (await ask<Page<ZoneRow>>(`/api/water/zones?sort=${sort}`)).items
const rowOf = async (id: string): Promise<ZoneRow> => (await rows('tonight')).find((row) => row.id === id) as ZoneRow

describe('a village of which only the inflow is measured', () => {
  test('has a night inflow beside its band, and no loss, no percentage and no litres a connection', async () => {
    const park = await rowOf('park')
    expect(park).toMatchObject({
      onlyInflow: true,
      unjudged: null,
      tonight: { lossM3h: null, nightM3h: 5, lowM3h: 4.5, highM3h: 5.5 },
      tonightPercent: null,
      weekPercent: null,
      weekLitresPerConnectionDay: null,
      week: { inflowL: 168 * 10_000, valid: false },
      trendM3h: null,
    })
    expect(park.trend.slice(-2)).toEqual([5, 5])
    expect(await rowOf('calm')).toMatchObject({ onlyInflow: false, weekPercent: 5 })
  })

  test('whose main has burst some hours ago, after the night: what ran in since, and what it would cost', async () => {
    expect((await rowOf('park')).open).toEqual({
      ...{ alarmId: 'a-park', since: BURST_AT, lossM3h: 0.8 },
      lostM3: expect.closeTo(3.2, 9),
      lostYuan: expect.closeTo(9.6, 9),
      yuanPerDay: expect.closeTo(57.6, 9),
    })
    const { losses } = await ask<ZoneDetail>('/api/water/zones/park')
    expect(losses).toMatchObject([{ alarmId: 'a-park', until: null, lostM3: expect.closeTo(3.2, 9) }])
  })

  test('stands among the open losses by what runs in beyond the usual, and else behind those whose loss is known', async () => {
    expect((await rows('tonight')).map(({ id }) => id)).toEqual(['leaky', 'park', 'new', 'calm', 'port'])
    for (const sort of ['percent', 'week', 'trend'])
      expect((await rows(sort)).slice(-2).map(({ onlyInflow }) => onlyInflow)).toEqual([true, true])
    const first = (await ask<Page<GoFirst>>('/api/water/first')).items
    expect(first.map(({ id, onlyInflow, lph }) => [id, onlyInflow, lph])).toEqual([
      ['leaky', false, 1000],
      ['park', true, 800],
    ])
  })

  test('that is still learnt says so, and its inflow', async () => {
    expect(await rowOf('port')).toMatchObject({ unjudged: 'learning', onlyInflow: true, open: null })
  })

  test('is in no sum of the city’s losses; what runs in beyond the usual is told beside them', async () => {
    const summary = await ask<WaterSummary>('/api/water/summary')
    expect(summary).toMatchObject({
      lossM3h: expect.closeTo(0.2 + 1.2 + 0.5, 9),
      // Of the village that got its meters in the middle of the week nobody can say what the week lost.
      weekPercent: expect.closeTo(5, 9),
      villages: { judged: 4, learning: 1, notJudged: 0, unmeasured: 0 },
      onlyInflow: 2,
      openLosses: 1,
      openLossM3h: 1,
      openInflows: 1,
      openInflowM3h: 0.8,
    })
  })

  test('leaves its losses empty in every table, with the reason, and has its night inflow', async () => {
    const [head = [], ...lines] = await table('/api/water/zones.csv')
    const cell = (line: readonly string[] | undefined, name: string): string | undefined => line?.[head.indexOf(name)]
    const park = lines.find(([id]) => id === 'park')
    for (const name of [
      'loss_m3h',
      'loss_percent',
      'not_judged',
      'week_loss_m3',
      'week_percent',
      'week_l_connection_day',
    ])
      expect([name, cell(park, name)]).toEqual([name, ''])
    expect(cell(park, 'night_inflow_m3h')).toBe('5')
    expect(cell(park, 'week_inflow_m3')).toBe('1680')
    expect(cell(park, 'only_inflow')).toContain('Only its inflow is measured')
    expect(cell(park, 'open_m3h')).toBe('0.8')
    expect(
      cell(
        lines.find(([id]) => id === 'calm'),
        'only_inflow',
      ),
    ).toBe('')
    const [names = [], night = []] = await table('/api/water/zones/park/nights.csv')
    expect([night[names.indexOf('loss_m3h')], night[names.indexOf('night_inflow_m3h')]]).toEqual(['', '5'])
  })

  test('becomes one whose loss is judged when its households are metered: its week waits until all of it is measured', async () => {
    expect(await rowOf('new')).toMatchObject({ onlyInflow: false, weekPercent: null, weekLitresPerConnectionDay: null })
    expect((await rowOf('new')).trend.filter((night) => night !== null)).toEqual([0.5, 0.5, 0.5, 0.5])
  })
})
