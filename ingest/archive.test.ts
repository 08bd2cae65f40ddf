import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodeFrame } from '../contract/gb26875/frame.ts'
import { applicationData, encodeObjects } from '../contract/gb26875/objects.ts'
import { historyFile, journalFile } from '../store/files.ts'
import { type History, HistoryUnavailable } from '../store/history/port.ts'
import { openHistory } from '../store/history/sqlite.ts'
import { openJournalReader } from '../store/journal/sqlite.ts'
import { Archive, type ArchiveDependencies } from './archive.ts'
import { Rig } from './rig.ts'

let rig: Rig
let history: History
beforeEach(async () => {
  rig = new Rig()
  history = await openHistory(historyFile(rig.dir))
  await rig.add('meter-1', 'water-meter')
})
afterEach(async () => {
  await history.close()
  await rig.remove()
})

const open = (more: Partial<ArchiveDependencies> = {}): Promise<Archive> =>
  Archive.open({
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
    log: { error: (_, message) => void rig.logged.push(message) },
    ...more,
  })
const catchUp = async (archive: Archive): Promise<void> => {
  while (await archive.step());
}
const volumes = async (id: string): Promise<readonly unknown[]> =>
  (await history.range(id, 0, 4e12, 1000)).fields.get('volume') ?? []

