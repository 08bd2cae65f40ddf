import { describe, expect, it } from 'vitest'
import type { AlarmType } from '../../contract/alarms.ts'
import type { Kind } from '../../contract/kinds.ts'
import type { Quantity, Value } from '../../contract/quantities.ts'
import { deviceOf, MINUTE, Rehearsal, readingsOf, SECOND, T0 } from './rehearsal.ts'

type Message = Partial<Record<Quantity, Value>>

describe('one message raises', () => {
  const table: readonly [string, Kind, Message, AlarmType | null, string | undefined][] = [
    ['gas in the warning band: a pre-alarm', 'gas-detector', { gas: 5 }, 'gas', 'MAJOR'],
    ['gas above it: an alarm', 'gas-detector', { gas: 10 }, 'gas', undefined],
    ['gas of a kitchen: nothing', 'gas-detector', { gas: 4.9 }, null, undefined],
    ["a gas detector's own alarm", 'gas-detector', { alarm: true }, 'gas', undefined],
    ['residual current', 'electrical-fire', { residualCurrent: 300 }, 'electrical', undefined],
    ['natural leakage: nothing', 'electrical-fire', { residualCurrent: 200 }, null, undefined],
    ["an electrical monitor's own alarm", 'electrical-fire', { alarm: true }, 'electrical', undefined],
    ['a call point', 'call-point', { pressed: true }, 'callPoint', undefined],
    ["a call point's own alarm", 'call-point', { alarm: true }, 'callPoint', undefined],
    ['a panic button', 'panic-button', { pressed: true }, 'panic', undefined],
    ["a panic button's own alarm", 'panic-button', { alarm: true }, 'panic', undefined],
    ['a button on a detector', 'smoke-detector', { pressed: true }, 'callPoint', undefined],
    ["a heat detector's own alarm", 'heat-detector', { alarm: true }, 'heat', undefined],
    ["a CO detector's own alarm", 'co-detector', { alarm: true }, 'co', undefined],
    ['a cable of 69 °C', 'electrical-fire', { temperature: 69 }, null, undefined],
    ['a cable of 70 °C', 'electrical-fire', { temperature: 70 }, 'cableHeat', undefined],
    ['an exit that is blocked', 'door-contact', { flags: ['blocked'] }, 'exitDoor', undefined],
    ["a fire panel's alarm", 'fire-panel', { alarm: true }, 'detectorAlarm', 'CRITICAL'],
    ["a water meter's alarm", 'water-meter', { alarm: true }, 'detectorAlarm', 'MAJOR'],
    ['no alarm: nothing', 'smoke-detector', { alarm: false, smoke: 0.1, battery: 90 }, null, undefined],
    ['a weak battery', 'smoke-detector', { battery: 10 }, 'batteryLow', undefined],
    ['a battery that will do', 'smoke-detector', { battery: 11 }, null, undefined],
    ['the leak flag', 'water-meter', { flags: ['leak'] }, 'leak', undefined],
    ['the burst flag', 'water-meter', { flags: ['burst'] }, 'burst', undefined],
    ['the reverse flag', 'water-meter', { flags: ['reverse'] }, 'reverse', undefined],
    ['the dry flag', 'water-meter', { flags: ['dry'] }, 'dry', undefined],
    ['the tamper flag', 'water-meter', { flags: ['tamper'] }, 'tamper', undefined],
    ['the stuck flag', 'water-meter', { flags: ['stuck'] }, 'stuck', undefined],
    ['the freeze flag', 'water-meter', { flags: ['freeze'] }, 'freeze', undefined],
    ['the battery flag', 'water-meter', { flags: ['batteryLow'] }, 'batteryLow', undefined],
    ['the fault flag', 'smoke-detector', { flags: ['fault'] }, 'fault', undefined],
    ['a closed valve: nothing', 'valve', { flags: ['valveClosed'], valve: 'closed' }, null, undefined],
  ]
  it.each(table)('%s', (_what, kind, message, type, severity) => {
    const found = new Rehearsal(deviceOf(kind)).send(T0, message)
    expect(found.map((finding) => finding.type)).toEqual(type === null ? [] : [type])
    expect(found[0]?.severity).toBe(severity)
    expect(found.every((finding) => finding.active && finding.reason !== '' && finding.reasonZh !== '')).toBe(true)
  })

  it('two flags: two alarms', () => {
    const found = new Rehearsal(deviceOf('water-meter')).send(T0, { flags: ['dry', 'fault'] })
    expect(found.map(({ type }) => type).sort()).toEqual(['dry', 'fault'])
  })
})

