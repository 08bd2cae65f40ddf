import type { Condition, Influence } from '../devices/device.ts'
import type { CareHome, CityDevice } from '../worlds/city.ts'
import type { Scenario, Truth } from './scenario.ts'

/** A pan of oil catches fire in a care home's kitchen. Seconds from the first flame, in the order of the NIST home fires. */
const SMOKE_AT_S = 8
const SPREADS_AT_S = 40
const PRESSED_AT_S = 55
const EXTINGUISHED_AT_S = 240
const RESET_AT_S = 420
const OVER_AT_S = 600

const BEGINS_MS = 30_000
const REPORT_MS = 2000
/** K at the ceiling: grows with the square of time (a t² fire) to what a kitchen detector survives. */
const RISE_PER_S2 = 0.012
const RISE_MAX = 85
/** dB/m: likewise. */
const SMOKE_PER_S2 = 0.002
const SMOKE_MAX = 9
/** Air clears and cools with this time constant after the fire is out, seconds. */
const CLEARING_S = 45
/** Smoke that drifts next door is thinner. */
const NEIGHBOUR_SHARE = 0.6

/** Grows from 0 at `from`, is largest when the fire is put out, decays after. Everything in seconds. */
function fireCurve(seconds: number, from: number, perSecond2: number, most: number): number {
  if (seconds <= from) return 0
  const burning = Math.min(seconds, EXTINGUISHED_AT_S) - from
  const grown = Math.min(most, perSecond2 * burning ** 2)
  return seconds <= EXTINGUISHED_AT_S ? grown : grown * Math.exp(-(seconds - EXTINGUISHED_AT_S) / CLEARING_S)
}

export function kitchenFire(home: CareHome, start: number): Scenario {
  const flame = start + BEGINS_MS
  const devices = {
    heat: find(home, 'heat-detector', '厨房'),
    smoke: find(home, 'smoke-detector', '厨房'),
    neighbour: find(home, 'smoke-detector', '餐厅'),
    callPoint: find(home, 'call-point', '大厅'),
  }
  const act = (device: CityDevice, fromS: number, condition: (seconds: number) => Condition): Influence => ({
    deviceId: device.id,
    from: flame + fromS * 1000,
    to: flame + OVER_AT_S * 1000,
    everyMs: REPORT_MS,
    condition: (at) => condition((at - flame) / 1000),
  })
  const truth = (device: CityDevice, alarm: Truth['alarm'], fromS: number, toS: number, what: string): Truth => ({
    scenario: 'kitchen-fire',
    deviceId: device.id,
    alarm,
    from: flame + fromS * 1000,
    to: flame + toS * 1000,
    what,
  })
  return {
    name: 'kitchen-fire',
    influences: [
      act(devices.heat, 0, (s) => ({ temperatureRise: fireCurve(s, 0, RISE_PER_S2, RISE_MAX) })),
      act(devices.smoke, 0, (s) => ({
        smoke: fireCurve(s, SMOKE_AT_S, SMOKE_PER_S2, SMOKE_MAX),
        temperatureRise: 0.8 * fireCurve(s, 0, RISE_PER_S2, RISE_MAX),
      })),
      act(devices.neighbour, SPREADS_AT_S, (s) => ({
        smoke: NEIGHBOUR_SHARE * fireCurve(s, SPREADS_AT_S, SMOKE_PER_S2, SMOKE_MAX),
        temperatureRise: 0.03 * fireCurve(s, SPREADS_AT_S, RISE_PER_S2, RISE_MAX),
      })),
      act(devices.callPoint, PRESSED_AT_S, (s) => ({ pressed: s < RESET_AT_S })),
    ],
    draws: [],
    truth: [
      truth(devices.heat, 'heat', 0, EXTINGUISHED_AT_S, 'oil fire in the kitchen'),
      truth(devices.smoke, 'heat', 0, EXTINGUISHED_AT_S, 'the same fire, at the smoke detector beside it'),
      truth(devices.smoke, 'smoke', SMOKE_AT_S, EXTINGUISHED_AT_S, 'its smoke'),
      truth(devices.neighbour, 'smoke', SPREADS_AT_S, EXTINGUISHED_AT_S, 'smoke drifts next door'),
      truth(devices.callPoint, 'callPoint', PRESSED_AT_S, RESET_AT_S, 'staff press the call point'),
    ],
  }
}

function find(home: CareHome, kind: CityDevice['kind'], room: string): CityDevice {
  const device = home.devices.find((one) => one.kind === kind && one.name.includes(room))
  if (device === undefined) throw new Error(`${home.name} has no ${kind} in ${room}`)
  return device
}
