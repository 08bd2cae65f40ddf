import { z } from 'zod'
import { CHANNEL_KIND_NAMES, type ChannelKind, channelRuleSchema, LANGUAGES } from './channels.ts'

/** What a channel of each kind is told by whoever sets it up: settings that administrators see, and secrets that nobody does. */

const MAX_TEXT = 2000
const text = z.string().min(1).max(MAX_TEXT)
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/** A list, or at the command line one text with commas in it. */
const listOf = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    (given) =>
      Array.isArray(given) || given === undefined
        ? given
        : String(given)
            .split(',')
            .map((one) => one.trim()),
    z.array(item).min(1).max(50),
  )

const HTTP_URL = z
  .url({ protocol: /^https?$/ })
  .refine((url) => !hasCredentials(url), 'an address without a name and password in it')
const MQTT_URL = z
  .url({ protocol: /^mqtts?$/ })
  .refine((url) => !hasCredentials(url), 'an address without a name and password in it')
const hasCredentials = (url: string): boolean => URL.canParse(url) && new URL(url).username !== ''

/** Of every channel. `allowPlain` is for receivers in a network of one's own. */
const common = {
  language: z.enum(LANGUAGES).default('zh'),
  allowPlain: z.boolean().default(false).describe('without TLS also to other machines'),
  giveUpMinutes: z
    .number()
    .int()
    .min(1)
    .max(10_080)
    .optional()
    .describe('after this long a message becomes a dead letter'),
} as const

/** Letters a minute; a fire passes where others wait. */
const perMinute = (usual: number) => z.number().int().min(2).max(1000).default(usual)
/** developer.work.weixin.qq.com/document/path/91770 and open.dingtalk.com's custom robots: 20 a minute each. */
const BOT_PER_MINUTE = 20
/** Below what mail servers and SMS providers take for spam. */
const MAIL_PER_MINUTE = 30

/** The bots' whole address holds the secret; who pastes it means the secret in it. */
const fromAddress = (parameter: string) =>
  z.preprocess(
    (given) =>
      typeof given === 'string' && URL.canParse(given) ? (new URL(given).searchParams.get(parameter) ?? given) : given,
    z.string().regex(/^[\w-]{8,200}$/, `the \`${parameter}\` of the bot's address, or the whole address`),
  )

/** Standard Webhooks: `whsec_` and 24 to 64 bytes in base64. */
const signingSecret = z.string().regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, 'whsec_ and 24 to 64 bytes in base64')

const kind = <S extends z.ZodRawShape, T extends z.ZodType>(settings: S, secrets: T) => ({
  settings: z.strictObject({ ...common, ...settings }).superRefine(refusePlain),
  secrets,
})

