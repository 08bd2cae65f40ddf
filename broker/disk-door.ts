import type { Logger } from 'pino'
import { type DiskGuard, megabytes } from '../store/disk-guard.ts'
import type { JournalLane } from './journal-lane.ts'
import type { Presence } from './presence.ts'
import type { Refusals } from './refusals.ts'
import type { Session } from './session.ts'
import type { Sessions } from './sessions.ts'

/** While the disk stays full the log says so again. */
const REMIND_EVERY_MS = 60_000

export interface DiskDoorParts {
  readonly guard: DiskGuard
  readonly bulk: JournalLane
  readonly sessions: Pick<Sessions, 'all'>
  readonly presence: Presence
  readonly refusals: Refusals
  readonly log: Logger
  /** The disk has just become too full: what can be given back is given back. */
  readonly makeRoom: () => void
}

/**
 * The door for meters, shut while the disk is nearly full, so that fire and care devices go on. It opens by itself when
 * there is space again.
 */
export class DiskDoor {
  private readonly parts: DiskDoorParts
  private remindedAt = 0

  constructor(parts: DiskDoorParts) {
    this.parts = parts
    const { bulk, refusals, guard } = parts
    bulk.onShutOut = (deviceId, because) => refusals.count('journal.disk-guard', deviceId, because)
    guard.onChange((engaged) => (engaged ? this.shut() : this.open()))
    if (guard.engaged) this.shut()
  }

  /** Somebody has connected. While the door is shut a meter may wait inside, which costs less than coming back. */
  admit(session: Session): void {
    if (session.standing.lane !== 'bulk' || !this.parts.guard.engaged) return
    this.parts.bulk.holdIfShut(session.connection)
    this.count(1)
  }

  /** Called about once a second. */
  remind(now: number): void {
    if (!this.parts.guard.engaged || now - this.remindedAt < REMIND_EVERY_MS) return
    this.remindedAt = now
    this.say()
  }

  figures(): Record<string, number> {
    const { guard, bulk } = this.parts
    return {
      disk_free_bytes: guard.space?.free ?? 0,
      disk_guard_line_bytes: guard.space?.line ?? 0,
      disk_guard_engaged: Number(guard.engaged),
      disk_guard_shut_out_total: bulk.figures.shutOut,
    }
  }

  private shut(): void {
    const { bulk, sessions, makeRoom } = this.parts
    const held = sessions.all().filter(({ standing }) => standing.lane === 'bulk')
    bulk.shut(
      this.sentence(),
      held.map(({ connection }) => connection),
    )
    this.count(held.length)
    this.remindedAt = performance.now()
    this.say()
    makeRoom()
  }

  private open(): void {
    const { bulk, guard, log, sessions, presence } = this.parts
    bulk.reopen()
    for (const session of sessions.all()) presence.connected(session)
    log.warn({ freeBytes: guard.space?.free }, 'there is disk space again: meters are taken in as before')
  }

  private say(): void {
    const { log, guard, bulk } = this.parts
    log.error(
      { freeBytes: guard.space?.free, lineBytes: guard.space?.line, heldConnections: bulk.stalledConnections },
      `${this.sentence()}; meters are held back, fire and care devices go on. Free some space under HYDRANT_DATA_DIR`,
    )
  }

  /** Without their names: a record for each of ten thousand would take the space that is missing. */
  private count(held: number): void {
    if (held > 0) this.parts.refusals.count('journal.disk-guard', '', this.sentence(), held)
  }

  private sentence(): string {
    const { free = 0, line = 0 } = this.parts.guard.space ?? {}
    return `the disk has ${megabytes(free)} free, the guard line is ${megabytes(line)}`
  }
}
