import type { Reason } from '../contract/reasons.ts'
import type { JournalLane, JournalRecord } from '../store/journal/port.ts'
import type { QuarantineEntry } from '../store/state/decisions-port.ts'
import { topicOf } from './decode.ts'

/** Why (a part of) a record is not understood. */
export interface DeviceComplaint {
  readonly deviceId: string
  readonly reason: Reason
  readonly detail: string
}

/** A record as it lies in quarantine. */
export const quarantineEntry = (
  lane: JournalLane,
  record: JournalRecord,
  { deviceId, reason, detail }: DeviceComplaint,
): QuarantineEntry => ({
  at: record.arrivedAt,
  deviceId,
  lane,
  journalSeq: record.seq,
  kind: record.kind,
  sender: record.deviceId,
  arg: record.arg,
  topic: topicOf(record),
  reason,
  detail,
  // A copy: the record's bytes are a window on a whole commit group.
  bytes: record.payload.slice(),
})
