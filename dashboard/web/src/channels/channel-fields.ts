import { CHANNEL_SETTINGS } from '../../../../contract/channel-settings.ts'
import type { ChannelKind } from '../../../../contract/channels.ts'

/** What a form asks for a channel of each kind, and what comes of its answers. Pure; what holds is in the contract. */

interface Shape {
  readonly name: string
  readonly required?: true
  /** Shown before anything was entered; the server's own default. */
  readonly initial?: string
}
export type Field =
  | (Shape & { readonly type: 'text' | 'number' | 'list' | 'long' | 'headers' })
  | (Shape & { readonly type: 'choice'; readonly choices: readonly string[] })
  | (Shape & { readonly type: 'flag' })
  | (Shape & { readonly type: 'secret' })

const line = (name: string, initial?: string): Field => ({
  name,
  type: 'text',
  ...(initial === undefined ? {} : { initial }),
})
const number = (name: string, initial: number): Field => ({ name, type: 'number', initial: String(initial) })
const LANGUAGE: Field = { name: 'language', type: 'choice', choices: ['zh', 'en'], initial: 'zh' }
const PLAIN: Field = { name: 'allowPlain', type: 'flag' }

/** The names are those of `CHANNEL_SETTINGS`; secrets are entered and never shown. */
export const CHANNEL_FIELDS: Readonly<Record<ChannelKind, readonly Field[]>> = {
  webhook: [{ ...line('url'), required: true }, { name: 'signingSecret', type: 'secret' }, LANGUAGE, PLAIN],
  email: [
    { ...line('host'), required: true },
    number('port', 587),
    { name: 'tls', type: 'choice', choices: ['starttls', 'tls', 'none'], initial: 'starttls' },
    line('user'),
    { name: 'password', type: 'secret' },
    { ...line('from'), required: true },
    { name: 'to', type: 'list', required: true },
    number('perMinute', 30),
    LANGUAGE,
    PLAIN,
  ],
  wecom: [
    { name: 'key', type: 'secret', required: true },
    number('perMinute', 20),
    LANGUAGE,
    line('baseUrl', 'https://qyapi.weixin.qq.com'),
    PLAIN,
  ],
  dingtalk: [
    { name: 'accessToken', type: 'secret', required: true },
    { name: 'signingSecret', type: 'secret' },
    number('perMinute', 20),
    LANGUAGE,
    line('baseUrl', 'https://oapi.dingtalk.com'),
    PLAIN,
  ],
  sms: [
    { name: 'method', type: 'choice', choices: ['POST', 'GET', 'PUT'], initial: 'POST' },
    { ...line('url'), required: true },
    { name: 'phones', type: 'list', required: true },
    { name: 'headers', type: 'headers' },
    { name: 'body', type: 'long', initial: '{"phone":"{{phone}}","text":"{{text}}"}' },
    line('success'),
    { name: 'apiKey', type: 'secret' },
    number('perMinute', 30),
    LANGUAGE,
    PLAIN,
  ],
  mqtt: [
    { ...line('url'), required: true },
    { ...line('topic'), required: true },
    line('user'),
    { name: 'password', type: 'secret' },
    { name: 'retain', type: 'flag', initial: 'true' },
    number('expireMinutes', 240),
    { name: 'version', type: 'choice', choices: ['4', '5'], initial: '4' },
    LANGUAGE,
    PLAIN,
  ],
}

/** What was typed, by the name of its field. */
export type Entries = Readonly<Record<string, string>>

/** What a form begins with: what is set, else the defaults. Secrets begin empty. */
export function entriesOf(kind: ChannelKind, settings: Readonly<Record<string, unknown>> | null): Entries {
  return Object.fromEntries(
    CHANNEL_FIELDS[kind].map((field) => {
      if (field.type === 'secret') return [field.name, '']
      const value = settings?.[field.name]
      return [field.name, value === undefined ? (field.initial ?? '') : wordsOf(field, value)]
    }),
  )
}

function wordsOf(field: Field, value: unknown): string {
  if (Array.isArray(value)) return value.join(', ')
  if (field.type === 'headers' && typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([name, words]) => `${name}: ${String(words)}`)
      .join('\n')
  return String(value)
}

interface Said {
  readonly settings: Readonly<Record<string, unknown>>
  readonly secrets: Readonly<Record<string, string>>
}

/**
 * What the entries say. What is left empty is null, which goes back to the default; a secret that is left empty stays as
 * it is.
 */
export function saidBy(kind: ChannelKind, entries: Entries): Said {
  const settings: Record<string, unknown> = {}
  const secrets: Record<string, string> = {}
  for (const field of CHANNEL_FIELDS[kind]) {
    const words = (entries[field.name] ?? '').trim()
    if (field.type === 'secret') {
      if (words !== '') secrets[field.name] = words
    } else settings[field.name] = settingOf(field, words)
  }
  return { settings, secrets }
}

function settingOf(field: Field, words: string): unknown {
  if (field.type === 'flag') return words === 'true'
  if (words === '') return null
  if (field.type === 'number' || (field.type === 'choice' && /^\d+$/.test(words))) return Number(words)
  if (field.type === 'list')
    return words
      .split(/[,,;;\n]/)
      .map((one) => one.trim())
      .filter((one) => one !== '')
  if (field.type === 'headers')
    return Object.fromEntries(
      words.split('\n').flatMap((line) => {
        const [name = '', ...rest] = line.split(':')
        return name.trim() === '' ? [] : [[name.trim(), rest.join(':').trim()]]
      }),
    )
  return words
}

/**
 * Names of the fields that cannot stay so, by the rules of the contract.
 * @param known names of the secrets that are set already
 */
export function faultyFields(kind: ChannelKind, said: Said, known: readonly string[]): readonly string[] {
  const settings = Object.fromEntries(Object.entries(said.settings).filter(([, value]) => value !== null))
  const faults = CHANNEL_SETTINGS[kind].settings.safeParse(settings).error?.issues ?? []
  const secretFaults = CHANNEL_SETTINGS[kind].secrets.safeParse(said.secrets).error?.issues ?? []
  const isKept = (name: PropertyKey | undefined): boolean =>
    known.includes(String(name)) && said.secrets[String(name)] === undefined
  // A webhook without a secret of its own is given one.
  const isGiven = (name: PropertyKey | undefined): boolean =>
    kind === 'webhook' && name === 'signingSecret' && said.secrets.signingSecret === undefined
  return [
    ...faults.map(({ path }) => String(path[0])),
    ...secretFaults.filter(({ path }) => !isKept(path[0]) && !isGiven(path[0])).map(({ path }) => String(path[0])),
  ]
}
