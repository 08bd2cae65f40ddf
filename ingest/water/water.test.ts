import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { midnightOf } from '../../contract/city-time.ts'
import { balanceOfHours } from '../../contract/zone-balance.ts'
import type { Balance } from '../../contract/zones.ts'
import { stateFile } from '../../store/files.ts'
import type { Detect } from '../detect.ts'
import { catchUp, Rig, SMOKE_ONLY } from '../rig.ts'
import { HOUR_MS } from '../zones/tape.ts'

/** 1 November 2024, in the city's time. */
const FIRST_DAY = 20_028
const START = midnightOf(FIRST_DAY)
const HOMES = Array.from({ length: 10 }, (_, i) => `home-${i}`)
const DAY_H = 24

/** Litres that a household uses in an hour, of which the village loses a little on the way. */
const litresOf = (home: number, hour: number): number => ((hour * 7 + home * 13) % 23) + (hour % DAY_H === 19 ? 60 : 0)
const REST_LOSS = 40
/** What the dial of a meter shows that is put in for another one, litres. */
const NEW_REGISTER = 500_000

interface Village {
  /** Litres lost beyond the usual in an hour. */
  readonly leak?: (hour: number) => number
}

/** Registers at the beginning of hours `from` … `to`, m³, as one upload. */
function upload(meter: string, from: number, to: number, { leak = () => 0 }: Village = {}) {
  const litres = (hour: number): number =>
    meter === 'main'
      ? HOMES.reduce((sum, _, home) => sum + litresOf(home, hour), 0) + REST_LOSS + (hour % 5) + leak(hour)
      : litresOf(HOMES.indexOf(meter), hour)
  let register = 0
  const rows: { ts: number; values: { volume: number } }[] = []
  for (let hour = 0; hour <= to; hour++) {
    if (hour >= from) rows.push({ ts: (START + hour) * HOUR_MS, values: { volume: register / 1000 } })
    register += litres(hour)
  }
  return rows
}

const NOWHERE = { name: '', lon: null, lat: null, contact: null } as const

async function villageRig(): Promise<Rig> {
  const rig = new Rig()
  rig.now = (START + 100 * DAY_H) * HOUR_MS
  await rig.registry.putPlaces([
    { ...NOWHERE, id: 'county', kind: 'county', parentId: null },
    { ...NOWHERE, id: 'east', kind: 'village', parentId: 'county' },
    { ...NOWHERE, id: 'west', kind: 'village', parentId: 'county' },
    { ...NOWHERE, id: 'well', kind: 'well', parentId: 'east' },
  ])
  for (const home of HOMES) await rig.add(home, 'water-meter', { placeId: 'well' })
  await rig.add('main', 'bulk-meter', { placeId: 'east' })
  return rig
}

