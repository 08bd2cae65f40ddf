import { mix, normal, type Random, seeded } from '../random.ts'
import type { Emitter, Network } from './network-engine.ts'

/**
 * Years of the Hanoi network as LeakDB made them (Vrachimis et al. 2018): half-hour steps, every node a week and a year of its
 * own with 5 % of noise, none to two leaks that start at any time and run to the end, holes of 2 to 20 cm, at once or growing.
 * The network is the literature's (Fujiwara and Khang 1990); LeakDB's own Fourier coefficients are not published as text, so
 * week and year are drawn to their shape.
 */
/** m³/h of nodes 2 to 32. */
const DEMANDS = [
  247.22, 236.11, 36.11, 201.39, 279.17, 375, 152.78, 145.83, 145.83, 138.89, 155.56, 261.11, 170.83, 77.78, 86.11,
  240.28, 373.61, 16.67, 354.17, 258.33, 134.72, 290.28, 227.78, 47.22, 250, 102.78, 80.56, 100, 100, 29.17, 223.61,
]
/** From node, to node, metres, millimetres. */
const PIPES = [
  [1, 2, 100, 1016],
  [2, 3, 1350, 1016],
  [3, 4, 900, 1016],
  [4, 5, 1150, 1016],
  [5, 6, 1450, 1016],
  [6, 7, 450, 1016],
  [7, 8, 850, 1016],
  [8, 9, 850, 1016],
  [9, 10, 800, 1016],
  [10, 11, 950, 762],
  [11, 12, 1200, 762],
  [12, 13, 3500, 609.6],
  [10, 14, 800, 406.4],
  [14, 15, 500, 406.4],
  [15, 16, 550, 304.8],
  [17, 16, 2730, 406.4],
  [17, 18, 1750, 508],
  [18, 19, 800, 609.6],
  [19, 3, 400, 609.6],
  [3, 20, 2200, 1016],
  [20, 21, 1500, 508],
  [21, 22, 500, 304.8],
  [20, 23, 2650, 1016],
  [23, 24, 1230, 762],
  [24, 25, 1300, 762],
  [26, 25, 850, 508],
  [27, 26, 300, 304.8],
  [16, 27, 750, 304.8],
  [23, 28, 1500, 406.4],
  [28, 29, 2000, 406.4],
  [29, 30, 1600, 304.8],
  [30, 31, 150, 304.8],
  [32, 31, 860, 406.4],
  [25, 32, 950, 508],
] as const
const ELEVATION_M = 30
const HEAD_M = 100
const ROUGHNESS = 130

export const STEPS_A_DAY = 48
export const STEPS_A_YEAR = 365 * STEPS_A_DAY
const STEP_S = 1800
/** One week of a town, by half hours: low at three in the morning, high at eight and at nineteen. */
const NODE_SHAPE_SPREAD = 0.1
const NODE_NOISE = 0.05
const YEAR_SWING = 0.12
const HOLE_M = { least: 0.02, most: 0.2 }
/** Of an orifice; and g. */
const DISCHARGE = 0.75
const GRAVITY = 9.81
const SECONDS_PER_HOUR = 3600

export const hanoiInp = (): string =>
  [
    '[JUNCTIONS]',
    ...DEMANDS.map((demand, i) => `${i + 2} ${ELEVATION_M} ${demand}`),
    '[RESERVOIRS]',
    `1 ${HEAD_M}`,
    '[PIPES]',
    ...PIPES.map(([from, to, metres, mm], i) => `${i + 1} ${from} ${to} ${metres} ${mm} ${ROUGHNESS} 0 Open`),
    '[OPTIONS]',
    'Units CMH',
    'Headloss H-W',
    'Unbalanced Continue 10',
    'Accuracy 0.0001',
    '[END]',
  ].join('\n')

interface HanoiLeak {
  readonly node: number
  readonly kind: 'abrupt' | 'incipient'
  /** Steps of the year; whole at `full`. */
  readonly start: number
  readonly full: number
  readonly holeM: number
}

export interface HanoiYear {
  /** Of every half hour, m³/h. */
  readonly inflowM3h: Float64Array
  readonly leaks: readonly HanoiLeak[]
}

/** @param network `openNetwork(hanoiInp())`, a fresh one for each year */
export function hanoiYear(network: Network, seed: number): HanoiYear {
  const random = seeded(seed)
  const junctions = network.nodes.filter(({ type }) => type === 'junction')
  const shapes = junctions.map((_, i) => nodeShape(seeded(mix(seed, 1, i))))
  const noise = seeded(mix(seed, 2))
  const count = Math.round(2 * random())
  const leaks = Array.from({ length: count }, (): HanoiLeak => {
    const start = Math.floor(1 + random() * (STEPS_A_YEAR - 2))
    const kind = random() < 0.5 ? 'abrupt' : 'incipient'
    const full = kind === 'abrupt' ? start : Math.ceil(start + 1 + random() * (STEPS_A_YEAR - start - 1))
    const holeM = HOLE_M.least + (HOLE_M.most - HOLE_M.least) * random()
    return { node: junctions[Math.floor(random() * junctions.length)]!.index, kind, start, full, holeM }
  })
  const demand = new Float64Array(junctions.length)
  const solved = network.solve({
    stepS: STEP_S,
    steps: STEPS_A_YEAR,
    junctions: junctions.map(({ index }) => index),
    demand: (step) => {
      for (const [i, { demandM3h }] of junctions.entries())
        demand[i] = Math.max(0, demandM3h * shapes[i]!(step) * (1 + NODE_NOISE * normal(noise)))
      return demand
    },
    emitters: (step) => leaks.map((leak): Emitter => ({ node: leak.node, coefficient: coefficientAt(leak, step) })),
  })
  const inflowM3h = new Float64Array(STEPS_A_YEAR)
  const [main] = network.links
  let step = 0
  for (const { linkM3 } of solved) inflowM3h[step++] = (linkM3[main!.index]! * SECONDS_PER_HOUR) / STEP_S
  return { inflowM3h, leaks }
}

/** m³/h at one metre of pressure: discharge · area · √(2 g). */
function coefficientAt({ start, full, holeM }: HanoiLeak, step: number): number {
  if (step < start) return 0
  const hole = full > start ? holeM * Math.min(1, (step - start) / (full - start)) : holeM
  return DISCHARGE * Math.PI * (hole / 2) ** 2 * Math.sqrt(2 * GRAVITY) * SECONDS_PER_HOUR
}

/** The factor of a node's demand at a step of the year. */
function nodeShape(random: Random): (step: number) => number {
  const vary = (value: number): number => value * (1 - NODE_SHAPE_SPREAD + 2 * NODE_SHAPE_SPREAD * random())
  const [day1, day2, weekend, year, year2] = [
    vary(0.38),
    vary(0.28),
    vary(0.06),
    vary(YEAR_SWING),
    vary(YEAR_SWING / 4),
  ]
  const strength = 0.75 + 0.07 * normal(random)
  return (step) => {
    const hour = 2 * Math.PI * ((step % STEPS_A_DAY) / STEPS_A_DAY)
    const inYear = (2 * Math.PI * step) / STEPS_A_YEAR
    const isWeekend = Math.floor(step / STEPS_A_DAY) % 7 >= 5
    const week = -day1 * Math.cos(hour - 0.6) - day2 * Math.cos(2 * hour - 1.2) + (isWeekend ? weekend : 0)
    return (1 + strength * week) * (1 - year * Math.cos(inYear - 0.4) + year2 * Math.sin(2 * inYear))
  }
}
