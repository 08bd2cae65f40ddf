import { createHmac } from 'node:crypto'
import { judgeBotAnswer } from './bot-answer.ts'
import { send } from './http.ts'
import type { Adapter } from './port.ts'

/** open.dingtalk.com, custom robots: a request has at most 20,000 bytes; what stands around the text has fewer than 1,000. */
const MAX_BYTES = 19_000
/** People are not woken for an alarm that is hours old. */
const GIVE_UP_MINUTES = 60

const CODES = {
  /** 130101 and 410100: more than 20 a minute. DingTalk then says nothing for up to 10 minutes; we ask every minute. */
  limited: new Set([130_101, 410_100]),
  limitedMs: 60_000,
  /** 310000: signature, keyword or address. 300001, 400101, 400106: no such robot. 400102: disabled. 400013: no such group. */
  refused: new Set([310_000, 300_001, 400_101, 400_102, 400_106, 400_013, 400_105]),
}

export const dingtalk: Adapter<'dingtalk'> = {
  maxBytes: MAX_BYTES,
  single: false,
  ordered: false,
  giveUpMinutes: GIVE_UP_MINUTES,
  async deliver({ settings, secrets, letter, now, signal }) {
    const url = new URL('/robot/send', settings.baseUrl)
    url.searchParams.set('access_token', secrets.accessToken)
    if (secrets.signingSecret !== undefined) {
      const timestamp = String(now())
      url.searchParams.set('timestamp', timestamp)
      url.searchParams.set('sign', sign(secrets.signingSecret, timestamp))
    }
    const answer = await send(url.href, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({
        msgtype: 'markdown',
        // Line ends in its markdown are paragraphs only when they are double.
        markdown: { title: letter.title, text: letter.markdown.replaceAll('\n', '\n\n') },
      }),
      signal,
      now,
    })
    return judgeBotAnswer(answer, CODES)
  },
}

const sign = (secret: string, timestamp: string): string =>
  createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64')
