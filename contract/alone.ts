import { z } from 'zod'
import { SEVERITIES } from './alarms.ts'
import { RESPONDER_KIND_NAMES } from './homes.ts'
import type { IncidentSource } from './incidents.ts'
import { momentSchema } from './moment.ts'

/**
 * Old people who live alone, watched by their water meter (ADR 32): under 10 l or over 1,000 l in 24 hours sends somebody
 * to the door. Their names and health lie with the residents (ADR 18); here stands only by whom they are looked after.
 */

interface Bound {
  readonly unit: string
  readonly min: number
  readonly max: number
  readonly default: number
}

/** The city's rule, and how far it may be set for one person. Nobody can be made unwatched by a setting. */
export const ALONE_RULE = {
  // The rule runs on 8 l or 10 l elsewhere. Above 30 l a day of two flushes would ring.
  noUseLitres: { unit: 'l', min: 1, max: 30, default: 10 },
  // 12 h count only where the meter reports every two hours and the person's own days allow it.
  noUseHours: { unit: 'h', min: 12, max: 48, default: 24 },
  overUseLitres: { unit: 'l', min: 200, max: 5000, default: 1000 },
} as const satisfies Record<string, Bound>
type RuleName = keyof typeof ALONE_RULE
export const RULE_NAMES = Object.keys(ALONE_RULE) as [RuleName, ...RuleName[]]

const bounded = ({ unit, min, max, default: otherwise }: Bound) =>
  z.number().min(min).max(max).default(otherwise).describe(`${min} to ${max} ${unit}`)
const aloneRuleSchema = z.object({
  noUseLitres: bounded(ALONE_RULE.noUseLitres),
  noUseHours: bounded(ALONE_RULE.noUseHours),
  overUseLitres: bounded(ALONE_RULE.overUseLitres),
})
export type AloneRule = z.infer<typeof aloneRuleSchema>
export const CITY_RULE: AloneRule = aloneRuleSchema.parse({})

const time = z.number().describe('ms since 1970')

/** Whom to call, in this order: the family, then the neighbour or cadre, then a visit. */
export const STAGES = {
  family: { minutes: 10, en: 'Family', zh: '家属' },
  nearby: { minutes: 20, en: 'Neighbour or cadre', zh: '邻居或村干部' },
  visit: { minutes: 30, en: 'Visit', zh: '上门查看' },
} as const
export type Stage = keyof typeof STAGES
export const STAGE_NAMES = Object.keys(STAGES) as [Stage, ...Stage[]]

const LONGEST_WAIT_MINUTES = 240
export const MOST_CONTACTS = 9
const aloneContactSchema = z.object({
  stage: z.enum(STAGE_NAMES),
  kind: z.enum(RESPONDER_KIND_NAMES).optional().describe('what they are; absent: as the stage says'),
  name: z.string().trim().min(1).max(100),
  phone: z.string().trim().max(50).default(''),
  minutes: z
    .number()
    .int()
    .min(1)
    .max(LONGEST_WAIT_MINUTES)
    .describe('to wait for an answer before the next is called'),
})
export type AloneContact = z.infer<typeof aloneContactSchema>

/** In the order in which they are called; within a stage as they were entered. */
export const inStages = <Contact extends Pick<AloneContact, 'stage'>>(
  contacts: readonly Contact[],
): readonly Contact[] => STAGE_NAMES.flatMap((stage) => contacts.filter((contact) => contact.stage === stage))

/** Not at home: until a day, or until water runs again as it does when they are. */
const awaySchema = z.object({
  from: time,
  until: time.nullable().describe('null: until normal use is seen'),
  by: z.string(),
  note: z.string().max(500),
})
export type Away = z.infer<typeof awaySchema>

/** What somebody has entered of a watched person. */
export const aloneBodySchema = z.object({
  placeId: z.string().min(1).max(200).describe('the dwelling; the meter itself may stand in a well in the street'),
  residentId: z.string().min(1).max(200).nullable().default(null).describe('in the list of residents'),
  rule: aloneRuleSchema.default(CITY_RULE),
  contacts: z.array(aloneContactSchema).max(MOST_CONTACTS).default([]),
})
export type AloneBody = z.infer<typeof aloneBodySchema>

