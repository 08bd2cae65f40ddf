import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodeFrame } from '../../contract/gb26875/frame.ts'
import { type ApplicationData, applicationData, encodeObjects } from '../../contract/gb26875/objects.ts'
import { bitsValue, OPERATIONS, type Operation } from '../../contract/gb26875/states.ts'
import { HomeUnderTest } from './home-under-test.ts'

const SECOND = 1000
const MINUTE = 60_000
const HOUR = 60 * MINUTE

let home: HomeUnderTest

beforeEach(async () => {
  home = await HomeUnderTest.open()
  await home.addSmoke('floor-1', 'f1-a', 'f1-b')
  await home.addSmoke('room-101', 'f1-room')
  await home.addSmoke('floor-2', 'f2-a', 'f2-b')
  await home.addSmoke('dwelling', 'alone')
})
afterEach(() => home.rig.remove())

describe('an incident', () => {
  test('opens with the first alarm of a home, and a named person takes it with its alarms', async () => {
    await home.burn('f1-a')
    expect(await home.incident()).toMatchObject({
      kind: 'fire',
      state: 'received',
      mode: 'real',
      verification: 'pre-alarm',
      premisesId: 'home',
      placeId: 'floor-1',
      noticedAt: home.rig.now,
      alarms: 1,
      devices: 1,
    })
    await home.take()
    const { id } = await home.incident()
    expect(await home.incident()).toMatchObject({ acknowledgedBy: '李雷', escalation: { nextAt: null } })
    expect((await home.rig.views.alarms({ state: 'all', incidentId: id, limit: 9 })).items).toMatchObject([
      { state: 'ACTIVE_ACK', ackBy: '李雷', incidentId: id },
    ])
    expect((await home.rig.views.eventsOfIncident(id)).map(({ type }) => type)).toEqual([
      'alarm.raised',
      'incident.opened',
      'incident.acknowledged',
      'alarm.acknowledged',
    ])
    expect(await home.take()).toMatchObject({ type: 'command.refused', code: 'incident.already-acknowledged' })
  })

  test('forty detectors of one home in ten seconds: one incident, one ring, forty facts', async () => {
    const many = Array.from({ length: 40 }, (_, i) => `many-${i}`)
    await home.addSmoke('floor-1', ...many)
    for (let second = 0; second < 10; second++) {
      await home.burn(...many.slice(second * 4, second * 4 + 4))
      await home.pass(SECOND)
    }
    expect(await home.incident()).toMatchObject({ alarms: 40, devices: 40, verification: 'confirmed' })
    const told = await home.told()
    expect(told.filter((type) => type === 'incident.opened')).toHaveLength(1)
    expect(told.filter((type) => type === 'incident.confirmed')).toHaveLength(1)
    expect(told.filter((type) => type === 'incident.joined').length).toBeLessThanOrEqual(9)
    const { id } = await home.incident()
    const alarms = (await home.rig.views.alarms({ state: 'open', incidentId: id, limit: 100 })).items
    expect(alarms).toHaveLength(40)
    expect(await home.told('alarm.raised')).toHaveLength(40)
  })

  test('of another home, another dwelling or another kind is another one', async () => {
    await home.rig.add('button', 'panic-button', { placeId: 'dwelling' })
    await home.addSmoke(null, 'nowhere-1', 'nowhere-2')
    await home.burn('f1-a', 'alone', 'nowhere-1', 'nowhere-2')
    await home.rig.publish('button', { pressed: true })
    await home.pass(SECOND)
    const joinedBy = (await home.incidents()).map(({ kind, premisesId, cell }) => `${kind} ${premisesId ?? cell}`)
    expect(joinedBy.toSorted()).toEqual([
      'care dwelling',
      'fire device:nowhere-1',
      'fire device:nowhere-2',
      'fire dwelling',
      'fire home',
    ])
  })

  test('goes from received to closed, with who came when, and its alarms are closed with it', async () => {
    await home.burn('f1-a')
    const { id: incidentId, noticedAt } = await home.incident()
    await home.pass(20 * SECOND)
    await home.say({ type: 'incident.confirm', incidentId, comment: 'flames' })
    expect(await home.incident()).toMatchObject({ state: 'verified', confirmedBy: '李雷', acknowledgedBy: '李雷' })
    await home.say({ type: 'incident.dispatch', incidentId, comment: '', responderIds: ['post-1'] })
    await home.pass(30 * SECOND)
    await home.say({ type: 'incident.arrive', incidentId, response: 'staff', comment: '' })
    await home.say({
      type: 'incident.call',
      incidentId,
      call: { who: '119', number: '119', answered: true },
      comment: '',
    })
    await home.say({ type: 'incident.tell', incidentId, comment: '' })
    expect(await home.incident()).toMatchObject({
      state: 'on-scene',
      arrivals: { staff: noticedAt + 50 * SECOND },
      escalation: { nextAt: null },
    })
    expect(await home.say({ type: 'incident.arrive', incidentId, response: 'staff', comment: '' })).toMatchObject({
      code: 'incident.already-there',
    })
    const closing = { type: 'incident.close', incidentId, disposition: 'real', cause: 'fire', comment: 'out' } as const
    await home.say(closing, '韩梅')
    expect(await home.incident()).toMatchObject({
      state: 'closed',
      closedBy: '韩梅',
      disposition: 'real',
      cause: 'fire',
      closingNote: 'out',
    })
    expect((await home.rig.views.alarms({ state: 'all', incidentId, limit: 9 })).items).toMatchObject([
      { state: 'CLEARED_ACK', disposition: 'real', closedBy: '韩梅' },
    ])
    expect(await home.say({ type: 'incident.tell', incidentId, comment: '' })).toMatchObject({
      code: 'incident.closed',
    })
    await home.say({ ...closing, disposition: 'false', cause: 'cooking' })
    expect(await home.incident()).toMatchObject({ disposition: 'false', cause: 'cooking' })
    expect(await home.told()).toEqual([
      'incident.opened',
      'incident.confirmed',
      'incident.dispatched',
      'incident.arrived',
      'incident.called',
      'incident.told',
      'incident.closed',
      'incident.closed',
    ])
  })

  test('that was closed while it burnt opens again when it is seen again; later it is a new one', async () => {
    await home.burn('f1-a')
    const { id: incidentId } = await home.incident()
    await home.say({ type: 'incident.close', incidentId, disposition: 'false', cause: 'cooking', comment: '' })
    await home.pass(MINUTE)
    await home.burn('f1-a')
    expect(await home.incident()).toMatchObject({
      state: 'received',
      alarms: 2,
      devices: 1,
      closedAt: null,
      cause: null,
    })
    expect(await home.told()).toEqual(['incident.opened', 'incident.closed', 'incident.reopened'])
    await home.say({ type: 'incident.close', incidentId, disposition: 'false', cause: 'cooking', comment: '' })
    await home.pass(11 * MINUTE)
    await home.restart()
    await home.burn('f1-a')
    expect((await home.incidents()).map(({ state }) => state)).toEqual(['closed', 'received'])
  })

  test('is somebody’s when all of its alarms are acknowledged one by one', async () => {
    await home.burn('f1-a', 'f2-a')
    const { items } = await home.rig.views.alarms({ state: 'open', limit: 9 })
    for (const [i, { id: alarmId }] of items.entries())
      await home.rig.command({ type: 'alarm.acknowledge', alarmId, comment: '', commandId: `a${i}`, actor: '韩梅' })
    await home.pass(SECOND)
    expect(await home.incident()).toMatchObject({ acknowledgedBy: '韩梅', escalation: { nextAt: null } })
  })

  test('that was taken as a pre-alarm rings again when it becomes a fire', async () => {
    await home.burn('f1-a')
    await home.take()
    await home.pass(10 * SECOND)
    await home.burn('f1-b')
    expect(await home.incident()).toMatchObject({
      confirmedBy: 'second-detector',
      acknowledgedBy: null,
      escalation: { nextAt: home.rig.now + 30 * SECOND },
    })
  })

  test('that somebody took and nobody closed does not hide the next fire: so long after, another alarm rings again', async () => {
    await home.burn('f1-a', 'f1-b')
    await home.take()
    await home.pass(9 * MINUTE)
    await home.burn('f1-room')
    // The same fire spreads: whoever has it has this too.
    expect(await home.incident()).toMatchObject({ acknowledgedBy: '李雷', alarms: 3 })
    await home.clear('f1-a', 'f1-b', 'f1-room')
    await home.pass(11 * MINUTE)
    await home.burn('f2-a')
    expect(await home.incident()).toMatchObject({
      acknowledgedBy: null,
      alarms: 4,
      escalation: { nextAt: home.rig.now + 30 * SECOND },
    })
    expect((await home.told('incident.')).at(-1)).toBe('incident.reopened')
    await home.take()
    await home.pass(11 * MINUTE)
    await home.burn('f2-a')
    // Its condition never ended: nothing new.
    expect(await home.incident()).toMatchObject({ acknowledgedBy: '李雷' })
    await home.clear('f2-a')
    await home.pass(11 * MINUTE)
    await home.burn('f2-a')
    expect(await home.incident()).toMatchObject({ acknowledgedBy: null })
  })

  test('of care: whoever presses the button again an hour later calls again', async () => {
    await home.rig.add('button', 'panic-button', { placeId: 'dwelling' })
    const press = async (): Promise<void> => {
      await home.rig.publish('button', { pressed: true })
      await home.pass(SECOND)
    }
    await press()
    await home.take()
    await press()
    expect(await home.incident()).toMatchObject({ acknowledgedBy: '李雷' })
    await home.pass(HOUR)
    await press()
    expect(await home.incident()).toMatchObject({ acknowledgedBy: null })
  })

  test('joins all its alarms also after the clock was set back behind an earlier one', async () => {
    await home.burn('f1-a')
    const closing = { type: 'incident.close', disposition: 'false', cause: 'cooking', comment: '' } as const
    await home.say({ ...closing, incidentId: (await home.incident()).id })
    await home.pass(-2 * HOUR)
    await home.burn('f1-b')
    await home.pass(SECOND)
    await home.burn('f1-room')
    await home.restart()
    await home.burn('f2-a')
    expect((await home.incidents()).map(({ state, alarms }) => [state, alarms]).toSorted()).toEqual([
      ['closed', 1],
      ['verified', 3],
    ])
  })

  test('is refused to nobody: an unknown one is said to be unknown', async () => {
    expect(await home.say({ type: 'incident.tell', incidentId: 'none', comment: '' })).toMatchObject({
      type: 'command.refused',
      code: 'incident.unknown',
    })
  })

  test('is not opened by what is late: that is a fact of the past', async () => {
    const { rig } = home
    await rig.publish('f1-a', { smoke: 0.1 })
    await home.pass(SECOND)
    await rig.publish('f1-a', { ts: rig.now - HOUR, values: { smoke: 3.1, alarm: true } })
    await home.pass(SECOND)
    expect((await rig.views.alarms({ state: 'all', limit: 9 })).items).toMatchObject([
      { state: 'CLEARED_UNACK', incidentId: null },
    ])
    expect(await home.incidents()).toEqual([])
    // Known late, but of the time of a fire that is there: one of its facts, which confirms nothing.
    await home.burn('f1-b')
    await rig.publish('f1-room', { smoke: 0.1 })
    await rig.publish('f1-room', { ts: rig.now - MINUTE, values: { smoke: 3.1, alarm: true } })
    await home.pass(SECOND)
    expect(await home.incident()).toMatchObject({ alarms: 2, verification: 'pre-alarm' })
  })

  test('a residual current, or a meter that alarms by itself, opens none', async () => {
    await home.rig.add('current', 'electrical-fire', { placeId: 'floor-1' })
    await home.rig.add('meter', 'water-meter', { placeId: 'floor-1' })
    await home.rig.publish('current', { residualCurrent: 900 })
    await home.rig.publish('meter', { alarm: true })
    await home.pass(SECOND)
    expect((await home.rig.views.alarms({ state: 'open', limit: 9 })).items).toHaveLength(2)
    expect(await home.incidents()).toEqual([])
    await home.burn('f1-a')
    await home.rig.publish('current', { residualCurrent: 950 })
    await home.pass(SECOND)
    expect(await home.incident()).toMatchObject({ alarms: 2, verification: 'pre-alarm' })
  })
})

