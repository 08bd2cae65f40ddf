import { ApiError } from '../api/errors.ts'
import type { Decided, Outcome } from './commands.ts'

/** The event that a command has come to. Throws ApiError where ingest refused, is late, or nothing was stored. */
export function decided(outcome: Outcome): Decided {
  switch (outcome.type) {
    case 'done':
      return outcome.event
    case 'refused':
      throw new ApiError('command.refused', outcome.message, { publicCode: outcome.code })
    case 'pending':
      throw new ApiError('command.pending')
    case 'not-stored':
      throw new ApiError('command.not-stored', `Your command could not be stored: ${outcome.reason}.`)
  }
}

/** What stands in the audit of it. */
export const outcomeWord = (outcome: Outcome): string => (outcome.type === 'refused' ? outcome.code : outcome.type)
