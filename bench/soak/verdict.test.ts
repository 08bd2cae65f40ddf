import { describe, expect, it } from 'vitest'
import { type Point, trendOf, warmUpMinutes } from './verdict.ts'

const hour = (value: (minutes: number) => number): Point[] =>
  Array.from({ length: 361 }, (_, i) => ({ minutes: i / 6, value: value(i / 6) }))
const MB = 1024 * 1024
const ALLOWED = { share: 0.1, least: 16 * MB }

describe('what a soak calls flat', () => {
  it('sees a leak of a megabyte a minute, and how fast it is', () => {
    const trend = trendOf(
      hour((minutes) => (200 + minutes) * MB),
      warmUpMinutes(60),
      ALLOWED,
    )
    expect(trend.flat).toBe(false)
    expect(trend.slopePerHour / MB).toBeCloseTo(60)
  })

  it('does not take a saw tooth of the garbage collector for a leak', () => {
    const trend = trendOf(
      hour((minutes) => (200 + 40 * (minutes % 1)) * MB),
      warmUpMinutes(60),
      ALLOWED,
    )
    expect(trend.flat).toBe(true)
    expect(Math.abs(trend.slopePerHour / MB)).toBeLessThan(1)
  })

  it('is not deceived by a saw tooth whose last period is cut off at its crest', () => {
    const tooth = (minutes: number): number => (170 + 110 * ((minutes / 13.5) % 1)) * MB
    expect(trendOf(hour(tooth), warmUpMinutes(60), ALLOWED).flat).toBe(true)
    const leaking = (minutes: number): number => tooth(minutes) + minutes * MB
    expect(trendOf(hour(leaking), warmUpMinutes(60), ALLOWED).flat).toBe(false)
  })

  it('leaves the warm-up out', () => {
    const trend = trendOf(
      hour((minutes) => (minutes < 6 ? 50 + 30 * minutes : 230) * MB),
      warmUpMinutes(60),
      ALLOWED,
    )
    expect(trend).toMatchObject({ flat: true, first: 230 * MB, last: 230 * MB, slopePerHour: 0 })
  })

  it('calls one more open file for good a leak of open files', () => {
    const trend = trendOf(
      hour((minutes) => 40 + Math.floor(minutes / 5)),
      warmUpMinutes(60),
      { share: 0, least: 2 },
    )
    expect(trend.flat).toBe(false)
  })

  it('takes less of a growth than the least allowed for noise', () => {
    expect(
      trendOf(
        hour((minutes) => (100 + minutes / 6) * MB),
        warmUpMinutes(60),
        ALLOWED,
      ).flat,
    ).toBe(true)
  })

  it('never warms up longer than half of a short run', () => {
    expect([warmUpMinutes(0.5), warmUpMinutes(2), warmUpMinutes(60), warmUpMinutes(600)]).toEqual([0.25, 1, 6, 10])
  })
})
