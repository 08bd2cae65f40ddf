import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { QuarantinedRecord } from '../contract/events.ts'
import { historyFile, journalFile } from '../store/files.ts'
import { openHistory } from '../store/history/sqlite.ts'
import { openJournalReader } from '../store/journal/sqlite.ts'
import { Archive } from './archive.ts'
import type { Detect } from './detect.ts'
import { settle } from './replay.ts'
import { catchUp, Rig, SMOKE_ONLY } from './rig.ts'

const HOUR = 3_600_000

let rig: Rig
let detect: Detect
beforeEach(async () => {
  rig = new Rig()
  await rig.add('smoke-1', 'smoke-detector', { placeId: 'home-3' })
  await rig.add('meter-1', 'water-meter')
  detect = await rig.detect(SMOKE_ONLY)
})
afterEach(() => rig.remove())

const alarms = async () => (await rig.views.alarms({ state: 'all', limit: 100 })).items
const waiting = async () => (await rig.views.quarantine({ state: 'open', limit: 100 })).items
const lastEvent = async () => (await rig.views.eventsAfter(0, 1000)).at(-1)
const total = async (reason: string) => new Map<string, number>(await rig.views.rejectionTotals()).get(reason) ?? 0
const records = async (): Promise<readonly QuarantinedRecord[]> =>
  (await rig.views.replayable({ limit: 1000, maxBytes: 1e9 })).items

let commands = 0
const ask = async (which: readonly QuarantinedRecord[], dryRun = false): Promise<void> => {
  commands += 1
  await rig.command({
    type: 'quarantine.replay',
    commandId: `c${commands}`,
    actor: '韩梅',
    dryRun,
    records: [...which],
  })
}
const replayAll = async (dryRun = false): Promise<void> => {
  await ask(await records(), dryRun)
  await catchUp(detect)
}
/** What came while the device was not in the registry: the commonest thing that is put right afterwards. */
const publishUnregistered = async (id: string, payload: unknown): Promise<void> => {
  const device = await rig.registry.find(id)
  await rig.registry.remove(id)
  await rig.publish(id, payload)
  await catchUp(detect)
  if (device !== undefined) await rig.registry.put([device], { replace: true })
}

describe('a message that is understood now', () => {
  test('leaves the open list, says when and by whom, and its readings are known', async () => {
    await publishUnregistered('meter-1', { ts: rig.now, values: { volume: 12.3 } })
    expect(await waiting()).toMatchObject([{ reason: 'device.unregistered' }])
    rig.now += HOUR
    await replayAll()
    expect(await waiting()).toEqual([])
    const { items } = await rig.views.quarantine({ state: 'replayed', limit: 10 })
    expect(items).toMatchObject([{ replayed: true, triedAt: rig.now, triedBy: '韩梅' }])
    expect(await rig.views.sighting('meter-1')).toMatchObject({ latest: [{ quantity: 'volume', value: 12.3 }] })
    expect(await lastEvent()).toMatchObject({
      type: 'quarantine.replayed',
      actor: '韩梅',
      understood: 1,
      notUnderstood: 0,
      readings: 1,
    })
  })

  test('reaches history, although the archive passed the original long ago', async () => {
    const history = await openHistory(historyFile(rig.dir))
    const archive = await Archive.open({
      journals: {
        urgent: openJournalReader(journalFile(rig.dir, 'urgent')),
        bulk: openJournalReader(journalFile(rig.dir, 'bulk')),
        operator: openJournalReader(journalFile(rig.dir, 'operator')),
      },
      decisions: rig.openDecisions(),
      registry: rig.registry,
      history,
      historyIsNew: false,
      now: () => rig.now,
      figures: rig.figures,
      elapsed: () => 0,
      log: { error: () => {} },
    })
    const measured = rig.now
    await rig.registry.remove('meter-1')
    await rig.publish('meter-1', { volume: 12.3 })
    await catchUp(detect)
    while (await archive.step());
    await rig.add('meter-1', 'water-meter')
    rig.now += HOUR
    const read = () => history.range('meter-1', measured - 1, measured + 1, 10)
    expect((await read()).at).toEqual([])
    await replayAll(true)
    while (await archive.step());
    expect((await read()).at, 'a dry run writes nothing').toEqual([])
    await replayAll()
    while (await archive.step());
    // Measured "now" was when it arrived, not when somebody replayed it.
    expect(await read()).toMatchObject({ at: [measured], fields: new Map([['volume', [12.3]]]) })
    await history.close()
  })

  test('is no sign of life, and ends no silence', async () => {
    await publishUnregistered('smoke-1', { smoke: 0 })
    const heardAt = (await rig.views.sighting('smoke-1'))?.lastHeardAt ?? null
    rig.now += HOUR
    await replayAll()
    expect((await rig.views.sighting('smoke-1'))?.lastHeardAt ?? null).toBe(heardAt)
  })

  test('fills in attributes that are unknown and leaves newer ones alone', async () => {
    await rig.registry.remove('meter-1')
    await rig.publish('meter-1', { firmware: '1.0', iccid: '8986' }, 'attributes')
    await catchUp(detect)
    await rig.add('meter-1', 'water-meter')
    await rig.publish('meter-1', { firmware: '2.0' }, 'attributes')
    await catchUp(detect)
    await replayAll()
    expect((await rig.views.sighting('meter-1'))?.attributes).toEqual({ firmware: '2.0', iccid: '8986' })
  })
})

