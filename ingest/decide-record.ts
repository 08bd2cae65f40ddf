import type { Quantity } from '../contract/quantities.ts'
import type { Complaint, Evidence, Readings } from '../contract/readings.ts'
import type { JournalLane } from '../store/journal/port.ts'
import type { RegisteredDevice } from '../store/state/registry-port.ts'
import type { Decoded } from './decode.ts'
import type { Finding } from './detectors/detector.ts'
import { type Detectors, judgeReadings } from './device-readings.ts'
import type { Draft } from './draft.ts'
import { judgeHeard, judgeMessage } from './health.ts'
import { homecomingOf } from './homecoming.ts'
import { order, orderAnew } from './order.ts'
import { pointOf } from './points.ts'
import type { Cause } from './stable-id.ts'
import { isMeter } from './water/meters.ts'

export interface Circumstances {
  readonly lane: JournalLane
  /** The decision's time, ms since 1970. */
  readonly now: number
  readonly detectors: Detectors
}

/** What was decoded, except what a person commanded. */
export type DecodedMessage = Exclude<Decoded, { type: 'command' }>

/** One decoded record on the draft. May throw, and then leaves it half changed. */
export function decideRecord(
  draft: Draft,
  decoded: DecodedMessage,
  { lane, detectors }: Circumstances,
  cause: Cause,
): void {
  const { record } = decoded
  switch (decoded.type) {
    case 'refusal':
      // Whoever knocks chooses the name: a refusal is no sign of life of the device it names.
      draft.reject(decoded.reason, decoded.deviceId, record.arrivedAt, decoded.count, decoded.detail)
      return
    case 'broker-started':
      draft.brokerStartedAt = Math.max(draft.brokerStartedAt ?? 0, record.arrivedAt)
      return
    case 'unreadable':
      if (record.deviceId === '') {
        draft.complain(lane, record, '', decoded.reason, decoded.detail)
        return
      }
      break
    default:
  }

  const sender = draft.device(record.deviceId)
  if (sender === undefined) {
    if (decoded.type !== 'presence')
      draft.complain(lane, record, record.deviceId, 'device.unregistered', 'the device is not in the registry')
    return
  }
  if (decoded.type === 'presence') {
    draft.connected(sender.id, decoded.connected)
    // A connection that ends says nothing about when the device was last alive.
    if (!decoded.connected) return
  }
  hear(draft, sender, cause)
  switch (decoded.type) {
    case 'attributes':
      draft.attributes(sender.id, decoded.attributes)
      return
    case 'unreadable':
      draft.complain(lane, record, sender.id, decoded.reason, decoded.detail)
      return
    case 'readings':
      decideReadings(draft, sender, decoded, cause, lane, detectors)
  }
}

