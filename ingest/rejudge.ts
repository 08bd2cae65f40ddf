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

/** Judges pieces one after the other, every message by itself, as if each had just come. */
export function play(before: Standing, pieces: readonly Piece[], device: DeviceFacts, detectors: Detectors): Played {
  let { reach: to, registers, detectors: states } = before
  const findings: Finding[] = []
  const all: Readings[] = []
  let complaint: Complaint | undefined
  for (const message of pieces.flatMap(messagesOf)) {
    const { now, after } = reach(to, message)
    to = now
    const checked = checkRegisters(registers, message.readings)
    const hole = after === undefined ? {} : { after }
    const input = { type: 'readings', device, readings: checked.readings, arrivedAt: to.to, ...hole } as const
    const stepped = stepDetectors(states, detectors, input)
    registers = checked.states
    states = stepped.states
    findings.push(...stepped.findings)
    all.push(checked.readings)
    if (checked.complaint !== undefined)
      complaint = { ...checked.complaint, count: (complaint?.count ?? 0) + (checked.complaint.count ?? 1) }
  }
  return { standing: { reach: to, registers, detectors: states }, findings, complaint, checked: all }
}