/** A watched person, as it is stored. */
export interface Alone extends AloneBody {
  /** The water meter. */
  readonly deviceId: string
  readonly away: Away | null
  /** No use before this is judged: entered then, answered for then, or back then. ms since 1970 */
  readonly judgedFrom: number
}

/** What detection has to know of it: joined to the device as limits are. */
export interface AloneFacts extends AloneRule {
  readonly placeId: string
  readonly judgedFrom: number
  readonly away: Pick<Away, 'from' | 'until'> | null
}

export const factsOfAlone = ({ placeId, rule, judgedFrom, away }: Alone): AloneFacts => ({
  ...rule,
  placeId,
  judgedFrom,
  away: away === null ? null : { from: away.from, until: away.until },
})

/**
 * Enters an absence. What came before it is judged no more: the upload that shows it is still to come, and where they were away
 * already nobody could say when that absence ended.
 */
export function goAway<Told extends Pick<Away, 'from' | 'until'>>(
  { away, judgedFrom }: { readonly away: Pick<Away, 'from' | 'until'> | null; readonly judgedFrom: number },
  told: Told,
  now: number,
): { readonly away: Told; readonly judgedFrom: number } {
  const began = told.from <= now || (away !== null && away.from <= now)
  return { away: told, judgedFrom: began ? Math.max(judgedFrom, now) : judgedFrom }
}

/** The columns of a table of people, as who fills it in reads them (`store/import/alone.ts` understands both). */
export const ALONE_TABLE: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = {
  id: { zh: '水表', en: 'meter' },
  place: { zh: '住址', en: 'dwelling' },
  resident: { zh: '住户编号', en: 'resident' },
  no_use_litres: { zh: '用水下限', en: 'no_use_litres' },
  no_use_hours: { zh: '判定小时', en: 'no_use_hours' },
  over_use_litres: { zh: '用水上限', en: 'over_use_litres' },
  family: { zh: '家属', en: 'family' },
  family_phone: { zh: '家属电话', en: 'family_phone' },
  nearby: { zh: '邻居或村干部', en: 'neighbour' },
  nearby_phone: { zh: '邻居电话', en: 'neighbour_phone' },
  visit: { zh: '上门人员', en: 'visitor' },
  visit_phone: { zh: '上门电话', en: 'visitor_phone' },
}

// ── What their water says ───────────────────────────────────────────────────────────────────────────────────────────

/** One local day of a watched meter. `hours`: litres of each, null where they were not measured; `gap`: litres of those. */
export interface UseDay {
  /** Days since 1970 in the city's time. */
  readonly day: number
  readonly hours?: readonly (number | null)[] | undefined
  readonly gap?: number | undefined
  /** Longest time without use that was seen in it, h. */
  readonly still?: number | undefined
  /** Away for at least a part of it: says nothing about how they live. */
  readonly away?: true | undefined
}

/** What detection remembers of a watched meter (`ingest/detectors/own-use.ts`); the pages read the very same. */
export interface OwnUse {
  /** Time (ms) and register (l) of the last reading. */
  readonly last: readonly [at: number, litres: number]
  /** Since when hardly anything ran, and how much since then, l. */
  readonly still: readonly [since: number, litres: number]
  /** Hour by hour the first register: time, litres, time, litres …; the newest two days. */
  readonly points: readonly number[]
  /** Oldest first; the newest four weeks. */
  readonly days: readonly UseDay[]
  /** The dial was seen between two steps of ten litres. */
  readonly fine?: true
  /** Normal use was seen again during an absence. */
  readonly backAt?: number
}

/** Litres of a day; null where nothing of it is known. */
export function litresOfDay({ hours, gap }: UseDay): number | null {
  const known = hours?.filter((litres) => litres !== null) ?? []
  if (known.length === 0 && gap === undefined) return null
  return known.reduce((sum, litres) => sum + litres, gap ?? 0)
}

