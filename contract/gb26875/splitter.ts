import {
  type BadFrameReason,
  claimedDataBytes,
  decodeFrame,
  describeFault,
  ENVELOPE_BYTES,
  type FrameFault,
  faultOf,
  type Gb26875Frame,
  HEADER_BYTES,
  LONGEST_FRAME_BYTES,
} from './frame.ts'

/** What a stream of bytes turns out to be, in order. */
export type Piece =
  /** A whole frame that checks, with its bytes as they came. */
  | { readonly kind: 'frame'; readonly frame: Gb26875Frame; readonly bytes: Uint8Array }
  /** Something that is none, to be denied: once for each damaged frame or run of garbage, not for each of its bytes. */
  | { readonly kind: 'bad'; readonly bad: FrameFault }

const START = 0x40
/** Two frames: what is kept back, and as much again, so that each byte is moved once at most. */
const ROOM = 2 * LONGEST_FRAME_BYTES

/**
 * Cuts a TCP stream into frames, whatever the network glued together or tore apart. What follows a damaged frame, or
 * stands in it because its length was damaged, is found again by its `40 40`; a frame is lost only with its own bytes.
 *
 * Keeps one frame back at most. Each byte is looked at a bounded number of times: the end of a supposed frame is asked
 * for before its sum is taken, and what was moved is not moved again.
 */
export class FrameSplitter {
  private readonly kept = new Uint8Array(ROOM)
  private from = 0
  private to = 0
  /** Bytes that no frame begins with: those that would be a header, and whether they have been reported. */
  private garbage: number[] = []
  /** Bytes of a reported damage that are still to come: what looks bad in there is the same damage. */
  private known = 0
  /** Something was reported, and no frame has come since: garbage belongs to it. */
  private damaged = false

  /** Bytes that wait for the rest of a frame. */
  get waitingBytes(): number {
    return this.to - this.from
  }

  /** Whether there is anything that `settle` decides. */
  get isUndecided(): boolean {
    return this.waitingBytes > 0 || this.garbage.length > 0 || this.damaged
  }

  push(chunk: Uint8Array): Piece[] {
    const pieces: Piece[] = []
    for (let at = 0; at < chunk.length; ) {
      if (this.to === ROOM) {
        this.kept.copyWithin(0, this.from, this.to)
        this.to -= this.from
        this.from = 0
      }
      const part = chunk.subarray(at, at + ROOM - this.to)
      this.kept.set(part, this.to)
      this.to += part.length
      at += part.length
      this.cut(pieces)
    }
    return pieces
  }

  /**
   * Nothing more has come for a while. Garbage is reported; and what promised a long frame and was none must not hold back
   * a whole one behind it: that one is given out. Without one, what waits goes on waiting. What comes next is new.
   */
  settle(): Piece[] {
    const pieces: Piece[] = []
    for (let at = this.from + 1; at < this.to; at += 1) {
      if (this.kept[at] !== START || this.candidate(at) !== 'whole') continue
      this.report(pieces, 'length', this.from, at - this.from)
      this.skip(at - this.from)
      this.cut(pieces)
      break
    }
    this.endGarbage(pieces)
    this.known = 0
    this.damaged = false
    return pieces
  }

  private cut(pieces: Piece[]): void {
    for (;;) {
      this.toStart()
      const state = this.candidate(this.from)
      if (state === 'unfinished') return
      if (state === 'whole') {
        this.endGarbage(pieces)
        const bytes = this.kept.slice(this.from, this.from + this.lengthAt(this.from))
        pieces.push({ kind: 'frame', frame: decodeFrame(bytes), bytes })
        this.from += bytes.length
        this.known = 0
        this.damaged = false
        continue
      }
      this.endGarbage(pieces)
      // Where the length itself is not to be believed, the damage is as short as it can be.
      this.report(pieces, state, this.from, state === 'length' ? ENVELOPE_BYTES : this.lengthAt(this.from))
      this.skip(1)
    }
  }

  /** Leaves out what no frame begins with. */
  private toStart(): void {
    while (this.from < this.to) {
      const isStart =
        this.kept[this.from] === START && (this.from + 1 === this.to || this.kept[this.from + 1] === START)
      if (isStart) return
      this.skip(1)
    }
  }

  private skip(bytes: number): void {
    for (let i = 0; i < bytes; i += 1)
      if (!this.damaged && this.garbage.length < HEADER_BYTES) this.garbage.push(this.kept[this.from + i] ?? 0)
    this.from += bytes
    this.known = Math.max(0, this.known - bytes)
  }

  private endGarbage(pieces: Piece[]): void {
    if (this.garbage.length === 0) return
    const header = Uint8Array.from({ length: HEADER_BYTES }, (_, i) => this.garbage[i] ?? 0)
    this.garbage = []
    this.damaged = true
    pieces.push({ kind: 'bad', bad: describeFault('start', header) })
  }

  /** @param length so far, what looks bad is this damage */
  private report(pieces: Piece[], reason: BadFrameReason, at: number, length: number): void {
    if (this.known > 0) return
    this.known = length
    this.damaged = true
    const end = Math.min(this.to, at + Math.max(length, HEADER_BYTES))
    pieces.push({ kind: 'bad', bad: describeFault(reason, this.kept.slice(at, end)) })
  }

  /** What stands at `at`, as far as can be said. Makes nothing: there may be a candidate at every byte. */
  private candidate(at: number): 'whole' | 'unfinished' | BadFrameReason {
    const have = this.to - at
    if (have < HEADER_BYTES) return 'unfinished'
    const length = this.lengthAt(at)
    if (length > LONGEST_FRAME_BYTES) return 'length'
    if (have < length) return 'unfinished'
    return faultOf(this.kept.subarray(at, at + length)) ?? 'whole'
  }

  private lengthAt(at: number): number {
    return ENVELOPE_BYTES + claimedDataBytes(this.kept, at)
  }
}
