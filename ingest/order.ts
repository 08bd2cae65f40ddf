import { crc32 } from 'node:zlib'
import { isQuantity, type Quantity, type Value } from '../contract/quantities.ts'
import type { Field, Readings } from '../contract/readings.ts'
import type { JournalLane } from '../store/journal/port.ts'
import { countReadings, firstRowAt, rowsOf } from './readings.ts'
import { addSeen, hasSeen, newestSeen, type Seen, seenThrough } from './seen.ts'
import { shiftTimes } from './shift-times.ts'

/** What is remembered of a device to recognise retries and late data. Plain JSON. */
export interface OrderState {
  /** Newest time of measurement that detectors have seen. */
  readonly judgedAt: number
  /** When the message arrived that brought it, and in which lane. */
  readonly heardAt: number
  readonly heardIn?: JournalLane | undefined
  /** Known times by the quantities that were measured together, names joined by a comma. */
  readonly seen: Readonly<Record<string, Seen>>
  /** Recent [seq, checksum of the readings, arrival]. */
  readonly seqs: readonly (readonly [number, number, number])[]
  readonly ids: readonly string[]
  /** The newest measurement of each quantity. */
  readonly newest: Readonly<Partial<Record<Quantity, readonly [at: number, value: Value]>>>
}

export const NOTHING_SEEN: OrderState = { judgedAt: 0, heardAt: 0, seen: {}, seqs: [], ids: [], newest: {} }

const MAX_MARKS = 64
/** Sets of quantities that one device measures together; more is a device that makes up its names' order. */
const MAX_SETS = 16
/**
 * How long a device's counter recognises a retry. A counter that starts at 1 after every battery pull must not swallow
 * the next press of a panic button; a QoS 1 retry comes within minutes.
 */
const SEQ_WINDOW_MS = 600_000
/** A judged time that lies this far ahead of the present was a wrong clock, not a measurement. */
const CLOCK_TOLERANCE_MS = 300_000

export interface Ordered {
  readonly state: OrderState
  /** Not older than what was judged, none seen before. */
  readonly fresh: Readings | undefined
  /** Older than what was judged, none seen before. */
  readonly late: Readings | undefined
  /** Readings that were known. */
  readonly duplicates: number
  /** By how much a clock, the device's or ours, has been set back since: what is remembered lies that far in the future. Ms. */
  readonly setBackBy: number
}

/** Recognises retries, and parts what is newest from what comes late. */
export function order(remembered: OrderState, readings: Readings, arrivedAt: number, lane: JournalLane): Ordered {
  const setBackBy = setBack(remembered, readings.at[readings.at.length - 1] as number, arrivedAt, lane)
  const before = afterSetBack(remembered, setBackBy)
  const mark = markOf(before, readings, arrivedAt)
  if (mark === undefined) return { ...NONE, state: before, duplicates: countReadings(readings), setBackBy }

  const unknown = withoutKnown(before, readings)
  if (unknown.readings === undefined)
    return { ...NONE, state: { ...before, ...mark }, duplicates: unknown.duplicates, setBackBy }
  const split = firstRowAt(unknown.readings.at, before.judgedAt)
  const fresh = rowsOf(unknown.readings, split, unknown.readings.at.length)
  const late = rowsOf(unknown.readings, 0, split)
  const state: OrderState = {
    ...mark,
    judgedAt: fresh === undefined ? before.judgedAt : Math.max(before.judgedAt, lastTimeOf(fresh)),
    ...(fresh === undefined
      ? { heardAt: before.heardAt, heardIn: before.heardIn }
      : { heardAt: arrivedAt, heardIn: lane }),
    seen: remember(before.seen, unknown.readings),
    newest: newestOf(before.newest, unknown.readings),
  }
  return { state, fresh, late, duplicates: unknown.duplicates, setBackBy }
}

/**
 * By how much a clock was set back between what was judged and this message, 0 where none was.
 * The device's: what it said lay ahead of its arrival, and what it says now was measured after that arrival and does not.
 * Ours: a lane holds what arrived in order, so an arrival before the last one means that this machine's clock was set back
 * meanwhile, and with it the time of everything that carries none of its own. (Lanes do not wait for each other, and what
 * people send through theirs may be of yesterday.) A message that would be late all the same is simply late.
 */
function setBack(
  { judgedAt, heardAt, heardIn }: OrderState,
  newest: number,
  arrivedAt: number,
  lane: JournalLane,
): number {
  if (newest >= judgedAt) return 0
  const ahead = arrivedAt + CLOCK_TOLERANCE_MS
  if (judgedAt > ahead && newest <= ahead && newest >= heardAt) return judgedAt - heardAt
  const step = lane !== 'operator' && lane === heardIn ? heardAt - arrivedAt : 0
  return step > 0 && newest >= judgedAt - step ? step : 0
}

/** Known times are no memory to be moved: those in the future that never was are forgotten, or a fire could be a repeat of one. */
function afterSetBack(before: OrderState, ms: number): OrderState {
  if (ms === 0) return before
  const moved = shiftTimes(before, -ms)
  const seen = Object.entries(before.seen).map(([name, runs]) => [name, seenThrough(runs, moved.judgedAt)])
  return { ...moved, seen: Object.fromEntries(seen) as OrderState['seen'] }
}

/**
 * Readings of a message that is decoded anew long after it came: whatever of them is not known is late, however new it
 * is. The device's counters are left alone: the message itself may have left its mark when it was first looked at.
 */
