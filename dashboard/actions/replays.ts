import type { ReplayAnswer } from '../../contract/api.ts'
import type { QuarantinedRecord } from '../../contract/events.ts'
import type { Accounts } from '../../store/state/accounts-port.ts'
import type { PageOf } from '../../store/state/page.ts'
import type { QuarantineFilter, Views } from '../../store/state/views-port.ts'
import { actorOf, type Caller, callerMay } from '../access/sessions.ts'
import { ApiError } from '../api/errors.ts'
import type { Commands, Outcome } from './commands.ts'

/**
 * What one command carries: ingest decides it whole, and a fire waits meanwhile. One payload of the largest size takes
 * about 8 ms, fifty of the usual 100 bytes 3 ms.
 */
const RECORDS_PER_COMMAND = 50
const BYTES_PER_COMMAND = 64 * 1024
/** What one request carries: the operator lane is kept for three months. */
const BYTES_PER_REQUEST = 8 * 1024 * 1024

export interface ReplayRequest extends QuarantineFilter, PageOf {
  /** One entry, and with it the whole record that it belongs to. */
  readonly id?: number
  readonly dryRun: boolean
}

/** Has what lies in quarantine decoded anew: a command with the bytes goes to ingest, which decides as of the time they came. */
export class Replays {
  private readonly commands: Commands
  private readonly views: Pick<Views, 'replayable' | 'quarantineDetail'>
  private readonly accounts: Pick<Accounts, 'audit'>
  private readonly now: () => number

  constructor(
    commands: Commands,
    views: Pick<Views, 'replayable' | 'quarantineDetail'>,
    accounts: Pick<Accounts, 'audit'>,
    now: () => number,
  ) {
    this.commands = commands
    this.views = views
    this.accounts = accounts
    this.now = now
  }

  /** Throws ApiError where the caller may not, the entry cannot be replayed, or nothing could be stored. */
  async perform(caller: Caller, { dryRun, ...asked }: ReplayRequest): Promise<ReplayAnswer> {
    if (!callerMay(caller, 'quarantine.replay')) throw new ApiError('right.missing')
    if (asked.id !== undefined) await this.mustWait(asked.id)
    const { items, next } = await this.views.replayable({ ...asked, maxBytes: BYTES_PER_REQUEST })
    const actor = actorOf(caller)
    const outcomes = await Promise.all(
      chunksOf(items).map(async (records) => ({
        records: records.length,
        outcome: await this.commands.submit({ type: 'quarantine.replay', actor, dryRun, records }),
      })),
    )
    const answer = { ...sum(outcomes), dryRun, records: items.length, next }
    if (!dryRun && items.length > 0) {
      const { id, limit: _, cursor: __, ...filter } = asked
      const { dryRun: ___, next: ____, ...counts } = answer
      await this.accounts.audit({
        at: this.now(),
        actor,
        action: 'quarantine.replay',
        target: id === undefined ? 'quarantine' : `quarantine/${id}`,
        detail: JSON.stringify(id === undefined ? { filter, ...counts } : counts),
      })
    }
    for (const { outcome } of outcomes)
      if (outcome.type === 'not-stored')
        throw new ApiError('command.not-stored', `The replay could not be stored: ${outcome.reason}.`)
    return answer
  }

  private async mustWait(id: number): Promise<void> {
    const entry = await this.views.quarantineDetail(id)
    if (entry === undefined) throw new ApiError('quarantine.unknown')
    if (entry.replayed) throw new ApiError('quarantine.replayed')
    if (!entry.replayable) throw new ApiError('quarantine.not-replayable')
  }
}

function chunksOf(records: readonly QuarantinedRecord[]): QuarantinedRecord[][] {
  const chunks: QuarantinedRecord[][] = []
  let bytes = 0
  for (const record of records) {
    const chunk = chunks.at(-1)
    bytes += record.bytes.length
    if (chunk !== undefined && chunk.length < RECORDS_PER_COMMAND && bytes <= BYTES_PER_COMMAND) chunk.push(record)
    else {
      chunks.push([record])
      bytes = record.bytes.length
    }
  }
  return chunks
}

function sum(
  outcomes: readonly { readonly records: number; readonly outcome: Outcome }[],
): Pick<ReplayAnswer, 'understood' | 'notUnderstood' | 'gone' | 'pending' | 'readings' | 'reasons'> {
  const answer = { understood: 0, notUnderstood: 0, gone: 0, pending: 0, readings: 0 }
  const reasons: Record<string, number> = {}
  const because = (reason: string, count: number): void => {
    reasons[reason] = (reasons[reason] ?? 0) + count
  }
  for (const { records, outcome } of outcomes) {
    if (outcome.type === 'pending') answer.pending += records
    if (outcome.type === 'refused') {
      answer.notUnderstood += records
      because(outcome.code, records)
    }
    if (outcome.type !== 'done' || outcome.event.type !== 'quarantine.replayed') continue
    const { event } = outcome
    answer.understood += event.understood
    answer.notUnderstood += event.notUnderstood
    answer.gone += event.gone
    answer.readings += event.readings
    for (const [reason, count] of Object.entries(event.reasons)) because(reason, count)
  }
  return { ...answer, reasons }
}
