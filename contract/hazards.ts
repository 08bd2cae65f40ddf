import { z } from 'zod'
import type { Role } from './roles.ts'

/**
 * A hazard is work with an owner and a deadline. Whoever did it claims it done; then three parties judge, and it leaves
 * the list only when all three agree. Each may refuse: it is open again, with the refusal on record.
 */

const time = z.number().describe('ms since 1970')

export const HAZARD_KINDS = {
  'blocked-exit': { en: 'Blocked exit', zh: '疏散通道堵塞' },
  'too-few-exits': { en: 'Too few exits', zh: '安全出口不足' },
  'foam-panel': { en: 'Foam-panel building', zh: '泡沫夹芯彩钢板' },
  'too-high': { en: 'Above the fourth floor', zh: '设在四层以上' },
  'low-water': { en: 'Fire water too low', zh: '消防水压不足' },
  extinguisher: { en: 'Extinguisher expired', zh: '灭火器过期' },
  wiring: { en: 'Unsafe wiring', zh: '电气线路隐患' },
  detector: { en: 'Detector missing or broken', zh: '探测器缺失或损坏' },
  other: { en: 'Other', zh: '其他' },
} as const
export type HazardKind = keyof typeof HAZARD_KINDS
export const HAZARD_KIND_NAMES = Object.keys(HAZARD_KINDS) as [HazardKind, ...HazardKind[]]

export const HAZARD_STATES = ['open', 'claimed-done', 'closed'] as const
export type HazardState = (typeof HAZARD_STATES)[number]

/** What the three parties judge. */
export const HAZARD_VERDICTS = {
  'put-right': { en: 'Put right', zh: '整改到位', refusedEn: 'Not put right', refusedZh: '整改不到位' },
  standard: { en: 'Up to standard', zh: '标准达标', refusedEn: 'Not up to standard', refusedZh: '标准不达标' },
  people: { en: 'People satisfied', zh: '群众满意', refusedEn: 'People not satisfied', refusedZh: '群众不满意' },
} as const
export type HazardVerdict = keyof typeof HAZARD_VERDICTS
export const HAZARD_VERDICT_NAMES = Object.keys(HAZARD_VERDICTS) as [HazardVerdict, ...HazardVerdict[]]

/** Enough for before and after from every side; more is a film. */
export const MOST_PHOTOGRAPHS = 20

const hazardSchema = z.object({
  id: z.string(),
  placeId: z.string(),
  kind: z.enum(HAZARD_KIND_NAMES),
  description: z.string().min(1).max(2000),
  owner: z.string().min(1).max(100).describe('who must put it right'),
  dueAt: time,
  foundAt: time,
  foundBy: z.string(),
  state: z.enum(HAZARD_STATES),
  verdicts: z.partialRecord(
    z.enum(HAZARD_VERDICT_NAMES),
    z.object({ agreed: z.boolean(), by: z.string(), at: time, reason: z.string() }),
  ),
  refusals: z.number().int().describe('how often it was sent back'),
  closedAt: time.nullable(),
  photographs: z.array(z.object({ id: z.string(), at: time, by: z.string(), after: z.boolean() })),
})
export type Hazard = z.infer<typeof hazardSchema>

/** The one field of each that only one party may judge: the home's supervisor, the brigade, and who calls the people back. */
const PARTY_OF: Record<HazardVerdict, Role> = { 'put-right': 'care', standard: 'fire', people: 'dispatcher' }

/** An administrator may stand in for a party that has nobody; the rule of one verdict per person holds for them too. */
export const mayJudge = (role: Role, verdict: HazardVerdict): boolean => role === 'admin' || role === PARTY_OF[verdict]

const HAZARD_EVENTS = ['opened', 'changed', 'photographed', 'claimed', 'agreed', 'refused', 'closed'] as const

/** One line of a hazard's history. It is only ever added to. */
const hazardEventSchema = z.object({
  n: z.number().int().describe('grows; in the order in which it happened'),
  hazardId: z.string(),
  type: z.enum(HAZARD_EVENTS),
  at: time,
  by: z.string(),
  verdict: z.enum(HAZARD_VERDICT_NAMES).nullable(),
  photographId: z.string().nullable(),
  comment: z.string().describe('a reason, a remark; for `changed` also what it was before'),
})
export type HazardEvent = z.infer<typeof hazardEventSchema>
export type NewHazardEvent = Omit<HazardEvent, 'n' | 'hazardId'>

/** What a person does to a hazard that is there. */
export type HazardAction =
  | { readonly type: 'change'; readonly owner?: string; readonly dueAt?: number; readonly reason: string }
  | { readonly type: 'photograph'; readonly id: string; readonly after: boolean }
  | { readonly type: 'claim'; readonly comment: string }
  | { readonly type: 'judge'; readonly verdict: HazardVerdict; readonly agreed: boolean; readonly reason: string }

type HazardRefusal =
  | 'hazard.closed'
  | 'hazard.not-claimed'
  | 'hazard.claimed-already'
  | 'hazard.not-your-verdict'
  | 'hazard.one-verdict-each'
  | 'hazard.reason-missing'
  | 'hazard.photographed-already'
  | 'hazard.too-many-photographs'

export type HazardOutcome =
  | { readonly ok: true; readonly hazard: Hazard; readonly events: readonly NewHazardEvent[] }
  | { readonly ok: false; readonly refusal: HazardRefusal }

export interface Actor {
  readonly name: string
  readonly role: Role
}

