import { z } from 'zod'
import { ALARM_TYPE_NAMES, alarmSchema, DISPOSITIONS, SEVERITIES } from './alarms.ts'
import { LIMIT_NAMES } from './detection-limits.ts'
import { eventSchema } from './events.ts'
import { KIND_NAMES } from './kinds.ts'
import { QUANTITY_NAMES } from './quantities.ts'
import { ROLES } from './roles.ts'

/** Request and answer shapes of the HTTP API. Times are ms since 1970 UTC; positions are WGS-84 degrees. */

/** How a device stands, worst first: its worst active alarm, then whether it is heard. */
export const DEVICE_STATUSES = ['critical', 'major', 'minor', 'warning', 'silent', 'never', 'ok', 'disabled'] as const
export type DeviceStatus = (typeof DEVICE_STATUSES)[number]

export const deviceSchema = z.object({
  id: z.string(),
  kind: z.enum(KIND_NAMES),
  name: z.string(),
  model: z.string().nullable(),
  placeId: z.string().nullable(),
  placePath: z.array(z.string()).describe('names from the county down to the device’s place'),
  gatewayId: z.string().nullable(),
  lon: z.number().nullable(),
  lat: z.number().nullable(),
  disabled: z.boolean(),
  status: z.enum(DEVICE_STATUSES),
  connected: z.boolean(),
  lastHeardAt: z.number().nullable().describe('last arrival of anything from it'),
  rhythmS: z.number().describe('how often it is expected to be heard, seconds'),
})
export type Device = z.infer<typeof deviceSchema>

const latestValueSchema = z.object({
  quantity: z.enum(QUANTITY_NAMES),
  value: z.union([z.number(), z.boolean(), z.string(), z.array(z.string())]),
  at: z.number().describe('when it was measured'),
})
export type LatestValue = z.infer<typeof latestValueSchema>

export const deviceDetailSchema = deviceSchema.extend({
  latest: z.array(latestValueSchema),
  useHidden: z.boolean().describe('what a household draws is left out: it is not told to the caller’s role'),
  attributes: z.record(z.string(), z.unknown()),
  alarms: z.array(alarmSchema).describe('open ones'),
  changedLimits: z
    .array(z.object({ name: z.enum(LIMIT_NAMES), value: z.number(), usual: z.number() }))
    .describe('limits of detection that somebody set for it or for its home'),
  gbAddress: z.number().nullable().describe('source address of a fire panel in GB/T 26875.3 frames'),
})
export type DeviceDetail = z.infer<typeof deviceDetailSchema>

export const page = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    total: z.number().int(),
    next: z.string().nullable().describe('pass as ?cursor= for the next page'),
  })

export const alarmQuerySchema = z.object({
  state: z.enum(['active', 'open', 'all']).default('open'),
  severity: z.enum(SEVERITIES).optional(),
  type: z.enum(ALARM_TYPE_NAMES).optional(),
  deviceId: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().optional(),
})
export const deviceQuerySchema = z.object({
  q: z.string().max(100).optional().describe('part of an id, name or place'),
  kind: z.enum(KIND_NAMES).optional(),
  status: z.enum(DEVICE_STATUSES).optional(),
  placeId: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().optional(),
})

export const historyQuerySchema = z.object({
  quantity: z.enum(QUANTITY_NAMES),
  from: z.coerce.number(),
  to: z.coerce.number(),
  points: z.coerce.number().int().min(1).max(5000).default(500).describe('buckets the range is divided into'),
})
/** One row per bucket that holds a reading. `consumption` only for registers, in the unit of the register. */
const historyBucketSchema = z.object({
  at: z.number().describe('start of the bucket'),
  min: z.number(),
  max: z.number(),
  mean: z.number(),
  last: z.number(),
  count: z.number().int(),
  consumption: z.number().nullable(),
})
export type HistoryBucket = z.infer<typeof historyBucketSchema>
export const historyAnswerSchema = z.object({
  quantity: z.enum(QUANTITY_NAMES),
  stepMs: z.number(),
  buckets: z.array(historyBucketSchema),
})
export const readingsAnswerSchema = z.object({
  at: z.array(z.number()),
  fields: z.record(z.string(), z.array(z.union([z.number(), z.boolean(), z.string(), z.array(z.string()), z.null()]))),
  truncated: z.boolean(),
})

export const quarantineItemSchema = z.object({
  id: z.number().int(),
  at: z.number().describe('time of arrival'),
  deviceId: z.string().describe('whom it concerns'),
  sender: z.string().describe('the device that sent it: of a gateway’s child, the gateway'),
  lane: z.enum(['urgent', 'bulk', 'operator']),
  topic: z.string(),
  codec: z.string().nullable().describe('of a raw frame'),
  reason: z.string(),
  detail: z.string(),
  pattern: z.string().describe('the detail without its numbers: what is alike has the same'),
  size: z.number().int().describe('bytes'),
  preview: z.string().describe('the first 200 bytes, as text where they are text, else as hex'),
  replayed: z.boolean().describe('it was understood when it was decoded anew; it no longer waits'),
  triedAt: z.number().nullable().describe('when it was last decoded anew'),
  triedBy: z.string().nullable(),
})
export type QuarantineItem = z.infer<typeof quarantineItemSchema>

