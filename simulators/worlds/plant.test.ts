import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS } from './household.ts'
import { COMMISSIONED_AT, type PlantMoment, plantWorld } from './plant.ts'
import { PLANT_INSTRUMENTS } from './plant-instruments.ts'

const days = (count: number): number => COMMISSIONED_AT + count * DAY_MS
const shown = (
  { readings }: PlantMoment,
  instrument: string,
  quantity: 'level' | 'chlorine' | 'turbidity' | 'pressure',
) => readings.find((one) => one.instrument === instrument)?.values[quantity] ?? Number.NaN

const year = [...plantWorld({ seed: 5, from: 0, to: days(365), faultsPerMonth: 0.5 })]
const during = (type: string): PlantMoment[] =>
  year.filter(({ truth }) => truth.faults.some((fault) => fault.type === type))

describe('a waterworks', () => {
  it('reads all its instruments every quarter of an hour and delivers 40,000 m³ a day', () => {
    expect(year).toHaveLength(365 * 96)
    expect(year[0]!.readings.map(({ instrument }) => instrument)).toEqual(PLANT_INSTRUMENTS.map(({ id }) => id))
    expect(year.at(-1)!.truth.outM3 / 365 / 40_000).toBeCloseTo(1, 1)
  })

  it('loses not a litre: the tank follows what comes in, washes the filters and goes out', () => {
    for (const [i, { truth }] of year.entries()) {
      const before = year[i - 1]?.truth ?? truth
      const stored = (truth.levelM - before.levelM) * 2000
      const balance = truth.inM3 - before.inM3 - (truth.washedM3 - before.washedM3) - (truth.outM3 - before.outM3)
      expect(Math.abs(stored - balance)).toBeLessThan(1e-3)
    }
  })

  it('stays inside every limit for a year in which nothing fails', () => {
    for (const { truth } of plantWorld({ seed: 6, from: 0, to: days(365), everyMs: HOUR_MS, faultsPerMonth: 0 })) {
      expect(truth.turbidityNtu).toBeLessThan(1)
      expect(truth.chlorineMgL).toBeGreaterThan(0.3)
      expect(truth.levelM).toBeGreaterThan(1.5)
      expect(truth.pressureKpa).toBeGreaterThan(350)
    }
  })

  it('shows each fault where an operator would look for it', () => {
    expect(Math.max(...during('turbidity-peak').map((one) => shown(one, 'turbidity', 'turbidity')))).toBeGreaterThan(1)
    expect(Math.min(...during('dosing-stops').map((one) => shown(one, 'chlorine', 'chlorine')))).toBeLessThan(0.3)
    expect(Math.min(...during('delivery-pump-trips').map((one) => shown(one, 'pressure', 'pressure')))).toBeLessThan(
      300,
    )
    expect(Math.min(...during('raw-pumps-stand').map((one) => shown(one, 'level', 'level')))).toBeLessThan(1.5)
  })

  it('a stuck instrument shows one value while the water goes on', () => {
    const [first] = during('sensor-stuck')
    const fault = first!.truth.faults.find(({ type }) => type === 'sensor-stuck')!
    const values = year
      .filter(({ at }) => at >= fault.start && at < fault.end)
      .map(({ readings }) => JSON.stringify(readings.find(({ instrument }) => instrument === fault.instrument)?.values))
    expect(values.length).toBeGreaterThan(50)
    expect(new Set(values).size).toBe(1)
  })

  it('tells the same of a moment to whoever asks later or again, and something else for another seed', () => {
    const later = [...plantWorld({ seed: 5, from: days(200), to: days(201), faultsPerMonth: 0.5 })]
    expect(later).toEqual(year.slice(200 * 96, 201 * 96))
    const other = [...plantWorld({ seed: 7, from: days(200), to: days(201), faultsPerMonth: 0.5 })]
    expect(other[3]).not.toEqual(later[3])
  })
})
