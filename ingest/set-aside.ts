import type { Reason } from '../contract/reasons.ts'
import type { JournalLane, JournalRecord } from '../store/journal/port.ts'
import type { Decision, OpenEntry, QuarantineEntry, ReplayedEntry } from '../store/state/decisions-port.ts'
import { type DeviceComplaint, quarantineEntry } from './quarantine-entry.ts'

const MAX_DETAIL = 500

export const joinDetails = (first: string, second: string): string => `${first}; ${second}`.slice(0, MAX_DETAIL)

/** What a batch could not use: counted by reason and device, and where it was not understood, kept with its bytes. */
export class SetAside {
  private readonly entries = new Map<string, QuarantineEntry>()
  private readonly rejections = new Map<string, Decision['rejections'][number]>()
  private readonly replayed: ReplayedEntry[] = []
  private readonly stillOpen = new Map<string, readonly OpenEntry[]>()

  /** @param at ms since 1970 */
  reject(reason: Reason, deviceId: string, at: number, count: number, detail: string): void {
    const key = `${reason} ${deviceId}`
    const have = this.rejections.get(key)
    this.rejections.set(key, { reason, deviceId, at, count: count + (have?.count ?? 0), detail })
  }

  quarantine(lane: JournalLane, record: JournalRecord, { deviceId, reason, detail }: DeviceComplaint): void {
    const key = `${lane} ${record.seq} ${deviceId} ${reason}`
    const have = this.entries.get(key)
    const words = have === undefined ? detail.slice(0, MAX_DETAIL) : joinDetails(have.detail, detail)
    this.entries.set(key, quarantineEntry(lane, record, { deviceId, reason, detail: words }))
  }

  /** A record of the quarantine was decoded anew: what became of its entries, and which of them still wait. */
  settle(
    { lane, journalSeq }: { readonly lane: JournalLane; readonly journalSeq: number },
    results: readonly ReplayedEntry[],
  ): void {
    this.replayed.push(...results)
    this.stillOpen.set(
      keyOf(lane, journalSeq),
      results.flatMap(({ id, still }) => (still === undefined ? [] : [{ id, ...still }])),
    )
  }

  /** What of a record waits after it was decoded anew; undefined: it was not. */
  openOf(lane: JournalLane, journalSeq: number): readonly OpenEntry[] | undefined {
    return this.stillOpen.get(keyOf(lane, journalSeq))
  }

  absorb(part: SetAside): void {
    for (const [key, entry] of part.entries) this.entries.set(key, entry)
    for (const [key, open] of part.stillOpen) this.stillOpen.set(key, open)
    for (const r of part.rejections.values()) this.reject(r.reason, r.deviceId, r.at, r.count, r.detail)
    this.replayed.push(...part.replayed)
  }

  /** By lane and record. */
  get stillWaiting(): ReadonlyMap<string, readonly OpenEntry[]> {
    return this.stillOpen
  }

  finish(): Pick<Decision, 'quarantine' | 'replayed' | 'rejections'> {
    return {
      quarantine: [...this.entries.values()],
      replayed: this.replayed,
      rejections: [...this.rejections.values()],
    }
  }
}

const keyOf = (lane: JournalLane, journalSeq: number): string => `${lane} ${journalSeq}`