export const quarantineGroupSchema = z.object({
  deviceId: z.string(),
  reason: z.string(),
  pattern: z.string(),
  count: z.number().int(),
  firstAt: z.number(),
  lastAt: z.number(),
  newest: quarantineItemSchema,
})
export type QuarantineGroup = z.infer<typeof quarantineGroupSchema>

export const quarantineDetailSchema = quarantineItemSchema.omit({ preview: true }).extend({
  replayable: z.boolean().describe('whether it can be decoded anew at all'),
  bytes: z.base64(),
  offending: z
    .object({ from: z.number().int(), to: z.number().int() })
    .nullable()
    .describe('where in the bytes it goes wrong, where that is known; `to` is not included'),
})
export type QuarantineDetail = z.infer<typeof quarantineDetailSchema>

/** What was replayed, or with `dryRun` what would be. Records, not entries: one record may have several complaints. */
export const replayAnswerSchema = z.object({
  dryRun: z.boolean(),
  records: z.number().int().describe('records that were decoded anew'),
  understood: z.number().int(),
  notUnderstood: z.number().int(),
  gone: z.number().int().describe('were replayed by somebody else meanwhile'),
  pending: z.number().int().describe('stored, but not decided yet: they will be'),
  readings: z.number().int(),
  reasons: z.record(z.string(), z.number().int()).describe('why records stay'),
  next: z.string().nullable().describe('there are more: pass as `cursor`'),
})
export type ReplayAnswer = z.infer<typeof replayAnswerSchema>

export const auditRecordSchema = z.object({
  id: z.number().int(),
  at: z.number(),
  actor: z.string(),
  action: z.string(),
  target: z.string(),
  detail: z.string(),
})
export type AuditRecord = z.infer<typeof auditRecordSchema>

/** What was dropped, refused or set aside, by reason: one row per (reason, device). */
export const rejectionSchema = z.object({
  reason: z.string(),
  fate: z.enum(['refused', 'quarantined', 'set-aside']),
  deviceId: z.string(),
  count: z.number().int(),
  firstAt: z.number(),
  lastAt: z.number(),
  lastDetail: z.string(),
})
export type Rejection = z.infer<typeof rejectionSchema>

export const sessionSchema = z.object({
  name: z.string(),
  role: z.enum(ROLES),
  mustSetPassword: z.boolean().describe('signed in by a one-time link and has no password yet'),
})
export type Session = z.infer<typeof sessionSchema>

/** One place where a person is signed in. */
export const openSessionSchema = z.object({
  id: z.string(),
  current: z.boolean().describe('the one that asks'),
  createdAt: z.number(),
  lastUsedAt: z.number(),
  expiresAt: z.number(),
  address: z.string(),
  agent: z.string().describe('what the browser calls itself'),
  byLink: z.boolean().describe('opened by a one-time link'),
})
export type OpenSession = z.infer<typeof openSessionSchema>

export const userSchema = z.object({
  name: z.string(),
  role: z.enum(ROLES),
  hasPassword: z.boolean(),
  disabled: z.boolean(),
  createdAt: z.number(),
  sessions: z.number().int().describe('where they are signed in now'),
  lastUsedAt: z.number().nullable(),
})
export type UserAnswer = z.infer<typeof userSchema>

export const signInPathSchema = z.object({
  path: z.string().describe('put the console’s address before it: signs in once, within 24 hours'),
})

export const placeSchema = z.object({
  id: z.string(),
  parentId: z.string().nullable(),
  kind: z.enum([
    'county',
    'township',
    'village',
    'well',
    'home',
    'building',
    'floor',
    'room',
    'bed',
    'dwelling',
    'plant',
  ]),
  name: z.string(),
  lon: z.number().nullable(),
  lat: z.number().nullable(),
  contact: z.string().nullable().describe('who to call, for example a duty telephone'),
})
export type Place = z.infer<typeof placeSchema>

export const alarmActionSchema = z.object({ comment: z.string().max(2000).default('') })
export const alarmCloseSchema = z.object({
  disposition: z.enum(DISPOSITIONS),
  comment: z.string().max(2000).default(''),
})
export const alarmDetailSchema = z.object({ alarm: alarmSchema, timeline: z.array(eventSchema) })

/** Every error of the API: a stable code, a sentence for a person, and what to do. */
export const errorSchema = z.object({
  error: z.object({ code: z.string(), message: z.string(), todo: z.string().optional() }),
})
