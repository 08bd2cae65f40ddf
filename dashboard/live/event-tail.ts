import type { Logger } from 'pino'
import type { HydrantEvent } from '../../contract/events.ts'
import type { Views } from '../../store/state/views-port.ts'

/** Events read in one go: what one turn of the event loop passes on. */
const BATCH = 500
/** After a failed read the next one waits this long, so that a full log is not what the operator sees. */
const RETRY_MS = 500

export interface EventBatch {
  /** The seq before the first event. */
  readonly from: number
  readonly to: number
  readonly events: readonly HydrantEvent[]
}

/** Follows the event table by number and hands every event on, once and in order. */
export class EventTail {
  /** The last event handed on. */
  seq = 0
  private readonly views: Pick<Views, 'eventsAfter' | 'lastEventSeq'>
  private readonly tailMs: number
  private readonly log: Logger
  private readonly listeners: ((batch: EventBatch) => void)[] = []
  private timer: NodeJS.Timeout | undefined
  private stopped = false
  private healthy = true

  constructor(views: Pick<Views, 'eventsAfter' | 'lastEventSeq'>, tailMs: number, log: Logger) {
    this.views = views
    this.tailMs = tailMs
    this.log = log
  }

  onBatch(listener: (batch: EventBatch) => void): void {
    this.listeners.push(listener)
  }

  /** Where the tail begins: everything later is handed on. */
  async begin(): Promise<void> {
    this.seq = await this.views.lastEventSeq()
  }

  start(): void {
    this.next(0)
  }

  stop(): void {
    this.stopped = true
    clearTimeout(this.timer)
  }

  private next(afterMs: number): void {
    if (this.stopped) return
    this.timer = setTimeout(() => {
      this.poll().then(
        (count) => {
          this.healthy = true
          this.next(count === BATCH ? 0 : this.tailMs)
        },
        (error: unknown) => {
          if (this.healthy) this.log.error({ err: error }, 'reading events from the state failed; trying again')
          this.healthy = false
          this.next(RETRY_MS)
        },
      )
    }, afterMs)
  }

  private async poll(): Promise<number> {
    const events = await this.views.eventsAfter(this.seq, BATCH)
    const last = events.at(-1)
    if (last === undefined) return 0
    const batch = { from: this.seq, to: last.seq, events }
    this.seq = last.seq
    for (const listener of this.listeners) listener(batch)
    return events.length
  }
}
