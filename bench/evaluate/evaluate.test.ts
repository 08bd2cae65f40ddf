import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readRooms } from './nist-data.ts'
import { judgeFires, medianLead } from './nist-fires.ts'
import { judgeNuisances } from './nuisance-year.ts'
import { poissonInterval } from './poisson-interval.ts'
import { CHOSEN } from './rules.ts'

/** A fire that nobody has measured: growing from 30 s on in room A; room B stays cold and its alarm is never reached. */
function strangeFire(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hydrant-fires-'))
  const rows = Array.from({ length: 60 }, (_, i) => {
    const s = Math.max(0, i * 3 - 30)
    return `${i * 3},${21 + s * 0.08},${(s * 0.0006).toFixed(4)},20.5`
  })
  writeFileSync(join(folder, 'nist-sdc99.csv'), ['TIME,TCA_1,SMA_1,TCB_1', ...rows].join('\n'))
  const sounded = ['test,detector,seconds', 'SDC99,Ion1A,90', 'SDC99,Pho1A,140', 'SDC99,Pho3A,150', 'SDC99,Pho1B,120']
  writeFileSync(join(folder, 'nist-activation-times.csv'), sounded.join('\n'))
  return folder
}

describe('fires that were never seen before', () => {
  const folder = strangeFire()
  const rooms = readRooms(folder)
  rmSync(folder, { recursive: true })

  it('are read by their columns, whatever rooms and meters there are', () => {
    expect(
      rooms.map(({ test, room, smokeMeter, photoelectricS, ionisationS }) => [
        test,
        room,
        smokeMeter,
        photoelectricS,
        ionisationS,
      ]),
    ).toEqual([
      ['SDC99', 'A', 'ceiling', 140, 90],
      ['SDC99', 'B', 'none', 120, undefined],
    ])
  })

  it('are judged per room and rule against both real alarms; a room that was not found pulls the median down', () => {
    const { pairs, rules } = judgeFires(rooms)
    const found = pairs[0]?.rules[CHOSEN.name]
    expect(found?.afterPhotoelectricS).toBeLessThan(-20)
    expect(found?.afterIonisationS).toBe((found?.atS ?? 0) - 90)
    expect(pairs[1]?.rules[CHOSEN.name]).toBeNull()
    expect(rules.find(({ rule }) => rule === CHOSEN.name)).toMatchObject({ found: 1, of: 2, aheadOfPhotoelectric: 1 })
  })
})

it('a median counts what was not found as found last', () => {
  expect(medianLead([10, 20, undefined])).toBe(10)
  expect(medianLead([10, undefined, undefined])).toBe(Number.NEGATIVE_INFINITY)
  expect(medianLead([10, 20])).toBe(15)
})

it('an interval of a count is the exact one', () => {
  expect(poissonInterval(0)[1]).toBeCloseTo(3.689, 2)
  expect(poissonInterval(10)[0]).toBeCloseTo(4.795, 2)
  expect(poissonInterval(10)[1]).toBeCloseTo(18.39, 2)
})

describe('ten sensor-years of nuisances', () => {
  const year = judgeNuisances(7, 10)

  it('are the same for the same seed, and others for another', () => {
    expect(judgeNuisances(7, 10)).toEqual(year)
    expect(judgeNuisances(8, 10).causes).not.toEqual(year.causes)
  })

  it('have every cause in them, and cost the plain rules more than the chosen one', () => {
    expect(year.events).toBeGreaterThan(1000)
    const of = (name: string): number => year.rules.find(({ rule }) => rule === name)?.preAlarms.count ?? Number.NaN
    expect(of('plain rise') + of('plain 0.58 dB/m')).toBeGreaterThan(of('chosen'))
  })
})
