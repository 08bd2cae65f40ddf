import type { Quantity, Value } from '../contract/quantities.ts'
import type { Field, Readings } from '../contract/readings.ts'
import type { Piece } from './piece-text.ts'
import { rowsOf } from './readings.ts'

/** Until when a device's readings are whole, and how far apart they come: what tells a hole from its rhythm. Ms. */
export interface Reach {
  readonly to: number
  readonly step: number
}

/** Nothing has been heard yet: whatever comes first is no hole. */
export const NOWHERE: Reach = { to: 0, step: 0 }

/** A hole is longer than this many steps … */
const HOLE_STEPS = 1.5
/** ms. … and than this: detectors join what is closer together. */
const HOLE_MS = 20 * 60_000

/** Where a piece is joined to what was known: `after` is set where an upload between them is missing. */
export function reach(
  before: Reach,
  { from, readings: { at } }: Piece,
): { readonly now: Reach; readonly after?: number } {
  const to = at[at.length - 1]!
  const hole = from - before.to
  let step = Number.POSITIVE_INFINITY
  for (let i = 1; i < at.length; i++) step = Math.min(step, at[i]! - at[i - 1]! || step)
  if (step === Number.POSITIVE_INFINITY) step = hole > 0 ? hole : before.step
  const usual = at.length > 1 ? step : before.step
  const missing = before.to > 0 && hole > HOLE_MS && hole > HOLE_STEPS * usual
  return { now: { to: Math.max(to, before.to), step }, ...(missing ? { after: before.to } : {}) }
}

/** Messages of one reading each are kept in pieces of several. */
export const messagesOf = (piece: Piece): readonly Piece[] =>
  piece.each === true
    ? piece.readings.at.flatMap((from, i) => {
        const readings = rowsOf(piece.readings, i, i + 1)
        return readings === undefined ? [] : [{ from, readings }]
      })
    : [piece]

/**
 * The pieces with one more upload among them, as they would be had it come in its time: every upload ends a piece, because
 * whoever heard of it heard what held then.
 */
export function insert(pieces: readonly Piece[], added: Piece): readonly Piece[] {
  const all = [...pieces.flatMap(messagesOf), added]
  const ends = [...new Set(all.map(({ readings: { at } }) => at[at.length - 1]!))].sort((a, b) => a - b)
  const names = [...new Set(all.flatMap(({ readings: { fields } }) => fields.map(({ quantity }) => quantity)))]
  const rows = new Map<number, Map<Quantity, Value>>()
  for (const { readings } of all)
    for (const [i, time] of readings.at.entries()) {
      const row = rows.get(time) ?? new Map<Quantity, Value>()
      for (const { quantity, values } of readings.fields) {
        const value = values[i]
        if (value !== null && value !== undefined && !row.has(quantity)) row.set(quantity, value)
      }
      rows.set(time, row)
    }
  const times = [...rows.keys()].sort((a, b) => a - b)
  const joined: Piece[] = []
  let next = 0
  let last = Number.NEGATIVE_INFINITY
  for (const end of ends) {
    const first = next
    while (next < times.length && times[next]! <= end) next++
    const at = times.slice(first, next)
    // What of the time up to this end some upload speaks for; an upload that began before the last end joins both.
    const begins = all
      .filter(({ from, readings }) => from <= end && readings.at[readings.at.length - 1]! >= end)
      .map(({ from }) => from)
    const from = Math.max(last, Math.min(...begins))
    last = end
    const readings = asReadings(at, names, rows)
    if (readings !== undefined) joined.push({ from, readings })
  }
  return joined
}

function asReadings(
  at: readonly number[],
  names: readonly Quantity[],
  rows: ReadonlyMap<number, ReadonlyMap<Quantity, Value>>,
): Readings | undefined {
  const fields = names.flatMap((quantity): Field[] => {
    const values = at.map((time) => rows.get(time)?.get(quantity) ?? null)
    return values.some((value) => value !== null) ? [{ quantity, values }] : []
  })
  return at.length === 0 ? undefined : { at, fields }
}
