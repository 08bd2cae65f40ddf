import { type Answer, isSuccess } from './http.ts'
import type { Outcome } from './port.ts'

/** What a bot's error codes mean; every other one is tried again. */
export interface BotCodes {
  /** Too many letters, and how long to wait then, ms. */
  readonly limited: ReadonlySet<number>
  readonly limitedMs: number
  /** Only a person can put it right: key, signature, the group itself. */
  readonly refused: ReadonlySet<number>
}

const MAX_MESSAGE = 200

/** WeCom and DingTalk answer 200 whatever happened; `errcode` says what. */
export function judgeBotAnswer(answer: Answer, codes: BotCodes): Outcome {
  const after = answer.retryAfterMs === undefined ? {} : { afterMs: answer.retryAfterMs }
  if (!isSuccess(answer)) return { outcome: 'retry', error: `the bot’s server answered ${answer.status}`, ...after }
  const said = parse(answer.body)
  if (said === undefined) return { outcome: 'retry', error: 'the bot’s server answered without an errcode' }
  const { errcode, errmsg } = said
  if (errcode === 0) return { outcome: 'sent' }
  const error = `errcode ${errcode}: ${String(errmsg ?? '').slice(0, MAX_MESSAGE)}`
  if (codes.limited.has(errcode)) return { outcome: 'retry', error, afterMs: answer.retryAfterMs ?? codes.limitedMs }
  return codes.refused.has(errcode) ? { outcome: 'refused', error } : { outcome: 'retry', error }
}

function parse(body: string): { readonly errcode: number; readonly errmsg?: unknown } | undefined {
  try {
    const said: unknown = JSON.parse(body)
    if (typeof said !== 'object' || said === null || !('errcode' in said)) return undefined
    const errcode = Number(said.errcode)
    return Number.isFinite(errcode) ? { errcode, errmsg: 'errmsg' in said ? said.errmsg : '' } : undefined
  } catch {
    return undefined
  }
}
