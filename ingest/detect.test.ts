import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { journalFile } from '../store/files.ts'
import { openDatabase } from '../store/sqlite.ts'
import { type Decision, type Decisions, StateUnavailable } from '../store/state/decisions-port.ts'
import { catchUp, Rig, SMOKE_ONLY } from './rig.ts'

let rig: Rig
beforeEach(async () => {
  rig = new Rig()
  await rig.add('smoke-1', 'smoke-detector', { placeId: 'home-3' })
  await rig.add('meter-1', 'water-meter')
})
afterEach(() => rig.remove())

const alarms = async () => (await rig.views.alarms({ state: 'all', limit: 100 })).items
const events = async () =>
  (await rig.views.eventsAfter(0, 1000)).map(({ type }) => type).filter((type) => !type.startsWith('incident.'))
const quarantine = async () => (await rig.views.quarantine({ limit: 100 })).items
const total = async (reason: string) => new Map<string, number>(await rig.views.rejectionTotals()).get(reason) ?? 0

describe('from a publish to an alarm', () => {
  test('smoke raises one alarm at the place of its detector, which clears and is closed by a person', async () => {
    const detect = await rig.detect(SMOKE_ONLY)
    await rig.publish('smoke-1', { smoke: 3.1 })
    await catchUp(detect)
    const [alarm] = await alarms()
    expect(alarm).toMatchObject({
      deviceId: 'smoke-1',
      placeId: 'home-3',
      type: 'smoke',
      severity: 'CRITICAL',
      state: 'ACTIVE_UNACK',
      raisedAt: rig.now,
      noticedAt: rig.now,
      count: 1,
      value: 3.1,
    })
    const alarmId = alarm?.id ?? ''
    await rig.command({ type: 'alarm.acknowledge', commandId: 'c1', actor: '李雷', alarmId, comment: 'called' })
    await catchUp(detect)
    expect(await alarms()).toMatchObject([{ state: 'ACTIVE_ACK', ackBy: '李雷', ackAt: rig.now }])
    rig.now += 1000
    await rig.publish('smoke-1', { smoke: 0.1 })
    await catchUp(detect)
    expect(await alarms()).toMatchObject([{ state: 'CLEARED_ACK', clearedAt: rig.now }])
    expect(await events()).toEqual(['alarm.raised', 'alarm.acknowledged', 'alarm.cleared'])
  })

  test('a detector that repeats itself a hundred times in a batch makes one alarm with a count and one event', async () => {
    const detect = await rig.detect(SMOKE_ONLY)
    for (let i = 0; i < 100; i++) {
      rig.now += 1
      await rig.publish('smoke-1', { smoke: 3 })
    }
    await catchUp(detect)
    expect(await alarms()).toMatchObject([{ count: 100, lastAt: rig.now }])
    expect(await events()).toEqual(['alarm.raised'])
  })

  test('a command about an alarm that never was is refused with its code', async () => {
    const detect = await rig.detect(SMOKE_ONLY)
    await rig.command({ type: 'alarm.acknowledge', commandId: 'c9', actor: '韩梅', alarmId: 'none', comment: '' })
    await catchUp(detect)
    expect(await rig.views.eventsAfter(0, 10)).toMatchObject([
      { type: 'command.refused', commandId: 'c9', actor: '韩梅', code: 'alarm.unknown' },
    ])
  })

  test('a word about yesterday’s alarm does not touch the fire of now', async () => {
    const detect = await rig.detect(SMOKE_ONLY)
    await rig.publish('smoke-1', { smoke: 3 })
    await catchUp(detect)
    const first = (await alarms())[0]?.id as string
    await rig.command({ type: 'alarm.acknowledge', commandId: 'c1', actor: '李雷', alarmId: first, comment: '' })
    await catchUp(detect)
    rig.now += 1000
    await rig.publish('smoke-1', { smoke: 0.1 })
    rig.now += 1000
    await rig.publish('smoke-1', { smoke: 4 })
    await catchUp(detect)
    await rig.command({
      type: 'alarm.close',
      commandId: 'c2',
      actor: '李雷',
      alarmId: first,
      disposition: 'false',
      comment: 'toast',
    })
    rig.now += 1000
    await rig.publish('smoke-1', { smoke: 5 })
    await catchUp(detect)
    const [over, now] = (await alarms()).toSorted((a, b) => a.raisedAt - b.raisedAt)
    expect(over).toMatchObject({ id: first, state: 'CLEARED_ACK', disposition: 'false' })
    expect(now).toMatchObject({ state: 'ACTIVE_UNACK', count: 2, disposition: null })
  })

  test('the urgent lane is served before thousands of meters', async () => {
    for (let i = 0; i < 2000; i++) await Promise.resolve(rig.append('bulk', 'telemetry', 'meter-1', { volume: i }))
    await rig.publish('smoke-1', { smoke: 3 })
    const detect = await rig.detect(SMOKE_ONLY)
    await detect.step()
    expect(await alarms()).toHaveLength(1)
    expect((await detect.lag('bulk')).records).toBeGreaterThan(1000)
  })

  test('every sign of life is remembered, a connection that ends is none', async () => {
    const detect = await rig.detect([])
    await rig.publish('meter-1', '', 'connected')
    await rig.publish('meter-1', { volume: 12.3 })
    await rig.publish('meter-1', { firmware: '1.4' }, 'attributes')
    const heard = rig.now
    rig.now += 60_000
    await rig.publish('meter-1', '', 'disconnected')
    await catchUp(detect)
    expect(await rig.views.sighting('meter-1')).toMatchObject({
      connected: false,
      lastHeardAt: heard,
      latest: [{ quantity: 'volume', value: 12.3, at: heard }],
      attributes: { firmware: '1.4' },
    })
  })

  test('when the broker comes up, who was connected to the one before is not connected any more', async () => {
    const detect = await rig.detect([])
    for (const id of ['meter-1', 'smoke-1']) await rig.publish(id, '', 'connected')
    await catchUp(detect)
    rig.now += 1000
    for (const lane of ['urgent', 'bulk'] as const) await rig.append(lane, 'brokerStarted', '', '')
    rig.now += 1000
    await rig.publish('smoke-1', '', 'connected')
    await catchUp(detect)
    expect(await rig.views.sighting('meter-1')).toMatchObject({ connected: false })
    expect(await rig.views.sighting('smoke-1')).toMatchObject({ connected: true })
  })

  test('what the broker turned away is counted, and is no sign of life of the device that was named', async () => {
    const detect = await rig.detect([])
    await rig.append('bulk', 'refused', 'meter-1', {
      reason: 'auth.unknown-or-wrong',
      deviceId: 'meter-1',
      detail: 'from 10.0.0.1',
      count: 7,
    })
    await catchUp(detect)
    expect(await total('auth.unknown-or-wrong')).toBe(7)
    expect(await rig.views.sighting('meter-1')).toBeUndefined()
  })
})

