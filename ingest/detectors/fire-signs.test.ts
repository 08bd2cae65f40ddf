import { describe, expect, it } from 'vitest'
import type { DetectionLimits } from '../../contract/detection-limits.ts'
import type { Kind } from '../../contract/kinds.ts'
import { deviceOf, HOUR, MINUTE, Rehearsal, SECOND, T0 } from './rehearsal.ts'

const deviceWith = (kind: Kind, limits: DetectionLimits, model: string | null = null): Rehearsal =>
  new Rehearsal({ ...deviceOf(kind, model), limits })

/** A combined detector: a reading every 10 s of `smoke(s)`, `temperature(s)` and, where given, `co(s)`. */
function play(
  seconds: number,
  smoke: (s: number) => number,
  temperature: (s: number) => number,
  co?: (s: number) => number,
  room = new Rehearsal(deviceOf('smoke-detector')),
): Rehearsal {
  for (let s = 0; s <= seconds; s += 10)
    room.send(T0 + s * SECOND, {
      smoke: smoke(s),
      temperature: temperature(s),
      ...(co === undefined ? {} : { co: co(s) }),
    })
  return room
}
const ramp =
  (from: number, perMinute: number, start = 60) =>
  (s: number) =>
    from + (Math.max(0, s - start) / 60) * perMinute
const firstSmoke = (room: Rehearsal) => room.said.find(({ type, active }) => type === 'smoke' && active)

describe('a detector that measures smoke and temperature', () => {
  it('is ahead of its own smoke limit when both rise together, and says both', () => {
    const found = firstSmoke(play(180, ramp(0.03, 0.2), ramp(22, 4)))
    expect(found).toMatchObject({ severity: 'MAJOR', threshold: null, unit: 'dB/m' })
    expect(found?.value).toBeLessThan(0.58)
    expect(found?.reason).toMatch(/^Smoke 0\.\d+ dB\/m together with \d\.\d °C more within 90 s \(pre-alarm\)$/)
    expect(found?.reasonZh).toMatch(/同时90秒内升温/)
  })

  it('does not ring for smoke without heat until it has lasted ten minutes', () => {
    const toast = (s: number) => (s < 60 ? 0.02 : s < 480 ? 0.9 : 0.1)
    expect(play(900, toast, () => 22).said).toEqual([])
    const bed = (s: number) => (s < 60 ? 0.02 : 0.9)
    expect(firstSmoke(play(900, bed, () => 22))).toMatchObject({ at: T0 + 660 * SECOND, severity: 'MAJOR' })
  })

  it('rings for such smoke also when the device falls silent', () => {
    const room = play(
      300,
      (s) => (s < 60 ? 0.02 : 0.9),
      () => 22,
    )
    expect(room.tick(T0 + 11 * MINUTE)).toMatchObject([{ type: 'smoke', active: true, severity: 'MAJOR' }])
  })

  it('does not let heat, or the want of it, delay the alarm of 1.4 dB/m', () => {
    const found = firstSmoke(
      play(
        120,
        (s) => (s < 60 ? 0.02 : 1.4),
        () => 22,
      ),
    )
    expect(found).toMatchObject({ at: T0 + 60 * SECOND, threshold: 1.4 })
    expect(found?.severity).toBeUndefined()
  })

  it.each([
    ['a shower door opens', (s: number) => (s < 60 ? 0.02 : 0.4), (s: number) => (s < 60 ? 22 : 23.5)],
    ['a heater is switched on', () => 0.03, ramp(16, 2)],
    ['an air conditioner burns off its dust', ramp(0.03, 0.05), ramp(18, 1.5)],
    [
      'one reading of a dying battery is wrong',
      (s: number) => (s === 90 ? 0.9 : 0.02),
      (s: number) => (s === 90 ? 31 : 22),
    ],
    ['a spray hits it', (s: number) => (s >= 60 && s < 90 ? 1 : 0.02), () => 21.8],
  ])('says nothing when %s', (_what, smoke, temperature) => {
    expect(play(400, smoke, temperature).said).toEqual([])
  })

  it('finds a smouldering bed by its smoke and CO, which no temperature shows', () => {
    const found = firstSmoke(play(900, ramp(0.03, 0.08), () => 22, ramp(0, 5)))
    expect(found?.severity).toBe('MAJOR')
    expect(found?.reason).toContain('together with CO')
    expect(found!.value).toBeLessThan(0.58)
  })

  it('does not ring anew while the smoke swings', () => {
    const room = play(
      600,
      (s) => (s < 60 ? 0.03 : s % 40 === 0 ? 0.2 : 0.7),
      (s) => (s < 60 ? 22 : Math.min(40, 22 + (s - 60) / 6)),
    )
    expect(room.alarms.get('smoke')?.raised).toBe(1)
  })

  it('learns its dust over months, and never so fast that a fire could hide in it', () => {
    const room = new Rehearsal(deviceOf('smoke-detector'))
    for (let m = 0; m < 40 * 24 * 60; m += 8) room.send(T0 + m * MINUTE, { smoke: 0.25, temperature: 22 })
    expect(JSON.parse(room.stored())).toMatchObject({ smoke: { memory: { dust: 0.25 } } })
    const hour = new Rehearsal(deviceOf('smoke-detector'))
    for (let m = 0; m < 60 * 12; m += 8) hour.send(T0 + m * MINUTE, { smoke: 0.25, temperature: 22 })
    expect(JSON.parse(hour.stored()).smoke.memory.dust).toBeLessThan(0.02)
  })
})

