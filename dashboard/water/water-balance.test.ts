import { describe, expect, test } from 'vitest'
import type { MeasuredBalance } from '../../contract/water-api.ts'
import type { ZonePipes } from '../../contract/zones.ts'
import { correctionsOf, unavoidableLossLitresDay, waterBalanceOf } from './water-balance.ts'

const DAY_MS = 86_400_000
const NOTHING_KNOWN: ZonePipes = { mainsKm: null, privateKm: null, pressureM: null }
/** A township for 10 days: 12,000 m³ in, 11,000 m³ at the households. */
const BALANCE: MeasuredBalance = {
  inflowL: 12_000_000,
  householdL: 11_000_000,
  lossL: 1_000_000,
  unknownL: 0,
  reported: 1,
  bulkReported: 1,
  meters: 4000,
  valid: true,
}
const SPAN = { from: 0, to: 10 * DAY_MS }
const of = (balance: Partial<MeasuredBalance>, network: Partial<ZonePipes> = {}) =>
  waterBalanceOf('t', { ...BALANCE, ...balance }, SPAN, { ...NOTHING_KNOWN, ...network }, null)

/** Thornton, Sturm, Kunkel: Water Loss Control, 2008, p. 87: 600 miles of mains, 60,000 services, 70 psi. */
describe('unavoidable losses of the worked example in Water Loss Control', () => {
  const KM_PER_MILE = 1.609344
  const KM_PER_FOOT = 0.0003048
  const METRES_PER_PSI = 0.70307
  const LITRES_PER_GALLON = 3.785412
  const SERVICES = 60_000
  const network = (feet: number) => ({
    mainsKm: 600 * KM_PER_MILE,
    connections: SERVICES,
    privateKm: SERVICES * feet * KM_PER_FOOT,
    pressureM: 70 * METRES_PER_PSI,
  })
  const gallonsPerService = (feet: number): number =>
    unavoidableLossLitresDay(network(feet)) / LITRES_PER_GALLON / SERVICES

  test('meters 20 ft from the curb stop: 16.1 gallons a service and day, as read from its chart', () => {
    expect(gallonsPerService(20)).toBeCloseTo(16.1, 0)
    expect((gallonsPerService(20) * SERVICES) / 1e6).toBeCloseTo(0.97, 2)
  })
  test('meters 100 ft from it: 23.8 gallons', () => {
    expect(Math.abs(gallonsPerService(100) - 23.8)).toBeLessThan(0.35)
  })
})

