import { type Behaviour, rounded } from './device.ts'
import { HEARTBEAT_MS } from './heartbeat.ts'
import { battery, roomTemperature, signal } from './surroundings.ts'

/** °C at which a class A1 heat detector itself sounds (EN 54-5: 54–65). */
const OWN_ALARM = 58

export const heatDetector = (seed: number): Behaviour => ({
  rhythmMs: HEARTBEAT_MS,
  report: (at, condition) => {
    const temperature = roomTemperature(seed, at) + (condition.temperatureRise ?? 0)
    return {
      temperature: rounded(temperature, 1),
      alarm: temperature >= OWN_ALARM,
      battery: battery(seed, at),
      rssi: signal(seed, at),
    }
  },
})
