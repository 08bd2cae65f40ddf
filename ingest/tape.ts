import type { Complaint, Readings } from '../contract/readings.ts'
import { type DeviceFacts, type Finding, LATE_MS } from './detectors/detector.ts'
import { type Piece, readPiece, writePiece } from './piece-text.ts'
import { insert, NOWHERE, type Reach, reach } from './pieces.ts'
import type { RegisterStates } from './registers.ts'
import { play, type Standing } from './rejudge.ts'
import { restate } from './restate.ts'
import type { Detectors } from './step-detectors.ts'

/**
 * The last days of a meter's readings, and what was known before them. An upload that comes late is put where it belongs and
 * everything since is judged again, so that what is known in the end does not depend on the order in which uploads came.
 */
export interface Tape {
  /** What was known before the first piece; nothing older is joined any more. */
  readonly settled: Standing
  /** Oldest first, as text. */
  readonly pieces: readonly string[]
  /** Where the last one ends. */
  readonly reach: Reach
  /** What was known after so many of the pieces: what will be settled next. */
  readonly next?: { readonly after: number; readonly standing: Standing }
}

const DAY_MS = 24 * 3_600_000
/** ms. What is kept at least: an upload of a day that comes as late as it may. */
const KEPT_MS = LATE_MS + DAY_MS + DAY_MS / 8
/** Characters of a tape; a meter that reports every few seconds has fewer hours for what comes late. */
const LONGEST = 6000
/** Messages of one reading each, in one piece. */
const READINGS_TOGETHER = 24

/** Which detectors can be run again: those that only readings move. */
const again = (detectors: Detectors): Detectors => detectors.filter(({ wantsTicks }) => wantsTicks !== true)

export function newTape(registers: RegisterStates, states: Standing['detectors'], to: number): Tape {
  const at = to === 0 ? NOWHERE : { to, step: 0 }
  return { settled: { reach: at, registers, detectors: states }, pieces: [], reach: at }
}

/** An upload that came in its time, and the reading after which nothing is known before it, if any. */
export function append(tape: Tape, piece: Piece): { readonly tape: Tape; readonly after?: number } {
  const { now, after } = reach(tape.reach, piece)
  const pieces = after === undefined ? (withNext(tape.pieces, piece) ?? []) : []
  const grown = pieces.length > 0 ? pieces : [...tape.pieces, writePiece(piece)]
  // A piece that grows was not whole when it was kept as known.
  const { next, ...rest } = tape
  const isWhole = next !== undefined && (next.after < grown.length || grown.length > tape.pieces.length)
  return {
    tape: { ...rest, pieces: grown, reach: now, ...(isWhole ? { next } : {}) },
    ...(after === undefined ? {} : { after }),
  }
}

/** A message of one reading joins those before it. */
function withNext(pieces: readonly string[], { from, readings }: Piece): readonly string[] | undefined {
  const text = pieces[pieces.length - 1]
  if (readings.at.length > 1 || text === undefined) return undefined
  const last = readPiece(text)
  const { at, fields } = last.readings
  const isOne = at.length === 1 && last.from === at[0]
  if (!(isOne || last.each === true) || at.length >= READINGS_TOGETHER || from <= at[at.length - 1]!) return undefined
  const names = new Set([...fields, ...readings.fields].map(({ quantity }) => quantity))
  const joined = [...names].map((quantity) => {
    const known = fields.find((field) => field.quantity === quantity)?.values ?? at.map(() => null)
    const next = readings.fields.find((field) => field.quantity === quantity)?.values[0] ?? null
    return { quantity, values: [...known, next] }
  })
  const piece: Piece = { from: last.from, readings: { at: [...at, readings.at[0]!], fields: joined }, each: true }
  return [...pieces.slice(0, -1), writePiece(piece)]
}

/**
 * What can no longer change is settled: what was known then has been kept, so that nothing is judged a second time. A tape
 * that has grown too long is settled earlier.
 */
export function settle(tape: Tape, now: Standing, device: DeviceFacts, detectors: Detectors): Tape {
  const { pieces, next, reach: at } = tape
  if (next === undefined) return { ...tape, next: { after: pieces.length, standing: onlyAgain(now, detectors) } }
  if (at.to - next.standing.reach.to >= KEPT_MS) {
    const left = pieces.slice(next.after)
    const standing = onlyAgain(now, detectors)
    return { settled: next.standing, pieces: left, reach: at, next: { after: left.length, standing } }
  }
  let length = 0
  for (const { length: characters } of pieces) length += characters
  if (length <= LONGEST) return tape
  const old = pieces.slice(0, Math.ceil(pieces.length / 2)).map(readPiece)
  const { standing } = play(tape.settled, old, device, again(detectors))
  return { settled: standing, pieces: pieces.slice(old.length), reach: at }
}

function onlyAgain({ detectors: states, ...standing }: Standing, detectors: Detectors): Standing {
  const kept: Record<string, unknown> = {}
  for (const { name, wantsTicks } of detectors)
    if (wantsTicks !== true && Object.hasOwn(states, name)) kept[name] = states[name]
  return { ...standing, detectors: kept }
}

export interface Rejudged {
  readonly tape: Tape
  readonly standing: Standing
  /** What must be said that had not been said, or otherwise. */
  readonly findings: readonly Finding[]
  readonly complaint: Complaint | undefined
  /** Readings after the plausibility check, null for what it took out. */
  readonly checked: readonly Readings[]
}

/** An upload that came late, or is late in part. */
export function judgeAgain(tape: Tape, piece: Piece, device: DeviceFacts, detectors: Detectors): Rejudged {
  const rules = again(detectors)
  const before = tape.pieces.map(readPiece)
  // What lies before it whole is the same with it and without.
  let same = 0
  while (same < before.length && lastOf(before[same]!) < piece.from) same++
  const first = play(tape.settled, before.slice(0, same), device, rules)
  const behind = before.slice(same)
  const now = insert(behind, piece)
  const knew = play(first.standing, behind, device, rules)
  const knows = play(first.standing, now, device, rules)
  const { standing, complaint } = knows
  const taken = (complaint?.count ?? 0) - (knew.complaint?.count ?? 0)
  return {
    tape: {
      settled: tape.settled,
      pieces: [...tape.pieces.slice(0, same), ...now.map(writePiece)],
      reach: standing.reach,
      ...(same === 0 ? {} : { next: { after: same, standing: first.standing } }),
    },
    standing,
    findings: restate([...first.findings, ...knew.findings], [...first.findings, ...knows.findings], standing.reach.to),
    complaint: complaint === undefined || taken <= 0 ? undefined : { ...complaint, count: taken },
    checked: knows.checked,
  }
}

const lastOf = ({ readings: { at } }: Piece): number => at[at.length - 1]!
