import type { Quantity, Value } from '../contract/quantities.ts'
import type { Complaint, Readings } from '../contract/readings.ts'
import type { DeviceFacts, Finding } from './detectors/detector.ts'
import type { Piece } from './piece-text.ts'
import { messagesOf, type Reach, reach } from './pieces.ts'
import { checkRegisters, type RegisterStates } from './registers.ts'
import { type Detectors, stepDetectors } from './step-detectors.ts'

/** What is known of a device at one moment of its readings. */
export interface Standing {
  readonly reach: Reach
  readonly registers: RegisterStates
  /** Of those detectors that can be run again; by name. */
  readonly detectors: Readonly<Record<string, unknown>>
}

export interface Played {
  readonly standing: Standing
  readonly findings: readonly Finding[]
  readonly complaint: Complaint | undefined
  /** Readings after the plausibility check, null for what it took out. */
  readonly checked: readonly Readings[]
}

/**
 * Judges pieces one after the other, as if each had just come. `finely`: every message by itself, for what was said at its end;
 * without, what lies between two holes in one go: memory does not depend on where readings are cut (`properties.test.ts`).
 */
export function play(
  before: Standing,
  pieces: readonly Piece[],
  device: DeviceFacts,
  detectors: Detectors,
  finely: boolean,
): Played {
  let { reach: to, registers, detectors: states } = before
  const findings: Finding[] = []
  const all: Readings[] = []
  let complaint: Complaint | undefined
  let waiting: Readings[] = []
  let hole: number | undefined
  const judge = (): void => {
    if (waiting.length === 0) return
    const together = waiting.length === 1 ? waiting[0]! : joined(waiting)
    waiting = []
    const checked = checkRegisters(registers, together)
    const after = hole === undefined ? {} : { after: hole }
    const input = { type: 'readings', device, readings: checked.readings, arrivedAt: to.to, ...after } as const
    const stepped = stepDetectors(states, detectors, input)
    registers = checked.states
    states = stepped.states
    findings.push(...stepped.findings)
    all.push(checked.readings)
    if (checked.complaint !== undefined)
      complaint = { ...checked.complaint, count: (complaint?.count ?? 0) + (checked.complaint.count ?? 1) }
  }
  for (const message of pieces.flatMap(messagesOf)) {
    const { now, after } = reach(to, message)
    if (finely || after !== undefined) {
      judge()
      hole = after
    }
    waiting.push(message.readings)
    to = now
  }
  judge()
  return { standing: { reach: to, registers, detectors: states }, findings, complaint, checked: all }
}

/** One after the other, as one block. */
function joined(parts: readonly Readings[]): Readings {
  const at = parts.flatMap((part) => part.at)
  const columns = new Map<Quantity, (Value | null)[]>()
  let rows = 0
  for (const part of parts) {
    for (const { quantity, values } of part.fields) {
      const column = columns.get(quantity) ?? []
      columns.set(quantity, column)
      while (column.length < rows) column.push(null)
      for (const value of values) column.push(value)
    }
    rows += part.at.length
  }
  const fields = [...columns].map(([quantity, values]) => {
    while (values.length < rows) values.push(null)
    return { quantity, values }
  })
  return { at, fields }
}