/** What an action makes of a hazard. Nobody changes one that is closed: what comes back is a new hazard. */
export function decideHazard(before: Hazard, action: HazardAction, by: Actor, at: number): HazardOutcome {
  if (before.state === 'closed') return refused('hazard.closed')
  const event = (type: NewHazardEvent['type'], more: Partial<NewHazardEvent> = {}): NewHazardEvent => ({
    type,
    at,
    by: by.name,
    verdict: null,
    photographId: null,
    comment: '',
    ...more,
  })
  switch (action.type) {
    case 'change': {
      const { owner = before.owner, dueAt = before.dueAt } = action
      const was = `${before.owner}, ${new Date(before.dueAt).toISOString()}`
      const comment = `${action.reason} (${was} → ${owner}, ${new Date(dueAt).toISOString()})`
      return done({ ...before, owner, dueAt }, event('changed', { comment }))
    }
    case 'photograph': {
      if (before.photographs.some(({ id }) => id === action.id)) return refused('hazard.photographed-already')
      if (before.photographs.length >= MOST_PHOTOGRAPHS) return refused('hazard.too-many-photographs')
      const photographs = [...before.photographs, { id: action.id, at, by: by.name, after: action.after }]
      return done({ ...before, photographs }, event('photographed', { photographId: action.id }))
    }
    case 'claim':
      if (before.state === 'claimed-done') return refused('hazard.claimed-already')
      // What was judged before was another state of things.
      return done({ ...before, state: 'claimed-done', verdicts: {} }, event('claimed', { comment: action.comment }))
    case 'judge':
      return judge(before, action, by, at, event)
  }
}

function judge(
  before: Hazard,
  { verdict, agreed, reason }: Extract<HazardAction, { type: 'judge' }>,
  by: Actor,
  at: number,
  event: (type: NewHazardEvent['type'], more?: Partial<NewHazardEvent>) => NewHazardEvent,
): HazardOutcome {
  if (!mayJudge(by.role, verdict)) return refused('hazard.not-your-verdict')
  if (before.state !== 'claimed-done') return refused('hazard.not-claimed')
  if (!agreed && reason.trim() === '') return refused('hazard.reason-missing')
  const others = HAZARD_VERDICT_NAMES.filter((name) => name !== verdict)
  if (others.some((name) => before.verdicts[name]?.by === by.name)) return refused('hazard.one-verdict-each')
  const verdicts = { ...before.verdicts, [verdict]: { agreed, by: by.name, at, reason } }
  const said = event(agreed ? 'agreed' : 'refused', { verdict, comment: reason })
  if (!agreed) return done({ ...before, state: 'open', verdicts, refusals: before.refusals + 1 }, said)
  if (!others.every((name) => before.verdicts[name]?.agreed === true)) return done({ ...before, verdicts }, said)
  return done({ ...before, state: 'closed', verdicts, closedAt: at }, said, event('closed'))
}

const refused = (refusal: HazardRefusal): HazardOutcome => ({ ok: false, refusal })
const done = (hazard: Hazard, ...events: readonly NewHazardEvent[]): HazardOutcome => ({ ok: true, hazard, events })

/** Past its deadline and still on the list. */
export const isOverdue = (hazard: Pick<Hazard, 'state' | 'dueAt'>, now: number): boolean =>
  hazard.state !== 'closed' && hazard.dueAt < now

// ── The API ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export const newHazardSchema = z.object({
  placeId: z.string().min(1).max(200),
  kind: z.enum(HAZARD_KIND_NAMES),
  description: z.string().trim().min(1).max(2000),
  owner: z.string().trim().min(1).max(100),
  dueAt: time,
})
export const hazardChangeSchema = z
  .object({
    owner: z.string().trim().min(1).max(100).optional(),
    dueAt: time.optional(),
    reason: z.string().trim().min(1).max(500).describe('why: it stands in the history'),
  })
  .refine(({ owner, dueAt }) => owner !== undefined || dueAt !== undefined, 'say what is to change')
export const hazardClaimSchema = z.object({ comment: z.string().max(2000).default('') })
export const hazardVerdictSchema = z.object({
  verdict: z.enum(HAZARD_VERDICT_NAMES),
  agreed: z.boolean(),
  reason: z.string().trim().max(2000).default('').describe('must be said by who does not agree'),
})

export const hazardQuerySchema = z.object({
  state: z.enum([...HAZARD_STATES, 'unclosed', 'all']).default('unclosed'),
  kind: z.enum(HAZARD_KIND_NAMES).optional(),
  placeId: z.string().max(200).optional().describe('there and in what lies in it: a county, a home, a room'),
  overdue: z.stringbool().default(false).describe('only those past their deadline'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(200).optional(),
})

/** A hazard as a list shows it: the soonest deadline first. */
export const hazardAnswerSchema = hazardSchema.extend({
  placePath: z.array(z.string()).describe('names from the county down'),
  premisesId: z.string().nullable().describe('the home or dwelling it is in'),
  overdue: z.boolean(),
})
export type HazardAnswer = z.infer<typeof hazardAnswerSchema>

export const hazardDetailSchema = hazardAnswerSchema.extend({
  history: z.array(hazardEventSchema).describe('oldest first'),
  may: z
    .object({
      change: z.boolean(),
      claim: z.boolean(),
      photograph: z.boolean(),
      judge: z.array(z.enum(HAZARD_VERDICT_NAMES)),
    })
    .describe('what the caller may do to it now: what the page offers'),
})
export type HazardDetail = z.infer<typeof hazardDetailSchema>