/** Whether they are away at `at`, as far as their water has not said otherwise. */
export const isAway = (away: Pick<Away, 'from' | 'until'> | null, at: number, backAt: number | undefined): boolean =>
  away !== null &&
  at >= away.from &&
  (away.until === null || at < away.until) &&
  !(backAt !== undefined && backAt > away.from)

// ── Answers and history ─────────────────────────────────────────────────────────────────────────────────────────────

/** What somebody who called or went there has to say. One click. */
export const ANSWERS = {
  fine: { en: 'Is fine', zh: '本人平安' },
  away: { en: 'Is away', zh: '外出不在家' },
  'needs-help': { en: 'Needs help', zh: '需要救助' },
  nobody: { en: 'Nobody answered', zh: '无人应答' },
  'meter-wrong': { en: 'The meter is wrong', zh: '水表有误' },
} as const
export type Answer = keyof typeof ANSWERS
export const ANSWER_NAMES = Object.keys(ANSWERS) as [Answer, ...Answer[]]

const note = z.string().trim().max(500).default('')
export const aloneAnswerBodySchema = z.object({
  answer: z.enum(ANSWER_NAMES),
  contact: z
    .number()
    .int()
    .min(0)
    .max(MOST_CONTACTS - 1)
    .nullable()
    .default(null)
    .describe('whom of the contacts'),
  until: momentSchema.nullable().default(null).describe('of `away`: until when; null: until water runs again'),
  note,
})
export type AloneAnswerBody = z.infer<typeof aloneAnswerBodySchema>

export const awayBodySchema = z.object({
  from: momentSchema.optional().describe('absent: now, or since water stopped running'),
  until: momentSchema.nullable().default(null),
  note,
})

const HISTORY_TYPES = ['watched', 'changed', 'unwatched', 'away', 'back', 'back-by-itself', 'answer'] as const

/** Append-only, like the audit. */
const aloneEventSchema = z.object({
  n: z.number().int(),
  at: time,
  type: z.enum(HISTORY_TYPES),
  by: z.string().nullable().describe('null: the water itself'),
  answer: z.enum(ANSWER_NAMES).nullable(),
  stage: z.enum(STAGE_NAMES).nullable(),
  contact: z.number().int().nullable().describe('which of the contacts, counted from 0'),
  from: time.nullable().describe('of an absence'),
  until: time.nullable(),
  incidentId: z.string().nullable(),
  note: z.string().nullable().describe('null for who may not be told of the person'),
})
export type AloneEvent = z.infer<typeof aloneEventSchema>
export type NewAloneEvent = Pick<AloneEvent, 'at' | 'type' | 'by'> &
  Partial<Omit<AloneEvent, 'n' | 'at' | 'type' | 'by'>>

// ── Whom to call now ────────────────────────────────────────────────────────────────────────────────────────────────

/** Whom of the contacts to call now. */
export interface CallNow {
  /** Which contact; null: all were called, somebody has to go there. */
  readonly contact: number | null
  readonly stage: Stage
  readonly since: number
  /** When the next one is due where nobody has answered; null: there is no next. */
  readonly nextAt: number | null
}

type Asked = Pick<AloneEvent, 'at' | 'type' | 'answer' | 'contact'>

/**
 * Goes through the contacts from the moment the alarm was noticed: who does not answer, and who has had their minutes, is
 * followed by the next. Nothing is stored for it: the answers and the clock say it all.
 * @param answers of this alarm, oldest first
 */
export function callNow(
  contacts: readonly Pick<AloneContact, 'stage' | 'minutes'>[],
  noticedAt: number,
  answers: readonly Asked[],
  now: number,
): CallNow {
  let since = noticedAt
  for (const [contact, { stage, minutes }] of contacts.entries()) {
    const due = since + minutes * MINUTE_MS
    const unanswered = answers.find((one) => one.answer === 'nobody' && one.contact === contact && one.at >= noticedAt)
    const over = unanswered === undefined ? due : Math.min(due, unanswered.at)
    if (now < over) return { contact, stage, since, nextAt: due }
    since = Math.max(since, over)
  }
  return { contact: null, stage: 'visit', since, nextAt: null }
}
const MINUTE_MS = 60_000