describe('verification', () => {
  const believed = async () => {
    const { verification, confirmedBy } = await home.incident()
    return [verification, confirmedBy]
  }

  test('a second detector of the same floor confirms; one of another floor is one more pre-alarm', async () => {
    await home.burn('f1-room')
    await home.burn('f2-a')
    expect(await believed()).toEqual(['pre-alarm', null])
    await home.burn('f1-b')
    expect(await believed()).toEqual(['confirmed', 'second-detector'])
    expect((await home.incident()).state).toBe('verified')
  })

  test('the same detector twice is one detector', async () => {
    await home.burn('f1-a', 'f1-a')
    expect(await believed()).toEqual(['pre-alarm', null])
  })

  test('a call point is a person who has seen it', async () => {
    await home.rig.add('point', 'call-point', { placeId: 'floor-2' })
    await home.rig.publish('point', { pressed: true })
    await home.pass(0)
    expect(await believed()).toEqual(['confirmed', 'call-point'])
    expect(await home.told()).toEqual(['incident.opened', 'incident.confirmed'])
  })

  test('somebody who lives alone has nobody to look: a fire at once', async () => {
    await home.burn('alone')
    expect(await believed()).toEqual(['confirmed', 'nobody-to-look'])
  })

  test('so is a home without staff at this hour', async () => {
    const night = { id: 's1', placeId: 'home', name: '王芳', duty: 'carer', phone: '' } as const
    // It is midnight in the city.
    await home.rig.homes.putStaff([{ ...night, from: '08:00', to: '18:00', days: [] }])
    await home.pass(SECOND)
    await home.burn('f1-a')
    expect(await believed()).toEqual(['confirmed', 'nobody-to-look'])
  })

  test('gas at alarm level gets people out at once; at a pre-alarm level it does not', async () => {
    await home.rig.add('gas', 'gas-detector', { placeId: 'floor-1' })
    await home.rig.publish('gas', { gas: 6 })
    await home.pass(2 * MINUTE)
    expect(await believed()).toEqual(['pre-alarm', null])
    await home.rig.publish('gas', { gas: 20 })
    await home.pass(SECOND)
    expect(await believed()).toEqual(['confirmed', 'gas'])
  })

  test('the same detector again within a minute after the reset confirms, and not before', async () => {
    await home.burn('f1-a')
    await home.pass(20 * SECOND)
    await home.say({ type: 'place.reset', placeId: 'home', comment: '' })
    await home.pass(50 * SECOND)
    expect(await believed()).toEqual(['pre-alarm', null])
    await home.burn('f1-a')
    expect(await believed()).toEqual(['confirmed', 'again-after-reset'])
  })

  test('nobody says anything for a minute while it burns: a fire, on time, also after a restart', async () => {
    await home.burn('f1-a')
    await home.pass(59 * SECOND)
    await home.restart()
    await home.pass(0)
    expect(await believed()).toEqual(['pre-alarm', null])
    await home.pass(SECOND)
    expect(await believed()).toEqual(['confirmed', 'time'])
  })

  test('what has ended by itself within the minute stays a pre-alarm', async () => {
    await home.burn('f1-a')
    await home.pass(30 * SECOND)
    await home.clear('f1-a')
    await home.pass(40 * SECOND)
    expect(await believed()).toEqual(['pre-alarm', null])
    expect(await home.incident()).toMatchObject({ verifyBy: null, sources: [{ active: false }] })
  })

  test('whose alarms a person has closed one by one is no fire when the minute is over', async () => {
    await home.burn('f1-a')
    const [alarm] = (await home.rig.views.alarms({ state: 'open', limit: 9 })).items
    const closing = { type: 'alarm.close', alarmId: alarm?.id ?? '', disposition: 'false', comment: '' } as const
    await home.rig.command({ ...closing, commandId: 'c', actor: '韩梅' })
    await home.pass(2 * MINUTE)
    expect(await believed()).toEqual(['pre-alarm', null])
  })

  test('a pre-alarm level confirms nothing by itself, however long it lasts; beside an alarm it counts', async () => {
    for (const device of ['f1-a', 'f1-b']) await home.rig.publish(device, { smoke: 0.8 })
    await home.pass(5 * MINUTE)
    expect(await believed()).toEqual(['pre-alarm', null])
    await home.burn('f1-a')
    expect(await believed()).toEqual(['confirmed', 'second-detector'])
  })
})