function decideReadings(
  draft: Draft,
  sender: RegisteredDevice,
  { record, message }: Extract<Decoded, { type: 'readings' }>,
  cause: Cause,
  lane: JournalLane,
  detectors: Detectors,
): void {
  const complaintsOf = new Map<RegisteredDevice, Complaint[]>()
  const understood = new Map<RegisteredDevice, number>()
  const announced = new Map(message.announced?.map((device) => [device.id, device]))
  const foreign = new Set<string>()
  const refuse = (deviceId: string, { reason, detail }: Complaint): undefined => {
    if (!foreign.has(deviceId)) draft.complain(lane, record, sender.id, reason, detail)
    foreign.add(deviceId)
  }
  /** The device a part of the message speaks for, where the sender may. */
  const speaker = (deviceId: string): RegisteredDevice | undefined => {
    if (deviceId === sender.id) return sender
    const point = announced.get(deviceId)
    if (point !== undefined) {
      const found = pointOf(draft, sender, point)
      return 'device' in found ? found.device : refuse(deviceId, found)
    }
    const child = draft.device(deviceId)
    if (child !== undefined && child.gatewayId === sender.id) return child
    const why = child === undefined ? 'is not registered' : 'is not registered under this gateway'
    return refuse(deviceId, { reason: 'gateway.not-your-child', detail: `${deviceId} ${why}` })
  }
  const complain = (device: RegisteredDevice, complaint: Complaint): void => {
    draft.complain(lane, record, device.id, complaint.reason, complaint.detail, complaint.count)
    const list = complaintsOf.get(device)
    if (list === undefined) complaintsOf.set(device, [complaint])
    else list.push(complaint)
  }

  for (const complaint of message.complaints) {
    const device = speaker(complaint.deviceId ?? sender.id)
    if (device !== undefined) complain(device, complaint)
  }
  const ordering = draft.past ? orderAnew : order
  for (const block of message.blocks) {
    const own = speaker(block.deviceId)
    // A fire of a point that cannot be registered is a fire of its panel.
    const readings = own === undefined && announced.has(block.deviceId) ? fireIn(block.readings) : block.readings
    const device = own ?? (announced.has(block.deviceId) ? sender : undefined)
    if (device === undefined || readings === undefined) continue
    try {
      const { id } = device
      const judged = judgeReadings(draft.state(id), device, readings, record.arrivedAt, lane, detectors, ordering)
      draft.setState(id, judged.state)
      const homeAgainAt = homecomingOf(device, judged.state)
      if (homeAgainAt !== undefined) draft.homeAgain(id, homeAgainAt)
      for (const complaint of judged.complaints) complain(device, complaint)
      for (const { quantity, value, at } of judged.latest) draft.latest(id, quantity, value, at)
      if (isMeter(device.kind)) accountRegisters(draft, id, judged.measured)
      for (const finding of judged.findings) draft.find(device, withEvidence(finding, block.evidence), cause)
      draft.understood(judged.understood)
      understood.set(device, (understood.get(device) ?? 0) + judged.understood)
    } catch (error) {
      // Only this device's part of it: a gateway speaks for a whole building.
      complain(device, poisonOf(error))
    }
  }
  const described = new Set<RegisteredDevice>()
  for (const { deviceId, attributes } of message.attributes ?? []) {
    const device = speaker(deviceId)
    if (device === undefined) continue
    draft.attributes(device.id, attributes)
    described.add(device)
  }
  draft.operate(message.operations ?? [])
  // How a device sends is judged when it sends.
  if (draft.past) return
  const speaksForOthers = record.kind === 'gateway' || message.announced !== undefined
  const heard = new Set([...understood.keys(), ...complaintsOf.keys()])
  // Whatever it said of its devices, the gateway itself could be read.
  if (speaksForOthers && understood.size > 0) heard.add(sender)
  for (const device of new Set([...heard, ...described])) if (device !== sender) hear(draft, device, cause)
  for (const device of heard) {
    const could = device === sender && speaksForOthers ? understood.size : (understood.get(device) ?? 0)
    judgeMessage(draft, device, could > 0, complaintsOf.get(device) ?? [], cause)
  }
}

function accountRegisters(draft: Draft, deviceId: string, measured: readonly Readings[]): void {
  for (const { at, fields } of measured)
    for (const { quantity, values } of fields)
      if (quantity === 'volume' || quantity === 'reverseVolume')
        draft.account({ deviceId, register: quantity, at, values })
}

/** Of a point's readings what says that it burns; undefined where nothing does. */
function fireIn({ at, fields }: Readings): Readings | undefined {
  const fires = fields.filter(({ quantity, values }) => isFireWord(quantity) && values.includes(true))
  return fires.length === 0 ? undefined : { at, fields: fires }
}
const isFireWord = (quantity: Quantity): boolean => quantity === 'alarm' || quantity === 'pressed'

/** What the message itself says of a condition that holds: where the point is, what its panel's clock shows. */
function withEvidence(finding: Finding, evidence: Evidence | undefined): Finding {
  if (evidence === undefined || !(finding.active || finding.missed === true)) return finding
  return {
    ...finding,
    reason: `${finding.reason}; ${evidence.en}`,
    reasonZh: `${finding.reasonZh};${evidence.zh}`,
  }
}

function hear(draft: Draft, device: RegisteredDevice, cause: Cause): void {
  draft.heard(device.id, cause.arrivedAt)
  judgeHeard(draft, device, cause)
}

/** What an exception says of the record that caused it. */
export const poisonOf = (error: unknown): Complaint => ({
  reason: 'poison.exception',
  detail: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
})
