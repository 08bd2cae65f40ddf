import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Place } from '../../contract/api.ts'
import type { HydrantEvent, IncidentCommand } from '../../contract/events.ts'
import type { Incident } from '../../contract/incidents.ts'
import type { Detect } from '../detect.ts'
import { DETECTORS } from '../detectors/index.ts'
import { catchUp, Rig } from '../rig.ts'

const SECOND = 1000
const MINUTE = 60_000

let rig: Rig
let detect: Detect

beforeEach(async () => {
  rig = new Rig()
  await rig.registry.putPlaces([
    place('town', null, 'township'),
    place('home', 'town', 'home'),
    place('house', 'home', 'building'),
    place('floor-1', 'house', 'floor'),
    place('floor-2', 'house', 'floor'),
    place('room-101', 'floor-1', 'room'),
    place('dwelling', 'town', 'dwelling'),
  ])
  for (let i = 0; i < 40; i++)
    await rig.add(`smoke-${i}`, 'smoke-detector', { placeId: i < 20 ? 'floor-1' : 'floor-2' })
  await rig.add('room-101-smoke', 'smoke-detector', { placeId: 'room-101' })
  await rig.add('point', 'call-point', { placeId: 'floor-2' })
  await rig.add('alone-smoke', 'smoke-detector', { placeId: 'dwelling' })
  await rig.add('meter-1', 'water-meter', { placeId: 'dwelling' })
  detect = await start()
})
afterEach(() => rig.remove())

function place(id: string, parentId: string | null, kind: Place['kind']): Place {
  return { id, parentId, kind, name: id, lon: null, lat: null, contact: null }
}
async function start(): Promise<Detect> {
  const started = await rig.detect(DETECTORS)
  await started.ticks.load(new AbortController().signal)
  return started
}
const incidents = async (): Promise<readonly Incident[]> =>
  (await rig.views.incidents({ state: 'all', limit: 100 })).items.toReversed()
const events = async (): Promise<readonly HydrantEvent[]> => rig.views.eventsAfter(0, 10_000)
const told = async (prefix = 'incident.'): Promise<string[]> =>
  (await events()).map(({ type }) => type).filter((type) => type.startsWith(prefix))
const burn = async (...devices: string[]): Promise<void> => {
  for (const device of devices) await rig.publish(device, { smoke: 3.1, alarm: true })
  await catchUp(detect)
}
const pass = async (ms: number): Promise<void> => {
  rig.now += ms
  await catchUp(detect)
}
type Said = IncidentCommand extends infer C ? (C extends unknown ? Omit<C, 'commandId' | 'actor'> : never) : never
const say = async (command: Said, actor = '李雷'): Promise<HydrantEvent | undefined> => {
  const commandId = `c-${rig.now}-${Math.round(rig.now / 7)}-${command.type}`
  await rig.command({ ...command, commandId, actor } as IncidentCommand)
  await catchUp(detect)
  return (await events()).findLast((event) => event.commandId === commandId)
}
const theOne = async (): Promise<Incident> => {
  const all = await incidents()
  expect(all).toHaveLength(1)
  return all[0] as Incident
}

describe('an incident', () => {
  test('opens with the first alarm of a home, and is taken by a named person, who has its alarms then', async () => {
    await burn('smoke-1')
    const incident = await theOne()
    expect(incident).toMatchObject({
      kind: 'fire',
      state: 'received',
      verification: 'pre-alarm',
      premisesId: 'home',
      placeId: 'floor-1',
      noticedAt: rig.now,
      alarms: 1,
      devices: 1,
    })
    expect(await told()).toEqual(['incident.opened'])
    await say({ type: 'incident.acknowledge', incidentId: incident.id, comment: 'on my way' })
    expect(await theOne()).toMatchObject({ acknowledgedBy: '李雷', escalation: { nextAt: null } })
    const [alarm] = (await rig.views.alarms({ state: 'all', incidentId: incident.id, limit: 9 })).items
    expect(alarm).toMatchObject({ state: 'ACTIVE_ACK', ackBy: '李雷', incidentId: incident.id })
    expect((await rig.views.eventsOfIncident(incident.id)).map(({ type }) => type)).toEqual([
      'alarm.raised',
      'incident.opened',
      'incident.acknowledged',
      'alarm.acknowledged',
    ])
  })
})
void [SECOND, MINUTE, pass]
