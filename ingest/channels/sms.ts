import type { ChannelSettings } from '../../contract/channel-settings.ts'
import { type Answer, isSuccess, send } from './http.ts'
import type { Adapter, Outcome } from './port.ts'

/** A long SMS of seven parts: 7 × 67 characters of UCS-2, three bytes each in UTF-8. */
const MAX_BYTES = 1407
const GIVE_UP_MINUTES = 60
/** Deliveries of which it is remembered whom they have reached. */
const REMEMBERED = 1000

/** Whom a letter has reached: who has it is not sent it again because another number failed. */
const reached = new Map<string, Set<string>>()

/** Any provider with an HTTP interface: address, headers and body are templates. */
export const sms: Adapter<'sms'> = {
  maxBytes: MAX_BYTES,
  single: false,
  ordered: false,
  giveUpMinutes: GIVE_UP_MINUTES,
  async deliver({ settings, secrets, letter, now, signal }) {
    const done = reached.get(letter.id) ?? new Set()
    for (const phone of settings.phones) {
      if (done.has(phone)) continue
      const values = { phone, text: letter.text, ...prefixed(secrets) }
      const answer = await send(fill(settings.url, values, encodeURIComponent), {
        method: settings.method,
        headers: headersOf(settings, values),
        body: settings.method === 'GET' ? undefined : fill(settings.body, values, escapeFor(settings)),
        signal,
        now,
      })
      const outcome = judge(answer, settings.success)
      if (outcome.outcome !== 'sent') {
        remember(letter.id, done)
        return outcome
      }
      done.add(phone)
    }
    reached.delete(letter.id)
    return { outcome: 'sent' }
  },
}

function judge(answer: Answer, success: string | undefined): Outcome {
  if (!isSuccess(answer)) {
    const after = answer.retryAfterMs === undefined ? {} : { afterMs: answer.retryAfterMs }
    return { outcome: 'retry', error: `the provider answered ${answer.status}`, ...after }
  }
  // What it answered may repeat the message, the number or the key: it is not passed on.
  if (success !== undefined && !new RegExp(success, 'u').test(answer.body))
    return { outcome: 'retry', error: 'the provider’s answer does not say that it worked (`success` did not match)' }
  return { outcome: 'sent' }
}

function remember(id: string, done: Set<string>): void {
  reached.set(id, done)
  if (reached.size > REMEMBERED) for (const oldest of reached.keys()) return void reached.delete(oldest)
}

const prefixed = (secrets: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(secrets).map(([name, value]) => [`secret.${name}`, value]))

const fill = (template: string, values: Readonly<Record<string, string>>, escaped: (value: string) => string): string =>
  template.replaceAll(/\{\{\s*([\w.]+)\s*\}\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? escaped(values[name] ?? '') : whole,
  )

const isJson = ({ headers }: ChannelSettings<'sms'>): boolean => {
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1]
  return type === undefined || type.includes('json')
}

/** What a text must look like inside the body, so that it cannot end where it stands. */
function escapeFor(settings: ChannelSettings<'sms'>): (value: string) => string {
  return isJson(settings) ? (value) => JSON.stringify(value).slice(1, -1) : encodeURIComponent
}

function headersOf(settings: ChannelSettings<'sms'>, values: Readonly<Record<string, string>>): Record<string, string> {
  // A header holds secrets and numbers, never a text.
  const { text: _, ...allowed } = values
  const given = Object.entries(settings.headers).map(([name, value]) => [
    name.toLowerCase(),
    fill(value, allowed, (one) => one.replaceAll(/[\r\n]/g, ' ')),
  ])
  return { 'content-type': 'application/json', ...Object.fromEntries(given) }
}