describe('what somebody does at the fire panel', () => {
  const TIME = { second: 0, minute: 0, hour: 0, day: 21, month: 11, year: 24 }
  const operate = async (data: ApplicationData, panel = 'panel'): Promise<void> => {
    const head = { command: 2, sequence: 1, version: { main: 1, user: 2 }, source: 1, destination: 2, time: TIME }
    await home.rig.append('urgent', 'raw', panel, encodeFrame({ ...head, data: encodeObjects(data) }), 'gb26875')
    await home.pass(SECOND)
  }
  const press = (...keys: Operation[]) => ({ operation: bitsValue(OPERATIONS, keys), operator: 7, time: TIME })
  const atSystem = (...keys: Operation[]) =>
    applicationData('systemOperation', [{ ...press(...keys), systemType: 1, systemAddress: 1 }])

  beforeEach(() => home.rig.add('panel', 'fire-panel', { placeId: 'house' }))

  test('a reset there is a reset: the same detector within a minute is a fire', async () => {
    await home.burn('f1-a')
    await operate(atSystem('reset'))
    expect(await home.told('place.')).toEqual(['place.reset'])
    await home.burn('f1-a')
    expect(await home.incident()).toMatchObject({ confirmedBy: 'again-after-reset' })
  })

  test('a reset at one panel does not take from a fire that another one has seen its minute', async () => {
    await home.rig.add('other', 'fire-panel', { placeId: 'house' })
    await home.rig.add('point', 'fire-detector', { placeId: 'floor-1', gatewayId: 'other' })
    await home.restart()
    await home.rig.publish('point', { alarm: true })
    await home.pass(SECOND)
    const { verifyBy } = await home.incident()
    expect(verifyBy).not.toBeNull()
    await operate(atSystem('reset'))
    expect(await home.incident()).toMatchObject({ verification: 'pre-alarm', verifyBy })
    await operate(atSystem('reset'), 'other')
    expect(await home.incident()).toMatchObject({ verifyBy: null })
  })

  test('who confirms there has looked', async () => {
    await home.burn('f1-a')
    await operate(atSystem('confirm'))
    expect(await home.incident()).toMatchObject({ verification: 'confirmed', confirmedBy: 'panel #7' })
  })

  test('the key at the transmission device answers a duty check, and the answer’s time is kept', async () => {
    await home.say({ type: 'duty.check', placeId: 'home', minutes: 3, comment: '' })
    const asked = home.rig.now
    await home.pass(40 * SECOND)
    await operate(applicationData('deviceOperation', [press('confirm')]))
    expect((await home.rig.views.dutyChecks({ limit: 9 })).items).toMatchObject([
      { answeredBy: 'panel #7', answeredAt: asked + 40 * SECOND, settled: 'answered' },
    ])
  })
})