describe('a fire of yesterday', () => {
  beforeEach(async () => {
    await publishUnregistered('smoke-1', { smoke: 3 })
    rig.now += 24 * HOUR
  })

  test('is told as over, waits for a person, and does not ring as if it were now', async () => {
    await replayAll()
    expect(await alarms()).toMatchObject([
      { type: 'smoke', state: 'CLEARED_UNACK', raisedAt: rig.now - 24 * HOUR, replayed: true },
    ])
    expect(rig.figures.read().ingest_alarm_latency_seconds_count).toBeUndefined()
  })

  test('does not keep a fire of today silent', async () => {
    await replayAll()
    await rig.publish('smoke-1', { smoke: 4 })
    await catchUp(detect)
    const [alarm] = await alarms()
    expect(alarm).toMatchObject({ type: 'smoke', state: 'ACTIVE_UNACK', value: 4 })
    expect(alarm?.replayed).toBeUndefined()
  })

  test('neither ends nor changes the fire that is burning', async () => {
    await rig.publish('smoke-1', { smoke: 4 })
    await catchUp(detect)
    const [burning] = await alarms()
    await replayAll()
    expect((await alarms()).map(({ id, state }) => [id, state])).toEqual([[burning?.id, 'ACTIVE_UNACK']])
  })

  test('is known afterwards: the next message of the detector is in order, and a second telling is a repeat', async () => {
    await replayAll()
    await rig.publish('smoke-1', { ts: rig.now - 24 * HOUR, values: { smoke: 3 } })
    await rig.publish('smoke-1', { smoke: 0 })
    await catchUp(detect)
    expect(await total('order.duplicate')).toBe(1)
    expect(await alarms()).toHaveLength(1)
  })
})

describe('exactly once', () => {
  test('two clicks replay once, in one batch or one after the other', async () => {
    await publishUnregistered('smoke-1', { smoke: 3 })
    const both = await records()
    await ask(both)
    await ask(both)
    await catchUp(detect)
    await ask(both)
    await catchUp(detect)
    expect(await lastEvent()).toMatchObject({ understood: 0, gone: 1 })
    expect(await alarms()).toMatchObject([{ count: 1 }])
    expect(rig.figures.read()['ingest_replayed_total{outcome="understood"}']).toBe(1)
  })

  test('a restart in the middle decides the rest, and nothing twice', async () => {
    for (let i = 0; i < 10; i++) await publishUnregistered('meter-1', { ts: rig.now + i, values: { volume: i } })
    for (const record of await records()) await ask([record])
    await detect.step()
    detect = await rig.detect(SMOKE_ONLY)
    await catchUp(detect)
    expect(await waiting()).toEqual([])
    const events = (await rig.views.eventsAfter(0, 1000)).filter(({ type }) => type === 'quarantine.replayed')
    expect(events).toHaveLength(10)
    expect(events.every((event) => 'understood' in event && event.understood === 1)).toBe(true)
  })

  test('a dry run says the same and changes nothing', async () => {
    await publishUnregistered('smoke-1', { smoke: 3 })
    const before = await rig.views.sighting('smoke-1')
    await replayAll(true)
    expect(await lastEvent()).toMatchObject({ dryRun: true, understood: 1, readings: 1 })
    expect(await waiting()).toHaveLength(1)
    expect(await alarms()).toEqual([])
    expect(await rig.views.sighting('smoke-1')).toEqual(before)
  })
})

