import { describe, expect, it } from 'vitest'
import { deviceOf, MINUTE, Rehearsal, SECOND, T0 } from './rehearsal.ts'

const detector = () => new Rehearsal(deviceOf('co-detector'))

/** Minutes at a constant `ppm`, reported every `step`, until the alarm is CRITICAL; undefined: not within 4 h. */
function minutesToAlarm(ppm: number, step: number): number | undefined {
  const room = detector()
  for (let t = 0; t <= 240 * MINUTE; t += step) {
    const [found] = room.send(T0 + t, { co: ppm })
    if (found?.active === true && found.severity === undefined) return t / MINUTE
  }
  return undefined
}

describe('carbon monoxide', () => {
  it.each([
    [30, 120, 240],
    [50, 60, 90],
    [100, 10, 40],
    [300, 0, 3],
    [5000, 0, 3],
  ])('of %d ppm alarms between %d and %d min (EN 50291-1)', (ppm, from, to) => {
    for (const step of [10 * SECOND, MINUTE]) {
      const minutes = minutesToAlarm(ppm, step)
      expect(minutes).toBeGreaterThanOrEqual(from)
      expect(minutes).toBeLessThanOrEqual(to)
    }
  })

  it('below 30 ppm never alarms', () => {
    expect(minutesToAlarm(29, MINUTE)).toBeUndefined()
  })

  it('adds up over a changing concentration', () => {
    const room = detector()
    // Half the time to the alarm at 50 ppm, then half of that at 100.
    for (let i = 0; i < 38; i++) expect(room.send(T0 + i * MINUTE, { co: 50 })).toEqual([])
    let minute = 38
    while (room.send(T0 + minute * MINUTE, { co: 100 }).length === 0) minute++
    expect(minute).toBe(51)
  })

  it('of 300 ppm is a pre-alarm at once, and an alarm by the time that passes, without a further report', () => {
    const room = detector()
    expect(room.send(T0, { co: 400 })).toMatchObject([{ type: 'co', active: true, severity: 'MAJOR' }])
    expect(room.tick(T0 + MINUTE)).toEqual([])
    const [found] = room.tick(T0 + 2 * MINUTE)
    expect(found).toMatchObject({ active: true, at: T0 + 2 * MINUTE })
    expect(found?.severity).toBeUndefined()
    expect(room.tick(T0 + 3 * MINUTE)).toEqual([])
  })

  it('is not assumed for ever when a detector falls silent', () => {
    const room = detector()
    room.send(T0, { co: 40 })
    for (let i = 1; i < 600; i++) expect(room.tick(T0 + i * MINUTE)).toEqual([])
  })

  it('is over when the air is clean, and comes back sooner while the dose lasts', () => {
    const room = detector()
    for (let i = 0; i <= 26; i++) room.send(T0 + i * MINUTE, { co: 100 })
    expect(room.alarms.get('co')).toMatchObject({ active: true })
    expect(room.send(T0 + 27 * MINUTE, { co: 60 })).toMatchObject([{ active: true }])
    expect(room.send(T0 + 28 * MINUTE, { co: 10 })).toMatchObject([{ active: false, value: 10 }])
    for (let i = 29; i < 40; i++) expect(room.send(T0 + i * MINUTE, { co: 5 })).toEqual([])
    let minute = 40
    while (room.send(T0 + minute * MINUTE, { co: 100 }).length === 0) minute++
    expect(minute).toBeLessThan(45)
  })

  it('leaves nothing behind after four hours of clean air', () => {
    const room = detector()
    for (let i = 0; i <= 10; i++) room.send(T0 + i * MINUTE, { co: 80 })
    room.send(T0 + 11 * MINUTE, { co: 0 })
    room.send(T0 + 300 * MINUTE, { co: 0 })
    expect(room.stored()).toBe('{}')
  })
})
