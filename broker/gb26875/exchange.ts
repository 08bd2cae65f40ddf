import type { DownlinkOutcome } from '../../contract/downlink.ts'
import { command, type Gb26875Frame } from '../../contract/gb26875/frame.ts'
import type { Wanted } from './requests.ts'

/** GB/T 26875.3 §6: an answer comes within 10 s, and what has none is sent three times more. */
const ANSWER_WITHIN_MS = 10_000
const MOST_SENDS = 4
const SEQUENCES = 65_536

export interface Asked {
  readonly wanted: Wanted
  /** By a decision, not by routine: it goes first, and does not wait for the answer to a routine question. */
  readonly isDecided: boolean
  readonly onSent: () => void
  /** Undefined: the line ended before. */
  readonly onSettled: (outcome: DownlinkOutcome | undefined) => void
}

/** Questions to one device: one at a time, because a panel's transmission device has one thread and little memory. */
export class Exchange {
  private readonly send: (wanted: Wanted, sequence: number) => void
  private readonly waiting: Asked[] = []
  private current: { readonly asked: Asked; readonly sequence: number; sends: number } | undefined
  private timer: NodeJS.Timeout | undefined
  private sequence: number
  private ended = false

  /** @param sequence of the first question: another one than before a restart, whose answers may still come */
  constructor(send: (wanted: Wanted, sequence: number) => void, sequence: number) {
    this.send = send
    this.sequence = sequence
  }

  get isIdle(): boolean {
    return this.current === undefined && this.waiting.length === 0
  }

  ask(asked: Asked): void {
    if (this.ended) {
      asked.onSettled(undefined)
      return
    }
    const before = asked.isDecided ? this.waiting.findIndex(({ isDecided }) => !isDecided) : -1
    this.waiting.splice(before === -1 ? this.waiting.length : before, 0, asked)
    if (asked.isDecided && this.current?.asked.isDecided === false) {
      this.waiting.push(this.current.asked)
      this.stop()
    }
    this.next()
  }

  /** An acknowledgement, response or denial from the device. */
  heard({ command: said, sequence }: Gb26875Frame): void {
    if (this.current?.sequence === sequence) this.settle(said === command.deny ? 'denied' : 'answered')
  }

  end(): void {
    this.ended = true
    const unsettled = [...(this.current === undefined ? [] : [this.current.asked]), ...this.waiting.splice(0)]
    this.stop()
    for (const { onSettled } of unsettled) onSettled(undefined)
  }

  private next(): void {
    if (this.current !== undefined) return
    const asked = this.waiting.shift()
    if (asked === undefined) return
    this.current = { asked, sequence: this.sequence, sends: 0 }
    this.sequence = (this.sequence + 1) % SEQUENCES
    this.transmit()
    asked.onSent()
  }

  private transmit(): void {
    const { current } = this
    if (current === undefined) return
    if (current.sends === MOST_SENDS) {
      this.settle('unanswered')
      return
    }
    current.sends += 1
    this.timer = setTimeout(() => this.transmit(), ANSWER_WITHIN_MS)
    this.send(current.asked.wanted, current.sequence)
  }

  private settle(outcome: DownlinkOutcome): void {
    const asked = this.current?.asked
    this.stop()
    asked?.onSettled(outcome)
    this.next()
  }

  private stop(): void {
    clearTimeout(this.timer)
    this.current = undefined
  }
}
