import type { Complaint } from '../contract/readings.ts'
import type { JournalLane, JournalRecord } from '../store/journal/port.ts'
import type { RegisteredDevice } from '../store/state/port.ts'
import { obey } from './alarms/commands.ts'
import { type Decoded, decodeRecord, devicesOf } from './decode.ts'
import { type Detectors, judgeReadings } from './device-readings.ts'
import { type Cause, Draft, type Known, type Outcome } from './draft.ts'
import { judgeHeard, judgeMessage } from './health.ts'

/** A record and what became of decoding it: a codec that throws is a defect, and its record poison. */
export type Prepared = { readonly record: JournalRecord } & (
  | { readonly decoded: Decoded; readonly failure?: undefined }
  | { readonly decoded?: undefined; readonly failure: unknown }
)

/** decode: bytes → what they say. Needs to know nothing. */
export function prepare(records: readonly JournalRecord[]): {
  readonly batch: readonly Prepared[]
  readonly devices: ReadonlySet<string>
  readonly alarms: ReadonlySet<string>
} {
  const devices = new Set<string>()
  const alarms = new Set<string>()
  const batch = records.map((record): Prepared => {
    devices.add(record.deviceId)
    try {
      const decoded = decodeRecord(record)
      for (const id of devicesOf(decoded)) devices.add(id)
      if (decoded.type === 'command') alarms.add(decoded.command.alarmId)
      return { record, decoded }
    } catch (failure) {
      return { record, failure }
    }
  })
  devices.delete('')
  return { batch, devices, alarms }
}

export interface Circumstances {
  readonly lane: JournalLane
  /** The decision's time, ms since 1970. */
  readonly now: number
  readonly detectors: Detectors
}

/**
 * decide: a batch of records, over what was known → everything that one transaction stores. The same records over the
 * same knowledge give the same decision. A record that makes the code throw is quarantined alone, and the rest decided
 * again without it.
 */
export function decide(batch: readonly Prepared[], known: Known, circumstances: Circumstances): Outcome {
  const poison = new Map<JournalRecord, unknown>()
  for (const { record, failure } of batch) if (failure !== undefined) poison.set(record, failure)
  for (;;) {
    const draft = new Draft(known, circumstances.now)
    const failed = decideAll(draft, batch, poison, circumstances)
    if (failed !== undefined) {
      poison.set(failed.record, failed.error)
      continue
    }
    const last = batch[batch.length - 1]
    return draft.finish(last === undefined ? {} : { [circumstances.lane]: last.record.seq })
  }
}

function decideAll(
  draft: Draft,
  batch: readonly Prepared[],
  poison: ReadonlyMap<JournalRecord, unknown>,
  circumstances: Circumstances,
): { readonly record: JournalRecord; readonly error: unknown } | undefined {
  for (const { record, decoded } of batch) {
    if (decoded === undefined || poison.has(record)) {
      quarantinePoison(draft, record, poison.get(record), circumstances.lane)
      continue
    }
    try {
      decideOne(draft, decoded, circumstances)
    } catch (error) {
      return { record, error }
    }
  }
  return undefined
}

function decideOne(draft: Draft, decoded: Decoded, { lane, now, detectors }: Circumstances): void {
  const { record } = decoded
  switch (decoded.type) {
    case 'command': {
      const { alarm, event } = obey(decoded.command, draft.alarm(decoded.command.alarmId), record.arrivedAt, now)
      if (alarm !== undefined) draft.setAlarm(alarm)
      draft.event(event)
      return
    }
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
  const cause: Cause = { key: `${lane} ${record.seq}`, arrivedAt: record.arrivedAt }
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
  const foreign = new Set<string>()
  /** The device a part of the message speaks for, where the sender may. */
  const speaker = (deviceId: string): RegisteredDevice | undefined => {
    if (deviceId === sender.id) return sender
    const child = draft.device(deviceId)
    if (child !== undefined && child.gatewayId === sender.id) return child
    if (!foreign.has(deviceId)) {
      foreign.add(deviceId)
      const why = child === undefined ? 'is not registered' : 'is not registered under this gateway'
      draft.complain(lane, record, sender.id, 'gateway.not-your-child', `${deviceId} ${why}`)
    }
    return undefined
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
  for (const block of message.blocks) {
    const device = speaker(block.deviceId)
    if (device === undefined) continue
    const judged = judgeReadings(draft.state(device.id), device, block.readings, record.arrivedAt, lane, detectors)
    draft.setState(device.id, judged.state)
    for (const complaint of judged.complaints) complain(device, complaint)
    for (const { quantity, value, at } of judged.latest) draft.latest(device.id, quantity, value, at)
    for (const finding of judged.findings) draft.find(device, finding, cause)
    draft.understood(judged.understood)
    understood.set(device, (understood.get(device) ?? 0) + judged.understood)
  }
  for (const device of new Set([...understood.keys(), ...complaintsOf.keys()])) {
    if (device !== sender) hear(draft, device, cause)
    judgeMessage(draft, device, (understood.get(device) ?? 0) > 0, complaintsOf.get(device) ?? [], cause)
  }
}

function hear(draft: Draft, device: RegisteredDevice, cause: Cause): void {
  draft.heard(device.id, cause.arrivedAt)
  judgeHeard(draft, device, cause)
}

/** Only what cannot fail: the record is kept, counted, and where it may have been a fire, somebody is told. */
function quarantinePoison(draft: Draft, record: JournalRecord, error: unknown, lane: JournalLane): void {
  const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  draft.complain(lane, record, record.deviceId, 'poison.exception', detail)
  const device = record.deviceId === '' ? undefined : draft.device(record.deviceId)
  if (device === undefined) return
  const cause: Cause = { key: `${lane} ${record.seq}`, arrivedAt: record.arrivedAt }
  draft.heard(device.id, record.arrivedAt)
  judgeMessage(draft, device, false, [{ reason: 'poison.exception', detail }], cause)
}
