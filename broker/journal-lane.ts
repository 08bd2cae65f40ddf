import type { Lane } from '../contract/kinds.ts'
import type { JournalWriter, RecordKind } from '../store/journal/port.ts'
import type { Connection } from './listeners/connection.ts'

/**
 * Bytes waiting for the disk at which a lane no longer reads from the sockets that feed it, and at which it does again.
 * Fire traffic may pile up higher, and a small pile of it already holds back the meters: they share the disk.
 */
const STALL_BYTES: Record<Lane, number> = { bulk: 16 * 1024 * 1024, urgent: 64 * 1024 * 1024 }
const URGENT_STALLS_BULK_BYTES = 2 * 1024 * 1024
/** Half: so that a lane at its limit does not stop and start sockets for every message. */
const RESUME_SHARE = 0.5

/** A writer that has failed for so long is replaced: its thread may have died. */
const REPLACE_AFTER_MS = 5000
/** One append in so many is timed for the latency figures. */
const TIMED_ONE_IN = 16

/** The journal could not store a record, and it must not be acknowledged. */
export class JournalUnavailable extends Error {
  override name = 'JournalUnavailable'
}

export interface LaneFigures {
  accepted: number
  failed: number
}

/** One lane of the journal as the door uses it: append, hold back who is too fast, replace a writer that is broken. */
export class JournalLane {
  readonly lane: Lane
  readonly figures: LaneFigures = { accepted: 0, failed: 0 }
  /** Told how long an append took until it was on disk, ms; a sample. */
  onTimed: (ms: number) => void = () => {}
  /** Told of every record that was not stored. */
  onFailed: (deviceId: string, error: Error) => void = () => {}
  private readonly open: () => Promise<JournalWriter>
  private readonly urgent: JournalLane | undefined
  private writer: JournalWriter
  private appends = 0
  private failingSince = 0
  private replacing = false
  private closing = false
  private readonly stalled = new Set<Connection>()

  /** @param urgent for the bulk lane: the lane that goes ahead of it */
  constructor(lane: Lane, writer: JournalWriter, open: () => Promise<JournalWriter>, urgent?: JournalLane) {
    this.lane = lane
    this.writer = writer
    this.open = open
    this.urgent = urgent
  }

  get pendingBytes(): number {
    return this.writer.pendingBytes
  }

  get stalledConnections(): number {
    return this.stalled.size
  }

  /** As `JournalWriter.append`; `from` is held back while too much is waiting. */
  append(
    kind: RecordKind,
    deviceId: string,
    arg: string,
    payload: Uint8Array,
    from: Connection | undefined,
    done: (error?: Error) => void,
  ): void {
    const startedAt = ++this.appends % TIMED_ONE_IN === 0 ? performance.now() : 0
    this.writer.append(kind, deviceId, arg, Date.now(), payload, (error) => {
      if (error === undefined) {
        this.figures.accepted += 1
        this.failingSince = 0
        if (startedAt !== 0) this.onTimed(performance.now() - startedAt)
        done()
      } else {
        this.hasFailed(deviceId, error)
        done(new JournalUnavailable(error.message))
      }
      if (this.stalled.size > 0) this.resumeIfLow()
    })
    if (from !== undefined && this.isCongested()) {
      this.stalled.add(from)
      from.stall()
    }
  }

  /** The connection has ended. */
  forget(connection: Connection): void {
    this.stalled.delete(connection)
  }

  /** Looks again, for when nothing of this lane's own is being stored: it may have waited for the urgent one. */
  resumeIfLow(): void {
    if (this.stalled.size === 0) return
    if (this.pendingBytes > STALL_BYTES[this.lane] * RESUME_SHARE) return
    if ((this.urgent?.pendingBytes ?? 0) > URGENT_STALLS_BULK_BYTES * RESUME_SHARE) return
    const waiting = [...this.stalled]
    this.stalled.clear()
    for (const connection of waiting) connection.unstall()
  }

  prune(throughSeq: number): Promise<number> {
    return this.writer.prune(throughSeq)
  }

  async close(): Promise<void> {
    this.closing = true
    await this.writer.close()
  }

  private isCongested(): boolean {
    return (
      this.writer.pendingBytes > STALL_BYTES[this.lane] ||
      (this.urgent !== undefined && this.urgent.pendingBytes > URGENT_STALLS_BULK_BYTES)
    )
  }

  private hasFailed(deviceId: string, error: Error): void {
    this.figures.failed += 1
    this.onFailed(deviceId, error)
    const now = performance.now()
    if (this.failingSince === 0) this.failingSince = now
    else if (now - this.failingSince > REPLACE_AFTER_MS && !this.replacing && !this.closing) {
      this.replacing = true
      void this.replace().finally(() => {
        this.replacing = false
      })
    }
  }

  /**
   * Should the old writer still store something meanwhile, then the new one's first record meets a number that is taken
   * and is refused, unacknowledged: nothing is overwritten, and the next replacement reads the number anew.
   */
  private async replace(): Promise<void> {
    this.failingSince = performance.now()
    let fresh: JournalWriter
    try {
      fresh = await this.open()
    } catch {
      return
    }
    if (this.closing) {
      await fresh.close()
      return
    }
    const old = this.writer
    this.writer = fresh
    await old.close().catch(() => undefined)
  }
}
