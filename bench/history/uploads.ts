import type { HistoryMessage } from '../../store/history/port.ts'
import { randomOf } from '../random.ts'

/** What a city's meters upload, the same in every run. */

const QUARTER_MS = 900_000
export const PER_DAY = 96
export const DAY_MS = PER_DAY * QUARTER_MS
/** 2024-11-20 16:00 UTC: midnight in Liaocheng. */
export const START = 1_732_118_400_000
/** Uploads in one write, as the archive does it. */
export const BATCH = 2000

export const meterId = (meter: number): string => `meter-${String(meter).padStart(7, '0')}`

export const uploads = (day: number, meters: number): HistoryMessage[] =>
  Array.from({ length: meters }, (_, meter) => upload(meter, day))

/**
 * A household's day in quarter-hours of a register with litre steps: still at night, drawn from now and then by day, some
 * 250 l in all.
 */
export function upload(meter: number, day: number): HistoryMessage {
  const at = new Array<number>(PER_DAY)
  const values = new Array<number>(PER_DAY)
  const random = randomOf(meter * 7919 + day)
  let litres = meter * 1_237 + day * 400
  for (let i = 0; i < PER_DAY; i++) {
    const isNight = i < 24
    if (random() < (isNight ? 0.05 : 0.4)) litres += Math.floor(random() * 18)
    at[i] = START + day * DAY_MS + i * QUARTER_MS
    values[i] = litres / 1000
  }
  return { deviceId: meterId(meter), kind: 'water-meter', readings: { at, fields: [{ quantity: 'volume', values }] } }
}

export function shuffled(n: number): number[] {
  const order = Array.from({ length: n }, (_, i) => i)
  const random = randomOf(1)
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const moved = order[i] as number
    order[i] = order[j] as number
    order[j] = moved
  }
  return order
}