describe('the archive', () => {
  test('every understood reading of a meter goes to history once, however often it is sent', async () => {
    const day = {
      ts: rig.now - 86_400_000,
      step: 900_000,
      values: { volume: Array.from({ length: 96 }, (_, i) => i / 10) },
    }
    await rig.publish('meter-1', day)
    await rig.publish('meter-1', day)
    await rig.publish('meter-1', '{"volume":NaN}')
    await rig.publish('meter-1', { volume: 9.7 })
    await catchUp(await open())
    expect(await volumes('meter-1')).toEqual([...day.values.volume, 9.7])
  })

  test('a gateway writes for its own children only, nobody for a device that is not registered', async () => {
    await rig.add('gateway-1', 'gateway')
    await rig.add('child-1', 'water-meter', { gatewayId: 'gateway-1' })
    await rig.publish('gateway-1', { 'child-1': { volume: 1 }, 'meter-1': { volume: 666 } }, 'gateway')
    await rig.publish('nobody', { volume: 5 })
    await catchUp(await open())
    expect(await volumes('child-1')).toEqual([1])
    expect(await volumes('meter-1')).toEqual([])
    expect(await volumes('nobody')).toEqual([])
  })

  test('the first fire of a panel’s point is kept, also where the point is registered only afterwards', async () => {
    await rig.add('panel-1', 'fire-panel')
    await rig.add('panel-1.1-1.40.10-3', 'smoke-detector', { gatewayId: 'panel-2' })
    const point = { systemType: 1, systemAddress: 1, componentType: 40, zone: 10, point: 2, state: 3 }
    const objects = [point, { ...point, point: 3 }].map((each) => ({ ...each, text: new Uint8Array(31) }))
    const time = { second: 0, minute: 0, hour: 0, day: 1, month: 1, year: 24 }
    const data = encodeObjects(applicationData('componentState', objects))
    const envelope = { command: 2, sequence: 1, version: { main: 1, user: 1 }, time, source: 1, destination: 2 }
    await rig.publish('panel-1', encodeFrame({ ...envelope, data }), 'raw', 'gb26875')
    await catchUp(await open())
    const alarms = async (id: string): Promise<unknown> => (await history.range(id, 0, 4e12, 10)).fields.get('alarm')
    expect(await alarms('panel-1.1-1.40.10-2')).toEqual([true])
    expect(await alarms('panel-1.1-1.40.10-3')).toBeUndefined()
  })

  test('while history is away its batch waits; nothing is lost when it comes back', async () => {
    let away = true
    const write: History['write'] = async (messages) => {
      if (away) throw new HistoryUnavailable('history is away')
      return history.write(messages)
    }
    const archive = await open({ history: { ...(history as object), write } as History })
    await rig.publish('meter-1', { ts: rig.now, values: { volume: 1 } })
    await expect(archive.step()).rejects.toThrow('history is away')
    await rig.publish('meter-1', { ts: rig.now + 1, values: { volume: 2 } })
    await expect(archive.step()).rejects.toThrow('history is away')
    expect(rig.figures.read().ingest_history_up).toBe(0)
    away = false
    await catchUp(archive)
    expect(await volumes('meter-1')).toEqual([1, 2])
    expect(rig.figures.read().ingest_history_up).toBe(1)
  })

  test('readings that history refuses for good lie in quarantine with their message, and are counted', async () => {
    const write: History['write'] = async (messages) => {
      await history.write(messages)
      const [first] = messages
      if (first === undefined) return []
      const { deviceId, readings } = first
      const why = { deviceId, reason: 'history.type-conflict', detail: 'it is a string' } as const
      return readings.at.slice(0, 2).map((at) => ({ ...why, quantity: 'volume' as const, at }))
    }
    await rig.publish('meter-1', { ts: rig.now, step: 1000, values: { volume: [1, 2, 3] } })
    await rig.publish('meter-1', { ts: rig.now + 5000, values: { volume: 4 } })
    const archive = await open({ history: { ...(history as object), write } as History })
    await catchUp(archive)
    const { items } = await rig.views.quarantine({ limit: 10 })
    expect(items.map(({ deviceId, reason, size }) => [deviceId, reason, size])).toEqual([
      [
        'meter-1',
        'history.type-conflict',
        JSON.stringify({ ts: rig.now, step: 1000, values: { volume: [1, 2, 3] } }).length,
      ],
    ])
    expect((await rig.views.rejectionTotals()).get('history.type-conflict')).toBe(2)
    expect(rig.figures.read()['ingest_history_rejected_points_total{reason="history.type-conflict"}']).toBe(2)
    expect(await volumes('meter-1')).toEqual([1, 2, 3, 4])
  })

  test('a reading that the store fails on lies in quarantine alone; what is before and behind it is written', async () => {
    const write: History['write'] = async (messages) => {
      for (const { readings } of messages)
        if (readings.fields.some(({ values }) => values.includes(66))) throw new RangeError('a defect')
      return history.write(messages)
    }
    for (const [i, volume] of [1, 66, 2, 3].entries())
      await rig.publish('meter-1', { ts: rig.now + i, values: { volume } })
    await catchUp(await open({ history: { ...(history as object), write } as History }))
    expect(await volumes('meter-1')).toEqual([1, 2, 3])
    expect((await rig.views.quarantine({ limit: 10 })).items).toMatchObject([
      { deviceId: 'meter-1', reason: 'poison.exception', detail: expect.stringContaining('RangeError: a defect') },
    ])
  })

  test('a history that somebody deleted is told, and gets again what the journal still holds', async () => {
    await rig.publish('meter-1', { ts: rig.now, values: { volume: 1 } })
    await catchUp(await open())
    const empty = await openHistory(join(rig.dir, 'new.db'))
    await catchUp(await open({ history: empty, historyIsNew: true }))
    expect((await empty.range('meter-1', 0, 4e12, 10)).fields.get('volume')).toEqual([1])
    await empty.close()
    expect(rig.logged).toContainEqual(expect.stringMatching(/history was not there.*restore a backup/))
    expect((await rig.views.rejectionTotals()).get('history.missing')).toBe(1)
  })

  test('a deleted history is written again also where the first attempt at it was cut short', async () => {
    await rig.publish('meter-1', { ts: rig.now, values: { volume: 1 } })
    await catchUp(await open())
    const empty = await openHistory(join(rig.dir, 'new.db'))
    await open({ history: empty, historyIsNew: true })
    await catchUp(await open({ history: empty, historyIsNew: false }))
    expect((await empty.range('meter-1', 0, 4e12, 10)).fields.get('volume')).toEqual([1])
    await empty.close()
  })

  test('it goes on from its own cursor after a restart', async () => {
    await rig.publish('meter-1', { ts: rig.now, values: { volume: 1 } })
    await catchUp(await open())
    await rig.publish('meter-1', { ts: rig.now + 1, values: { volume: 2 } })
    const again = await open()
    expect((await again.lags()).get('bulk')?.records).toBe(1)
    await catchUp(again)
    expect(await volumes('meter-1')).toEqual([1, 2])
  })
})
