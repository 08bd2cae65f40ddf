import { describe, expect, it } from 'vitest'
import { aloneHome } from '../../simulators/worlds/alone.ts'
import { type Call, plainRule, replayHome } from './care-replay.ts'
import { judgeCare } from './care-verdict.ts'

const WORLD = { seed: 7, days: 28 }
const HOMES = 14
const homes = Array.from({ length: HOMES }, (_, i) => aloneHome(i, WORLD))
const DAY_MS = 86_400_000
const told = (calls: readonly Call[]): readonly Call[] => calls.filter(({ severity }) => severity === 'MAJOR')

describe('homes of people who live alone', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(aloneHome(3, WORLD)).toEqual(homes[3])
    expect(aloneHome(3, { ...WORLD, seed: 8 })).not.toEqual(homes[3])
  })

  it('raise the same alarms when uploads come twice, or days late behind newer ones', () => {
    const calling = homes.filter((home) => told(replayHome(home, false)).length > 0)
    expect(calling.length).toBeGreaterThan(2)
    for (const home of calling) {
      const inOrder = [...home.uploads].sort((a, b) => (a.payload < b.payload ? -1 : 1))
      const punctual = inOrder.map((upload, i) => ({ ...upload, arrivedAt: inOrder[0]!.arrivedAt + i * DAY_MS }))
      const late = punctual
        .flatMap((upload, i) => (i % 5 === 2 ? [{ ...upload, arrivedAt: upload.arrivedAt + 2.5 * DAY_MS }] : [upload]))
        .flatMap((upload, i) =>
          i % 4 === 1 ? [upload, { ...upload, arrivedAt: upload.arrivedAt + DAY_MS / 2 }] : [upload],
        )
        .sort((a, b) => a.arrivedAt - b.arrivedAt)
      const ordinary = told(replayHome({ ...home, uploads: punctual }, false))
      const shuffled = told(replayHome({ ...home, uploads: late }, false))
      expect(
        shuffled.map(({ type }) => type),
        home.id,
      ).toEqual(ordinary.map(({ type }) => type))
      // Told before the late upload came, a standstill is known to have begun by its first reading only.
      for (const [k, { since }] of ordinary.entries())
        expect(Math.abs((shuffled[k]?.since ?? 0) - since)).toBeLessThan(3 * DAY_MS)
    }
  })

  it('are judged beside a plain threshold and random alarms; who tells of an absence spares a visit', () => {
    const { rules } = judgeCare({ ...WORLD, homes: HOMES, worlds: 1 })
    const [hydrant, silent, plain, random] = rules
    expect(hydrant?.illFound).toBe(hydrant?.ill)
    expect(hydrant?.false).toBeLessThanOrEqual(silent?.false ?? 0)
    expect(plain?.rule).toBe('plain threshold')
    expect(random?.illFound).toBeLessThan(hydrant?.illFound ?? 0)
    expect(homes.flatMap(plainRule).length).toBeGreaterThan(0)
  })
})