describe('an alarm is over', () => {
  const table: readonly [string, Kind, readonly Message[], readonly boolean[]][] = [
    [
      'when the gas is gone, not when it is less',
      'gas-detector',
      [{ gas: 12 }, { gas: 6 }, { gas: 4.5 }, { gas: 3 }],
      [true, true, true, false],
    ],
    [
      'when the current is half-way back',
      'electrical-fire',
      [{ residualCurrent: 400 }, { residualCurrent: 260 }, { residualCurrent: 240 }],
      [true, true, false],
    ],
    [
      'when the button is reset',
      'call-point',
      [{ pressed: true }, { pressed: true }, { pressed: false }],
      [true, true, false],
    ],
    [
      'when the battery has been changed, not when it warmed up',
      'water-meter',
      [{ battery: 9 }, { battery: 14 }, { battery: 100 }],
      [true, true, false],
    ],
    [
      'when the flags come without it',
      'water-meter',
      [{ flags: ['leak'] }, { flags: ['leak', 'dry'] }, { flags: [] }],
      [true, true, false],
    ],
  ]
  it.each(table)('%s', (_what, kind, messages, active) => {
    const device = new Rehearsal(deviceOf(kind))
    expect(messages.map((message, i) => device.send(T0 + i * MINUTE, message)[0]?.active)).toEqual(active)
  })

  it('never by a message that does not speak of it', () => {
    const button = new Rehearsal(deviceOf('panic-button'))
    button.send(T0, { pressed: true })
    expect(button.send(T0 + MINUTE, { battery: 80, rssi: -70 })).toEqual([])
    expect(button.alarms.get('panic')?.active).toBe(true)
  })
})

describe('tampering', () => {
  it('latches: a missing flag does not clear it, and a standing flag does not ring every day', () => {
    const meter = new Rehearsal(deviceOf('water-meter'))
    expect(meter.send(T0, { flags: ['tamper'] })).toHaveLength(1)
    expect(meter.send(T0 + MINUTE, { flags: ['tamper'] })).toEqual([])
    expect(meter.send(T0 + 2 * MINUTE, { flags: [] })).toEqual([])
    expect(meter.send(T0 + 3 * MINUTE, { flags: ['tamper'] })).toMatchObject([{ type: 'tamper', active: true }])
  })
  it('that lasted a quarter of an hour of yesterday is an alarm of today', () => {
    const meter = new Rehearsal(deviceOf('water-meter'))
    expect(meter.series(T0, 15 * MINUTE, { flags: [[], ['tamper'], []] })).toMatchObject([
      { active: true, at: T0 + 15 * MINUTE },
    ])
  })
  it('in a late backlog is told as past', () => {
    const meter = new Rehearsal(deviceOf('water-meter'))
    expect(meter.late(T0, readingsOf([T0 - MINUTE], { flags: [['tamper']] }))).toMatchObject([
      { active: false, missed: true },
    ])
  })
})

describe('freezing', () => {
  const meter = () => new Rehearsal(deviceOf('water-meter'))
  it('warns of water at 5 °C for 5 min, and alarms at 2 °C', () => {
    const well = meter()
    expect(well.send(T0, { temperature: 4 })).toEqual([])
    expect(well.send(T0 + 5 * MINUTE, { temperature: 4 })).toMatchObject([
      { type: 'freeze', severity: 'MINOR', since: T0 },
    ])
    well.send(T0 + 10 * MINUTE, { temperature: 1.5 })
    expect(well.send(T0 + 15 * MINUTE, { temperature: 1.5 })[0]?.severity).toBeUndefined()
    expect(well.send(T0 + 20 * MINUTE, { temperature: 5.5 })).toMatchObject([{ active: true }])
    expect(well.send(T0 + 25 * MINUTE, { temperature: 7 })).toMatchObject([{ active: false }])
  })
  it('is not raised by a single cold value, nor by a cold room', () => {
    const well = meter()
    well.send(T0, { temperature: 1 })
    expect(well.send(T0 + 5 * MINUTE, { temperature: 9 })).toEqual([])
    const room = new Rehearsal(deviceOf('smoke-detector'))
    for (let i = 0; i < 20; i++) expect(room.send(T0 + i * MINUTE, { temperature: 1 })).toEqual([])
  })
})

