import { QUANTITIES, type Quantity } from '../../contract/quantities.ts'
import type { Telemetry } from '../devices/device.ts'
import type { Series } from './csv.ts'

/** What is published when: a CSV's readings turned into messages. Pure; the publisher only waits and sends. */

export interface ReplayOptions {
  readonly quantity: Quantity
  readonly convert: (value: number) => number
  /** Log seconds per second of the clock; Infinity: as fast as the broker acknowledges. */
  readonly speed: number
  /** `now`: the last reading falls on the moment it is published, none lies in the future. `keep`: times as logged. */
  readonly shift: 'now' | 'keep'
  /** How readings are put together: by number, or by seconds of the log. */
  readonly group: { readonly readings: number } | { readonly seconds: number }
  /** Also publish the register that this flow adds up to. */
  readonly integrate: boolean
  /** A constant leak on top, l/h. */
  readonly leakLitresPerHour: number
}

export interface Message {
  /** When it goes out, ms after the start of the replay. */
  readonly afterMs: number
  readonly telemetry: Telemetry | readonly Telemetry[]
  readonly readings: number
}

/** A message may hold 64 KiB; a stamped reading of two quantities takes about 70 bytes. */
export const READINGS_PER_MESSAGE = 500
const HOUR_MS = 3_600_000
/** A gap in the log longer than this is no time in which the last flow ran on. */
const LONGEST_STEP_MS = 15 * 60_000
const LITRES_PER_M3 = 1000
/** The contract's bounds of a series' step. */
const MIN_STEP_MS = 1000
const MAX_STEP_MS = 86_400_000

interface Reading {
  readonly at: number
  readonly values: Readonly<Record<string, number>>
}

/** @param start ms since 1970: when the replay begins */
export function planReplay(series: Series, options: ReplayOptions, start: number): Message[] {
  const first = series.at[0]
  const last = series.at.at(-1)
  if (first === undefined || last === undefined) return []
  const offset = shiftOf(options, first, last, start)
  const readings = readingsOf(series, options)
  return groups(readings, options.group).map((group) => {
    // A message is complete when its last reading has been measured.
    const afterMs = Number.isFinite(options.speed) ? (group.at(-1)!.at - first) / options.speed : 0
    return { afterMs, telemetry: telemetryOf(group, offset), readings: group.length }
  })
}

/**
 * What is added to every time. At double speed and above the log ends when the replay ends; below real time it begins when
 * the replay begins: either way no reading is ahead of the clock when it is published.
 */
function shiftOf(options: ReplayOptions, first: number, last: number, start: number): number {
  if (options.shift === 'keep') return 0
  if (options.speed < 1) return start - first
  const lasts = Number.isFinite(options.speed) ? (last - first) / options.speed : 0
  return Math.floor(start + lasts) - last
}

function readingsOf(series: Series, options: ReplayOptions): Reading[] {
  const facts = QUANTITIES[options.quantity]
  const inBounds = (value: number): boolean => facts.type === 'number' && value >= facts.min && value <= facts.max
  const leak = options.leakLitresPerHour / LITRES_PER_M3
  const readings: Reading[] = []
  let volume = 0
  let flowBefore = 0
  for (const [i, at] of series.at.entries()) {
    const logged = options.convert(series.values[i]!)
    // The impossible is published as logged: recognising it is the platform's work.
    const possible = inBounds(logged)
    const value = !possible
      ? logged
      : options.quantity === 'flow'
        ? logged + leak
        : options.quantity === 'volume'
          ? logged + (leak * (at - series.at[0]!)) / HOUR_MS
          : logged
    if (!options.integrate) {
      readings.push({ at, values: { [options.quantity]: tidy(value) } })
      continue
    }
    const step = i === 0 ? 0 : Math.min(at - series.at[i - 1]!, LONGEST_STEP_MS)
    volume += (Math.max(0, flowBefore) * step) / HOUR_MS
    flowBefore = possible ? value : 0
    readings.push({ at, values: { flow: tidy(value), volume: tidy(volume) } })
  }
  return readings
}

/** Twelve digits: no `0.30000000000000004`, and nothing a meter could measure is lost. */
const tidy = (value: number): number => Number(value.toPrecision(12))

function groups(readings: readonly Reading[], by: ReplayOptions['group']): Reading[][] {
  const all: Reading[][] = []
  let current: Reading[] = []
  for (const reading of readings) {
    const full =
      current.length >= READINGS_PER_MESSAGE ||
      ('readings' in by
        ? current.length >= by.readings
        : current.length > 0 && reading.at - current[0]!.at >= by.seconds * 1000)
    if (full) {
      all.push(current)
      current = []
    }
    current.push(reading)
  }
  if (current.length > 0) all.push(current)
  return all
}

/** One reading is stamped, evenly spaced ones are a series, others are several. */
function telemetryOf(group: readonly Reading[], offset: number): Telemetry | readonly Telemetry[] {
  const [first, second] = group
  if (first === undefined || second === undefined) return stamped(group[0]!, offset)
  const step = second.at - first.at
  const even =
    step >= MIN_STEP_MS && step <= MAX_STEP_MS && group.every((reading, i) => reading.at === first.at + i * step)
  if (!even) return group.map((reading) => stamped(reading, offset))
  const names = Object.keys(first.values)
  const values = Object.fromEntries(names.map((name) => [name, group.map((reading) => reading.values[name])]))
  return { ts: first.at + offset, step, values }
}

const stamped = (reading: Reading, offset: number): Telemetry => ({ ts: reading.at + offset, values: reading.values })
