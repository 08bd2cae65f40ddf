import { KINDS } from '../contract/kinds.ts'
import type { Quantity, Value } from '../contract/quantities.ts'
import type { Complaint, Readings } from '../contract/readings.ts'
import type { JournalLane } from '../store/journal/port.ts'
import type { RegisteredDevice } from '../store/state/registry-port.ts'
import type { DetectorInput, DeviceFacts, Finding } from './detectors/detector.ts'
import { METERS } from './detectors/kinds-watched.ts'
import type { DeviceState } from './device-state.ts'
import { type OrderState, order } from './order.ts'
import type { Piece } from './piece-text.ts'
import { countReadings, firstRowAt, rowsOf } from './readings.ts'
import { checkRegisters } from './registers.ts'
import { shiftTimes } from './shift-times.ts'
import { type Detectors, stepDetectors } from './step-detectors.ts'
import { append, judgeAgain, newTape, settle } from './tape.ts'
import { validateTimes } from './validate.ts'

/** What one block of readings does to its device. */
export interface Judged {
  readonly state: DeviceState
  readonly findings: readonly Finding[]
  readonly complaints: readonly Complaint[]
  /** Newest value of each quantity, where it is newer than what was known. */
  readonly latest: readonly { readonly quantity: Quantity; readonly value: Value; readonly at: number }[]
  /**
   * What was new, late readings first, registers as they were sent: zones weigh them against those before and behind
   * them, whatever the order they came in (`zones/tape.ts`).
   */
  readonly measured: readonly Readings[]
  /** Readings that were understood, repeats included. */
  readonly understood: number
}

export type { Detectors } from './step-detectors.ts'

export const factsOf = (device: RegisteredDevice): DeviceFacts => ({
  id: device.id,
  kind: device.kind,
  model: device.model,
  rhythmS: device.rhythmS ?? KINDS[device.kind].rhythmS,
  ...(device.limits === undefined ? {} : { limits: device.limits }),
  ...(device.alone === undefined ? {} : { alone: device.alone }),
})

/** validate → dedupe and order → plausibility of registers → detect, for one block of one device. Pure. */
export function judgeReadings(
  before: DeviceState,
  device: RegisteredDevice,
  block: Readings,
  arrivedAt: number,
  lane: JournalLane,
  detectors: Detectors,
  ordering: typeof order = order,
): Judged {
  const { readings, complaints: badTimes } = validateTimes(block, arrivedAt)
  if (readings === undefined)
    return { state: before, findings: [], complaints: badTimes, latest: [], measured: [], understood: 0 }
  const complaints: Complaint[] = [...badTimes]
  const understood = countReadings(readings)
  const ordered = ordering(before.order, readings, arrivedAt, lane)
  if (ordered.duplicates > 0)
    complaints.push({
      reason: 'order.duplicate',
      detail: 'readings that were known already',
      count: ordered.duplicates,
    })
  if (ordered.late !== undefined)
    complaints.push({
      reason: 'order.late',
      detail: `measured ${new Date(ordered.late.at[0] as number).toISOString()}`,
      count: countReadings(ordered.late),
    })

  const judged = (METERS.has(device.kind) && ordering === order ? judgeMeter : judgeOnce)({
    before: ordered.setBackBy === 0 ? before : putBack(before, ordered.setBackBy),
    device: factsOf(device),
    sent: readings,
    fresh: ordered.fresh,
    late: ordered.late,
    arrivedAt,
    detectors,
  })
  let latest = newer(ordered.setBackBy === 0 ? before.order.newest : {}, ordered.state.newest)
  if (judged.complaint !== undefined) {
    complaints.push(judged.complaint)
    latest = latest.filter(({ quantity, at }) => !judged.checked.some((part) => leftOut(part, quantity, at)))
  }
  return {
    state: { ...judged.state, order: ordered.state },
    findings: judged.findings,
    complaints,
    latest,
    measured: [ordered.late, ordered.fresh].filter((part) => part !== undefined),
    understood,
  }
}

interface Block {
  readonly before: DeviceState
  readonly device: DeviceFacts
  /** The whole message, repeats included. */
  readonly sent: Readings
  readonly fresh: Readings | undefined
  readonly late: Readings | undefined
  readonly arrivedAt: number
  readonly detectors: Detectors
}

