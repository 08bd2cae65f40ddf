import { z } from 'zod'
import { SEVERITIES } from './alarms.ts'
import { INCIDENT_KINDS } from './incidents.ts'

/**
 * Who is told of an incident, by what, when. What a channel of each kind must be told is in `channel-settings.ts`; its
 * secrets go in and never come out again.
 */

export const CHANNEL_KINDS = {
  webhook: { en: 'Webhook', zh: 'Webhook' },
  email: { en: 'E-mail', zh: '电子邮件' },
  wecom: { en: 'WeCom bot', zh: '企业微信机器人' },
  dingtalk: { en: 'DingTalk bot', zh: '钉钉机器人' },
  sms: { en: 'SMS provider', zh: '短信' },
  mqtt: { en: 'Public screens (MQTT)', zh: '公共屏幕(MQTT)' },
} as const
export type ChannelKind = keyof typeof CHANNEL_KINDS
export const CHANNEL_KIND_NAMES = Object.keys(CHANNEL_KINDS) as [ChannelKind, ...ChannelKind[]]

/** What happens to an incident that somebody may want to hear of. `told` is a person's one key. */
export const OCCASIONS = ['opened', 'confirmed', 'escalated', 'told', 'closed'] as const
export type Occasion = (typeof OCCASIONS)[number]

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/)

/** The language that a channel's receivers read. */
export const LANGUAGES = ['zh', 'en'] as const
export type Language = (typeof LANGUAGES)[number]

/** A channel hears what one of its rules names. */
export const channelRuleSchema = z.object({
  kinds: z.array(z.enum(INCIDENT_KINDS)).describe('empty: all'),
  /**
   * `confirmed` also means an incident that was opened as a fire at once. `told` is heard at any hour and whatever the
   * severity: a person pressed the key.
   */
  occasions: z.array(z.enum(OCCASIONS)).min(1),
  /** `escalated` is heard from this step on; 0 is the first telling. */
  fromStep: z.number().int().min(0).default(0),
  atLeast: z.enum(SEVERITIES).default('WARNING'),
  placeId: z.string().nullable().describe('that place and what lies in it (a county, a home); null: everywhere'),
  shift: z
    .object({ from: clock, to: clock, days: z.array(z.number().int().min(1).max(7)) })
    .nullable()
    .describe('local time of the city; null: always'),
})
export type ChannelRule = z.infer<typeof channelRuleSchema>

/** What a channel hears for which nobody has said anything else. */
export const DEFAULT_RULES: readonly ChannelRule[] = [
  { kinds: ['fire', 'care'], occasions: [...OCCASIONS], fromStep: 0, atLeast: 'WARNING', placeId: null, shift: null },
]

/** `test` is of no incident: somebody tries the channel out. */
export const MESSAGE_OCCASIONS = [...OCCASIONS, 'test'] as const

/** The fate of one message to one channel. */
export const MESSAGE_STATES = ['waiting', 'sent', 'gave-up'] as const
export type MessageState = (typeof MESSAGE_STATES)[number]
export const messageSchema = z.object({
  id: z.string().describe('the delivery id: the same at every attempt'),
  incidentId: z.string().describe('empty: a test'),
  channelId: z.string(),
  channelName: z.string(),
  occasion: z.enum(MESSAGE_OCCASIONS),
  step: z.number().int(),
  state: z.enum(MESSAGE_STATES),
  attempts: z.number().int(),
  createdAt: z.number(),
  sentAt: z.number().nullable(),
  lastError: z.string().nullable(),
})
export type Message = z.infer<typeof messageSchema>
