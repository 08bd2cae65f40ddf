import type { Condition, Influence } from '../devices/device.ts'
import { fraction, mix } from '../random.ts'
import type { City, CityDevice } from '../worlds/city.ts'
import { HOUR_MS } from '../worlds/household.ts'
import type { Scenario } from './scenario.ts'

/** How many mild events an hour has in the whole city. */
const EVENTS_PER_HOUR = 3
const MINUTE_MS = 60_000

interface Mild {
  readonly kind: CityDevice['kind']
  readonly what: string
  readonly lastsMs: number
  readonly everyMs: number
  readonly condition: Condition
}

/** What goes wrong on an ordinary day. Only the pressed button asks for a person. */
const MILD: readonly Mild[] = [
  {
    kind: 'door-contact',
    what: 'a delivery holds the exit door open',
    lastsMs: 90_000,
    everyMs: 10_000,
    condition: { open: true },
  },
  { kind: 'smoke-detector', what: 'steam from a kettle', lastsMs: 60_000, everyMs: 5000, condition: { smoke: 0.25 } },
  {
    kind: 'fire-water',
    what: 'the fire pump is serviced',
    lastsMs: 4 * MINUTE_MS,
    everyMs: 20_000,
    condition: { pressureLoss: 60 },
  },
  { kind: 'panic-button', what: 'pressed by mistake', lastsMs: 40_000, everyMs: 5000, condition: { pressed: true } },
]

/** The mild events of one hour (counted from 1970), each at its own device and time. */
export function quietHour(city: City, seed: number, hour: number, spared: ReadonlySet<string>): Scenario {
  const influences: Influence[] = []
  const truth: Scenario['truth'][number][] = []
  for (let i = 0; i < EVENTS_PER_HOUR; i++) {
    const mild = MILD[Math.floor(MILD.length * fraction(seed, hour, i, 1))]!
    const candidates = city.sensors.filter((device) => device.kind === mild.kind && !spared.has(device.id))
    const device = candidates[mix(seed, hour, i, 2) % candidates.length]!
    const from = hour * HOUR_MS + Math.floor(fraction(seed, hour, i, 3) * (HOUR_MS - mild.lastsMs))
    const to = from + mild.lastsMs
    influences.push({ deviceId: device.id, from, to, everyMs: mild.everyMs, condition: () => mild.condition })
    if (mild.condition.pressed === true)
      truth.push({ scenario: 'quiet-life', deviceId: device.id, alarm: 'panic', from, to, what: mild.what })
  }
  return { name: 'quiet-life', influences, draws: [], truth }
}
