import { describe, expect, it } from 'vitest'
import { burst } from './burst.ts'
import { continuousFlow } from './continuous-flow.ts'
import { DAY, deviceOf, HOUR, Rehearsal, readingsOf, T0 } from './rehearsal.ts'

/** Days before anything happens: what is older than eight days is learnt, and from the ninth on a habit is one. */
const KNOWN_DAYS = 24
const HOURS = DAY / HOUR

/** A home of `days` days by litres in each hour since midnight, uploaded once a day. */
function lived(days: number, litres: (day: number, hour: number) => number): Rehearsal {
  const home = new Rehearsal(deviceOf('water-meter'))
  let register = 12_345
  for (let day = 0; day < days; day++) {
    const volume = Array.from({ length: HOURS }, (_, hour) => {
      const shown = register / 1000
      register += litres(day, hour)
      return shown
    })
    home.series(T0 + day * DAY, HOUR, { volume })
  }
  return home
}

const bursts = (home: Rehearsal): number =>
  home.said.filter(({ type, active, missed }) => type === 'burst' && (active || missed)).length

/** Two and a third hours every other morning: three hourly readings. */
const sprinkler = (day: number, hour: number): number =>
  day < 9 || day % 2 === 0 ? 0 : hour === 5 || hour === 6 ? 2000 : hour === 7 ? 700 : 0
/** A family's day: 240 l, nothing at night. */
const family = (_day: number, hour: number): number => (hour >= 6 && hour < 22 ? 15 : 0)
const LAST = KNOWN_DAYS - 1

describe('a burst in a garden', () => {
  const usual = bursts(lived(KNOWN_DAYS, sprinkler))

  it('is told beside the sprinkler that covers it, by how much more ran', () => {
    const beside = (day: number, hour: number): number => (day === LAST && hour >= 5 && hour < 8 ? 600 : 0)
    expect(bursts(lived(KNOWN_DAYS, (day, hour) => sprinkler(day, hour) + beside(day, hour)))).toBe(usual + 1)
  })

  it('is told at the hour of the sprinkler, when less came of it than ever', () => {
    const weak = (day: number, hour: number): number =>
      day === LAST ? (hour === 5 || hour === 6 ? 900 : 0) : sprinkler(day, hour)
    expect(bursts(lived(KNOWN_DAYS, weak))).toBe(usual + 1)
  })

  it('is no sprinkler that brings a little more', () => {
    expect(bursts(lived(KNOWN_DAYS, (day, hour) => sprinkler(day, hour) * (day === LAST ? 1.05 : 1)))).toBe(usual)
  })
})

describe('a flow that runs at the beginning of an upload', () => {
  it('is a burst even where it is over within the hour: it may have begun before', () => {
    const home = new Rehearsal(deviceOf('water-meter'))
    home.series(T0, HOUR, { volume: [1, 1.7, 1.7, 1.7] })
    expect(home.alarms.get('burst')).toMatchObject({ active: false, raised: 1 })
    const hose = new Rehearsal(deviceOf('water-meter'))
    hose.series(T0, HOUR, { volume: [1, 1, 1.7, 1.7, 1.7] })
    expect(hose.said).toEqual([])
  })
})

describe('a roof tank', () => {
  const FULL = 13
  const filling = (more: number) => (day: number, hour: number) =>
    family(day, hour) * (day === LAST ? more : 1) + (day >= LAST ? FULL : 0)
  const leaks = (home: Rehearsal): number => home.said.filter(({ type, active }) => type === 'leak' && active).length

  it('that fills for a day while guests draw from it is no leak; the same flow in an ordinary day is', () => {
    expect(leaks(lived(KNOWN_DAYS + 1, filling(3)))).toBe(0)
    expect(leaks(lived(KNOWN_DAYS + 1, filling(1)))).toBe(1)
  })
})

describe('what a version before has stored', () => {
  const device = deviceOf('water-meter')
  const take = (detector: typeof burst | typeof continuousFlow, memory: object) =>
    detector.step({ memory } as never, {
      type: 'readings',
      device,
      readings: readingsOf([T0 + 30 * HOUR, T0 + 31 * HOUR], { volume: [20, 20.014] }),
      arrivedAt: T0 + 31 * HOUR,
    }).state as unknown as { readonly memory: Record<string, unknown> }

  it('is read: high flows without litres, missing uploads without what was before them', () => {
    const past = [18_000_000, 141, 4800]
    const known = take(burst, { source: 'register', mean: [T0 + 29 * HOUR, 19_990], past })
    expect(known.memory).toMatchObject({ habits: [...past, -1] })
    const hole = [T0 + 24 * HOUR, 3_600_000, 3_600_000, 14, 12]
    const flow = {
      source: 'register',
      fine: true,
      samples: [T0 + 28 * HOUR, 19_970, T0 + 29 * HOUR, 19_985],
      small: [T0, 20_000_000, T0 + 29 * HOUR],
      large: [T0, 20_000_000, T0 + 29 * HOUR],
      lows: [14, 15],
      hour: Math.floor((T0 + 29 * HOUR) / HOUR),
      holes: hole,
    }
    expect(take(continuousFlow, flow).memory).toMatchObject({ missing: [...hole, -1] })
  })
})
