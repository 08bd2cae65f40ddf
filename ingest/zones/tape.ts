import { isDeepStrictEqual } from 'node:util'
import { MEASURED_GAP_MS } from '../../contract/measured-gap.ts'

/** An hour, the grain of all zone accounting, ms. Hours are counted from 1970 UTC. */
export const HOUR_MS = 3_600_000
/**
 * Between two readings further apart than a quarter nobody knows what ran, or a clock was wrong: one that fell back to 2010
 * and was set again would have its litres spread over 150,000 hours of each zone (measured: 3 s a message, while a fire waits).
 */
const LONGEST_GAP_MS = 92 * 24 * HOUR_MS

/** How large a difference of two readings may be water: beyond it one of them is another meter, or a slip of one. */
interface Bounds {
  /** Litres an hour. */
  readonly rate: number
  /** Litres whatever the time between: registers move by steps, up to a cubic metre of a household's, ten of a main's. */
  readonly step: number
  /** A fall beyond this is not water running backwards, litres; beyond this share of the register neither. */
  readonly fall: number
  readonly fallShare: number
}
const BOUNDS: Readonly<Record<MeterSize, Bounds>> = {
  // No meter in a home passes more than the Q4 of DN50, 50 m³/h.
  household: { rate: 50_000, step: 1000, fall: 1000, fallShare: 1 },
  // A main of DN2000 at 4 m/s.
  bulk: { rate: 50_000_000, step: 10_000, fall: Number.POSITIVE_INFINITY, fallShare: 0.5 },
}

export type MeterSize = 'household' | 'bulk'

/** A new meter in the same place. Registers are whole litres; null: nobody wrote them down. */
export interface Exchange {
  readonly at: number
  readonly lastLitres: number | null
  readonly firstLitres: number | null
}

/**
 * What is kept of one register: of every hour its first and its last reading, whole litres. That is enough to know the
 * register at every full hour, and it is the same whatever the order the readings came in: late readings and repeats end in
 * the same tape. Plain JSON.
 */
export interface Tape {
  size: MeterSize
  readonly at: number[]
  readonly litres: number[]
  /** When the meter in this place was exchanged, ascending: no difference of registers is taken across one. */
  exchanges: readonly Exchange[]
  /** Readings before this are no longer corrected. */
  from: number
}

/** Water that ran in one hour, to be added to (or, negative, taken from) what is known of it. */
export type Portion = (hour: number, litres: number, knownMs: number, measuredMs: number) => void

export const emptyTape = (size: MeterSize): Tape => ({ size, at: [], litres: [], exchanges: [], from: 0 })

/**
 * Puts one reading on the tape and says by how much each hour changed. A reading with the time of a kept one wins if it is
 * higher: a register does not go back, and the outcome must not depend on which came first.
 *
 * @param at ms since 1970
 * @param litres the register, whole litres
 * @returns false: nothing changed (a repeat, a reading between two of the same hour, or older than `from`)
 */
export function record(tape: Tape, at: number, litres: number, portion: Portion): boolean {
  if (at < tape.from) return false
  if (writtenOf(tape).length === 0) return put(tape, at, litres, portion)
  replayTape(tape, -1, portion)
  const changed = put(tape, at, litres, () => {})
  replayTape(tape, 1, portion)
  return changed
}

function put(tape: Tape, at: number, litres: number, portion: Portion): boolean {
  if (append(tape, at, litres, portion)) return true
  const slot = slotOf(tape, at)
  let end = tape.at.length
  while (end > 0 && tape.at[end - 1]! > at && !sameSlot(tape, end - 1, slot)) end--
  let start = end
  while (start > 0 && sameSlot(tape, start - 1, slot)) start--
  const kept = keptOf(tape, start, end, at, litres)
  if (kept === undefined) return false
  const first = steadyBefore(tape, start)
  eachPair(tape, first, steadyBehind(tape, end), -1, portion)
  tape.at.splice(start, end - start, ...kept.map(([time]) => time))
  tape.litres.splice(start, end - start, ...kept.map(([, value]) => value))
  eachPair(tape, first, steadyBehind(tape, start + kept.length), 1, portion)
  return true
}

/** The usual case: the next hour's reading, and water between the two. */
function append(tape: Tape, at: number, litres: number, portion: Portion): boolean {
  const last = tape.at.length - 1
  if (last < 0 || at <= tape.at[last]! || Math.floor(at / HOUR_MS) === Math.floor(tape.at[last]! / HOUR_MS))
    return false
  tape.at.push(at)
  tape.litres.push(litres)
  if (!isWater(tape, last, last + 1)) {
    tape.at.pop()
    tape.litres.pop()
    return false
  }
  pair(tape, last, last + 1, 1, portion)
  return true
}

/**
 * New meters in the same place: the register begins anew each time. Where the last register of the old and the first of
 * the new are written down, not a litre between them is lost.
 * @returns false: the tape knew them
 */
export function exchangeMeters(tape: Tape, exchanges: readonly Exchange[], portion: Portion): boolean {
  if (isDeepStrictEqual(tape.exchanges, exchanges)) return false
  replayTape(tape, -1, portion)
  tape.exchanges = exchanges.toSorted((a, b) => a.at - b.at)
  replayTape(tape, 1, portion)
  return true
}

/** Registers that were written down at exchanges. They stand beside the readings, and displace none: what was told may be taken back. */
export const writtenDown = ({ at, lastLitres, firstLitres }: Exchange): Reading[] => [
  ...(lastLitres === null ? [] : [[at - 1, lastLitres] as const]),
  ...(firstLitres === null ? [] : [[at, firstLitres] as const]),
]

const NONE: readonly Reading[] = []
const writtenOf = ({ exchanges, from }: Tape): readonly Reading[] =>
  exchanges.length === 0 ? NONE : exchanges.flatMap(writtenDown).filter(([at]) => at >= from)