describe('the water balance', () => {
  test('its components add up to what came in', () => {
    for (const balance of [{}, { householdL: 11_999_000, lossL: 1000 }, { householdL: 12_400_000, lossL: -400_000 }]) {
      const { inputM3, billedM3, unbilledM3, apparentM3, realM3 } = of(balance)
      const parts = [billedM3, unbilledM3, apparentM3, realM3].map((part) => part ?? Number.NaN)
      expect(parts.reduce((sum, part) => sum + part)).toBeCloseTo(inputM3 ?? Number.NaN, 9)
    }
  })

  test('says nothing of what no meter measures, instead of 0 or all', () => {
    const nothing = {
      unbilledM3: null,
      realM3: null,
      lossPercent: null,
      grossPercent: null,
      litresPerConnectionDay: null,
    }
    expect(of({ inflowL: null, lossL: null })).toMatchObject({ inputM3: null, ...nothing })
    expect(of({ householdL: null, lossL: null, meters: 0 })).toMatchObject({ billedM3: null, ...nothing })
  })

  test('assumes flushing, theft and slow meters, and says by how much and after whom', () => {
    const { unbilledM3, apparentM3, realM3, assumptions } = of({})
    expect(unbilledM3).toBeCloseTo(60, 9)
    expect(apparentM3).toBeCloseTo(12 + 220, 9)
    expect(realM3).toBeCloseTo(708, 9)
    expect(assumptions.slice(0, 3).map(({ value }) => value)).toEqual(['0.5 %', '0.1 %', '2 %'])
    expect(assumptions.every(({ en, zh }) => en !== '' && zh !== '')).toBe(true)
  })

  test('an assumption never takes more than was lost', () => {
    const { unbilledM3, apparentM3, realM3 } = of({ householdL: 11_900_000, lossL: 100_000 })
    expect([unbilledM3, apparentM3, realM3]).toEqual([60, 40, 0])
  })

  test('households that used more than came in are shown as that, not hidden', () => {
    expect(of({ householdL: 12_400_000, lossL: -400_000 })).toMatchObject({
      unbilledM3: 0,
      apparentM3: 0,
      realM3: -400,
      grossPercent: expect.closeTo(-3.333, 3),
    })
  })

  test('without the length of the pipes there is no ILI, and it says why', () => {
    const { ili, uarlLitresPerConnectionDay, assumptions } = of({}, { pressureM: 30 })
    expect([ili, uarlLitresPerConnectionDay]).toEqual([null, null])
    expect(assumptions.map(({ en }) => en).join()).toContain('No ILI')
  })

  test('with them it is real losses over unavoidable ones', () => {
    const {
      ili,
      uarlLitresPerConnectionDay: uarl,
      litresPerConnectionDay: carl,
    } = of({}, { mainsKm: 80, pressureM: 30 })
    expect(uarl).toBeCloseTo(((18 * 80 + 0.8 * 4000) * 30) / 4000, 9)
    expect(carl).toBeCloseTo(708_000 / 40_000, 9)
    expect(ili).toBeCloseTo((carl ?? 0) / (uarl ?? 1), 9)
  })

  test('below 3,000 connections the ILI carries a warning', () => {
    const said = (meters: number): string =>
      of({ meters }, { mainsKm: 8, pressureM: 30 })
        .assumptions.map(({ en }) => en)
        .join()
    expect(said(300)).toContain('rough figure')
    expect(said(4000)).not.toContain('rough figure')
  })

  test('a zone that nothing came into has no percentages', () => {
    expect(of({ inflowL: 0, householdL: 0, lossL: 0, meters: 0 })).toMatchObject({
      lossPercent: null,
      litresPerConnectionDay: null,
      grossPercent: null,
      ratedPercent: null,
    })
  })
})

describe('loss rates of CJJ 92-2016', () => {
  test('gross: what neither households nor the supplier’s own use account for', () => {
    expect(of({}).grossPercent).toBeCloseTo((100 * (1000 - 60)) / 12_000, 9)
  })

  test('rated: less 0.08 of the share that is read at each household', () => {
    const { grossPercent, ratedPercent } = of({})
    expect((grossPercent ?? 0) - (ratedPercent ?? 0)).toBeCloseTo((8 * 11) / 12, 9)
  })

  const input = { inputM3: 10_000, billedM3: 10_000, days: 365 }
  const corrections = (network: Partial<ZonePipes>) => correctionsOf(input, { ...NOTHING_KNOWN, ...network })
  test.each([
    [0.0693, 0],
    [0.0793, 0.99],
    [0.0593, -0.99],
    [1, 3],
    [0, -3],
  ])('%f km of mains for 10,000 m³ a year correct by %f percent', (mainsKm, percent) => {
    expect(corrections({ mainsKm }).r2).toBeCloseTo(percent, 9)
  })
  test.each([
    [30, 0],
    [40, 0.5],
    [60, 1],
    [80, 2],
  ])('a pressure of %i m corrects by %f percent', (pressureM, percent) => {
    expect(corrections({ pressureM }).r3).toBe(percent)
  })
  test('what is not known corrects nothing, and is named', () => {
    expect(corrections({})).toMatchObject({ r2: null, r3: null })
    expect(of({}).assumptions.filter(({ en }) => en.includes('not known')).length).toBe(2)
  })
})