describe('test, drill and isolation', () => {
  const watch = async (
    target: { placeId: string } | { deviceId: string },
    mode: 'test' | 'drill' | 'isolated',
    ms = HOUR,
  ) => home.say({ type: 'watch.set', target, mode, until: home.rig.now + ms, reason: 'yearly' })

  test('a drill is recorded apart and calls nobody; a real alarm beside it is real', async () => {
    await watch({ placeId: 'floor-1' }, 'drill')
    await home.burn('f1-a', 'f1-room')
    expect(await home.incident()).toMatchObject({
      mode: 'drill',
      alarms: 2,
      escalation: { nextAt: null },
      verifyBy: null,
    })
    expect((await home.rig.views.alarms({ state: 'open', limit: 9 })).items).toMatchObject([
      { mode: 'drill' },
      { mode: 'drill' },
    ])
    await home.burn('f2-a')
    expect((await home.incidents()).map(({ mode, alarms }) => [mode, alarms])).toEqual([
      ['drill', 2],
      ['real', 1],
    ])
    await home.pass(30 * MINUTE)
    expect(
      new Set((await home.events()).flatMap((e) => (e.type === 'incident.escalated' ? [e.incident.mode] : []))),
    ).toEqual(new Set(['real']))
  })

  test('a detector that says itself that it is tested is a test', async () => {
    await home.rig.publish('f1-a', { smoke: 3.1, alarm: true, test: true })
    await home.pass(2 * MINUTE)
    expect(await home.incident()).toMatchObject({ mode: 'test', verification: 'pre-alarm', escalation: { step: 0 } })
    await home.rig.publish('f1-a', { smoke: 3.1, alarm: true, test: false })
    await home.pass(SECOND)
    expect((await home.incidents()).map(({ mode }) => mode)).toEqual(['test', 'real'])
  })

  test('a fault during a drill is no part of the drill', async () => {
    await watch({ placeId: 'home' }, 'drill')
    await home.rig.publish('f1-a', { flags: ['fault'] })
    await home.pass(SECOND)
    const [fault] = (await home.rig.views.alarms({ state: 'open', limit: 9 })).items
    expect(fault).toMatchObject({ type: 'fault', incidentId: null })
    expect(fault?.mode).toBeUndefined()
  })

  test('an isolated detector is recorded alone, and counts when another one confirms it', async () => {
    await watch({ deviceId: 'f1-a' }, 'isolated')
    await home.burn('f1-a')
    expect(await home.incidents()).toEqual([])
    expect((await home.rig.views.alarms({ state: 'open', limit: 9 })).items).toMatchObject([
      { deviceId: 'f1-a', mode: 'isolated', incidentId: null },
    ])
    await home.burn('f1-b')
    expect(await home.incident()).toMatchObject({
      alarms: 2,
      verification: 'confirmed',
      confirmedBy: 'second-detector',
    })
  })

  test('has an end that somebody can mean, whatever is asked for and whatever the clock does', async () => {
    const DAY = 24 * HOUR
    expect(await watch({ placeId: 'home' }, 'isolated', 400 * DAY)).toMatchObject({ code: 'watch.too-long' })
    // The clock of this machine was wrong by years when it was set.
    await watch({ placeId: 'home' }, 'isolated', HOUR)
    await home.pass(-3650 * DAY)
    await home.pass(SECOND)
    await home.pass(2 * HOUR)
    await home.burn('f1-a')
    expect(await home.incident()).toMatchObject({ mode: 'real' })
  })

  test('ends by itself, and what still burns then is real', async () => {
    await watch({ deviceId: 'f1-a' }, 'isolated', 10 * MINUTE)
    await home.burn('f1-a')
    await home.pass(10 * MINUTE - SECOND)
    expect(await home.incidents()).toEqual([])
    await home.pass(SECOND)
    expect(await home.incident()).toMatchObject({ mode: 'real', noticedAt: home.rig.now, alarms: 1 })
    expect(await home.rig.views.watchModes()).toEqual([])
    expect(await home.told('watch.')).toEqual(['watch.changed', 'watch.changed'])
  })

  test('ends when a person says so; where there is none, that is said', async () => {
    const end = { type: 'watch.set', target: { placeId: 'home' }, mode: 'drill', until: 0, reason: 'over' } as const
    expect(await home.say(end)).toMatchObject({ code: 'watch.none' })
    await watch({ placeId: 'home' }, 'drill')
    await home.pass(MINUTE)
    expect(await home.say(end)).toMatchObject({ type: 'watch.changed', watch: { until: home.rig.now } })
    await home.burn('f1-a')
    expect(await home.incident()).toMatchObject({ mode: 'real' })
  })
})

