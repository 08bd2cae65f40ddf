import { randomUUID } from 'node:crypto'
import type { HydrantEvent, OperatorCommand } from '../../contract/events.ts'
import type { JournalWriter } from '../../store/journal/port.ts'

/** How long a person waits for ingest's decision before being told that it will come later. Milliseconds. */
const PATIENCE_MS = 3000

type WithoutId<T> = T extends unknown ? Omit<T, 'commandId'> : never
export type Command = WithoutId<OperatorCommand>

export type Decided = Exclude<HydrantEvent, { type: 'command.refused' }>

export type Outcome =
  | { readonly type: 'done'; readonly event: Decided }
  | { readonly type: 'refused'; readonly code: string; readonly message: string }
  /** Stored, but ingest has not decided in time. */
  | { readonly type: 'pending' }
  /** Not stored: nothing will happen. */
  | { readonly type: 'not-stored'; readonly reason: string }

/**
 * What people do takes the devices' way: into the journal's operator lane, decided by ingest, the outcome is an
 * event that names the command. So no decision races a detector, and every action can be replayed.
 */
export class Commands {
  private readonly lane: Pick<JournalWriter, 'append'>
  private readonly now: () => number
  private readonly patienceMs: number
  private readonly waiting = new Map<string, (outcome: Outcome) => void>()

  constructor(lane: Pick<JournalWriter, 'append'>, now: () => number, patienceMs: number = PATIENCE_MS) {
    this.lane = lane
    this.now = now
    this.patienceMs = patienceMs
  }

  submit(command: Command): Promise<Outcome> {
    const commandId = randomUUID()
    return new Promise((resolve) => {
      const settle = (outcome: Outcome): void => {
        clearTimeout(timer)
        this.waiting.delete(commandId)
        resolve(outcome)
      }
      const timer = setTimeout(() => settle({ type: 'pending' }), this.patienceMs)
      // Before the append: the outcome may be here before the append's own answer.
      this.waiting.set(commandId, settle)
      const payload = Buffer.from(JSON.stringify({ ...command, commandId }))
      this.lane.append('operator', '', '', this.now(), payload, (error) => {
        if (error !== undefined) settle({ type: 'not-stored', reason: error.message })
      })
    })
  }

  /** Every event goes through here; those that answer a waiting command release it. */
  observe(events: readonly HydrantEvent[]): void {
    for (const event of events) {
      const settle = event.commandId === null ? undefined : this.waiting.get(event.commandId)
      if (settle === undefined) continue
      settle(
        event.type === 'command.refused'
          ? { type: 'refused', code: event.code, message: event.message }
          : { type: 'done', event },
      )
    }
  }
}
