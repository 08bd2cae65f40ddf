import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aloneBodySchema } from '../../contract/alone.ts'
import type { DeviceDetail, QuarantineItem } from '../../contract/api.ts'
import { midnightOf } from '../../contract/city-time.ts'
import { fewestHouseholds, maySeeHoursOf, maySeeUse } from '../../contract/household-use.ts'
import { ROLES, type Role } from '../../contract/roles.ts'
import type { MeterDetail, ZoneDetail, ZoneRow } from '../../contract/water-api.ts'
import { historyFile } from '../../store/files.ts'
import { openHistory } from '../../store/history/sqlite.ts'
import type { QuarantineEntry } from '../../store/state/decisions-port.ts'
import type { Page } from '../../store/state/page.ts'
import { next, type Rehearsal, rehearse, sampleAlarm } from '../rehearsal.ts'

const HOUR_MS = 3_600_000
const NOW = midnightOf(20_779) * HOUR_MS + 10 * HOUR_MS
/** A village of six metered households with a well of two; somebody lives alone behind m1, and m2 leaks. */
const METERS = ['m1', 'm2', 'm3', 'm4', 'm5', 'm6']

let stage: Rehearsal
const tokens = new Map<Role, string>()
const ask = (role: Role, path: string): Promise<Response> =>
  stage.get(path, { authorization: `Bearer ${tokens.get(role)}` })
const told = async <T>(role: Role, path: string): Promise<T> => (await ask(role, path)).json() as Promise<T>

const impossible = (deviceId: string, journalSeq: number): QuarantineEntry => ({
  at: NOW,
  deviceId,
  lane: 'bulk',
  journalSeq,
  kind: 'telemetry',
  sender: deviceId,
  arg: '',
  topic: `v1/devices/${deviceId}/telemetry`,
  reason: 'value.out-of-bounds',
  detail: 'volume 9e9',
  bytes: Buffer.from('[{"volume":100.1},{"volume":9e9}]'),
})

beforeAll(async () => {
  stage = await rehearse({ now: () => NOW })
  const place = (id: string, kind: 'village' | 'well', parentId: string | null) => ({
    id,
    parentId,
    kind,
    name: id,
    lon: null,
    lat: null,
    contact: null,
  })
  await stage.stores.registry.putPlaces([place('village', 'village', null), place('well', 'well', 'village')])
  await stage.addDevices(
    ...METERS.map((id, i) => ({ id, kind: 'water-meter' as const, placeId: i < 2 ? 'well' : 'village' })),
    { id: 'bulk', kind: 'bulk-meter', placeId: 'well' },
    { id: 'on-a-bench', kind: 'water-meter' },
  )
  await stage.stores.alone.put([{ deviceId: 'm1', ...aloneBodySchema.parse({ placeId: 'village' }) }], 'wang', NOW)
  const history = await openHistory(historyFile(stage.dataDir))
  const at = Array.from({ length: 48 }, (_, i) => NOW - (47 - i) * HOUR_MS)
  const volume = { quantity: 'volume' as const, values: at.map((_, i) => 100 + i * 0.014) }
  await history.write(
    [...METERS, 'bulk', 'on-a-bench'].map((deviceId) => ({ deviceId, readings: { at, fields: [volume] } })),
  )
  await history.close()
  await stage.decide({
    alarms: [{ ...sampleAlarm('a', 'm2', 'leak'), value: 14, unit: 'l/h', reason: 'never below 14 l/h for 31 h' }],
    sightings: METERS.map((deviceId) => ({
      deviceId,
      lastHeardAt: NOW,
      latest: new Map([
        ['volume' as const, { value: 100.66, at: NOW }],
        ['flow' as const, { value: 0.014, at: NOW }],
        ['battery' as const, { value: 91, at: NOW }],
      ]),
    })),
    quarantine: [impossible('m2', 1)],
    water: {
      meters: new Map(),
      counts: [],
      nights: [],
      zoneStates: new Map(),
      hours: ['village', 'well'].map((zone) => ({
        zone,
        hour: midnightOf(20_778),
        inflowL: 40,
        householdL: 28,
        householdKnownMs: HOUR_MS,
        householdMeasuredMs: HOUR_MS,
        bulkMeasuredMs: HOUR_MS,
      })),
    },
  })
  for (const role of ROLES) tokens.set(role, await stage.token(`t-${role}`, role))
  await stage.restart()
})
afterAll(() => stage.end())

