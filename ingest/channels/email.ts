import { createTransport } from 'nodemailer'
import { escapeMarkup } from '../../contract/escape-markup.ts'
import type { Adapter, Outcome } from './port.ts'

/** Far below what any mail server refuses. */
const MAX_BYTES = 100_000
const GIVE_UP_MINUTES = 120
/** Each step of an SMTP conversation; the whole attempt has its own limit. */
const STEP_TIMEOUT_MS = 8000

/** RFC 5321 §4.2.1: 5yz is a permanent refusal. */
const PERMANENT = 500

export const email: Adapter<'email'> = {
  maxBytes: MAX_BYTES,
  single: false,
  ordered: false,
  giveUpMinutes: GIVE_UP_MINUTES,
  async deliver({ settings, secrets, letter, signal }) {
    const transport = createTransport({
      host: settings.host,
      port: settings.port,
      secure: settings.tls === 'tls',
      requireTLS: settings.tls === 'starttls',
      ignoreTLS: settings.tls === 'none',
      connectionTimeout: STEP_TIMEOUT_MS,
      greetingTimeout: STEP_TIMEOUT_MS,
      socketTimeout: STEP_TIMEOUT_MS,
      dnsTimeout: STEP_TIMEOUT_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
      ...(settings.user === undefined ? {} : { auth: { user: settings.user, pass: secrets.password ?? '' } }),
    })
    try {
      const { rejected } = await transport.sendMail({
        from: settings.from,
        to: [...settings.to],
        subject: letter.title,
        text: letter.text,
        html: htmlOf(letter.text),
        // The same at every attempt: a mail program shows a repeated mail once.
        messageId: `<${letter.id}@${settings.from.split('@')[1]}>`,
        ...(letter.urgent ? { priority: 'high' as const } : {}),
        headers: { 'Auto-Submitted': 'auto-generated' },
        signal,
      })
      // Some of several: those who got it shall not get it again for the others' sake, but a person must see it.
      if (rejected.length > 0) return { outcome: 'refused', error: `${rejected.length} of the addresses were refused` }
      return { outcome: 'sent' }
    } catch (error) {
      return judge(error)
    } finally {
      transport.close()
    }
  },
}

/** The server's words are not passed on: they may hold addresses. Its code says enough. */
function judge(error: unknown): Outcome {
  const { code, responseCode } = error as { readonly code?: string; readonly responseCode?: number }
  const said = [code, responseCode].filter((one) => one !== undefined).join(' ')
  if (code === 'EAUTH' && (responseCode ?? 0) >= PERMANENT)
    return { outcome: 'refused', error: `the mail server does not accept name and password (${said})` }
  if (responseCode !== undefined && responseCode >= PERMANENT)
    return { outcome: 'refused', error: `the mail server refuses the message (${said})` }
  return { outcome: 'retry', error: `the mail could not be sent (${said === '' ? 'no answer' : said})` }
}

/** The same lines; addresses can be pressed. */
function htmlOf(text: string): string {
  const lines = escapeMarkup(text)
    .replaceAll(/https?:\/\/[^\s<]+/g, (url) => `<a href="${url}">${url}</a>`)
    .split('\n')
  const [title, ...rest] = lines
  return `<p><b>${title}</b></p><p>${rest.join('<br>')}</p>`
}
