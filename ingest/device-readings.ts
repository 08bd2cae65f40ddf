import { KINDS } from '../contract/kinds.ts'
import type { Quantity, Value } from '../contract/quantities.ts'
import type { Complaint, Readings } from '../contract/readings.ts'
import type { JournalLane } from '../store/journal/port.ts'
import type { RegisteredDevice } from '../store/state/port.ts'
import type { Detector, DetectorInput, DeviceFacts, Finding } from './detectors/detector.ts'
import type { DeviceState } from './device-state.ts'
import { type OrderState, order } from './order.ts'
import { countReadings } from './readings.ts'
import { checkRegisters } from './registers.ts'
import { shiftTimes } from './shift-times.ts'
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

export type Detectors = readonly Detector<unknown>[]

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

  let latest = newer(ordered.setBackBy === 0 ? before.order.newest : {}, ordered.state.newest)
  let registers = before.registers
  let fresh = ordered.fresh
  if (fresh !== undefined) {
    const checked = checkRegisters(registers, fresh)
    registers = checked.states
    fresh = checked.readings
    if (checked.complaint !== undefined) {
      complaints.push(checked.complaint)
      latest = latest.filter(({ quantity, at }) => !leftOut(checked.readings, quantity, at))
    }
  }

  const facts = factsOf(device)
  // Memories of a future that never was would make every detector wait for it.
  let states = shiftTimes(before.detectors, -ordered.setBackBy)
  const findings: Finding[] = []
  const run = (input: DetectorInput): void => {
    const stepped = stepDetectors(states, detectors, input)
    states = stepped.states
    findings.push(...stepped.findings)
  }
  if (ordered.late !== undefined) run({ type: 'late', device: facts, readings: ordered.late, arrivedAt })
  if (fresh !== undefined) run({ type: 'readings', device: facts, readings: fresh, arrivedAt })
  return {
    state: {
      order: ordered.state,
      registers,
      implausible: shiftTimes(before.implausible, -ordered.setBackBy),
      detectors: states,
    },
    findings,
    complaints,
    latest,
    measured: [ordered.late, ordered.fresh].filter((part) => part !== undefined),
    understood,
  }
}

/** Every detector that looks at this kind of device takes one step. */
export function stepDetectors(
  before: DeviceState['detectors'],
  detectors: Detectors,
  input: DetectorInput,
): { readonly states: DeviceState['detectors']; readonly findings: readonly Finding[] } {
  let states = before
  const findings: Finding[] = []
  for (const detector of detectors) {
    if (detector.kinds !== 'all' && !detector.kinds.has(input.device.kind)) continue
    if (input.type === 'tick' && detector.wantsTicks !== true) continue
    const state = Object.hasOwn(states, detector.name) ? states[detector.name] : detector.initial
    const next = detector.step(state, input)
    if (next.state !== state) states = { ...states, [detector.name]: next.state }
    findings.push(...next.findings)
  }
  return { states, findings }
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