const READINGS = `from=${NOW - 24 * HOUR_MS}&to=${NOW}`
const UNTOLD: readonly Role[] = ['viewer', 'dispatcher', 'fire', 'care']

describe('what a household draws', () => {
  test('is told to water and admin, and to care of those who are watched by their meter: nobody else', () => {
    expect(ROLES.filter((role) => maySeeUse(role, false))).toEqual(['water', 'admin'])
    expect(ROLES.filter((role) => maySeeUse(role, true))).toEqual(['water', 'care', 'admin'])
  })
  test('is left out of the meter’s page; that it leaks, and why, everybody is told', async () => {
    for (const role of ROLES) {
      const meter = await told<MeterDetail>(role, '/api/water/meters/m2')
      expect(meter.judged).toBe(true)
      expect(meter.leak).toMatchObject({ lph: 14, evidence: 'never below 14 l/h for 31 h' })
      const isTold = !UNTOLD.includes(role)
      expect([meter.useHidden, meter.hours.length > 0, meter.registerM3 !== null]).toEqual([!isTold, isTold, isTold])
    }
    expect((await told<MeterDetail>('care', '/api/water/meters/m1')).hours).not.toEqual([])
    expect((await told<MeterDetail>('viewer', '/api/water/meters/bulk')).hours).not.toEqual([])
  })
  test('is left out of the device’s page, its charts and its readings, with a sentence that says whom to ask', async () => {
    const device = await told<DeviceDetail>('dispatcher', '/api/devices/m2')
    expect([device.useHidden, device.latest.map(({ quantity }) => quantity)]).toEqual([true, ['battery']])
    for (const path of [
      `history?quantity=volume&${READINGS}`,
      `history?quantity=flow&${READINGS}`,
      `readings?${READINGS}`,
    ]) {
      for (const role of UNTOLD) expect((await ask(role, `/api/devices/m2/${path}`)).status).toBe(403)
      expect((await ask('water', `/api/devices/m2/${path}`)).status).toBe(200)
      expect((await ask('care', `/api/devices/m1/${path}`)).status).toBe(200)
      expect((await ask('viewer', `/api/devices/bulk/${path}`)).status).toBe(200)
    }
    expect((await ask('viewer', `/api/devices/m2/history?quantity=battery&${READINGS}`)).status).toBe(200)
    const refusal = await told<{ error: { code: string; todo: string } }>(
      'viewer',
      `/api/devices/m2/readings?${READINGS}`,
    )
    expect(refusal.error).toMatchObject({ code: 'use.hidden', todo: expect.stringContaining('water and admin') })
  })
  test('is left out of a village’s list and of its table, which still say who leaks', async () => {
    for (const role of ROLES) {
      const { useHidden, households } = await told<ZoneDetail>(role, '/api/water/zones/village')
      expect([useHidden, households[0]?.leak?.lph]).toEqual([UNTOLD.includes(role), 14])
      const known = households.filter(({ litresDay }) => litresDay !== null).map(({ deviceId }) => deviceId)
      expect(known.toSorted()).toEqual(role === 'care' ? ['m1'] : UNTOLD.includes(role) ? [] : METERS)
    }
    const table = async (role: Role) =>
      (await (await ask(role, '/api/water/zones/village/households.csv')).text()).split('\r\n')[1]
    expect(await table('water')).toMatch(/^m2,m2,well,336,14,/)
    expect(await table('dispatcher')).toMatch(/^m2,m2,well,,,/)
  })
  test('is not told by the sums of a well with two homes either; those of a village of six are', async () => {
    for (const path of ['hours', 'balance', 'balance.csv']) {
      expect((await ask('viewer', `/api/water/zones/well/${path}`)).status).toBe(403)
      expect((await ask('water', `/api/water/zones/well/${path}`)).status).toBe(200)
      expect((await ask('viewer', `/api/water/zones/village/${path}`)).status).toBe(200)
    }
    const hidden = async (role: Role, zone: string) =>
      (await told<ZoneDetail>(role, `/api/water/zones/${zone}`)).hoursHidden
    expect([await hidden('viewer', 'well'), await hidden('viewer', 'village'), await hidden('water', 'well')]).toEqual([
      true,
      false,
      false,
    ])
    const isWeekTold = async (role: Role, kind: 'well' | 'village') =>
      (await told<Page<ZoneRow>>(role, `/api/water/zones?kind=${kind}`)).items.map(({ week }) => week !== null)
    expect([await isWeekTold('viewer', 'well'), await isWeekTold('viewer', 'village')]).toEqual([[false], [true]])
    expect(await isWeekTold('water', 'well')).toEqual([true])
    expect([0, 1, 4, 5].map((homes) => maySeeHoursOf('dispatcher', homes))).toEqual([true, false, false, true])
  })
  test('hours of a well whose few homes have moved out are still theirs', () => {
    const count = (hour: number, change: number) => ({ part: 'household', hour, change })
    const moved = [count(0, 1), count(100, -1)]
    expect([
      fewestHouseholds(moved, 50, 90),
      fewestHouseholds(moved, 90, 200),
      fewestHouseholds(moved, 100, 200),
    ]).toEqual([1, 1, 0])
    const grown = [count(0, 2), count(10, 6), { part: 'in', hour: 12, change: 1 }]
    expect([fewestHouseholds(grown, 5, 30), fewestHouseholds(grown, 10, 30), fewestHouseholds([], 0, 9)]).toEqual([
      2, 8, 0,
    ])
  })
  test('is not read out of a message in quarantine: that it lies there, and why, is told', async () => {
    const preview = async (role: Role) => {
      const [item] = (await told<Page<QuarantineItem>>(role, '/api/quarantine')).items
      return [item?.reason, item?.preview.includes('100.1')]
    }
    expect(await preview('dispatcher')).toEqual(['value.out-of-bounds', false])
    expect(await preview('water')).toEqual(['value.out-of-bounds', true])
    const [item] = (await told<Page<QuarantineItem>>('water', '/api/quarantine')).items
    for (const path of [`${item?.id}`, `${item?.id}/detail`]) {
      expect((await ask('dispatcher', `/api/quarantine/${path}`)).status).toBe(403)
      expect((await ask('water', `/api/quarantine/${path}`)).status).toBe(200)
    }
  })
  test('does not come by the live stream', async () => {
    const quantities = async (role: Role) => {
      const client = stage.connect({ token: tokens.get(role) as string })
      const state = next(client, 'device')
      client.emit('watch', 'm2')
      const { latest } = await state
      client.close()
      return latest.map(({ quantity }) => quantity).toSorted()
    }
    expect(await quantities('dispatcher')).toEqual(['battery'])
    expect(await quantities('water')).toEqual(['battery', 'flow', 'volume'])
  })

  test('a meter that stands nowhere tells of nobody, and is read by whoever may read', async () => {
    for (const role of ROLES)
      expect((await ask(role, `/api/devices/on-a-bench/readings?quantity=volume&${READINGS}`)).status, role).toBe(200)
  })

  test('a meter that has been taken out of a home still tells of it', async () => {
    await stage.addDevices({ id: 'taken-out', kind: 'water-meter', placeId: 'well' })
    await stage.addDevices({ id: 'taken-out', kind: 'water-meter', placeId: null })
    await stage.restart()
    expect((await ask('viewer', `/api/devices/taken-out/readings?quantity=volume&${READINGS}`)).status).toBe(403)
    // Registered no more, what it sent and nobody understood is still its home's; of an id that never was, nobody's.
    await stage.stores.registry.remove('taken-out')
    await stage.decide({ quarantine: [impossible('taken-out', 2), impossible('nobody', 3)] })
    await stage.restart()
    const previews = async (role: Role) =>
      (await told<Page<QuarantineItem>>(role, '/api/quarantine')).items
        .filter(({ preview }) => preview !== '')
        .map(({ deviceId }) => deviceId)
        .toSorted()
    expect([await previews('dispatcher'), await previews('water')]).toEqual([['nobody'], ['m2', 'nobody', 'taken-out']])
  })
})