describe('a village that is metered at its inlet and in every household', () => {
  let rig: Rig
  let detect: Detect
  beforeEach(async () => {
    rig = await villageRig()
    detect = await rig.detect([])
  })
  afterEach(() => rig.remove())

  const send = async (meter: string, from: number, to: number, village?: Village): Promise<void> =>
    rig.publish(meter, upload(meter, from, to, village))
  const settle = async (): Promise<void> => {
    await catchUp(detect)
    rig.now += 1000
    await catchUp(detect)
  }
  const balance = async (zone: string, from = 0, to = 100 * DAY_H): Promise<Balance> =>
    balanceOfHours(
      await rig.zones.hours(zone, START + from, START + to),
      await rig.zones.meterHours(zone, START + from, START + to),
      to - from,
    )
  const nights = async (zone = 'east') =>
    (await rig.zones.nights(zone, 0, 1e6)).map(({ day, lossM3h, verdict }) => [day - FIRST_DAY, lossM3h, verdict])
  const alarms = async () => (await rig.views.alarms({ state: 'all', limit: 9 })).items
  const used = (homes: readonly string[], from: number, to: number): number => {
    let sum = 0
    for (const home of homes) for (let hour = from; hour < to; hour++) sum += litresOf(HOMES.indexOf(home), hour)
    return sum
  }

  test('loses what its bulk meter says less what its households say, to the litre, after late data, moves and exchanges', async () => {
    await settle()
    for (const home of HOMES.slice(2)) if (home !== 'home-4') await send(home, 0, 3 * DAY_H)
    await send('main', 0, 3 * DAY_H)
    await settle()
    expect(await balance('east', 0, 3 * DAY_H)).toMatchObject({ reported: 0.7, valid: false, meters: 10 })
    // From the fifty-first hour on this one is another meter, which had a register of its own.
    const old = upload('home-4', 0, 3 * DAY_H)
    const atExchange = old[51]!.values.volume
    const two = old.map(({ ts, values }, hour) => ({
      ts,
      values: { volume: hour < 51 ? values.volume : values.volume - atExchange + (NEW_REGISTER + 5) / 1000 },
    }))
    await rig.publish('home-4', two)
    // Two come days late, one of them twice and in pieces, newest first.
    await send('home-0', 0, 3 * DAY_H)
    await send('home-1', 40, 3 * DAY_H)
    await send('home-1', 0, 45)
    await send('home-1', 0, 45)
    await settle()
    const whole = await balance('east', 0, 3 * DAY_H)
    expect(whole).toMatchObject({ reported: expect.closeTo(719 / 720), bulkReported: 1, valid: true })
    const unseen = litresOf(4, 50)
    expect(whole.householdL).toBe(used(HOMES, 0, 3 * DAY_H) - unseen)
    const rests = Array.from({ length: 3 * DAY_H }, (_, hour) => REST_LOSS + (hour % 5))
    expect(whole.lossL).toBe(rests.reduce((a, b) => a + b) + unseen)
    expect((await balance('well', 0, 3 * DAY_H)).householdL).toBe(whole.householdL)
    expect((await balance('county', 0, 3 * DAY_H)).householdL).toBe(whole.householdL)

    // Told only now: one has stood in the other village since the second day.
    await rig.add('home-3', 'water-meter', { placeId: 'west' })
    expect(await rig.topology.movedAt('home-3', (START + DAY_H) * HOUR_MS)).toBe(true)
    await settle()
    const rest = HOMES.filter((home) => home !== 'home-3')
    const [east, west] = [await balance('east', 0, 3 * DAY_H), await balance('west', 0, 3 * DAY_H)]
    expect(east.householdL).toBe(used(HOMES, 0, DAY_H) + used(rest, DAY_H, 3 * DAY_H) - unseen)
    expect(west.householdL).toBe(used(['home-3'], DAY_H, 3 * DAY_H))
    expect(east.lossL).toBe(east.inflowL - east.householdL)
    expect([east.meters, west.meters]).toEqual([9 + 1 / 3, 2 / 3])
    expect((await balance('county', 0, 3 * DAY_H)).householdL).toBe(whole.householdL)

    // And another was exchanged on the third day, which nobody has written down: what ran in that hour is nobody's.
    // Then somebody does: 12 l ran through the old one in that hour, and 5 l through the new.
    const at = (START + 50) * HOUR_MS + HOUR_MS / 2
    const last = Math.round(upload('home-4', 50, 50)[0]!.values.volume * 1000) + 12
    await rig.topology.putExchange({ deviceId: 'home-4', at, lastLitres: last, firstLitres: NEW_REGISTER })
    await settle()
    const after = await balance('east', 0, 3 * DAY_H)
    expect(after.householdL).toBe(east.householdL + 17)
    expect(after.lossL).toBe(after.inflowL - after.householdL)

    // It was another home's, and is taken back.
    await rig.topology.removeExchange('home-4', at)
    await settle()
    expect(await balance('east', 0, 3 * DAY_H)).toEqual(east)
  })

  test('a move that is told weeks late takes along what can be: a zone waits for no hours that stay counted in the other', async () => {
    for (const day of Array.from({ length: 14 }, (_, i) => i))
      for (const home of HOMES.slice(0, 2)) await send(home, day * DAY_H, (day + 1) * DAY_H)
    await settle()
    await rig.add('home-0', 'water-meter', { placeId: 'west' })
    await rig.topology.movedAt('home-0', (START + DAY_H) * HOUR_MS)
    await settle()
    const [before, behind] = [await balance('east', DAY_H, 3 * DAY_H), await balance('west', DAY_H, 3 * DAY_H)]
    expect([before.householdL, before.meters, behind.householdL, behind.meters]).toEqual([
      used(HOMES.slice(0, 2), DAY_H, 3 * DAY_H),
      10,
      0,
      0,
    ])
    const [east, west] = [await balance('east', 6 * DAY_H, 14 * DAY_H), await balance('west', 6 * DAY_H, 14 * DAY_H)]
    expect([east.householdL, east.meters, west.householdL, west.meters]).toEqual([
      used(['home-1'], 6 * DAY_H, 14 * DAY_H),
      9,
      used(['home-0'], 6 * DAY_H, 14 * DAY_H),
      1,
    ])
    // Looked at again, and moved again, it is the same meter once.
    detect = await rig.detect([])
    await settle()
    expect((await rig.zones.meter('home-0'))?.memberships.filter(({ zone }) => zone === 'west').length).toBe(1)
    expect((await balance('county', 0, 14 * DAY_H)).householdL).toBe(used(HOMES.slice(0, 2), 0, 14 * DAY_H))
  })

  test('meters that are registered by the dozen are counted a few at a time, and none is left out', async () => {
    let now = 0
    detect = await rig.detect([], { elapsed: () => now++ })
    await rig.registry.putPlaces([{ ...NOWHERE, id: 'north', kind: 'village', parentId: 'county' }])
    for (let i = 0; i < 24; i++) await rig.add(`new-${i}`, 'water-meter', { placeId: 'north' })
    const counted = async () => (await rig.zones.meterHours('north', START, START + 1)).household
    const seen = new Set<number>()
    for (let turn = 0; turn < 60; turn++) {
      await detect.step()
      seen.add(await counted())
    }
    expect(seen.size).toBeGreaterThan(4)
    expect(await counted()).toBe(24)
  })

  test('a place that is put into another village takes its meters there, what they used included', async () => {
    for (const home of HOMES) await send(home, 0, DAY_H)
    await settle()
    await rig.registry.putPlaces([{ ...NOWHERE, id: 'well', kind: 'well', parentId: 'west' }])
    await settle()
    expect((await balance('east')).householdL).toBe(0)
    expect((await balance('west')).householdL).toBe(used(HOMES, 0, DAY_H))
    expect((await balance('west', 0, DAY_H)).meters).toBe(10)
    await rig.registry.remove('home-0')
    await settle()
    expect((await balance('west')).householdL).toBe(used(HOMES, 0, DAY_H))
    const hour = Math.ceil(Date.now() / HOUR_MS) + 1
    expect(await rig.zones.meterHours('west', hour, hour + 1)).toEqual({ household: 9, bulk: 0 })
  })

  test('a leak is told with its evidence, grows in the alarm, and is over when the night says so', async () => {
    const village: Village = {
      leak: (hour) => (hour < 12 * DAY_H ? 0 : hour < 18 * DAY_H ? 300 : hour < 24 * DAY_H ? 900 : 0),
    }
    await rig.registry.putPlaces([{ ...NOWHERE, id: 'well', kind: 'well', parentId: 'east', name: '东井' }])
    await rig.add('well-main', 'bulk-meter', { placeId: 'well' })
    const play = async (from: number, to: number): Promise<void> => {
      for (let day = from; day < to; day++) {
        for (const home of HOMES) await send(home, day * DAY_H, (day + 1) * DAY_H)
        for (const main of ['main', 'well-main'])
          await rig.publish(main, upload('main', day * DAY_H, (day + 1) * DAY_H, village))
      }
      await settle()
    }
    await play(0, 12)
    expect(await alarms()).toEqual([])
    expect((await nights()).map(([, , verdict]) => verdict)).toEqual([
      ...Array.from({ length: 5 }, () => 'learning'),
      ...Array.from({ length: 6 }, () => 'quiet'),
    ])
    await play(12, 16)
    const village1 = (await alarms()).find(({ placeId }) => placeId === 'east')
    expect(village1).toMatchObject({
      type: 'zoneLoss',
      deviceId: null,
      severity: 'MAJOR',
      state: 'ACTIVE_UNACK',
      raisedAt: (START + 12 * DAY_H + 1) * HOUR_MS,
      value: expect.closeTo(0.3, 1),
      incidentId: null,
    })
    expect(village1?.reason).toMatch(
      /^loses 0\.3 m³\/h more than on quiet nights since 13 November; \d+ % of inflow; 100 % of 10 meters reported; largest part: 东井, 0\.3 m³\/h$/,
    )
    expect(village1?.reasonZh).toMatch(/^自11月13日起,.*10块户表到报率100%,其中最多的是东井,0\.3 m³\/h$/)
    await play(16, 22)
    expect((await alarms()).find(({ placeId }) => placeId === 'east')).toMatchObject({
      id: village1?.id,
      state: 'ACTIVE_UNACK',
      value: expect.closeTo(0.9, 1),
    })
    await play(22, 28)
    expect((await alarms()).map(({ placeId, state }) => [placeId, state]).sort()).toEqual([
      ['east', 'CLEARED_UNACK'],
      ['well', 'CLEARED_UNACK'],
    ])
    expect(detect.openAlarms).toBe(2)
  })

  test('nobody judges a night of which too few have reported; after three days of later data it is passed over', async () => {
    const day = async (of: number, homes: readonly string[]): Promise<void> => {
      for (const meter of [...homes, 'main']) await send(meter, of * DAY_H, (of + 1) * DAY_H)
      await settle()
    }
    await day(0, HOMES)
    await day(1, HOMES)
    for (const of of [2, 3, 4]) await day(of, HOMES.slice(0, 8))
    expect((await nights()).map(([of]) => of)).toEqual([1])
    await day(5, HOMES.slice(0, 8))
    expect((await nights()).map(([of, , verdict]) => [of, verdict])).toEqual([
      [1, 'learning'],
      [2, 'not-judged'],
    ])
    // The late ones repair it.
    for (const home of HOMES.slice(8)) await send(home, 2 * DAY_H, 6 * DAY_H)
    await settle()
    expect((await nights()).map(([of, loss, verdict]) => [of, loss, verdict])).toEqual(
      [1, 2, 3, 4, 5].map((of) => [of, expect.closeTo(0.042, 2), 'learning']),
    )
  })

  test('what comes more than ten days late is not counted, and the meter is named with how much', async () => {
    await send('home-0', 11 * DAY_H, 13 * DAY_H)
    await send('home-0', 0, 10)
    await settle()
    await send('home-0', 14 * DAY_H, 24 * DAY_H)
    await send('home-0', 11 * DAY_H + 1, 11 * DAY_H + 4)
    await send('home-0', 10 * DAY_H, 10 * DAY_H + 4)
    await settle()
    expect((await rig.views.rejections(9)).filter(({ reason }) => reason === 'zone.too-late')).toMatchObject([
      { deviceId: 'home-0', count: 5 },
    ])
    expect((await balance('east')).householdL).toBe(used(['home-0'], 0, 24 * DAY_H))
  })

  test('a main that was registered as a household is counted whole once its kind is put right', async () => {
    const rows = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, i) => ({
        ts: (START + from + i) * HOUR_MS,
        values: { volume: 1000 + (from + i) * 300 },
      }))
    await rig.add('well-main', 'water-meter', { placeId: 'well' })
    await rig.publish('well-main', rows(0, 10))
    await settle()
    await rig.add('well-main', 'bulk-meter', { placeId: 'well' })
    await settle()
    await rig.publish('well-main', rows(11, 20))
    await settle()
    expect(await balance('well')).toMatchObject({ inflowL: 20 * 300_000, householdL: 0 })
  })

  test('a damaged row costs its meter no alarm, and holds up neither the other meters nor the nights', async () => {
    for (const meter of [...HOMES, 'main']) await send(meter, 0, 2 * DAY_H)
    await settle()
    const state = new DatabaseSync(stateFile(rig.dir))
    state.exec("UPDATE zone_meter SET tapes = x'0900ff' WHERE id IN ('home-0', 'home-1')")
    state.close()
    detect = await rig.detect(SMOKE_ONLY)
    await send('home-0', 2 * DAY_H + 1, 4 * DAY_H)
    await rig.add('home-1', 'water-meter', { placeId: 'west' })
    for (const meter of [...HOMES.slice(2), 'main']) await send(meter, 2 * DAY_H + 1, 4 * DAY_H)
    await settle()
    expect((await nights()).map(([of]) => of)).toEqual([1, 2, 3])
    expect((await rig.zones.meter('home-1'))?.memberships.map(({ zone }) => zone)).toContain('west')
    expect((await rig.views.rejections(9)).map(({ reason, deviceId }) => [reason, deviceId]).sort()).toEqual([
      ['zone.tape-unreadable', 'home-0'],
      ['zone.tape-unreadable', 'home-1'],
    ])
  })

  test('a village whose bulk meter tells its past first is judged from its beginning when the households tell theirs', async () => {
    await send('main', 0, 30 * DAY_H, { leak: (hour) => (hour >= 27 * DAY_H ? 500 : 0) })
    await settle()
    expect((await nights()).length).toBeGreaterThan(20)
    expect((await nights()).every(([, , verdict]) => verdict === 'not-judged')).toBe(true)
    for (const home of HOMES)
      for (const day of [0, 10, 20]) {
        await send(home, day * DAY_H, (day + 10) * DAY_H)
        await settle()
      }
    expect((await nights()).map(([of, , verdict]) => [of, verdict])).toEqual(
      Array.from({ length: 29 }, (_, i) => [i + 1, i < 5 ? 'learning' : i < 26 ? 'quiet' : expect.any(String)]),
    )
    expect(await alarms()).toMatchObject([{ placeId: 'east', state: 'ACTIVE_UNACK' }])
  })

  test('a loss that late readings explain is withdrawn, and says so', async () => {
    const watering = (hour: number): number => (hour >= 10 * DAY_H && hour < 14 * DAY_H ? 400 : 0)
    for (const meter of [...HOMES.slice(1), 'main']) await send(meter, 0, 14 * DAY_H, { leak: watering })
    await send('home-0', 0, 10 * DAY_H)
    await settle()
    expect(await alarms()).toMatchObject([{ placeId: 'east', state: 'ACTIVE_UNACK' }])
    const watered = upload('home-0', 10 * DAY_H, 14 * DAY_H).map(({ ts }, i) => ({
      ts,
      values: { volume: upload('home-0', 10 * DAY_H, 14 * DAY_H)[i]!.values.volume + 0.4 * i },
    }))
    await rig.publish('home-0', watered)
    await settle()
    expect(await alarms()).toMatchObject([
      { placeId: 'east', state: 'CLEARED_UNACK', reason: expect.stringContaining('nothing was lost') },
    ])
    expect((await nights()).every(([, , verdict]) => verdict !== 'loss')).toBe(true)
  })

  test('a loss stays told, and the nights behind it judged, when homes are registered in its village', async () => {
    const village: Village = { leak: (hour) => (hour >= 9 * DAY_H ? 500 : 0) }
    for (const meter of [...HOMES, 'main']) await send(meter, 0, 14 * DAY_H, village)
    await settle()
    const before = { nights: await nights(), alarms: await alarms() }
    expect(before.alarms).toMatchObject([{ placeId: 'east', state: 'ACTIVE_UNACK' }])
    for (const id of ['new-1', 'new-2', 'new-3']) await rig.add(id, 'water-meter', { placeId: 'well' })
    await settle()
    // Every zone is looked at again.
    detect = await rig.detect([])
    await settle()
    expect({ nights: await nights(), alarms: await alarms() }).toEqual(before)
    // From now on they are waited for, and one that has measured before since then.
    const hour = Math.ceil(rig.now / HOUR_MS) + 1
    expect((await rig.zones.meterHours('east', hour, hour + 1)).household).toBe(13)
    expect((await rig.zones.meterHours('east', START, START + 1)).household).toBe(10)
    await rig.publish(
      'new-1',
      [0, 1, 2].map((i) => ({ ts: (START + 13 * DAY_H + i) * HOUR_MS, values: { volume: i } })),
    )
    await settle()
    const first = START + 13 * DAY_H
    expect((await rig.zones.meterHours('east', first - 1, first)).household).toBe(10)
    expect((await rig.zones.meterHours('east', first, first + 1)).household).toBe(11)
  })

  test('ends with the same accounts and nights whatever came late, twice or in another order, and wherever ingest was killed', async () => {
    const village: Village = { leak: (hour) => (hour >= 9 * DAY_H ? 500 : 0) }
    const sent = [...HOMES, 'main'].flatMap((meter) =>
      Array.from({ length: 10 }, (_, i) => ({ meter, from: i * 36, to: (i + 1) * 36 })),
    )
    const outcome = async () => ({
      nights: await nights(),
      balance: await balance('east'),
      open: (await alarms()).map(({ placeId, state, raisedAt, value }) => ({ placeId, state, raisedAt, value })),
      meters: await Promise.all(HOMES.map((home) => rig.zones.meter(home))),
    })
    for (const { meter, from, to } of sent) await send(meter, from, to, village)
    await settle()
    const expected = await outcome()
    expect(expected.open).toMatchObject([{ placeId: 'east', state: 'ACTIVE_UNACK' }])
    for (const seed of [1]) {
      await rig.remove()
      rig = await villageRig()
      // Up to eight days late; ten are what is corrected.
      const lateness = fc.sample(fc.nat(8 * DAY_H), { numRuns: sent.length, seed })
      const shuffled = sent
        .map((one, i) => ({ one, at: one.to + lateness[i]! }))
        .sort((a, b) => a.at - b.at)
        .map(({ one }) => one)
      const twice = [...shuffled, ...shuffled.slice(0, 30)]
      for (const [i, { meter, from, to }] of twice.entries()) {
        await send(meter, from, to, village)
        // Killed: whatever was in memory is gone, and what was not committed with it.
        if (i % 17 === 0) detect = await rig.detect([])
        if (i % 11 === 0) await detect.step()
        if (i % 29 === 0) await settle()
      }
      await settle()
      expect(await outcome()).toEqual(expected)
    }
  })
})