export const CHANNEL_SETTINGS = {
  webhook: kind({ url: HTTP_URL }, z.strictObject({ signingSecret })),
  email: kind(
    {
      host: text,
      port: z.number().int().min(1).max(65_535).default(587),
      tls: z.enum(['starttls', 'tls', 'none']).default('starttls'),
      user: z.string().max(MAX_TEXT).optional(),
      from: z.email(),
      to: listOf(z.email()),
      perMinute: perMinute(MAIL_PER_MINUTE),
    },
    z.strictObject({ password: text.optional() }),
  ),
  wecom: kind(
    { baseUrl: HTTP_URL.default('https://qyapi.weixin.qq.com'), perMinute: perMinute(BOT_PER_MINUTE) },
    z.strictObject({ key: fromAddress('key') }),
  ),
  dingtalk: kind(
    { baseUrl: HTTP_URL.default('https://oapi.dingtalk.com'), perMinute: perMinute(BOT_PER_MINUTE) },
    z.strictObject({ accessToken: fromAddress('access_token'), signingSecret: text.optional().describe('SEC…') }),
  ),
  sms: kind(
    {
      method: z.enum(['POST', 'GET', 'PUT']).default('POST'),
      url: HTTP_URL.describe('may hold {{phone}}, {{text}} and {{secret.NAME}}, as headers and body may'),
      headers: z.record(z.string().regex(/^[\w-]+$/), z.string().max(MAX_TEXT)).default({}),
      body: z.string().max(MAX_TEXT).default('{"phone":"{{phone}}","text":"{{text}}"}'),
      phones: listOf(z.string().regex(/^\+?[\d -]{5,20}$/, 'a telephone number')),
      success: z
        .string()
        .max(MAX_TEXT)
        .refine(isPattern, 'a regular expression')
        .optional()
        .describe('what the answer must hold; else any 2xx is a success'),
      perMinute: perMinute(MAIL_PER_MINUTE),
    },
    z.record(z.string().regex(/^\w{1,50}$/), text),
  ),
  mqtt: kind(
    {
      url: MQTT_URL,
      topic: z
        .string()
        .min(1)
        .max(500)
        .refine((topic) => !/[+#\0]/.test(topic), 'a topic without wildcards')
        .describe('{{incident}} stands for the incident: each has then its own retained message'),
      user: z.string().max(MAX_TEXT).optional(),
      retain: z.boolean().default(true),
      expireMinutes: z.number().int().min(1).max(10_080).default(240),
      version: z
        .union([z.literal(4), z.literal(5)])
        .default(4)
        .describe('4: MQTT 3.1.1; 5 lets the broker forget it in time'),
    },
    z.strictObject({ password: text.optional() }),
  ),
} as const satisfies Record<ChannelKind, { readonly settings: z.ZodType; readonly secrets: z.ZodType }>

export type ChannelSettings<K extends ChannelKind> = z.output<(typeof CHANNEL_SETTINGS)[K]['settings']>
export type ChannelSecrets<K extends ChannelKind> = z.output<(typeof CHANNEL_SETTINGS)[K]['secrets']>

/** Over the air and over the Internet only what is encrypted, unless somebody says so of their own network. */
function refusePlain(settings: Record<string, unknown>, context: z.RefinementCtx): void {
  if (settings.allowPlain === true) return
  const plain = (path: string, host: string): void => {
    if (!LOOPBACK.test(host))
      context.addIssue({ code: 'custom', path: [path], message: 'must be encrypted, or `allowPlain` set to true' })
  }
  for (const name of ['url', 'baseUrl']) {
    const url = settings[name]
    if (typeof url === 'string' && /^(http|mqtt):/.test(url)) plain(name, new URL(url).hostname)
  }
  if (settings.tls === 'none') plain('tls', String(settings.host))
}

function isPattern(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').source !== ''
  } catch {
    return false
  }
}

/** What the API says of a channel: of its secrets only which are set. */
export const channelSchema = z.object({
  id: z.string(),
  kind: z.enum(CHANNEL_KIND_NAMES),
  name: z.string(),
  settings: z.record(z.string(), z.unknown()),
  secrets: z.array(z.string()).describe('names of the secrets that are set'),
  rules: z.array(channelRuleSchema),
  disabled: z.boolean(),
  disabledWhy: z.string().nullable(),
  waiting: z.number().int().describe('messages on their way'),
  deadLetters: z.number().int(),
})
export type Channel = z.infer<typeof channelSchema>

const name = z.string().trim().min(1).max(100)
export const newChannelSchema = z.object({
  kind: z.enum(CHANNEL_KIND_NAMES),
  name,
  settings: z.record(z.string(), z.unknown()),
  secrets: z.record(z.string(), z.string()).default({}),
  rules: z.array(channelRuleSchema).max(100).optional().describe('absent: every fire and care incident'),
})
export const channelChangeSchema = z.object({
  name: name.optional(),
  settings: z.record(z.string(), z.unknown()).optional().describe('those that change; null: back to the default'),
  secrets: z.record(z.string(), z.string()).optional().describe('those that change'),
  rules: z.array(channelRuleSchema).max(100).optional(),
  disabled: z.boolean().optional(),
})
