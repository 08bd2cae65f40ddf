import { createHmac } from 'node:crypto'
import { isSuccess, send } from './http.ts'
import type { Adapter } from './port.ts'

const GONE = 410
/** Receivers are programs that keep records: a day is worth catching up with. */
const GIVE_UP_MINUTES = 24 * 60

/**
 * A signed webhook as in the Standard Webhooks specification: `webhook-id` is the same at every attempt, and the signature
 * covers id, time and body. The body is a notice (contract/notice.ts).
 */
export const webhook: Adapter<'webhook'> = {
  maxBytes: Number.POSITIVE_INFINITY,
  single: true,
  ordered: false,
  giveUpMinutes: GIVE_UP_MINUTES,
  async deliver({ settings, secrets, letter, now, signal }) {
    const body = JSON.stringify(letter.notices[0])
    const timestamp = String(Math.floor(now() / 1000))
    const answer = await send(settings.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'webhook-id': letter.id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signature(secrets.signingSecret, `${letter.id}.${timestamp}.${body}`)}`,
      },
      body,
      signal,
      now,
    })
    if (isSuccess(answer)) return { outcome: 'sent' }
    const error = `the receiver answered ${answer.status}`
    if (answer.status === GONE) return { outcome: 'gone', error: `${error}: it wants no more` }
    return { outcome: 'retry', error, ...(answer.retryAfterMs === undefined ? {} : { afterMs: answer.retryAfterMs }) }
  },
}

const signature = (secret: string, signed: string): string =>
  createHmac('sha256', Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
    .update(signed)
    .digest('base64')
