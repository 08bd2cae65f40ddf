import { describe, expect, it } from 'vitest'
import { cut, deviceOf, MINUTE, Rehearsal, readingsOf, SECOND, T0 } from './rehearsal.ts'
import { TEST_MODE_HOLDS_MS } from './watch.ts'

const detector = () => new Rehearsal(deviceOf('smoke-detector'))

describe('smoke', () => {
  it('is one alarm that names both the density and the detector itself', () => {
    const found = detector().send(T0, { smoke: 3.1, alarm: true })
    expect(found).toEqual([
      {
        type: 'smoke',
        active: true,
        at: T0,
        value: 3.1,
        threshold: 1.4,
        unit: 'dB/m',
        reason: "Smoke 3.1 dB/m (alarm from 1.4); the detector's own alarm",
        reasonZh: '烟雾3.1 dB/m(1.4起报警);探测器自身报警',
      },
    ])
  })

  it.each([
    [0.57, undefined],
    [0.58, 'MAJOR'],
    [1.39, 'MAJOR'],
    [1.4, 'the type’s own'],
  ])('of %d dB/m is of severity %s', (smoke, severity) => {
    const [found] = detector().send(T0, { smoke })
    expect(found && (found.severity ?? 'the type’s own')).toBe(severity)
  })

  it('grows from a pre-alarm to an alarm, and stays one until the air is clear', () => {
    const room = detector()
    const levels = [0.1, 0.6, 2, 0.9, 0.55, 0.49, 0.1].map((smoke, i) => {
      const [found] = room.send(T0 + i * 10 * SECOND, { smoke })
      return found && [found.active, found.severity, found.since]
    })
    const since = T0 + 10 * SECOND
    expect(levels).toEqual([
      undefined,
      [true, 'MAJOR', undefined],
      [true, undefined, since],
      [true, undefined, since],
      [true, undefined, since],
      [false, undefined, since],
      undefined,
    ])
  })

  it('is not over while the detector itself still alarms', () => {
    const room = detector()
    room.send(T0, { smoke: 3, alarm: true })
    expect(room.send(T0 + SECOND, { smoke: 0.1 })[0]).toMatchObject({
      active: true,
      reason: "The detector's own alarm; smoke 0.1 dB/m",
    })
    expect(room.send(T0 + 2 * SECOND, { alarm: false })[0]).toMatchObject({ active: false, at: T0 + 2 * SECOND })
  })

  it('of a combined detector of another kind is watched too', () => {
    const found = new Rehearsal(deviceOf('co-detector')).send(T0, { smoke: 2, co: 0 })
    expect(found.map(({ type }) => type)).toEqual(['smoke'])
  })

  it('that came and went within one upload is still told, as over', () => {
    const found = detector().series(T0, MINUTE, { smoke: [0, 0.1, 2.2, 4.5, 0.2] })
    expect(found).toMatchObject([
      { active: false, missed: true, since: T0 + 2 * MINUTE, at: T0 + 4 * MINUTE, value: 4.5 },
    ])
    expect(found[0]?.reason).toBe('Known only afterwards, lasted 2 min; smoke 4.5 dB/m (alarm from 1.4)')
  })

  it('in a backlog that comes late is told as over, never as now', () => {
    const room = detector()
    room.send(T0, { smoke: 0.1 })
    const found = room.late(
      T0,
      readingsOf([T0 - 20 * MINUTE, T0 - 10 * MINUTE], { smoke: [2, 3], alarm: [true, true] }),
    )
    expect(found).toMatchObject([{ type: 'smoke', active: false, missed: true, since: T0 - 20 * MINUTE, value: 3 }])
    expect(room.send(T0 + MINUTE, { smoke: 0.1 })).toEqual([])
  })

  it('in a late backlog does not touch an alarm that is open now', () => {
    const room = detector()
    room.send(T0, { alarm: true })
    expect(room.late(T0, readingsOf([T0 - MINUTE], { alarm: [true] }))).toEqual([])
    expect(room.send(T0 + MINUTE, { alarm: false })).toMatchObject([{ active: false }])
  })

  it('says nothing, and keeps nothing, while the air is clear', () => {
    const room = detector()
    for (let i = 0; i < 100; i++)
      expect(room.send(T0 + i * MINUTE, { smoke: 0.05, alarm: false, test: false })).toEqual([])
    expect(room.stored()).toBe('{}')
  })
})

describe('test mode', () => {
  it('is told as a test, as a warning', () => {
    const [found] = detector().send(T0, { smoke: 3.1, alarm: true, test: true })
    expect(found).toMatchObject({ active: true, test: true, severity: 'WARNING' })
    expect(found?.reason).toMatch(/^Test: smoke 3.1/)
    expect(found?.reasonZh).toMatch(/^测试:烟雾3.1/)
  })

  it('holds for the messages after it, until the device ends it', () => {
    const room = detector()
    room.send(T0, { test: true })
    expect(room.send(T0 + MINUTE, { alarm: true })[0]).toMatchObject({ active: true, test: true, severity: 'WARNING' })
    const real = room.send(T0 + 2 * MINUTE, { test: false })[0]
    expect(real).toMatchObject({ active: true, type: 'smoke' })
    expect(real?.test).toBeUndefined()
    expect(real?.severity).toBeUndefined()
  })

  it('that somebody forgot does not play a fire down', () => {
    const room = detector()
    room.send(T0, { test: true })
    const [found] = room.send(T0 + TEST_MODE_HOLDS_MS, { smoke: 3 })
    expect(found?.active).toBe(true)
    expect(found?.test).toBeUndefined()
  })

  it('that begins during a real fire does not make it a test', () => {
    const room = detector()
    room.send(T0, { smoke: 3 })
    const [found] = room.send(T0 + MINUTE, { smoke: 3, test: true })
    expect(found?.test).toBeUndefined()
  })

  it('ends with its alarm: the next fire is real', () => {
    const room = detector()
    room.send(T0, { smoke: 3, test: true })
    expect(room.send(T0 + MINUTE, { smoke: 0, test: false })[0]).toMatchObject({ active: false })
    expect(room.send(T0 + 2 * MINUTE, { smoke: 3 })[0]?.test).toBeUndefined()
  })
})

describe('a message in pieces', () => {
  it('says the same as the message whole', () => {
    const readings = readingsOf(
      [0, 1, 2, 3].map((i) => T0 + i * MINUTE),
      { smoke: [0.1, 2, null, 0.7], alarm: [null, true, false, null] },
    )
    const whole = detector()
    whole.read(readings)
    const pieces = detector()
    for (let i = 0; i < 4; i++) pieces.read(cut(readings, i, i + 1))
    expect(pieces.alarms.get('smoke')).toEqual(whole.alarms.get('smoke'))
    expect(pieces.stored()).toBe(whole.stored())
  })
})
