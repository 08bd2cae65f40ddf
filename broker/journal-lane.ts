import type { Lane } from '../contract/kinds.ts'
import type { JournalWriter, RecordKind } from '../store/journal/port.ts'
import type { SpareRoom } from '../store/spare-room.ts'
import type { Line } from './line.ts'

/**
 * Bytes waiting for the disk at which a lane no longer reads from the sockets that feed it, and at which it does again.
 * Fire traffic may pile up higher, and a small pile of it already holds back the meters: they share the disk.
 */
const STALL_BYTES: Record<Lane, number> = { bulk: 16 * 1024 * 1024, urgent: 64 * 1024 * 1024 }
const URGENT_STALLS_BULK_BYTES = 2 * 1024 * 1024
/** Half: so that a lane at its limit does not stop and start sockets for every message. */
const RESUME_SHARE = 0.5

/** One append in so many is timed for the latency figures. */
const TIMED_ONE_IN = 16

/** The journal could not store a record, and it must not be acknowledged. */
export class JournalUnavailable extends Error {
  override name = 'JournalUnavailable'
}

export interface LaneFigures {
  accepted: number
  failed: number
  /** Publishes that had been read when the lane was shut. */
  shutOut: number
}

/** One lane of the journal as the door uses it: append, hold back who is too fast, shut while the disk has no room. */
export class JournalLane {
  readonly lane: Lane
  readonly figures: LaneFigures = { accepted: 0, failed: 0, shutOut: 0 }
  /** Told how long an append took until it was on disk, ms; a sample. */
  onTimed: (ms: number) => void = () => {}
  /** Told of every record that was not stored. */
  onFailed: (deviceId: string, error: Error) => void = () => {}
  /** Told of every publish that met the lane shut. */
  onShutOut: (deviceId: string, because: string) => void = () => {}
  private readonly urgent: JournalLane | undefined
  private readonly writer: JournalWriter
  private appends = 0
  /** Why nothing of a device's is taken; undefined: it is. */
  private shutBecause: string | undefined
  private readonly stalled = new Set<Line>()

  /** @param urgent for the bulk lane: the lane that goes ahead of it */
  constructor(lane: Lane, writer: JournalWriter, urgent?: JournalLane) {
    this.lane = lane
    this.writer = writer
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
    from: Line | undefined,
    done: (error?: Error) => void,
  ): void {
    if (this.shutBecause !== undefined && from !== undefined) {
      const because = this.shutBecause
      this.figures.shutOut += 1
      this.onShutOut(deviceId, because)
      process.nextTick(() => done(new JournalUnavailable(because)))
      return
    }
    const startedAt = ++this.appends % TIMED_ONE_IN === 0 ? performance.now() : 0
    this.writer.append(kind, deviceId, arg, Date.now(), payload, (error) => {
      if (error === undefined) {
        this.figures.accepted += 1
        if (startedAt !== 0) this.onTimed(performance.now() - startedAt)
        done()
      } else {
        this.figures.failed += 1
        this.onFailed(deviceId, error)
        done(new JournalUnavailable(error.message))
      }
      if (this.stalled.size > 0) this.resumeIfLow()
    })
    if (from !== undefined && this.isCongested()) this.hold(from)
  }

  /**
   * Nothing of a device's is taken until `reopen`. Devices are not sent away but held back: the broker stops reading, the
   * device's own TCP waits, and nobody connects anew in a loop. What had been read already is refused, unacknowledged.
   */
  shut(because: string, connections: Iterable<Line>): void {
    this.shutBecause = because
    for (const connection of connections) this.hold(connection)
  }

  reopen(): void {
    this.shutBecause = undefined
    this.resumeIfLow()
  }

  /** Of a connection that begins while the lane is shut. */
  holdIfShut(connection: Line): void {
    if (this.shutBecause !== undefined) this.hold(connection)
  }

  /** The connection belongs to the other lane from now on: it does not wait for this one any more. */
  release(connection: Line): void {
    if (this.stalled.delete(connection)) connection.unstall()
  }

  /** The connection has ended. */
  forget(connection: Line): void {
    this.stalled.delete(connection)
  }

  /** Looks again, for when nothing of this lane's own is being stored: it may have waited for the urgent one. */
  resumeIfLow(): void {
    if (this.stalled.size === 0 || this.shutBecause !== undefined) return
    if (this.pendingBytes > STALL_BYTES[this.lane] * RESUME_SHARE) return
    if ((this.urgent?.pendingBytes ?? 0) > URGENT_STALLS_BULK_BYTES * RESUME_SHARE) return
    const waiting = [...this.stalled]
    this.stalled.clear()
    for (const connection of waiting) connection.unstall()
  }

  prune(throughSeq: number): Promise<number> {
    return this.writer.prune(throughSeq)
  }

  tidy(room: SpareRoom): Promise<boolean> {
    return this.writer.tidy(room)
  }

  async close(): Promise<void> {
    await this.writer.close()
  }

  private hold(connection: Line): void {
    this.stalled.add(connection)
    connection.stall()
  }

  private isCongested(): boolean {
    return (
      this.writer.pendingBytes > STALL_BYTES[this.lane] ||
      (this.urgent !== undefined && this.urgent.pendingBytes > URGENT_STALLS_BULK_BYTES)
    )
  }
}
