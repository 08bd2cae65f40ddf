import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NewDevice } from '../../store/state/registry-port.ts'
import { catchUp, NO_FACTS } from '../rig.ts'
import { HomeUnderTest } from './home-under-test.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

let home: HomeUnderTest
beforeEach(async () => {
  home = await HomeUnderTest.open()
})
afterEach(() => home.rig.remove())

const names = (count: number, prefix = 'm'): string[] => Array.from({ length: count }, (_, i) => `${prefix}-${i}`)

async function addMeters(ids: readonly string[], more: Partial<NewDevice> = {}): Promise<void> {
  await home.rig.registry.put(
    ids.map((id) => ({ ...NO_FACTS, id, kind: 'water-meter', name: id, ...more })),
    { replace: true },
  )
}
const speak = async (ids: readonly string[], payload: object = { battery: 90 }): Promise<void> => {
  for (const id of ids) await home.rig.publish(id, payload)
  await catchUp(home.detect)
}
const silent = async () => (await home.rig.views.alarms({ state: 'open', type: 'silent', limit: 1000 })).items

describe('many devices that fall silent', () => {
  test('four hundred meters behind one dead cell are one row with a count', async () => {
    const meters = names(400)
    await addMeters(meters)
    for (const id of meters) await home.rig.publish(id, { cellId: '0x1a2b' }, 'attributes')
    await speak(meters)
    await home.pass(36 * HOUR + MINUTE)
    expect(await home.incident()).toMatchObject({ kind: 'outage', cell: 'cell:0x1a2b', alarms: 400, devices: 400 })
    expect(await home.told()).toEqual(['incident.opened'])
    expect(new Set((await silent()).map(({ incidentId }) => incidentId)).size).toBe(1)
    await home.take()
    expect((await silent()).every(({ ackBy }) => ackBy === '李雷')).toBe(true)
    await speak(meters)
    await home.pass(MINUTE)
    expect(await home.incident()).toMatchObject({ state: 'closed', cause: 'network', closedBy: null })
    expect(await silent()).toEqual([])
  })

  test('are one row also when each is missed at its own time of day, and ingest is restarted in between', async () => {
    const meters = names(24)
    await addMeters(meters, { gatewayId: 'gateway-1' })
    for (const id of meters) {
      await home.rig.publish(id, { battery: 90 })
      home.rig.now += HOUR
    }
    await catchUp(home.detect)
    for (let hour = 0; hour < 72; hour++) {
      if (hour === 20) await home.restart()
      await home.pass(HOUR)
    }
    expect(await silent()).toHaveLength(24)
    expect((await silent()).filter(({ incidentId }) => incidentId === null)).toEqual([])
    expect(await home.incident()).toMatchObject({ kind: 'outage', cell: 'gateway:gateway-1', alarms: 24 })
  })

  test('without anything in common but the hour are one row when they are many', async () => {
    const meters = names(30)
    await addMeters(meters)
    await speak(meters)
    await home.pass(36 * HOUR + MINUTE)
    expect(await home.incident()).toMatchObject({ kind: 'outage', cell: 'network:all', alarms: 30 })
  })

  test('one by one, far apart, are alarms of their own', async () => {
    const meters = names(12)
    await addMeters(meters)
    for (const id of meters) {
      await speak([id])
      home.rig.now += HOUR
    }
    for (let hour = 0; hour < 48; hour++) await home.pass(HOUR)
    expect(await silent()).toHaveLength(12)
    expect(await home.incidents()).toEqual([])
  })

  test('after a restart are given their rhythm first: no alarm, no incident', async () => {
    const meters = names(50)
    await addMeters(meters)
    await speak(meters)
    home.rig.now += 30 * 24 * HOUR
    await home.restart()
    await home.pass(23 * HOUR)
    await home.rig.append('urgent', 'brokerStarted', '', '')
    await home.pass(23 * HOUR)
    expect(await silent()).toEqual([])
    expect(await home.incidents()).toEqual([])
  })
})

describe('a detector that is lost', () => {
  const severities = async () =>
    Object.fromEntries(
      (await home.rig.views.alarms({ state: 'open', limit: 99 })).items.map((a) => [a.deviceId, a.severity]),
    )

  test('weighs more, the fewer are left of its floor; the last one is critical', async () => {
    await home.addSmoke('floor-1', 'a', 'b', 'c', 'd')
    await home.addSmoke('floor-2', 'other')
    for (const id of ['a', 'b', 'c', 'd']) {
      await home.rig.publish(id, { flags: ['fault'] })
      await catchUp(home.detect)
    }
    expect(await severities()).toEqual({ a: 'MINOR', b: 'MINOR', c: 'MAJOR', d: 'CRITICAL' })
  })

  test('is critical at once where it is the only one of a dwelling', async () => {
    await home.addSmoke('dwelling', 'alone')
    await speak(['alone'], { smoke: 0 })
    await home.pass(4 * HOUR)
    expect(await severities()).toEqual({ alone: 'CRITICAL' })
  })
})