describe('a duty check', () => {
  const ask = () => home.say({ type: 'duty.check', placeId: 'home', minutes: 3, comment: '' })

  test('asks the panels of the home, and an answer in time is all there is', async () => {
    await home.rig.add('panel', 'fire-panel', { placeId: 'house' })
    const asked = await ask()
    expect(asked).toMatchObject({ type: 'duty.asked', duty: { dueAt: home.rig.now + 3 * MINUTE, settled: null } })
    expect(await ask()).toMatchObject({ code: 'duty.already-asked' })
    const [check] = (await home.rig.views.dutyChecks({ limit: 9 })).items
    await home.pass(MINUTE)
    await home.say({ type: 'duty.answer', dutyCheckId: check?.id ?? '', comment: '' }, '值班员')
    await home.pass(10 * MINUTE)
    expect(await home.told('duty.')).toEqual(['duty.asked', 'duty.answered'])
    expect(await home.rig.views.dutyCheck(check?.id ?? '')).toMatchObject({
      answeredBy: '值班员',
      answeredAt: (check?.askedAt ?? 0) + MINUTE,
    })
    expect(await home.incidents()).toEqual([])
  })

  test('that nobody answers opens an incident, which a late answer closes', async () => {
    await ask()
    await home.pass(3 * MINUTE)
    expect(await home.incident()).toMatchObject({ kind: 'duty', premisesId: 'home', alarms: 0, severity: 'MAJOR' })
    const [check] = (await home.rig.views.dutyChecks({ limit: 9 })).items
    await home.say({ type: 'duty.answer', dutyCheckId: check?.id ?? '', comment: '' }, '值班员')
    expect(await home.incident()).toMatchObject({ state: 'closed', closedBy: '值班员' })
    expect(await home.told('duty.')).toEqual(['duty.asked', 'duty.unanswered', 'duty.answered'])
  })
})
