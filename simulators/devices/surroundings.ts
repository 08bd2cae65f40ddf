import { fraction } from '../random.ts'
import { DAY_MS, LOCAL_OFFSET_MS } from '../worlds/household.ts'
import { rounded } from './device.ts'

/** Slow, smooth, repeatable values: what a quiet room, a battery and a radio look like. All are functions of seed and time. */

const HOUR_MS = 3_600_000
/** A lithium cell in a detector or meter is made for ten years. */
const BATTERY_LIFE_DAYS = 3650
/** Days since 1970 from which the batteries' ages count: 2026-01-01. */
const BATTERY_EPOCH_DAY = 20_454

/** Swings between -1 and 1 with this period; neighbouring seeds are out of step. */
export const wave = (seed: number, at: number, periodMs: number): number =>
  Math.sin(2 * Math.PI * (at / periodMs + fraction(seed, periodMs % 65_536)))

/** °C in a heated room: 17–25 by room, two degrees up in the afternoon, a little restless. */
export function roomTemperature(seed: number, at: number): number {
  const afternoon = Math.sin(2 * Math.PI * ((at + LOCAL_OFFSET_MS) / DAY_MS - 0.375))
  return 18 + 5 * fraction(seed, 11) + 1.6 * afternoon + 0.4 * wave(seed, at, 1.7 * HOUR_MS)
}

/** dB/m of a clean room with a little dust and steam, far below the pre-alarm of 0.58. */
export const cleanAir = (seed: number, at: number): number =>
  0.03 + 0.02 * fraction(seed, 12) + 0.015 * (1 + wave(seed, at, 0.6 * HOUR_MS))

/** %, ten years from full to empty. */
export function battery(seed: number, at: number): number {
  const ageDays = 900 * fraction(seed, 13) + Math.max(0, at / DAY_MS - BATTERY_EPOCH_DAY)
  return Math.max(30, Math.round(100 - (100 * ageDays) / BATTERY_LIFE_DAYS))
}

/** dBm of a 4G module: by place, with slow fading. */
export const signal = (seed: number, at: number): number =>
  rounded(-71 - 24 * fraction(seed, 14) + 3 * wave(seed, at, 0.9 * HOUR_MS), 0)
