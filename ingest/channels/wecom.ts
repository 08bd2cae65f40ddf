import { judgeBotAnswer } from './bot-answer.ts'
import { send } from './http.ts'
import type { Adapter } from './port.ts'

/** developer.work.weixin.qq.com/document/path/91770: content of a markdown message, bytes of UTF-8. */
const MAX_BYTES = 4096
/** People are not woken for an alarm that is hours old. */
const GIVE_UP_MINUTES = 60

const CODES = {
  /** 45009 and 45033: called too often. The minute passes. */
  limited: new Set([45_009, 45_033]),
  limitedMs: 60_000,
  /** 93000: no such key. 93004: the bot is disabled. 93008: it is not in the group. 40058, 40008: not understood. */
  refused: new Set([93_000, 93_004, 93_008, 40_058, 40_008]),
}

export const wecom: Adapter<'wecom'> = {
  maxBytes: MAX_BYTES,
  single: false,
  ordered: false,
  giveUpMinutes: GIVE_UP_MINUTES,
  async deliver({ settings, secrets, letter, now, signal }) {
    const url = new URL('/cgi-bin/webhook/send', settings.baseUrl)
    url.searchParams.set('key', secrets.key)
    const answer = await send(url.href, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ msgtype: 'markdown', markdown: { content: letter.markdown } }),
      signal,
      now,
    })
    return judgeBotAnswer(answer, CODES)
  },
}
