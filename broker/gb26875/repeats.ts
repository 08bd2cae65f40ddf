import { crc32 } from 'node:zlib'

/**
 * How long a frame is known again: GB/T 26875.3 §6 sends it three times more, 10 s apart, and the last of them may be on
 * its way for a while. Ms.
 */
export const REPEAT_WINDOW_MS = 45_000
/** Frames of one device that are known at the same time: it waits for each answer, and a burst has tens. */
const MOST_PER_DEVICE = 256

type Answer = (error?: Error | null) => void

interface Entry {
  readonly crc: number
  readonly at: number
  stored: boolean
  readonly waiting: Answer[]
}

/**
 * A frame that was not acknowledged in time comes again, with the same sequence and the same bytes: it is stored once and
 * acknowledged each time. It belongs to the device, not to the connection, because the repetition may come by a new one.
 *
 * Some devices never count, and leave their clock at zero: their next fire has the bytes of the last one. What came in
 * between with the same sequence tells that it is another one.
 */
export class Repeats {
  private readonly devices = new Map<string, Map<number, Entry>>()
  private readonly clock: () => number
  /** Repetitions that were recognised, since the start. */
  total = 0

  /** @param clock ms, never runs backwards */
  constructor(clock: () => number) {
    this.clock = clock
  }

  /** Calls `store` where the frame is new; `answer` when it is on disk, whoever brought it there. */
  once(deviceId: string, sequence: number, bytes: Uint8Array, store: (done: Answer) => void, answer: Answer): void {
    const crc = crc32(bytes)
    const known = this.devices.get(deviceId)?.get(sequence)
    if (known !== undefined && known.crc === crc && this.clock() - known.at < REPEAT_WINDOW_MS) {
      this.total += 1
      if (known.stored) answer()
      else known.waiting.push(answer)
      return
    }
    const entry = this.remember(deviceId, sequence, { crc, at: this.clock(), stored: false, waiting: [] })
    store((error) => {
      if (error) this.forget(deviceId, sequence, entry)
      else entry.stored = true
      answer(error)
      for (const repetition of entry.waiting.splice(0)) repetition(error)
    })
  }

  /** A frame that the journal holds from before the start, stored so long ago. */
  wasStored(deviceId: string, sequence: number, bytes: Uint8Array, ageMs: number): void {
    this.remember(deviceId, sequence, { crc: crc32(bytes), at: this.clock() - ageMs, stored: true, waiting: [] })
  }

  sweep(): void {
    const now = this.clock()
    for (const [deviceId, frames] of this.devices) {
      for (const [sequence, { at, stored }] of frames)
        if (stored && now - at >= REPEAT_WINDOW_MS) frames.delete(sequence)
      if (frames.size === 0) this.devices.delete(deviceId)
    }
  }

  private remember(deviceId: string, sequence: number, entry: Entry): Entry {
    const frames = this.devices.get(deviceId) ?? new Map<number, Entry>()
    this.devices.set(deviceId, frames)
    frames.delete(sequence)
    frames.set(sequence, entry)
    const [oldest] = frames.keys()
    if (frames.size > MOST_PER_DEVICE && oldest !== undefined) frames.delete(oldest)
    return entry
  }

  private forget(deviceId: string, sequence: number, entry: Entry): void {
    const frames = this.devices.get(deviceId)
    if (frames?.get(sequence) === entry) frames.delete(sequence)
  }
}