describe('what cannot be understood', () => {
  test('lies in quarantine with its reason and its bytes, and the queue moves on', async () => {
    const detect = await rig.detect(SMOKE_ONLY)
    await rig.publish('meter-1', '{"volume":NaN}')
    await rig.publish('meter-1', { volume: 12.3 })
    await catchUp(detect)
    const [item] = await quarantine()
    expect(item).toMatchObject({
      deviceId: 'meter-1',
      reason: 'payload.not-json',
      topic: 'v1/devices/meter-1/telemetry',
      preview: '{"volume":NaN}',
    })
    expect(await rig.views.sighting('meter-1')).toMatchObject({ latest: [{ quantity: 'volume', value: 12.3 }] })
  })

  test('from a smoke detector it is an alarm of its own, until it can be read again: no fire is lost in silence', async () => {
    const detect = await rig.detect(SMOKE_ONLY)
    await rig.publish('smoke-1', '{"alarm":tru')
    await catchUp(detect)
    expect(await alarms()).toMatchObject([{ type: 'unreadable', state: 'ACTIVE_UNACK', deviceId: 'smoke-1' }])
    rig.now += 1000
    await rig.publish('smoke-1', { smoke: 0 })
    await catchUp(detect)
    expect(await alarms()).toMatchObject([{ type: 'unreadable', state: 'CLEARED_UNACK' }])
  })

  test('five impossible values within a day are an alarm that a day of good ones clears', async () => {
    const detect = await rig.detect([])
    for (let i = 0; i < 5; i++) {
      rig.now += 3_600_000
      expect(await alarms()).toEqual([])
      await rig.publish('meter-1', { volume: -1 })
      await catchUp(detect)
    }
    expect(await alarms()).toMatchObject([{ type: 'implausible', state: 'ACTIVE_UNACK' }])
    rig.now += 23 * 3_600_000
    await rig.publish('meter-1', { volume: 1 })
    await catchUp(detect)
    expect(await alarms()).toMatchObject([{ state: 'ACTIVE_UNACK' }])
    rig.now += 2 * 3_600_000
    await rig.publish('meter-1', { volume: 2 })
    await catchUp(detect)
    expect(await alarms()).toMatchObject([{ state: 'CLEARED_UNACK' }])
  })

  test('a record that makes the code throw is quarantined alone; the rest of its batch is decided', async () => {
    const detect = await rig.detect(SMOKE_ONLY)
    await rig.publish('smoke-1', { smoke: 0.1 })
    await rig.publish('smoke-1', { smoke: 66.6 })
    rig.now += 1000
    await rig.publish('smoke-1', { smoke: 3 })
    await catchUp(detect)
    expect(await quarantine()).toMatchObject([{ reason: 'poison.exception', preview: '{"smoke":66.6}' }])
    expect((await alarms()).map(({ type }) => type).sort()).toEqual(['smoke', 'unreadable'])
  })

  test('a device that has been removed is named as the reason', async () => {
    const detect = await rig.detect([])
    await rig.publish('meter-1', { volume: 1 })
    await catchUp(detect)
    await rig.registry.remove('meter-1')
    await rig.publish('meter-1', { volume: 2 })
    await catchUp(detect)
    expect(await quarantine()).toMatchObject([{ reason: 'device.unregistered' }])
  })

  test('a gateway speaks for its own children only', async () => {
    await rig.add('gateway-1', 'gateway')
    await rig.add('child-1', 'smoke-detector', { gatewayId: 'gateway-1' })
    const detect = await rig.detect(SMOKE_ONLY)
    await rig.publish(
      'gateway-1',
      { 'child-1': { smoke: 3 }, 'smoke-1': { smoke: 3 }, nobody: { smoke: 3 } },
      'gateway',
    )
    await catchUp(detect)
    expect((await alarms()).map(({ deviceId }) => deviceId)).toEqual(['child-1'])
    expect(await quarantine()).toMatchObject([{ deviceId: 'gateway-1', reason: 'gateway.not-your-child' }])
    expect(await total('gateway.not-your-child')).toBe(2)
    expect(await rig.views.sighting('child-1')).toMatchObject({ lastHeardAt: rig.now })
  })
})