describe('a message that is still not understood', () => {
  test('stays, counted no second time, and raises nothing', async () => {
    await rig.publish('smoke-1', '{"alarm":tru')
    await catchUp(detect)
    const [before] = await alarms()
    rig.now += HOUR
    await replayAll()
    expect(await waiting()).toMatchObject([{ reason: 'payload.not-json', triedBy: '韩梅', triedAt: rig.now }])
    expect(await total('payload.not-json')).toBe(1)
    expect(await alarms()).toEqual([before])
    expect(await lastEvent()).toMatchObject({ notUnderstood: 1, reasons: { 'payload.not-json': 1 } })
  })

  test('stays under the same number with the reason it has now', async () => {
    await publishUnregistered('meter-1', { volume: 1, foo: 2 })
    const [entry] = await waiting()
    await replayAll()
    expect(await waiting()).toMatchObject([{ id: entry?.id, reason: 'value.unknown-quantity', deviceId: 'meter-1' }])
    expect(await rig.views.sighting('meter-1')).toMatchObject({ latest: [{ quantity: 'volume', value: 1 }] })
  })

  test('and makes Hydrant fail once more, is poison still, without harm to what lies beside it', async () => {
    await rig.publish('smoke-1', { smoke: 66.6 })
    await catchUp(detect)
    await publishUnregistered('meter-1', { volume: 5 })
    await replayAll()
    expect(await waiting()).toMatchObject([{ deviceId: 'smoke-1', reason: 'poison.exception' }])
    expect(await rig.views.sighting('meter-1')).toMatchObject({ latest: [{ value: 5 }] })
  })

  test('a gateway’s child that is registered meanwhile is heard, the stranger beside it still not', async () => {
    await rig.add('gateway-1', 'gateway')
    await rig.publish('gateway-1', { 'child-1': { smoke: 0.5 }, stranger: { smoke: 1 } }, 'gateway')
    await catchUp(detect)
    await rig.add('child-1', 'smoke-detector', { gatewayId: 'gateway-1' })
    await replayAll()
    expect(await waiting()).toMatchObject([{ deviceId: 'gateway-1', detail: 'stranger is not registered' }])
    expect(await rig.views.sighting('child-1')).toMatchObject({ latest: [{ quantity: 'smoke', value: 0.5 }] })
  })

  test('one record with two complaints keeps the one that still holds', () => {
    const tried = { at: 1, by: 'x' }
    const open = [
      { id: 1, deviceId: 'a', reason: 'value.unknown-quantity' },
      { id: 2, deviceId: 'a', reason: 'value.out-of-bounds' },
    ] as const
    const still = { deviceId: 'a', reason: 'value.out-of-bounds', detail: 'volume' } as const
    const other = { deviceId: 'b', reason: 'poison.exception', detail: 'oh' } as const
    expect(settle(open, [still], tried)).toEqual({
      results: [
        { id: 1, ...tried, still: undefined },
        { id: 2, ...tried, still },
      ],
      added: [],
    })
    expect(settle(open, [still, other, { ...other, deviceId: 'c' }], tried)).toMatchObject({
      results: [{ still: other }, { still }],
      added: [{ deviceId: 'c' }],
    })
  })
})
