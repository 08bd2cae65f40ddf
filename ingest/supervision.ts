import { KINDS } from '../contract/kinds.ts'
import type { RegisteredDevice } from '../store/state/registry-port.ts'
import { Deadlines } from './deadlines.ts'

/** A device is silent after so many of its rhythms without a sign of life. */
const SILENT_AFTER_RHYTHMS = 1.5
const MS = 1000

/** A device that should have been heard. */
export interface Silent {
  readonly deviceId: string
  readonly heardAt: number
  readonly rhythmMs: number
}

/**
 * Who has not been heard for too long. After a start of ours or of the broker nobody is silent before a full rhythm of
 * its own has passed: it was us who did not listen. A device that was never heard is not yet installed, not silent.
 */
export class Supervision {
  private readonly rhythms = new Map<string, number>()
  private readonly heardAt: Map<string, number>
  private readonly waiting = new Set<string>()
  private deadlines = new Deadlines()
  private listeningSince: number

  constructor(heardAt: ReadonlyMap<string, number>, startedAt: number) {
    this.heardAt = new Map(heardAt)
    this.listeningSince = startedAt
  }

  supervise(device: RegisteredDevice): void {
    if (device.disabled) this.forget(device.id)
    else {
      const rhythmMs = (device.rhythmS ?? KINDS[device.kind].rhythmS) * MS
      // A shorter rhythm falls due before the entry that waits; that one is then found out of date.
      if (rhythmMs < (this.rhythms.get(device.id) ?? 0)) this.waiting.delete(device.id)
      this.rhythms.set(device.id, rhythmMs)
      this.await(device.id)
    }
  }

  forget(deviceId: string): void {
    this.rhythms.delete(deviceId)
  }

  heard(deviceId: string, at: number): void {
    if (at > (this.heardAt.get(deviceId) ?? 0)) this.heardAt.set(deviceId, at)
    this.await(deviceId)
  }

  /**
   * This machine's clock was set, or the machine slept: how long ago anybody was heard cannot be known, so that everybody
   * has a full rhythm from `now`. Otherwise a city would fall silent at once, or nobody would for as long as the step was.
   */
  clockWasSet(now: number): void {
    this.listeningSince = now
    this.waiting.clear()
    this.deadlines = new Deadlines()
    for (const [deviceId, at] of this.heardAt) {
      if (at > now) this.heardAt.set(deviceId, now)
      this.await(deviceId)
    }
  }

  /** The broker came up at `at`. */
  listenAnew(at: number): void {
    this.listeningSince = Math.max(this.listeningSince, at)
  }

  /** Devices that have become silent by `now`; each is named once, until it is heard again. */
  takeSilent(now: number, limit: number): readonly Silent[] {
    const silent: Silent[] = []
    while (silent.length < limit) {
      const deviceId = this.deadlines.take(now)
      if (deviceId === undefined) break
      if (!this.waiting.delete(deviceId)) continue
      const rhythmMs = this.rhythms.get(deviceId)
      const heardAt = this.heardAt.get(deviceId)
      if (rhythmMs === undefined || heardAt === undefined) continue
      if (this.deadlineOf(rhythmMs, heardAt) > now) this.await(deviceId)
      else silent.push({ deviceId, heardAt, rhythmMs })
    }
    return silent
  }

  private deadlineOf(rhythmMs: number, heardAt: number): number {
    return Math.max(heardAt + SILENT_AFTER_RHYTHMS * rhythmMs, this.listeningSince + rhythmMs)
  }

  private await(deviceId: string): void {
    const rhythmMs = this.rhythms.get(deviceId)
    const heardAt = this.heardAt.get(deviceId)
    if (rhythmMs === undefined || heardAt === undefined || this.waiting.has(deviceId)) return
    this.waiting.add(deviceId)
    this.deadlines.add(deviceId, this.deadlineOf(rhythmMs, heardAt))
  }
}
