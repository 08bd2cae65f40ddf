import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Decision, type Decisions, StateUnavailable } from '../store/state/decisions-port.ts'
import type { Detector } from './detectors/detector.ts'
import type { Detectors } from './device-readings.ts'
import { HandlingMemory } from './incidents/memory.ts'
import { NOTHING_SEEN } from './order.ts'
import { decide, prepare } from './pipeline.ts'
import { catchUp, Rig, SMOKE_ONLY } from './rig.ts'

/** Fault 9: whatever makes the code throw is set aside with its bytes, alone. */

const POISON = 666

/** Throws for a certain reading, after it has looked at the ones before it. */
const brittle: Detector<{ readonly sum: number }> = {
  name: 'brittle',
  kinds: 'all',
  initial: { sum: 0 },
  step(state, input) {
    if (input.type === 'tick') return { state, findings: [] }
    let { sum } = state
    for (const value of input.readings.fields.flatMap(({ values }) => values)) {
      if (value === POISON) throw new Error('a defect')
      if (typeof value === 'number') sum += value
    }
    return { state: { sum }, findings: [] }
  },
}
const BRITTLE: Detectors = [...SMOKE_ONLY, brittle as Detector<unknown>]

let rig: Rig
beforeEach(async () => {
  rig = new Rig()
  await rig.add('smoke-1', 'smoke-detector')
  await rig.add('meter-1', 'water-meter')
  await rig.add('meter-2', 'water-meter')
})
afterEach(() => rig.remove())

const quarantine = async () => (await rig.views.quarantine({ limit: 1000 })).items
const alarms = async () => (await rig.views.alarms({ state: 'all', limit: 100 })).items
const sumOf = async (id: string): Promise<number> =>
  JSON.parse((await rig.openDecisions().detectorState(id)) ?? '{}').detectors.brittle.sum

describe('a payload that throws', () => {
  test('in a detector leaves the memory of its device as it was, and others as if it had not come', async () => {
    const detect = await rig.detect(BRITTLE)
    for (const volume of [1, POISON, 3]) {
      rig.now += 1000
      await rig.publish('meter-1', { volume })
      await rig.publish('meter-2', { volume: 10 })
    }
    await catchUp(detect)
    expect(await sumOf('meter-1')).toBe(4)
    expect(await sumOf('meter-2')).toBe(30)
    expect(await quarantine()).toMatchObject([
      { deviceId: 'meter-1', reason: 'poison.exception', detail: 'Error: a defect', preview: `{"volume":${POISON}}` },
    ])
    expect(rig.logged).toEqual(['a record made Hydrant fail; it is in quarantine'])
  })

  test('in one child of a gateway does not silence the fire of another', async () => {
    await rig.add('gateway-1', 'gateway')
    await rig.add('child-1', 'smoke-detector', { gatewayId: 'gateway-1' })
    await rig.add('child-2', 'smoke-detector', { gatewayId: 'gateway-1' })
    const detect = await rig.detect(BRITTLE)
    await rig.publish('gateway-1', { 'child-1': { temperature: POISON }, 'child-2': { smoke: 3 } }, 'gateway')
    await rig.publish('gateway-1', { 'child-1': { smoke: 66.6 }, 'child-2': { smoke: 4 } }, 'gateway')
    await catchUp(detect)
    const raised = (await alarms()).map(({ deviceId, type }) => `${deviceId} ${type}`)
    expect(raised.sort()).toEqual(['child-1 unreadable', 'child-2 smoke'])
    expect((await quarantine())[0]).toMatchObject({ deviceId: 'child-1', sender: 'gateway-1' })
  })

  test('of a fire device tells somebody: it may have been an alarm', async () => {
    const detect = await rig.detect(SMOKE_ONLY)
    await rig.publish('smoke-1', { smoke: 66.6 })
    await catchUp(detect)
    expect(await alarms()).toMatchObject([{ type: 'unreadable', state: 'ACTIVE_UNACK' }])
  })

  test('five hundred in one batch are set aside in one transaction, each with its bytes', async () => {
    const real = rig.openDecisions()
    let commits = 0
    const decisions: Decisions = methodsOf(real, async (decision) => {
      if (decision.quarantine.length > 0) commits += 1
      return real.commit(decision)
    })
    const detect = await rig.detect(BRITTLE, { decisions })
    await rig.journal('urgent')
    const writing: Promise<void>[] = []
    for (let i = 0; i < 500; i++) {
      rig.now += 1
      writing.push(rig.publish('smoke-1', { ts: rig.now, values: { smoke: 66.6 } }))
    }
    await Promise.all(writing)
    await catchUp(detect)
    expect(await quarantine()).toHaveLength(500)
    expect(commits).toBe(1)
  })

  test('costs its own decision once, not all the others’ again', () => {
    let steps = 0
    const counting = {
      ...brittle,
      step: (...args: Parameters<typeof brittle.step>) => {
        steps += 1
        return brittle.step(...args)
      },
    }
    const count = 2000
    const records = Array.from({ length: count }, (_, i) => ({
      seq: i + 1,
      kind: 'telemetry' as const,
      deviceId: `meter-${i}`,
      arg: '',
      arrivedAt: rig.now,
      payload: Buffer.from(`{"volume":${i % 2 === 0 ? POISON : 1}}`),
    }))
    const known = {
      device: (id: string) => ({ ...METER, id }),
      state: () => ({ order: NOTHING_SEEN, registers: {}, implausible: [], detectors: {} }),
      openAlarm: () => undefined,
      alarm: () => undefined,
      quarantined: () => [],
      speaksForUrgent: () => false,
      children: () => 0,
      openAlarms: () => [],
      meter: () => undefined,
      handling: new HandlingMemory(
        { registry: rig.registry, decisions: rig.openDecisions(), homes: rig.homes },
        NO_ALARMS,
      ),
    }
    const detectors: Detectors = [counting as Detector<unknown>]
    const outcome = decide(prepare(records).batch, known, { lane: 'bulk', now: rig.now, detectors })
    expect(outcome.decision.quarantine).toHaveLength(count / 2)
    expect(outcome.states.size).toBe(count / 2)
    expect(steps).toBe(count)
  })
})

