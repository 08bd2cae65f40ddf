import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { seeded } from '../random.ts'
import {
  DAY_MS,
  drawDay,
  END_USE_FACTS,
  END_USES,
  HOUR_MS,
  household,
  LOCAL_OFFSET_MS,
  type WaterUse,
} from './household.ts'

const MONDAY = Date.UTC(2026, 2, 2) - LOCAL_OFFSET_MS
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
const litres = (use: WaterUse): number => (use.flow * use.durationMs) / 60_000

describe('a household', () => {
  it('gives the same register for the same seed and time, whoever asked before', () => {
    const one = household(42)
    const other = household(42)
    other.volumeAt(MONDAY + 40 * DAY_MS)
    expect(other.volumeAt(MONDAY + 5 * HOUR_MS)).toBe(one.volumeAt(MONDAY + 5 * HOUR_MS))
    expect(household(43).volumeAt(MONDAY)).not.toBe(one.volumeAt(MONDAY))
  })

  it('has a register that never runs backwards, over midnight neither', () => {
    for (let seed = 0; seed < 40; seed++) {
      const home = household(seed)
      let before = home.volumeAt(MONDAY)
      for (let at = MONDAY; at < MONDAY + 3 * DAY_MS; at += HOUR_MS / 6) {
        const now = home.volumeAt(at)
        expect(now).toBeGreaterThanOrEqual(before)
        before = now
      }
    }
  })

  it('shows as flow what its register gains', () => {
    const home = household(7)
    const STEP_MS = 5000
    let integrated = 0
    for (let at = MONDAY; at < MONDAY + DAY_MS; at += STEP_MS) integrated += (home.flowAt(at) * STEP_MS) / HOUR_MS
    const gained = home.volumeAt(MONDAY + DAY_MS) - home.volumeAt(MONDAY)
    expect(Math.abs(integrated - gained) / gained).toBeLessThan(0.05)
  })

  it('uses 60 to 200 litres a person and day', () => {
    let used = 0
    let persons = 0
    for (let seed = 0; seed < 300; seed++) {
      const home = household(seed)
      used += 1000 * (home.volumeAt(MONDAY + 7 * DAY_MS) - home.volumeAt(MONDAY))
      persons += 7 * home.persons
    }
    expect(used / persons).toBeGreaterThan(60)
    expect(used / persons).toBeLessThan(200)
  })

  it('stands still for an hour in every night, so that no healthy home looks like a leak', () => {
    for (let seed = 0; seed < 200; seed++) {
      const home = household(seed)
      const still = Array.from({ length: 20 }, (_, i) => MONDAY + HOUR_MS + i * (HOUR_MS / 4)).some(
        (at) => home.volumeAt(at + HOUR_MS) === home.volumeAt(at),
      )
      expect(still, `household ${seed}`).toBe(true)
    }
  })
})

const EVENTS = join(import.meta.dirname, '../../../shared/data/household/end-use-events.csv')
const LITRES_PER_GALLON = 3.785411784
const LABELS = { faucet: 'faucet', toilet: 'toilet', shower: 'shower', clothwasher: 'washer' } as const

describe.skipIf(!existsSync(EVENTS))('the end uses, beside 821 measured ones', () => {
  it('have the measured medians and the measured spread', () => {
    const measured = new Map<string, { litres: number[]; flows: number[] }>(
      END_USES.map((use) => [use, { litres: [], flows: [] }]),
    )
    for (const line of readFileSync(EVENTS, 'utf8').trim().split(/\r?\n/).slice(1)) {
      const cells = line.split(',')
      const use = LABELS[cells[7] as keyof typeof LABELS]
      const of = measured.get(use)
      of?.litres.push(Number(cells[3]) * LITRES_PER_GALLON)
      of?.flows.push(Number(cells[4]) * LITRES_PER_GALLON)
    }
    const random = seeded(1)
    const drawn = Array.from({ length: 400 }, () => drawDay(random, 3)).flat()
    for (const use of END_USES) {
      const real = measured.get(use)!
      const ours = drawn.filter((one) => one.use === use)
      expect(real.litres.length, use).toBeGreaterThan(20)
      expect(median(ours.map(litres)) / median(real.litres), `${use}, median volume`).toBeGreaterThan(0.85)
      expect(median(ours.map(litres)) / median(real.litres), `${use}, median volume`).toBeLessThan(1.15)
      expect(median(ours.map((one) => one.flow)) / median(real.flows), `${use}, median flow`).toBeGreaterThan(0.85)
      expect(median(ours.map((one) => one.flow)) / median(real.flows), `${use}, median flow`).toBeLessThan(1.15)
    }
  })

  it('come at the measured hours: hardly any between one and six', () => {
    const starts = readFileSync(EVENTS, 'utf8')
      .trim()
      .split(/\r?\n/)
      .slice(1)
      .filter((line) => /,(faucet|toilet)$/.test(line))
      .map((line) => Number(line.slice(11, 13)))
    const measuredNight = starts.filter((hour) => hour >= 1 && hour < 6).length / starts.length
    for (const use of ['faucet', 'toilet'] as const) {
      const { hours } = END_USE_FACTS[use]
      const night =
        hours.slice(1, 6).reduce((sum, share) => sum + share, 0) / hours.reduce((sum, share) => sum + share, 0)
      expect(Math.abs(night - measuredNight)).toBeLessThan(0.02)
    }
  })
})
