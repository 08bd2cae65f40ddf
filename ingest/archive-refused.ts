import type { HistoryMessage, RefusedReading } from '../store/history/port.ts'
import type { JournalLane, JournalRecord } from '../store/journal/port.ts'
import { type Decision, NO_DECISION, type QuarantineEntry } from '../store/state/decisions-port.ts'
import { quarantineEntry } from './quarantine-entry.ts'

/** What was written to history, and the record it came in. */
export interface Sent extends HistoryMessage {
  readonly record: JournalRecord
}

/**
 * Readings that history refuses for good → the quarantine of the records they came in, once per device and reason, and the
 * counts of the readings.
 */
export function setAside(lane: JournalLane, sent: readonly Sent[], refused: readonly RefusedReading[]): Decision {
  const ofDevice = Map.groupBy(sent, ({ deviceId }) => deviceId)
  const quarantine = new Map<string, QuarantineEntry>()
  const counts = new Map<string, Decision['rejections'][number]>()
  for (const { deviceId, quantity, at, reason, detail } of refused) {
    // The newest that holds the time: it is its word that was written.
    const record = ofDevice.get(deviceId)?.findLast(({ readings }) => readings.at.includes(at))?.record
    if (record === undefined) continue
    const words = `${quantity} of ${new Date(at).toISOString()}: ${detail}`
    const key = `${deviceId} ${reason}`
    const count = (counts.get(key)?.count ?? 0) + 1
    counts.set(key, { reason, deviceId, at: record.arrivedAt, count, detail: words })
    const entry = `${key} ${record.seq}`
    if (!quarantine.has(entry))
      quarantine.set(entry, quarantineEntry(lane, record, { deviceId, reason, detail: words }))
  }
  return { ...NO_DECISION, quarantine: [...quarantine.values()], rejections: [...counts.values()] }
}