const NO_ALARMS = { openAlarms: () => [], openAlarm: () => undefined }

describe('what the store refuses', () => {
  test('is found by halves, and everything else of the batch is stored', async () => {
    const real = rig.openDecisions()
    let refused = 0
    const decisions = methodsOf(real, async (decision) => {
      if (decision.sightings.some(({ latest }) => latest?.get('volume')?.value === POISON)) {
        refused += 1
        throw new Error('SQLite would not take it')
      }
      return real.commit(decision)
    })
    const detect = await rig.detect([], { decisions })
    await rig.journal('urgent')
    const writing: Promise<void>[] = []
    for (let i = 0; i < 64; i++) {
      await rig.add(`many-${i}`, 'smoke-detector')
      writing.push(rig.publish(`many-${i}`, { volume: i === 40 ? POISON : i + 1 }))
    }
    await Promise.all(writing)
    await catchUp(detect)
    expect(await quarantine()).toMatchObject([{ deviceId: 'many-40', reason: 'poison.exception' }])
    for (const i of [0, 39, 41, 63])
      expect(await rig.views.sighting(`many-${i}`)).toMatchObject({ latest: [{ value: i + 1 }] })
    // Whole, half, quarter … one: 64 records take seven refusals.
    expect(refused).toBeLessThanOrEqual(7)
  })

  test('because it is full or away is nobody’s fault: it waits, and nothing is set aside', async () => {
    const real = rig.openDecisions()
    let away = true
    const decisions = methodsOf(real, async (decision) => {
      if (away) throw new StateUnavailable('the disk is full')
      return real.commit(decision)
    })
    const detect = await rig.detect(BRITTLE, { decisions })
    await rig.publish('meter-1', { volume: POISON })
    await rig.publish('smoke-1', { smoke: 3 })
    await expect(catchUp(detect)).rejects.toThrow('the disk is full')
    expect(await quarantine()).toEqual([])
    away = false
    await catchUp(detect)
    expect(await quarantine()).toHaveLength(1)
    expect(await alarms()).toMatchObject([{ type: 'smoke', state: 'ACTIVE_UNACK' }])
  })
})

describe('an alarm in a message that cannot be taken', () => {
  test('because a name stands twice in it is not lost in silence, from the detector itself', async () => {
    const detect = await rig.detect(SMOKE_ONLY)
    await rig.publish('smoke-1', '{"alarm":true,"alarm":false}')
    await catchUp(detect)
    expect(await alarms()).toMatchObject([{ type: 'unreadable', deviceId: 'smoke-1', severity: 'MAJOR' }])
  })

  test('nor from the gateway that speaks for it; of a gateway of water meters nobody is woken', async () => {
    await rig.add('gateway-1', 'gateway')
    await rig.add('gateway-2', 'gateway')
    await rig.add('child-1', 'smoke-detector', { gatewayId: 'gateway-1' })
    await rig.add('child-2', 'water-meter', { gatewayId: 'gateway-2' })
    const detect = await rig.detect(SMOKE_ONLY)
    await rig.publish('gateway-1', '{"child-1":{"alarm":true,"alarm":false}}', 'gateway')
    await rig.publish('gateway-2', '{"child-2":{"volume":1,"volume":2}}', 'gateway')
    await catchUp(detect)
    expect(await alarms()).toMatchObject([{ type: 'unreadable', deviceId: 'gateway-1', state: 'ACTIVE_UNACK' }])
    rig.now += 1000
    await rig.publish('gateway-1', { 'child-1': { smoke: 0 } }, 'gateway')
    await catchUp(detect)
    expect(await alarms()).toMatchObject([{ type: 'unreadable', state: 'CLEARED_UNACK' }])
  })
})

const METER = {
  kind: 'water-meter',
  name: '',
  model: null,
  placeId: null,
  gatewayId: null,
  lon: null,
  lat: null,
  disabled: false,
  rhythmS: null,
  secretHash: new Uint8Array(32),
  revision: 1,
} as unknown as Awaited<ReturnType<Rig['registry']['find']>> & object

const methodsOf = (real: Decisions, commit: (decision: Decision) => Promise<number>): Decisions =>
  Object.assign(Object.create(real) as Decisions, { commit })