/** Whether an incident is about nothing but somebody's water: an answer about the person answers it whole. */
export const isAboutWaterOnly = (sources: readonly Pick<IncidentSource, 'type'>[]): boolean =>
  sources.length > 0 && sources.every(({ type }) => type === 'noUse' || type === 'overUse')

// ── The page ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** In the order in which they want somebody. */
export const ALONE_STATES = ['alarm', 'notice', 'unknown', 'near', 'away', 'fine'] as const
export type AloneState = (typeof ALONE_STATES)[number]

/** No reading for so long is not known, rather than no use: half as long again as a daily upload takes. ms */
export const UNKNOWN_AFTER_MS = 36 * 3_600_000

const litres = z.number().describe('l')
const dayUseSchema = z.object({
  day: z.number().int().describe('days since 1970 in the city’s time'),
  litres: litres.nullable().describe('null: not known'),
  away: z.boolean(),
})
export type DayUse = z.infer<typeof dayUseSchema>

const callNowSchema = z.object({
  contact: z.number().int().nullable(),
  stage: z.enum(STAGE_NAMES),
  since: time,
  nextAt: time.nullable(),
})

const aloneRowSchema = z.object({
  deviceId: z.string(),
  placeId: z.string(),
  placePath: z.array(z.string()).describe('names from the county down to the dwelling'),
  name: z.string().nullable().describe('null for who may not be told, or where nobody is named'),
  residentId: z.string().nullable().describe('null as `name` is'),
  state: z.enum(ALONE_STATES),
  away: awaySchema.omit({ note: true }).nullable(),
  overdue: z.boolean().describe('was to be back, and no water has run yet'),
  lastAt: time.nullable().describe('the newest reading of the register'),
  still: z.object({ since: time, litres }).nullable().describe('since when hardly anything ran, and how much'),
  rule: aloneRuleSchema,
  days: z.array(dayUseSchema).describe('the last fourteen, oldest first'),
  usual: litres.nullable().describe('median of the days that are known; null: not learnt yet'),
  alarm: z
    .object({
      id: z.string(),
      type: z.enum(['noUse', 'overUse']),
      severity: z.enum(SEVERITIES),
      active: z.boolean(),
      since: time,
      noticedAt: time,
      reason: z.string(),
      reasonZh: z.string(),
      incidentId: z.string().nullable(),
    })
    .nullable()
    .describe('the worst that is open'),
  call: callNowSchema.nullable().describe('whom to call now, while an alarm of the city’s rule is open'),
})
export type AloneRow = z.infer<typeof aloneRowSchema>

export const aloneQuerySchema = z.object({
  state: z.enum(ALONE_STATES).optional(),
  placeId: z.string().max(200).optional().describe('only those in it: a county, a township, a village'),
  q: z
    .string()
    .trim()
    .max(100)
    .optional()
    .describe('part of a place’s name or of an id; of a name for who may read all'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(20).optional(),
})

export const alonePageSchema = z.object({
  items: z.array(aloneRowSchema),
  total: z.number().int(),
  next: z.string().nullable(),
  counts: z.record(z.enum(ALONE_STATES), z.number().int()).describe('of everybody, whatever is filtered'),
})
export type AlonePage = z.infer<typeof alonePageSchema>

export const aloneDetailSchema = aloneRowSchema.extend({
  contacts: z.array(aloneContactSchema).nullable().describe('null for who may not see names and telephones'),
  awayNote: z.string().nullable(),
  history: z.array(aloneEventSchema).describe('newest first; at most 200'),
  weekdays: z
    .array(z.array(litres.nullable()))
    .describe('Monday to Sunday, each with 24 hours: mean litres of the last four weeks; null: not known'),
})
export type AloneDetail = z.infer<typeof aloneDetailSchema>
