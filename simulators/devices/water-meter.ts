import { HOUR_MS, type Household, household } from '../worlds/household.ts'
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

/** An ultrasonic household meter, DN15, Q3 2.5 m³/h. `draws` are leaks and bursts behind it. */
export function waterMeter(seed: number, draws: readonly Draw[], sendsBacklog: boolean): Behaviour {
  const home = household(seed)
  const volumeAt = (at: number): number => rounded(home.volumeAt(at) + drawnM3(draws, at), 3)
  return {
    rhythmMs: LIVE_MS,
    report: (at, condition) => ({
      volume: volumeAt(at),
      flow: rounded(flowAt(home, draws, at), 3),
      battery: condition.batteryLow === true ? 8 : battery(seed, at),
      rssi: signal(seed, at),
      ...flags(condition),
    }),
    ...(sendsBacklog && { backlog: (at: number) => yesterday(volumeAt, at) }),
  }
}

/** The last 24 hours in the series form, up to the last whole quarter-hour. */
function yesterday(volumeAt: (at: number) => number, at: number): Telemetry {
  const last = Math.floor(at / COLLECT_MS) * COLLECT_MS
  const ts = last - (BACKLOG_READINGS - 1) * COLLECT_MS
  const volume = Array.from({ length: BACKLOG_READINGS }, (_, i) => volumeAt(ts + i * COLLECT_MS))
  return { ts, step: COLLECT_MS, values: { volume } }
}

function flags(condition: Condition): Telemetry {
  return condition.batteryLow === true ? { flags: ['batteryLow'] } : {}
}

const flowAt = (home: Household, draws: readonly Draw[], at: number): number =>
  draws.reduce(
    (flow, draw) => flow + (at >= draw.from && at < draw.to ? draw.litresPerHour / LITRES_PER_M3 : 0),
    home.flowAt(at),
  )

/** What all draws together have taken until now, m³. Past ones stay in the register for ever. */
const drawnM3 = (draws: readonly Draw[], at: number): number =>
  draws.reduce((sum, draw) => {
    const hours = Math.max(0, Math.min(at, draw.to) - draw.from) / HOUR_MS
    return sum + (hours * draw.litresPerHour) / LITRES_PER_M3
  }, 0)