/** The readings with what was written down. Of one time the higher, as among readings. */
function withWritten(tape: Tape): Tape {
  const written = writtenOf(tape)
  if (written.length === 0) return tape
  const readings = [...written, ...tape.at.map((at, i): Reading => [at, tape.litres[i]!])]
  readings.sort((a, b) => a[0] - b[0] || a[1] - b[1])
  const told = readings.filter(([at], i) => at !== readings[i + 1]?.[0])
  return { ...tape, at: told.map(([at]) => at), litres: told.map(([, litres]) => litres) }
}

/** Everything the tape knows, once more, with a sign: to take a meter out of one zone and to put it into another. */
export function replayTape(tape: Tape, sign: 1 | -1, portion: Portion): void {
  const all = withWritten(tape)
  eachPair(all, 0, all.at.length - 1, sign, portion)
}

/** Forgets readings before `before`, but the last of them, from which the next difference is taken. */
export function forget(tape: Tape, before: number): void {
  if (tape.at.length === 0 || tape.at[0]! >= before) return
  let keep = tape.at.length - 1
  while (keep > 0 && (tape.at[keep]! >= before || isSlip(tape, keep) || isSlip(tape, keep + 1))) keep--
  if (keep <= 0) return
  tape.at.splice(0, keep)
  tape.litres.splice(0, keep)
  tape.from = Math.max(tape.from, tape.at[0]! + 1)
}

interface Slot {
  readonly hour: number
  readonly meter: number
}

const slotOf = (tape: Tape, at: number): Slot => ({ hour: Math.floor(at / HOUR_MS), meter: meterAt(tape, at) })

/** How many exchanges lie behind this time: a reading belongs to the meter that was there. */
function meterAt({ exchanges }: Tape, at: number): number {
  let count = 0
  while (count < exchanges.length && exchanges[count]!.at <= at) count++
  return count
}

const sameSlot = (tape: Tape, index: number, slot: Slot): boolean =>
  Math.floor(tape.at[index]! / HOUR_MS) === slot.hour && meterAt(tape, tape.at[index]!) === slot.meter

type Reading = readonly [at: number, litres: number]

/** First and last of the slot's readings with the new one; undefined where it changes neither. */
function keptOf(tape: Tape, start: number, end: number, at: number, litres: number): readonly Reading[] | undefined {
  const before: Reading[] = []
  for (let i = start; i < end; i++) before.push([tape.at[i]!, tape.litres[i]!])
  const twin = before.find(([time]) => time === at)
  if (twin !== undefined) {
    if (twin[1] >= litres) return undefined
    return before.map((reading) => (reading === twin ? [at, litres] : reading))
  }
  const first = before[0]
  if (first === undefined) return [[at, litres]]
  const last = before.at(-1)!
  if (at > first[0] && at < last[0]) return undefined
  return at < first[0] ? [[at, litres], last] : [first, [at, litres]]
}

/** Whether what two readings differ by ran through the meter. */
function isWater(tape: Tape, i: number, k: number): boolean {
  const from = tape.at[i]!
  const to = tape.at[k]!
  if (to - from > LONGEST_GAP_MS) return false
  if (tape.exchanges.length > 0 && meterAt(tape, from) !== meterAt(tape, to)) return false
  const { rate, step, fall, fallShare } = BOUNDS[tape.size]
  const litres = tape.litres[k]! - tape.litres[i]!
  if (Math.abs(litres) > step + (rate * (to - from)) / HOUR_MS) return false
  return litres >= 0 || (-litres <= fall && -litres <= fallShare * tape.litres[i]!)
}

/** A single wrong reading: the ones around it agree with each other, and neither with it. */
const isSlip = (tape: Tape, i: number): boolean =>
  i > 0 && i < tape.at.length - 1 && !isWater(tape, i - 1, i) && !isWater(tape, i, i + 1) && isWater(tape, i - 1, i + 1)

/** The nearest reading before `start` that is no slip, whatever comes in at `start`: what is changed is judged anew from there. */
function steadyBefore(tape: Tape, start: number): number {
  let i = Math.max(0, start - 2)
  while (i > 0 && isSlip(tape, i)) i--
  return i
}

/** Likewise behind what ends before `end`. */
function steadyBehind(tape: Tape, end: number): number {
  let i = Math.min(tape.at.length - 1, end + 1)
  while (i < tape.at.length - 1 && isSlip(tape, i)) i++
  return i
}

function eachPair(tape: Tape, first: number, last: number, sign: 1 | -1, portion: Portion): void {
  let i = first
  for (let k = first + 1; k <= last; k++) {
    if (isSlip(tape, k)) continue
    if (isWater(tape, i, k)) pair(tape, i, k, sign, portion)
    i = k
  }
}

/** The water between two readings, spread evenly over the hours between them. Whole litres; nothing is lost. */
function pair(tape: Tape, i: number, k: number, sign: 1 | -1, portion: Portion): void {
  const from = tape.at[i]!
  const to = tape.at[k]!
  const litres = tape.litres[k]! - tape.litres[i]!
  const measured = to - from <= MEASURED_GAP_MS
  const firstHour = Math.floor(from / HOUR_MS)
  const lastHour = Math.floor((to - 1) / HOUR_MS)
  let told = 0
  let start = from
  for (let hour = firstHour; hour <= lastHour; hour++) {
    const end = hour === lastHour ? to : (hour + 1) * HOUR_MS
    const sum = hour === lastHour ? litres : Math.floor((litres * (end - from)) / (to - from))
    const ms = sign * (end - start)
    portion(hour, sign * (sum - told), ms, measured ? ms : 0)
    told = sum
    start = end
  }
}
