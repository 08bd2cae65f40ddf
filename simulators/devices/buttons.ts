import type { Behaviour } from './device.ts'
import { HEARTBEAT_MS } from './heartbeat.ts'
import { battery, signal } from './surroundings.ts'

/** A manual call point, or an old person's panic button. */
export const button = (seed: number): Behaviour => ({
  rhythmMs: HEARTBEAT_MS,
  report: (at, condition) => ({
    pressed: condition.pressed === true,
    battery: battery(seed, at),
    rssi: signal(seed, at),
  }),
})

/** The contact of an exit door. */
export const doorContact = (seed: number): Behaviour => ({
  rhythmMs: HEARTBEAT_MS,
  report: (at, condition) => ({
    open: condition.open === true,
    battery: battery(seed, at),
    rssi: signal(seed, at),
  }),
})