describe('heat', () => {
  const play = (step: number, temperatures: readonly number[], kind: Kind = 'heat-detector') => {
    const room = new Rehearsal(deviceOf(kind))
    temperatures.forEach((temperature, i) => {
      room.send(T0 + i * step, { temperature })
    })
    return room
  }
  it.each([
    ['every 2 s', 2 * SECOND, Array.from({ length: 30 }, (_, i) => 21 + i * 0.4)],
    ['every 10 s', 10 * SECOND, [21, 21, 22.5, 24, 25.5, 27, 28.5]],
    ['every 30 s', 30 * SECOND, [21, 21, 26, 31]],
    ['every 30 s with a clock that jitters', 29.6 * SECOND, [21, 21, 26, 31]],
    ['every minute', MINUTE, [21, 21, 31, 41]],
    ['every 5 min', 5 * MINUTE, [21, 21, 70, 120]],
  ])('that rises faster than 8.3 °C a minute is found by a sensor that reports %s', (_rhythm, step, temperatures) => {
    expect(play(step, temperatures).alarms.get('heat')?.active).toBe(true)
  })
  it('of 57 °C is found however slowly it came', () => {
    const slow = Array.from({ length: 41 }, (_, i) => 20 + i)
    const room = play(MINUTE, slow)
    expect(room.alarms.get('heat')?.last).toMatchObject({ active: true, threshold: 57, unit: '°C' })
    expect(play(MINUTE, slow.slice(0, 37)).said).toEqual([])
  })
  it.each([
    ['up', [21, 21, 21, 85, 21, 21, 21]],
    ['down', [21, 21, 21, -40, 21, 21, 21]],
    ['as the first value', [85, 21, 21, 21]],
  ])('is not raised by a single outlier %s, at any rhythm', (_way, temperatures) => {
    for (const step of [2 * SECOND, 10 * SECOND, 30 * SECOND, MINUTE]) expect(play(step, temperatures).said).toEqual([])
  })
  it('is not raised by a room that has warmed up while the radio was away', () => {
    const room = play(10 * SECOND, [21, 21, 21, 21])
    for (let i = 0; i < 12; i++) room.send(T0 + 5 * MINUTE + i * 10 * SECOND, { temperature: 36 })
    expect(room.said).toEqual([])
  })
  it('is not raised by a heater that warms a room by 2 °C a minute', () => {
    expect(
      play(
        10 * SECOND,
        Array.from({ length: 40 }, (_, i) => 18 + i / 3),
      ).said,
    ).toEqual([])
  })
  it('is over two minutes after the room has cooled down', () => {
    const room = play(10 * SECOND, [21, 21, 30, 40, 60, 70, 40, 35, 30, 30])
    expect(room.alarms.get('heat')?.active).toBe(true)
    for (let i = 10; i < 30; i++) room.send(T0 + i * 10 * SECOND, { temperature: 28 })
    expect(room.alarms.get('heat')).toMatchObject({ active: false, raised: 1 })
  })
  it('of the water in a pipe or of a cable is no fire', () => {
    for (const kind of ['water-meter', 'fire-water', 'electrical-fire'] as const)
      expect(play(30 * SECOND, [10, 10, 30, 60, 65, 69], kind).said).toEqual([])
  })
  it('of a plain temperature sensor is worth a look', () => {
    expect(play(30 * SECOND, [21, 21, 30, 40], 'temperature-sensor').alarms.get('heat')?.last.severity).toBe('MAJOR')
    expect(play(30 * SECOND, [70, 70, 70, 71], 'temperature-sensor').said).toEqual([])
  })
})
