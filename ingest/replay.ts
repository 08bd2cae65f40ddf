import type { QuarantinedRecord, ReplayCommand } from '../contract/events.ts'
import type { JournalRecord } from '../store/journal/port.ts'
import type { OpenEntry, ReplayedEntry } from '../store/state/decisions-port.ts'
import { type Circumstances, decideRecord, poisonOf } from './decide-record.ts'
import { type Decoded, decodeRecord } from './decode.ts'
import { Draft } from './draft.ts'
import { PastDraft } from './past-draft.ts'
import type { DeviceComplaint } from './quarantine-entry.ts'
import type { Cause } from './stable-id.ts'

/** A record as it came in, out of the command that names it. */
export const recordOf = (quarantined: QuarantinedRecord): JournalRecord => ({
  seq: quarantined.journalSeq,
  kind: quarantined.kind,
  deviceId: quarantined.sender,
  arg: quarantined.arg,
  arrivedAt: quarantined.arrivedAt,
  payload: Buffer.from(quarantined.bytes, 'base64'),
})

/** The records of a command that has them decoded anew; none of any other command, nor of one that only tries. */
export function replayedBy(record: JournalRecord): readonly JournalRecord[] {
  try {
    const decoded = decodeRecord(record)
    if (decoded.type !== 'command' || decoded.command.type !== 'quarantine.replay' || decoded.command.dryRun) return []
    return decoded.command.records.map(recordOf)
  } catch {
    return []
  }
}

/** What decoding came to, in the order of the command's records. */
export type DecodedAnew = { readonly decoded?: Decoded | undefined; readonly failure?: unknown }

/**
 * Decides records of the quarantine anew, as of the time they came: through the ordinary pipeline, as messages of the
 * past. Only what still waits is touched, so that a command that comes twice does nothing the second time. With `dryRun`
 * the answer is the same and nothing changes.
 * @param seq the command's own number in the operator lane
 */
export function replay(
  draft: Draft,
  command: ReplayCommand,
  batch: readonly DecodedAnew[],
  seq: number,
  circumstances: Circumstances,
): void {
  const into = command.dryRun ? new Draft(draft, circumstances.now) : draft
  let understood = 0
  let notUnderstood = 0
  let gone = 0
  let readings = 0
  const reasons: Record<string, number> = {}
  for (const [i, record] of command.records.entries()) {
    const { lane, journalSeq } = record
    const open = into.quarantined(lane, journalSeq)
    if (open.length === 0) {
      gone++
      continue
    }
    const cause = { key: `operator ${seq} ${lane} ${journalSeq}`, arrivedAt: record.arrivedAt }
    const { trial, complaints } = decideAnew(into, batch[i], cause, { ...circumstances, lane })
    if (trial !== undefined) {
      into.absorb(trial)
      readings += trial.readings
    }
    const { results, added } = settle(open, complaints, { at: circumstances.now, by: command.actor })
    into.settle(record, results)
    for (const complaint of added) into.quarantine(lane, recordOf(record), complaint)
    if (complaints.length === 0) understood++
    else notUnderstood++
    for (const reason of new Set(complaints.map((complaint) => complaint.reason)))
      reasons[reason] = (reasons[reason] ?? 0) + 1
  }
  draft.event({
    type: 'quarantine.replayed',
    at: circumstances.now,
    commandId: command.commandId,
    actor: command.actor,
    dryRun: command.dryRun,
    understood,
    notUnderstood,
    gone,
    readings,
    reasons,
  })
}

/** A record that still makes the code throw leaves nothing behind. */
function decideAnew(
  draft: Draft,
  { decoded, failure }: DecodedAnew = { failure: new Error('the command does not say what was decoded') },
  cause: Cause,
  circumstances: Circumstances,
): { readonly trial?: PastDraft; readonly complaints: readonly DeviceComplaint[] } {
  try {
    if (decoded === undefined || decoded.type === 'command') throw failure
    const trial = new PastDraft(draft, circumstances.now)
    decideRecord(trial, decoded, circumstances, cause)
    return { trial, complaints: trial.complaints }
  } catch (error) {
    const { reason, detail } = poisonOf(error)
    return { complaints: [{ deviceId: decoded?.record.deviceId ?? '', reason, detail }] }
  }
}

/**
 * What waits, and what is complained of now → what becomes of each entry. One that is complained of for the same reason
 * stays; one that is not takes the place of a new complaint, so that a record that is still bad stays where a person saw
 * it; else it was understood. `added` are complaints for which no entry was left.
 */
export function settle(
  open: readonly OpenEntry[],
  complaints: readonly DeviceComplaint[],
  tried: { readonly at: number; readonly by: string },
): { readonly results: readonly ReplayedEntry[]; readonly added: readonly DeviceComplaint[] } {
  const left = new Map(complaints.map((complaint) => [`${complaint.deviceId} ${complaint.reason}`, complaint]))
  const same = open.map((entry) => {
    const key = `${entry.deviceId} ${entry.reason}`
    const still = left.get(key)
    left.delete(key)
    return still
  })
  const others = [...left.values()]
  const results = open.map(({ id }, i) => ({ id, ...tried, still: same[i] ?? others.shift() }))
  return { results, added: others }
}
