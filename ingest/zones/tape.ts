/** An hour, the grain of all zone accounting, ms. Hours are counted from 1970 UTC. */
export const HOUR_MS = 3_600_000
/** Between two readings further apart than this the litres are known, but not when they ran: interpolated, not measured. */
const MEASURED_GAP_MS = 2.5 * HOUR_MS

/**
 * What is kept of one register: of every hour its first and its last reading, whole litres. That is enough to know the
 * register at every full hour, and it is the same whatever the order the readings came in: late readings and repeats end in
 * the same tape. Plain JSON.
 */
export interface Tape {
  readonly at: number[]
  readonly litres: number[]
  /** When the meter in this place was exchanged, ascending: no difference of registers is taken across one. */
  readonly exchangedAt: number[]
  /** Readings before this are no longer corrected. */
  from: number
}

/** Water that ran in one hour, to be added to (or, negative, taken from) what is known of it. */
export type Portion = (hour: number, litres: number, knownMs: number, measuredMs: number) => void

export const emptyTape = (): Tape => ({ at: [], litres: [], exchangedAt: [], from: 0 })

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
  const slot = slotOf(tape, at)
  let end = tape.at.length
  while (end > 0 && tape.at[end - 1]! > at && !sameSlot(tape, end - 1, slot)) end--
  let start = end
  while (start > 0 && sameSlot(tape, start - 1, slot)) start--
  const kept = keptOf(tape, start, end, at, litres)
  if (kept === undefined) return false
  eachPair(tape, start - 1, end, -1, portion)
  tape.at.splice(start, end - start, ...kept.map(([time]) => time))
  tape.litres.splice(start, end - start, ...kept.map(([, value]) => value))
  eachPair(tape, start - 1, start + kept.length, 1, portion)
  return true
}

/**
 * A new meter in the same place: the register begins anew. Where the last register of the old and the first of the new are
 * written down, not a litre between them is lost.
 */
export function exchange(
  tape: Tape,
  at: number,
  registers: { readonly lastLitres: number; readonly firstLitres: number } | undefined,
  portion: Portion,
): void {
  if (tape.exchangedAt.includes(at)) return
  eachPair(tape, 0, tape.at.length - 1, -1, portion)
  tape.exchangedAt.push(at)
  tape.exchangedAt.sort((a, b) => a - b)
  eachPair(tape, 0, tape.at.length - 1, 1, portion)
  if (registers === undefined) return
  record(tape, at - 1, registers.lastLitres, portion)
  record(tape, at, registers.firstLitres, portion)
}

/** Everything the tape knows, once more, with a sign: to take a meter out of one zone and to put it into another. */
export const replayTape = (tape: Tape, sign: 1 | -1, portion: Portion): void =>
  eachPair(tape, 0, tape.at.length - 1, sign, portion)

/** Forgets readings before `before`, but the last of them, from which the next difference is taken. */
export function forget(tape: Tape, before: number): void {
  let keep = tape.at.length - 1
  while (keep > 0 && tape.at[keep]! >= before) keep--
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
function meterAt({ exchangedAt }: Tape, at: number): number {
  let count = 0
  while (count < exchangedAt.length && exchangedAt[count]! <= at) count++
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

function eachPair(tape: Tape, first: number, last: number, sign: 1 | -1, portion: Portion): void {
  for (let i = Math.max(0, first); i < Math.min(last, tape.at.length - 1); i++) pair(tape, i, sign, portion)
}

/** The water between reading `i` and the next, spread evenly over the hours between them. Whole litres; nothing is lost. */
function pair(tape: Tape, i: number, sign: 1 | -1, portion: Portion): void {
  const from = tape.at[i]!
  const to = tape.at[i + 1]!
  if (tape.exchangedAt.length > 0 && meterAt(tape, from) !== meterAt(tape, to)) return
  const litres = tape.litres[i + 1]! - tape.litres[i]!
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
