import { type Behaviour, rounded } from './device.ts'
import { HEARTBEAT_MS } from './heartbeat.ts'
import { signal, wave } from './surroundings.ts'

const HOUR_MS = 3_600_000
/** kPa at the worst sprinkler point of a healthy home; GB 50974 asks for 100. */
const USUAL_PRESSURE = 280

/** Pressure of a home's fire water at its worst point. */
export const fireWater = (seed: number): Behaviour => ({
  rhythmMs: HEARTBEAT_MS,
  report: (at, condition) => ({
    pressure: rounded(USUAL_PRESSURE + 12 * wave(seed, at, 0.7 * HOUR_MS) - (condition.pressureLoss ?? 0), 0),
    rssi: signal(seed, at),
  }),
})
