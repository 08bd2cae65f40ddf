import { setTimeout as sleep } from 'node:timers/promises'
import type { Piece } from '../../contract/gb26875/splitter.ts'
import { Answers } from './answers.ts'
import type { PanelLine } from './panel-line.ts'

/** Frames that may wait for the disk or for their device's allowance before no more are read. */
const MOST_UNANSWERED = 64
/**
 * Pieces that may come in each such time, ms; what is beyond waits. A transmission device sends one at a time, a home on
 * fire tens. It bounds what a flood of frames that are not stored (repetitions, denials, garbage) costs everybody else.
 */
const PIECES_AT_ONCE = 128
const PIECES_EVERY_MS = 50

/** The network below a link. */
export interface Wire {
  readonly transport: 'gb26875-tcp' | 'gb26875-udp'
  readonly address: string
  /** What is sent has not been taken by the other side yet. */
  isCongested(): boolean
  pause(): void
  resume(): void
  end(): void
}

/** A piece of what came, where it came from, and the way back to there. */
export interface Arrived {
  readonly piece: Piece
  readonly address: string
  readonly reply: (bytes: Uint8Array) => void
}

/**
 * One connection of the fire panels' protocol, or one device that sends datagrams. Its frames are dealt with one after the
 * other; the devices that speak on it are its lines, as a rule one, more where a concentrator stands before them.
 */
export class Link {
  readonly wire: Wire
  readonly lines = new Map<number, PanelLine>()
  readonly answers = new Answers()
  readonly openedAt: number
  /** When its last bytes came, ms of a clock that never runs backwards. */
  heardAt: number
  /** The other side has gone: what it has sent is still taken in. */
  hungUp = false
  /** Ended from this side: nothing of it counts any more. */
  isCut = false
  /** Told when a registered device has spoken on it. */
  onRecognised: () => void = () => {}
  private readonly clock: () => number
  private readonly handle: (link: Link, arrived: Arrived) => void | Promise<void>
  private readonly queue: Arrived[] = []
  private readonly stalledBy = new Set<PanelLine>()
  private working = false
  private budget = PIECES_AT_ONCE
  private budgetSince: number
  private wake: (() => void) | undefined

  constructor(wire: Wire, clock: () => number, handle: (link: Link, arrived: Arrived) => void | Promise<void>) {
    this.wire = wire
    this.clock = clock
    this.handle = handle
    this.openedAt = this.heardAt = this.budgetSince = clock()
  }

  get isOver(): boolean {
    return this.hungUp || this.isCut
  }

  get isStalled(): boolean {
    return this.stalledBy.size > 0
  }

  get waiting(): number {
    return this.queue.length
  }

  receive(arrived: readonly Arrived[]): void {
    if (this.isCut || arrived.length === 0) return
    this.queue.push(...arrived)
    if (!this.working) void this.work()
  }

  /** Something that held it back may be over. */
  goOn(): void {
    this.wake?.()
    this.wake = undefined
  }

  hold(line: PanelLine): void {
    this.stalledBy.add(line)
    this.wire.pause()
  }

  release(line: PanelLine): void {
    this.stalledBy.delete(line)
    if (this.stalledBy.size > 0) return
    this.goOn()
    if (!this.working && !this.isOver) this.wire.resume()
  }

  hangUp(): void {
    if (this.isOver) return
    this.hungUp = true
    this.goOn()
    if (!this.working) this.endLines('lost')
  }

  cut(because: string): void {
    if (this.isCut) return
    this.isCut = true
    this.queue.length = 0
    this.goOn()
    this.endLines(because)
    this.wire.end()
  }

  private async work(): Promise<void> {
    this.working = true
    for (let arrived = this.queue.shift(); arrived !== undefined; arrived = this.queue.shift()) {
      this.budget -= 1
      if (this.mustWait()) {
        this.wire.pause()
        while (this.mustWait()) await this.untilFree()
        if (this.isCut) break
      }
      const handled = this.handle(this, arrived)
      if (handled !== undefined) await handled
    }
    this.working = false
    if (this.hungUp) this.endLines('lost')
    else if (!this.isCut && this.stalledBy.size === 0) this.wire.resume()
  }

  private mustWait(): boolean {
    if (this.isOver) return false
    const now = this.clock()
    if (now - this.budgetSince >= PIECES_EVERY_MS) {
      this.budgetSince = now
      this.budget = PIECES_AT_ONCE
    }
    return this.budget < 0 || this.answers.open >= MOST_UNANSWERED || this.stalledBy.size > 0 || this.wire.isCongested()
  }

  private async untilFree(): Promise<void> {
    if (this.budget < 0) await sleep(PIECES_EVERY_MS)
    else
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
  }

  private endLines(because: string): void {
    for (const line of [...this.lines.values()]) line.end(because)
  }
}
