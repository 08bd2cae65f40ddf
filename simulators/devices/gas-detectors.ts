import { type Behaviour, rounded } from './device.ts'
import { HEARTBEAT_MS } from './heartbeat.ts'
import { battery, roomTemperature, signal, wave } from './surroundings.ts'

/** Combustible gas: %LEL at which the detector itself sounds. */
const GAS_ALARM = 20
/** CO: ppm that is not to be breathed for three minutes (EN 50291). */
const CO_ALARM = 300
const HOUR_MS = 3_600_000

/** A mains-powered combustible gas detector of a kitchen. */
export const gasDetector = (seed: number): Behaviour => ({
  rhythmMs: HEARTBEAT_MS,
  report: (at, condition) => {
    const gas = 0.3 + 0.3 * wave(seed, at, HOUR_MS) + (condition.gas ?? 0)
    return { gas: rounded(Math.max(0, gas), 1), alarm: gas >= GAS_ALARM, rssi: signal(seed, at) }
  },
})

/** A carbon monoxide detector of a boiler room. */
export const coDetector = (seed: number): Behaviour => ({
  rhythmMs: HEARTBEAT_MS,
  report: (at, condition) => {
    const co = 2 + 1.5 * wave(seed, at, 2 * HOUR_MS) + (condition.co ?? 0)
    return {
      co: rounded(Math.max(0, co), 0),
      temperature: rounded(roomTemperature(seed, at) + (condition.temperatureRise ?? 0), 1),
      alarm: co >= CO_ALARM,
      battery: battery(seed, at),
      rssi: signal(seed, at),
    }
  },
})