interface JudgedBlock {
  readonly state: DeviceState
  readonly findings: readonly Finding[]
  readonly complaint: Complaint | undefined
  /** Readings after the plausibility check, null for what it took out. */
  readonly checked: readonly Readings[]
}

/** Memories of a future that never was would make every detector wait for it; a tape of it cannot be judged again. */
function putBack({ tape: _, ...before }: DeviceState, ms: number): DeviceState {
  return {
    ...before,
    implausible: shiftTimes(before.implausible, -ms),
    detectors: shiftTimes(before.detectors, -ms),
  }
}

/** Late readings by themselves, then what is new. */
function judgeOnce({ before, device, fresh, late, arrivedAt, detectors }: Block, after?: number): JudgedBlock {
  const checked = fresh === undefined ? undefined : checkRegisters(before.registers, fresh)
  let states = before.detectors
  const findings: Finding[] = []
  const run = (input: DetectorInput): void => {
    const stepped = stepDetectors(states, detectors, input)
    states = stepped.states
    findings.push(...stepped.findings)
  }
  if (late !== undefined) run({ type: 'late', device, readings: late, arrivedAt })
  if (checked !== undefined)
    run({
      type: 'readings',
      device,
      readings: checked.readings,
      arrivedAt,
      ...(after === undefined ? {} : { after }),
    })
  return {
    state: { ...before, registers: checked?.states ?? before.registers, detectors: states },
    findings,
    complaint: checked?.complaint,
    checked: checked === undefined ? [] : [checked.readings],
  }
}

/** A meter's uploads come in any order: what is late is put where it belongs, and the days since are judged again. */
function judgeMeter(block: Block): JudgedBlock {
  const { before, device, sent, fresh, late, detectors } = block
  const tape = before.tape ?? newTape(before.registers, before.detectors, before.order.judgedAt)
  const first = late ?? fresh
  if (first === undefined) return { state: before, findings: [], complaint: undefined, checked: [] }
  if (late === undefined) {
    const piece = pieceFrom(sent, first.at[0]!, tape.reach.to)
    const { tape: grown, after } = append(tape, piece)
    const judged = judgeOnce(block, after)
    const { registers, detectors: states } = judged.state
    const now = { reach: grown.reach, registers, detectors: states }
    return { ...judged, state: { ...judged.state, tape: settle(grown, now, device, detectors) } }
  }
  const known = firstRowAt(late.at, tape.settled.reach.to + 1)
  const old = rowsOf(late, 0, known)
  const rest = known < late.at.length || fresh !== undefined
  const alone = judgeOnce({ ...block, fresh: undefined, late: old })
  if (!rest) return { ...alone, state: { ...alone.state, tape } }
  const joinable = pieceFrom(sent, tape.settled.reach.to + 1, tape.settled.reach.to)
  const again = judgeAgain(tape, joinable, device, detectors)
  return {
    state: {
      ...alone.state,
      registers: again.standing.registers,
      detectors: { ...alone.state.detectors, ...again.standing.detectors },
      tape: settle(again.tape, again.standing, device, detectors),
    },
    findings: [...alone.findings, ...again.findings],
    complaint: again.complaint,
    checked: again.checked,
  }
}

/** The rows from a time on. Where the message began after `to`, nothing is missing in it from its beginning. */
function pieceFrom(sent: Readings, time: number, to: number): Piece {
  const row = firstRowAt(sent.at, time)
  const readings = rowsOf(sent, row, sent.at.length) ?? sent
  return { from: row === 0 ? sent.at[0]! : Math.max(to, sent.at[0]!), readings }
}

/** Whether the plausibility check took the value out. */
const leftOut = ({ at, fields }: Readings, quantity: Quantity, time: number): boolean =>
  fields.some((field) => field.quantity === quantity && field.values[at.indexOf(time)] === null)

/** Of quantities that have a newer measurement than before. */
function newer(before: OrderState['newest'], now: OrderState['newest']): Judged['latest'] {
  const found: { quantity: Quantity; value: Value; at: number }[] = []
  if (now === before) return found
  for (const quantity of Object.keys(now) as Quantity[]) {
    const measured = now[quantity]
    if (measured !== undefined && measured !== before[quantity])
      found.push({ quantity, at: measured[0], value: measured[1] })
  }
  return found
}