describe('limits that were set', () => {
  it('move the pre-alarm and its end with it', () => {
    const room = deviceWith('smoke-detector', { 'smoke.preAlarm': 0.29 })
    expect(room.send(T0, { smoke: 0.3 })).toMatchObject([{ active: true, threshold: 0.29, severity: 'MAJOR' }])
    expect(room.send(T0 + MINUTE, { smoke: 0.26 })).toMatchObject([{ active: true }])
    expect(room.send(T0 + 2 * MINUTE, { smoke: 0.24 })).toMatchObject([{ active: false }])
  })
  it('keep a boiler room quiet at 60 °C, and not at 85', () => {
    const room = deviceWith('heat-detector', { 'heat.fixed': 84 })
    for (let i = 0; i < 30; i++) expect(room.send(T0 + i * MINUTE, { temperature: 30 + i })).toEqual([])
    for (let i = 30; i < 60; i++) room.send(T0 + i * MINUTE, { temperature: 30 + i })
    expect(room.alarms.get('heat')?.last).toMatchObject({ active: true, threshold: 84 })
  })
})

describe('fire water', () => {
  const main = (model: string | null = null) => new Rehearsal(deviceOf('fire-water', model))
  it('below 0.14 MPa for half a minute is a fault of the fire water, no fire', () => {
    const hydrant = main()
    expect(hydrant.send(T0, { pressure: 139 })).toEqual([])
    expect(hydrant.send(T0 + 30 * SECOND, { pressure: 138 })).toMatchObject([
      { type: 'fireWaterLow', active: true, since: T0, value: 138, threshold: 140, unit: 'kPa' },
    ])
    expect(hydrant.send(T0 + HOUR, { pressure: 141 })).toMatchObject([{ active: true }])
    expect(hydrant.send(T0 + 2 * HOUR, { pressure: 150 })).toMatchObject([{ active: false }])
  })
  it('that dips while a pump starts is nothing', () => {
    const hydrant = main()
    for (const [i, pressure] of [300, 90, 280, 300].entries()) hydrant.send(T0 + i * 10 * SECOND, { pressure })
    expect(hydrant.said).toEqual([])
  })
  it('that is low in its last report is told without another one', () => {
    const hydrant = main()
    hydrant.send(T0, { pressure: 20 })
    expect(hydrant.tick(T0 + 31 * SECOND)).toMatchObject([{ type: 'fireWaterLow', value: 20 }])
  })
  it('at a sprinkler may be 0.10 MPa', () => {
    const sprinkler = main('Sprinkler end point 末端试水')
    for (let i = 0; i < 5; i++) expect(sprinkler.send(T0 + i * MINUTE, { pressure: 101 })).toEqual([])
    sprinkler.send(T0 + HOUR, { pressure: 99 })
    expect(sprinkler.send(T0 + HOUR + MINUTE, { pressure: 99 })).toMatchObject([{ threshold: 100 }])
  })
  it('in a tank is too low below 0.6 m', () => {
    const tank = main()
    tank.send(T0, { level: 0.4 })
    expect(tank.send(T0 + MINUTE, { level: 0.4 })).toMatchObject([{ value: 0.4, threshold: 0.6, unit: 'm' }])
  })
})

describe('an exit door', () => {
  it('that stands open for two minutes is a hazard, also when nobody says so again, until it is closed', () => {
    const door = new Rehearsal(deviceOf('door-contact'))
    expect(door.send(T0, { open: true })).toEqual([])
    expect(door.tick(T0 + MINUTE)).toEqual([])
    expect(door.tick(T0 + 2 * MINUTE)).toMatchObject([{ type: 'exitDoor', active: true, since: T0, value: 120 }])
    expect(door.send(T0 + 3 * MINUTE, { open: false })).toMatchObject([{ type: 'exitDoor', active: false }])
  })
  it('through which people pass all day is none', () => {
    const door = new Rehearsal(deviceOf('door-contact'))
    for (let i = 0; i < 60; i++) {
      door.send(T0 + i * MINUTE, { open: true })
      door.send(T0 + i * MINUTE + 20 * SECOND, { open: false })
      expect(door.tick(T0 + i * MINUTE + 50 * SECOND)).toEqual([])
    }
  })
})