export function orderAnew(before: OrderState, readings: Readings): Ordered {
  const { readings: late, duplicates } = withoutKnown(before, readings)
  if (late === undefined) return { ...NONE, state: before, duplicates, setBackBy: 0 }
  const state = { ...before, seen: remember(before.seen, late), newest: newestOf(before.newest, late) }
  return { state, fresh: undefined, late, duplicates, setBackBy: 0 }
}

const NONE = { fresh: undefined, late: undefined } as const

/** The marks after this message; undefined when they say that it is a retry. */
function markOf(
  before: OrderState,
  { seq, id, fields }: Readings,
  arrivedAt: number,
): Pick<OrderState, 'seqs' | 'ids'> | undefined {
  let { seqs, ids } = before
  if (id !== undefined) {
    if (ids.includes(id)) return undefined
    ids = [...ids, id].slice(-MAX_MARKS)
  }
  if (seq !== undefined) {
    const sum = crc32(JSON.stringify(fields))
    if (seqs.some(([s, c, at]) => s === seq && c === sum && arrivedAt - at <= SEQ_WINDOW_MS)) return undefined
    seqs = [...seqs, [seq, sum, arrivedAt] as const].slice(-MAX_MARKS)
  }
  return { seqs, ids }
}

/**
 * The readings with null where (quantity, time) is known. Another value for the newest time is no repeat: two messages
 * may arrive in one millisecond, and a clock may count whole seconds, while a fire breaks out.
 */
function withoutKnown(
  { seen, newest: newestValues }: OrderState,
  readings: Readings,
): { readonly readings: Readings | undefined; readonly duplicates: number } {
  let duplicates = 0
  const fields: Field[] = []
  for (const field of readings.fields) {
    const known = seenOf(seen, field.quantity)
    const newest = known.reduce((n, runs) => Math.max(n, newestSeen(runs)), Number.NEGATIVE_INFINITY)
    // Nothing known reaches into the message: the usual case of new data.
    if (newest < (readings.at[0] as number)) {
      fields.push(field)
      continue
    }
    const values = field.values.slice()
    for (let i = 0; i < values.length; i++) {
      const at = readings.at[i] as number
      if (at > newest) break
      if (values[i] === null || !known.some((runs) => hasSeen(runs, at))) continue
      const [newestAt, value] = newestValues[field.quantity] ?? []
      if (at === newestAt && !isSame(value, values[i])) continue
      values[i] = null
      duplicates++
    }
    fields.push({ quantity: field.quantity, values })
  }
  if (duplicates === 0) return { readings, duplicates }
  return { readings: withoutEmptyRows({ ...readings, fields }), duplicates }
}

function withoutEmptyRows(readings: Readings): Readings | undefined {
  const rows: number[] = []
  for (let i = 0; i < readings.at.length; i++)
    if (readings.fields.some(({ values }) => values[i] !== null)) rows.push(i)
  const at = rows.map((row) => readings.at[row] as number)
  const fields = readings.fields.map(({ quantity, values }) => ({
    quantity,
    values: rows.map((row) => values[row] ?? null),
  }))
  return rowsOf({ ...readings, at, fields }, 0, at.length)
}

/** Columns with the same gaps are remembered together: their times are the same. */
function remember(seen: OrderState['seen'], readings: Readings): OrderState['seen'] {
  const grown: Record<string, Seen> = { ...seen }
  const { at, fields } = readings
  let left = fields
  while (left.length > 0) {
    const { values } = left[0]!
    const alike = left.filter((field) => hasGapsOf(values, field.values))
    left = left.filter((field) => !alike.includes(field))
    const name = alike.map(({ quantity }) => quantity).join(',')
    const times = values.includes(null) ? at.filter((_, i) => values[i] !== null) : at
    if (times.length === 0) continue
    const runs = addSeen(grown[name] ?? [], times)
    // The set used last is the youngest: JavaScript keeps the order of insertion.
    delete grown[name]
    grown[name] = runs
  }
  for (const name of Object.keys(grown).slice(0, -MAX_SETS)) delete grown[name]
  return grown
}

function hasGapsOf(a: Field['values'], b: Field['values']): boolean {
  if (a === b) return true
  for (let i = 0; i < a.length; i++) if ((a[i] === null) !== (b[i] === null)) return false
  return true
}

function seenOf(seen: OrderState['seen'], quantity: Quantity): Seen[] {
  const found: Seen[] = []
  for (const name of Object.keys(seen)) {
    const has = isQuantity(name) ? name === quantity : name.split(',').includes(quantity)
    if (has) found.push(seen[name] as Seen)
  }
  return found
}

function newestOf(before: OrderState['newest'], readings: Readings): OrderState['newest'] {
  let newest = before
  for (const { quantity, values } of readings.fields) {
    const row = values.findLastIndex((value) => value !== null)
    const value = values[row]
    const at = readings.at[row] as number
    if (value === undefined || value === null || at < (before[quantity]?.[0] ?? Number.NEGATIVE_INFINITY)) continue
    newest = { ...newest, [quantity]: [at, value] }
  }
  return newest
}

const isSame = (a: Value | undefined, b: Value | null | undefined): boolean =>
  a === b || (Array.isArray(a) && JSON.stringify(a) === JSON.stringify(b))

function lastTimeOf(readings: Readings): number {
  for (let i = readings.at.length - 1; i > 0; i--)
    if (readings.fields.some(({ values }) => values[i] !== null)) return readings.at[i] as number
  return readings.at[0] as number
}
