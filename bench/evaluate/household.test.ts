import { describe, expect, it } from 'vitest'
import { fleetMeter } from '../../simulators/worlds/household-fleet.ts'
import { replay } from './household-replay.ts'
import { judgeRandom, scorePart } from './household-score.ts'

const WORLD = { seed: 7, days: 20, hourly: true }
const METERS = 20
const fleet = Array.from({ length: METERS }, (_, index) => fleetMeter(index, WORLD))

describe('a fleet of household meters', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(fleetMeter(3, WORLD)).toEqual(fleet[3])
    expect(fleetMeter(3, { ...WORLD, seed: 8 }).meter.uploads).not.toEqual(fleet[3]?.meter.uploads)
  })

  it('uploads once a day, with holes, twice and late, and says nothing of its truth', () => {
    const uploads = fleet.flatMap(({ meter }) => meter.uploads)
    expect(uploads.length).toBeGreaterThan(METERS * WORLD.days * 0.9)
    expect(uploads.some(({ payload }) => payload.includes('null'))).toBe(true)
    expect(uploads.some(({ payload }) => /constant|growing|intermittent|evident|truth/.test(payload))).toBe(false)
    for (const { meter } of fleet) {
      const arrivals = meter.uploads.map(({ arrivedAt }) => arrivedAt)
      expect(arrivals).toEqual(arrivals.toSorted((a, b) => a - b))
    }
  })

  it('raises the same alarms when every upload comes twice', () => {
    for (const { meter } of fleet) {
      const twice = {
        ...meter,
        uploads: meter.uploads.flatMap((one) => [one, { ...one, arrivedAt: one.arrivedAt + 1 }]),
      }
      expect(replay(twice).raised).toEqual(replay(meter).raised)
    }
  })

  it('raises the same alarms as if no upload had come late, twice or behind a newer one', () => {
    const firstOf = (payload: string): number => (JSON.parse(payload) as { ts: number }).ts
    for (const { meter } of fleet) {
      const uploads = [...meter.uploads]
        .sort((a, b) => firstOf(a.payload) - firstOf(b.payload))
        .map((one, i) => ({ ...one, arrivedAt: firstOf(one.payload) + 2 * 86_400_000 + i }))
      const types = (raised: ReturnType<typeof replay>['raised']) => raised.map(({ type }) => type).sort()
      expect(types(replay(meter).raised)).toEqual(types(replay({ ...meter, uploads }).raised))
    }
  })

  it('gives random alarms no credit that they do not earn', () => {
    const { meters } = scorePart(WORLD, 0, METERS)
    const right = (found: readonly { outcome: { found: boolean } | undefined }[]): number =>
      found.filter(({ outcome }) => outcome?.found).length
    expect(right(meters.map(({ hydrant }) => hydrant))).toBeGreaterThan(right(judgeRandom(meters, WORLD)))
  })
})
