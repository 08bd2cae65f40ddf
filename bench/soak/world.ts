import type { Kind } from '../../contract/kinds.ts'

/** Who takes part in the soak. Ids are numbered, so that both processes know them without telling each other. */
export const CREW = {
  /** Connect once in a while, hand in a day, and leave. */
  meter: { count: 2400, kind: 'water-meter' },
  /** Stay connected, say every ten seconds what they measure. */
  pressure: { count: 200, kind: 'pressure-sensor' },
  /** Stay connected, and send a heartbeat. */
  smoke: { count: 400, kind: 'smoke-detector' },
  /** Raise the alarms. */
  fire: { count: 40, kind: 'smoke-detector' },
  /** Send what they must not. */
  rogue: { count: 20, kind: 'water-meter' },
  /** Come over WebSocket, publish with QoS 2. */
  browser: { count: 10, kind: 'water-meter' },
} as const satisfies Record<string, { readonly count: number; readonly kind: Kind }>
export type Member = keyof typeof CREW

export const memberId = (member: Member, n: number): string => `soak-${member}-${String(n).padStart(4, '0')}`
export const memberIds = (member: Member): string[] =>
  Array.from({ length: CREW[member].count }, (_, n) => memberId(member, n))

export const TELEMETRY = 'v1/devices/me/telemetry'

/** A meter's day: a register every quarter of an hour. */
export const READINGS_A_DAY = 96
const STEP_MS = 900_000
const DAY_MS = READINGS_A_DAY * STEP_MS
/** Far enough back that the days of a long soak end before the present. */
const FIRST_DAY = Date.UTC(2015, 0, 1)

/**
 * Litres in each quarter of an hour: nothing at night, so that nothing looks like a leak, and far below a burst by day. A
 * meter uses once, twice or three times as much.
 */
const PROFILE: readonly number[] = Array.from({ length: READINGS_A_DAY }, (_, quarter) => {
  const hour = Math.floor(quarter / 4)
  return hour < 6 || hour >= 23 ? 0 : (quarter * 7) % 13
})
const SO_FAR: readonly number[] = PROFILE.map((_, quarter) =>
  PROFILE.slice(0, quarter + 1).reduce((sum, litres) => sum + litres, 0),
)
const PER_DAY = SO_FAR.at(-1) as number

/** The series of one day of a meter; every value follows from the two numbers. */
export function dayOf(meter: number, day: number): string {
  const factor = 1 + (meter % 3)
  const volume = SO_FAR.map((litres) => (meter * 1000 + (day * PER_DAY + litres) * factor) / 1000)
  return JSON.stringify({ ts: FIRST_DAY + day * DAY_MS, step: STEP_MS, values: { volume } })
}
