import { type Behaviour, rounded } from './device.ts'
import { HEARTBEAT_MS } from './heartbeat.ts'
import { battery, cleanAir, roomTemperature, signal } from './surroundings.ts'

/** dB/m at which the detector itself sounds: optical density 0.14 /m, NIST home smoke alarm tests. */
const OWN_ALARM = 1.4

/** An optical smoke detector with a thermistor. */
export const smokeDetector = (seed: number): Behaviour => ({
  rhythmMs: HEARTBEAT_MS,
  report: (at, condition) => {
    const smoke = cleanAir(seed, at) + (condition.smoke ?? 0)
    return {
      smoke: rounded(smoke, 2),
      temperature: rounded(roomTemperature(seed, at) + (condition.temperatureRise ?? 0), 1),
      alarm: smoke >= OWN_ALARM,
      battery: condition.batteryLow === true ? 8 : battery(seed, at),
      rssi: signal(seed, at),
      ...(condition.batteryLow === true && { flags: ['batteryLow'] }),
    }
  },
})