describe('exactly once', () => {
  test('a batch whose commit is cut off is decided again with the same result', async () => {
    const real = rig.openDecisions()
    let cut = true
    const decisions = replacing(real, {
      commit: async (decision: Decision) => {
        if (cut && decision.alarms.length > 0) throw new Error('disk full')
        return real.commit(decision)
      },
    })
    const detect = await rig.detect(SMOKE_ONLY, { decisions })
    await rig.publish('meter-1', { volume: 1 })
    await rig.publish('smoke-1', { smoke: 3 })
    await expect(catchUp(detect)).rejects.toThrow('disk full')
    cut = false
    await catchUp(detect)
    expect(await alarms()).toMatchObject([{ type: 'smoke', count: 1 }])
    expect(await quarantine()).toEqual([])
  })

  test('a store that is locked or full for a moment makes nobody poison: the same batch comes again', async () => {
    const real = rig.openDecisions()
    let refusals = 1
    const decisions = replacing(real, {
      commit: async (decision: Decision) => {
        if (refusals-- > 0) throw new StateUnavailable('database is locked')
        return real.commit(decision)
      },
    })
    const detect = await rig.detect(SMOKE_ONLY, { decisions })
    await rig.publish('smoke-1', { smoke: 3 })
    await expect(catchUp(detect)).rejects.toThrow('locked')
    await catchUp(detect)
    expect(await alarms()).toMatchObject([{ type: 'smoke', count: 1 }])
    expect(await quarantine()).toEqual([])
  })

  test('what fails after a batch has been stored does not make it be decided again', async () => {
    let failures = 1
    const sighted = {
      sightedAfter: rig.views.sightedAfter.bind(rig.views),
      lastRev: async () => {
        if (failures-- > 0) throw new Error('cannot read')
        return rig.views.lastRev()
      },
    }
    const detect = await rig.detect(SMOKE_ONLY, { sighted })
    await rig.append('urgent', 'brokerStarted', '', '')
    await rig.publish('smoke-1', { smoke: 3 })
    rig.now += 1000
    await rig.publish('smoke-1', 'nonsense')
    await expect(catchUp(detect)).rejects.toThrow('cannot read')
    await catchUp(detect)
    expect(await alarms()).toMatchObject([
      { type: 'unreadable', count: 1 },
      { type: 'smoke', count: 1 },
    ])
    expect(await total('payload.not-json')).toBe(1)
  })

  test('a decision that the store refuses is quarantined as poison, when the store takes everything else', async () => {
    const real = rig.openDecisions()
    const decisions = replacing(real, {
      commit: async (decision: Decision) => {
        if (decision.sightings.some(({ latest }) => latest?.get('volume')?.value === 13)) throw new Error('unlucky')
        return real.commit(decision)
      },
    })
    const detect = await rig.detect([], { decisions })
    for (const volume of [12, 13, 14]) {
      await rig.add(`meter-${volume}`, 'water-meter')
      await rig.publish(`meter-${volume}`, { volume })
    }
    await catchUp(detect)
    expect(await quarantine()).toMatchObject([{ deviceId: 'meter-13', reason: 'poison.exception' }])
    expect(await rig.views.sighting('meter-12')).toMatchObject({ latest: [{ value: 12 }] })
    expect(await rig.views.sighting('meter-14')).toMatchObject({ latest: [{ value: 14 }] })
  })

  test('after a restart nothing is decided twice and nothing is missing', async () => {
    const first = await rig.detect(SMOKE_ONLY)
    await rig.publish('smoke-1', { ts: rig.now, values: { smoke: 3 } })
    await catchUp(first)
    rig.now += 1000
    await rig.publish('smoke-1', { ts: rig.now, values: { smoke: 4 } })
    const second = await rig.detect(SMOKE_ONLY)
    await catchUp(second)
    expect(await alarms()).toMatchObject([{ count: 2, value: 4 }])
    expect(await events()).toEqual(['alarm.raised', 'alarm.updated'])
  })

  test('a retry, by time or by the device’s counter, is recognised', async () => {
    const detect = await rig.detect(SMOKE_ONLY)
    const message = { ts: rig.now, values: { smoke: 3 } }
    await rig.publish('smoke-1', message)
    await rig.publish('smoke-1', { seq: 1, smoke: 3 })
    rig.now += 2000
    await rig.publish('smoke-1', message)
    await rig.publish('smoke-1', { seq: 1, smoke: 3 })
    await catchUp(detect)
    expect(await alarms()).toMatchObject([{ count: 1 }])
    expect(await total('order.duplicate')).toBe(3)
  })
})

