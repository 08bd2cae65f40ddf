import { DAY_MS, HOUR_MS, household } from '../worlds/household.ts'
import type { Behaviour, Condition, Draw, Telemetry } from './device.ts'
import { rounded } from './device.ts'
import { battery, signal } from './surroundings.ts'

/** A quarter-hour: the interval that 4G meters collect at (96 readings a day). */
const COLLECT_MS = 900_000
/** Readings in a day's upload: 97 marks, so that 96 whole quarter-hours lie between them. */
const BACKLOG_READINGS = 97
/** In the demo a meter also speaks once a minute, so that a person who looks sees water run. */
const LIVE_MS = 60_000
const LITRES_PER_M3 = 1000

/** So long a meter of an accounted village has collected before it first connects: nights that can be judged. */
export const BACKLOG_DAYS = 28

/** What a meter has collected before it first connects: nothing, the last day, or hours of weeks before it. */
export type Collected = 'nothing' | 'a day' | 'weeks'

/** An ultrasonic household meter, DN15, Q3 2.5 m³/h. `draws` are leaks and bursts behind it. */
export function waterMeter(seed: number, draws: readonly Draw[], collected: Collected): Behaviour {
  const { volumeAt, flowAt } = meteredHome(seed, draws)
  return {
    rhythmMs: LIVE_MS,
    report: (at, condition) => ({
      volume: volumeAt(at),
      flow: rounded(flowAt(at), 3),
      battery: condition.batteryLow === true ? 8 : battery(seed, at),
      rssi: signal(seed, at),
      ...flags(condition),
    }),
    ...(collected !== 'nothing' && {
      backlog: (at: number) => [
        ...(collected === 'weeks' ? [hourlyBacklog(volumeAt, at - BACKLOG_DAYS * DAY_MS, yesterdayFrom(at) - 1)] : []),
        yesterday(volumeAt, at),
      ],
    }),
  }
}

/** A household with what leaks behind its meter: the register in whole litres (m³), and the flow in m³/h. */
export function meteredHome(seed: number, draws: readonly Draw[]) {
  const home = household(seed)
  const still = draws.filter(({ nothingElse }) => nothingElse === true)
  const notDrawn = (at: number): number =>
    still.reduce(
      (sum, { from, to }) => (at <= from ? sum : sum + home.volumeAt(Math.min(at, to)) - home.volumeAt(from)),
      0,
    )
  const runs = ({ from, to }: Draw, at: number): boolean => at >= from && at < to
  return {
    volumeAt: (at: number): number => rounded(home.volumeAt(at) - notDrawn(at) + drawnM3(draws, at), 3),
    flowAt: (at: number): number =>
      draws.reduce(
        (flow, draw) => flow + (runs(draw, at) ? draw.litresPerHour / LITRES_PER_M3 : 0),
        still.some((draw) => runs(draw, at)) ? 0 : home.flowAt(at),
      ),
  }
}

const yesterdayFrom = (at: number): number =>
  Math.floor(at / COLLECT_MS) * COLLECT_MS - (BACKLOG_READINGS - 1) * COLLECT_MS

/** The last 24 hours in the series form, up to the last whole quarter-hour. */
function yesterday(volumeAt: (at: number) => number, at: number): Telemetry {
  const ts = yesterdayFrom(at)
  const volume = Array.from({ length: BACKLOG_READINGS }, (_, i) => volumeAt(ts + i * COLLECT_MS))
  return { ts, step: COLLECT_MS, values: { volume } }
}

/** The register at every full hour between two times. */
export function hourlyBacklog(volumeAt: (at: number) => number, from: number, to: number): Telemetry {
  const ts = Math.ceil(from / HOUR_MS) * HOUR_MS
  const volume = Array.from({ length: Math.floor((to - ts) / HOUR_MS) + 1 }, (_, i) => volumeAt(ts + i * HOUR_MS))
  return { ts, step: HOUR_MS, values: { volume } }
}

function flags(condition: Condition): Telemetry {
  return condition.batteryLow === true ? { flags: ['batteryLow'] } : {}
}

/** What all draws together have taken until now, m³. Past ones stay in the register for ever. */
export const drawnM3 = (draws: readonly Draw[], at: number): number =>
  draws.reduce((sum, draw) => {
    const hours = Math.max(0, Math.min(at, draw.to) - draw.from) / HOUR_MS
    return sum + (hours * draw.litresPerHour) / LITRES_PER_M3
  }, 0)
