import type { OperatorCommand } from '../contract/events.ts'
import type { JournalLane, JournalRecord } from '../store/journal/port.ts'
import { obey } from './alarms/commands.ts'
import { type Circumstances, decideRecord, poisonOf } from './decide-record.ts'
import { announcedBy, type Decoded, decodeRecord, devicesOf } from './decode.ts'
import { Draft, type Known, type Outcome } from './draft.ts'
import { judgeMessage } from './health.ts'
import { decideIncidentCommand, followAlarm } from './incidents/decide.ts'
import { recordOf, replay } from './replay.ts'
import type { Cause } from './stable-id.ts'

/** A record and what became of decoding it. */
export interface Prepared {
  readonly record: JournalRecord
  readonly decoded?: Decoded | undefined
  /** A codec that throws is a defect, and its record poison; so is a record whose decision cannot be stored. */
  readonly failure?: unknown
  /** Of a replay: its records, in their order. */
  readonly anew?: readonly Prepared[]
}

/** What must be known to decide a batch. */
export interface Needed {
  readonly devices: Set<string>
  /** By gateway: devices that it has named, registered or not. */
  readonly announced: Map<string, Set<string>>
  readonly alarms: Set<string>
  readonly incidents: Set<string>
  readonly dutyChecks: Set<string>
  /** Records of the quarantine. */
  readonly quarantined: { readonly lane: JournalLane; readonly journalSeq: number }[]
}

/** decode: bytes → what they say. Needs to know nothing. */
export function prepare(records: readonly JournalRecord[]): {
  readonly batch: readonly Prepared[]
  readonly needed: Needed
} {
  const needed: Needed = {
    devices: new Set(),
    announced: new Map(),
    alarms: new Set(),
    incidents: new Set(),
    dutyChecks: new Set(),
    quarantined: [],
  }
  const batch = records.map((record) => prepareOne(record, needed))
  needed.devices.delete('')
  return { batch, needed }
}

function prepareOne(record: JournalRecord, needed: Needed): Prepared {
  needed.devices.add(record.deviceId)
  try {
    const decoded = decodeRecord(record)
    for (const id of devicesOf(decoded)) needed.devices.add(id)
    for (const id of announcedBy(decoded)) {
      const ids = needed.announced.get(record.deviceId)
      if (ids === undefined) needed.announced.set(record.deviceId, new Set([id]))
      else ids.add(id)
    }
    if (decoded.type !== 'command') return { record, decoded }
    if ('alarmId' in decoded.command) needed.alarms.add(decoded.command.alarmId)
    if ('incidentId' in decoded.command) needed.incidents.add(decoded.command.incidentId)
    if ('dutyCheckId' in decoded.command) needed.dutyChecks.add(decoded.command.dutyCheckId)
    if (decoded.command.type !== 'quarantine.replay') return { record, decoded }
    needed.quarantined.push(...decoded.command.records)
    return { record, decoded, anew: decoded.command.records.map((one) => prepareOne(recordOf(one), needed)) }
  } catch (failure) {
    return { record, failure }
  }
}

/**
 * decide: a batch of records, over what was known → everything that one transaction stores. The same records over the
 * same knowledge give the same decision. Each record is decided on a draft of its own: what one that makes the code throw
 * has changed until then is dropped with its draft, and the record is quarantined alone.
 */
export function decide(batch: readonly Prepared[], known: Known, circumstances: Circumstances): Outcome {
  const draft = new Draft(known, circumstances.now)
  for (const prepared of batch) {
    const part = new Draft(draft, circumstances.now)
    try {
      decideOne(part, prepared, circumstances)
    } catch (error) {
      quarantinePoison(draft, prepared, error, circumstances)
      continue
    }
    draft.absorb(part)
  }
  const last = batch[batch.length - 1]
  return draft.finish(last === undefined ? {} : { [circumstances.lane]: last.record.seq })
}

function decideOne(draft: Draft, { record, decoded, failure, anew }: Prepared, circumstances: Circumstances): void {
  if (failure !== undefined || decoded === undefined) throw failure
  if (decoded.type === 'command') command(draft, decoded.command, record, anew ?? [], circumstances)
  else decideRecord(draft, decoded, circumstances, causeOf(record, circumstances.lane))
}

function command(
  draft: Draft,
  given: OperatorCommand,
  record: JournalRecord,
  anew: readonly Prepared[],
  circumstances: Circumstances,
): void {
  if (given.type === 'quarantine.replay') {
    replay(draft, given, anew, record.seq, circumstances)
    return
  }
  if (!('alarmId' in given)) {
    decideIncidentCommand(draft, given, causeOf(record, circumstances.lane), circumstances.now)
    return
  }
  const { alarm, event } = obey(given, draft.alarm(given.alarmId), record.arrivedAt, circumstances.now)
  if (alarm !== undefined) draft.setAlarm(alarm)
  draft.event(event)
  if (alarm !== undefined) followAlarm(draft, alarm, given, record.arrivedAt, circumstances.now)
}

/** Only what cannot fail: the record is kept, counted, and where it may have been a fire, somebody is told. */
function quarantinePoison(
  draft: Draft,
  { record, decoded }: Prepared,
  error: unknown,
  { lane, now }: Circumstances,
): void {
  const poison = poisonOf(error)
  draft.complain(lane, record, record.deviceId, poison.reason, poison.detail)
  if (decoded?.type === 'command') {
    // A person waits for an answer.
    const { commandId, actor } = decoded.command
    const message = 'Hydrant failed on this command (a defect); nothing has changed. It is in quarantine.'
    draft.event({ type: 'command.refused', at: now, commandId, actor, code: poison.reason, message })
  }
  const device = record.deviceId === '' ? undefined : draft.device(record.deviceId)
  if (device === undefined) return
  draft.heard(device.id, record.arrivedAt)
  judgeMessage(draft, device, false, [poison], causeOf(record, lane))
}

const causeOf = (record: JournalRecord, lane: JournalLane): Cause => ({
  key: `${lane} ${record.seq}`,
  arrivedAt: record.arrivedAt,
})