test('two messages in one millisecond are two readings: the second one may be the fire', async () => {
  const detect = await rig.detect(SMOKE_ONLY)
  await rig.publish('smoke-1', { smoke: 0.1 })
  await rig.publish('smoke-1', { smoke: 3 })
  await catchUp(detect)
  expect(await alarms()).toMatchObject([{ type: 'smoke', state: 'ACTIVE_UNACK' }])
})

describe('a damaged journal', () => {
  test('is loud, counted, and never skipped in silence', async () => {
    await rig.publish('smoke-1', { smoke: 0.1 })
    await rig.publish('smoke-1', { smoke: 0.2 })
    rig.now += 1000
    await rig.publish('smoke-1', { smoke: 3 })
    const db = openDatabase(journalFile(rig.dir, 'urgent'), { durability: 'NORMAL' })
    db.exec('UPDATE batch SET crc = crc + 1 WHERE last = 2')
    db.close()
    const detect = await rig.detect(SMOKE_ONLY)
    await catchUp(detect)
    expect(await alarms()).toMatchObject([{ type: 'smoke' }])
    expect(await total('journal.damaged')).toBe(1)
    expect(rig.logged).toContain('journal records cannot be read and are skipped')
    expect(rig.figures.read()['ingest_journal_damaged_total{lane="urgent"}']).toBe(1)
  })

  test('a journal that was put in the place of another is read from its beginning', async () => {
    const decisions = rig.openDecisions()
    await decisions.advance('detect', 'urgent', 500)
    await rig.publish('smoke-1', { smoke: 3 })
    const detect = await rig.detect(SMOKE_ONLY)
    await catchUp(detect)
    expect(await alarms()).toHaveLength(1)
    expect(await total('journal.damaged')).toBe(1)
  })
})

/** The same store with other methods. */
const replacing = (real: Decisions, others: Partial<Decisions>): Decisions =>
  Object.assign(Object.create(real) as Decisions, others)
