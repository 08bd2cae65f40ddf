import { z } from 'zod'
import { isInShift } from './shifts.ts'

/** What is known of a home besides its devices: plans, staff, help nearby, hazards. Positions are WGS-84 degrees. */

const time = z.number().describe('ms since 1970')

/** A floor's plan: an image of the floor with its devices on it. */
export const floorPlanSchema = z.object({
  placeId: z.string().describe('the floor (or room, dwelling) that it shows'),
  mediaType: z.enum(['image/png', 'image/jpeg', 'image/webp', 'image/svg+xml']),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  revision: z.number().int().describe('grows with every new image'),
  pins: z
    .array(
      z.object({
        deviceId: z.string(),
        /** 0 to 1 from the left, 0 to 1 from the top. */
        x: z.number().min(0).max(1),
        y: z.number().min(0).max(1),
      }),
    )
    .max(1000),
})
export type FloorPlan = z.infer<typeof floorPlanSchema>

/** `looks`: is in the house while on duty, and can go and look at what a detector says. */
export const DUTIES = {
  'control-room': { en: 'Fire control room', zh: '消防控制室值班', looks: true },
  carer: { en: 'Carer', zh: '护理员', looks: true },
  'safety-manager': { en: 'Fire safety manager', zh: '消防安全管理人', looks: false },
  director: { en: 'Director', zh: '院长', looks: false },
} as const
export type Duty = keyof typeof DUTIES
export const DUTY_NAMES = Object.keys(DUTIES) as [Duty, ...Duty[]]

/** A time of day, `HH:MM`. */
export const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/

/** Who is on duty in a home, and when: a shift as in `shifts.ts`. */
export const staffSchema = z.object({
  id: z.string(),
  placeId: z.string(),
  name: z.string().min(1).max(100),
  duty: z.enum(DUTY_NAMES),
  phone: z.string().max(50),
  from: z.string().regex(CLOCK),
  to: z.string().regex(CLOCK),
  days: z.array(z.number().int().min(1).max(7)).describe('1 is Monday; empty: every day'),
})
export type Staff = z.infer<typeof staffSchema>

export const onDuty = (staff: readonly Staff[], at: number, timeZone: string): readonly Staff[] =>
  staff.filter((one) => isInShift(one, at, timeZone))

/** Whether somebody is recorded as being there now who can go and look. */
export const isStaffed = (staff: readonly Staff[], at: number, timeZone: string): boolean =>
  onDuty(staff, at, timeZone).some(({ duty }) => DUTIES[duty].looks)

export const RESPONDER_KINDS = {
  'fire-post': { en: 'Township fire post', zh: '乡镇消防站' },
  'micro-station': { en: 'Micro fire station', zh: '微型消防站' },
  team: { en: 'Specialist team', zh: '专业救援队' },
  neighbour: { en: 'Neighbour', zh: '邻居' },
  cadre: { en: 'Village cadre', zh: '村干部' },
  family: { en: 'Family', zh: '家属' },
  hospital: { en: 'Hospital', zh: '医院' },
  volunteer: { en: 'Volunteers', zh: '志愿者' },
} as const
export type ResponderKind = keyof typeof RESPONDER_KINDS
export const RESPONDER_KIND_NAMES = Object.keys(RESPONDER_KINDS) as [ResponderKind, ...ResponderKind[]]

/** Somebody who can be sent. With `serves` only for that place and what lies in it (a neighbour), else for all nearby. */
export const responderSchema = z.object({
  id: z.string(),
  kind: z.enum(RESPONDER_KIND_NAMES),
  name: z.string().min(1).max(100),
  phone: z.string().max(50),
  lon: z.number().nullable(),
  lat: z.number().nullable(),
  serves: z.string().nullable(),
  engines: z.number().int().min(0).default(0),
})
export type Responder = z.infer<typeof responderSchema>

/** A responder as seen from an incident. */
export const nearbyResponderSchema = responderSchema.extend({
  distanceM: z.number().nullable(),
  travelS: z.number().nullable().describe('an estimate: turn-out time and the distance at the speed of its kind'),
})
export type NearbyResponder = z.infer<typeof nearbyResponderSchema>

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

/** A hazard leaves the list only when all three agree; each may refuse, with a reason. */
export const HAZARD_VERDICTS = {
  'put-right': { en: 'Put right', zh: '整改到位', refusedEn: 'Not put right', refusedZh: '整改不到位' },
  standard: { en: 'Up to standard', zh: '标准达标', refusedEn: 'Not up to standard', refusedZh: '标准不达标' },
  people: { en: 'People satisfied', zh: '群众满意', refusedEn: 'People not satisfied', refusedZh: '群众不满意' },
} as const
export type HazardVerdict = keyof typeof HAZARD_VERDICTS
export const HAZARD_VERDICT_NAMES = Object.keys(HAZARD_VERDICTS) as [HazardVerdict, ...HazardVerdict[]]

export const hazardSchema = z.object({
  id: z.string(),
  placeId: z.string(),
  kind: z.enum(HAZARD_KIND_NAMES),
  description: z.string().min(1).max(2000),
  owner: z.string().min(1).max(100).describe('who must put it right'),
  dueAt: time,
  foundAt: time,
  foundBy: z.string(),
  state: z.enum(['open', 'claimed-done', 'closed']),
  verdicts: z.partialRecord(
    z.enum(HAZARD_VERDICT_NAMES),
    z.object({ agreed: z.boolean(), by: z.string(), at: time, reason: z.string() }),
  ),
  refusals: z.number().int().describe('how often it was sent back'),
  closedAt: time.nullable(),
  photographs: z.array(z.object({ id: z.string(), at: time, by: z.string(), after: z.boolean() })),
})
export type Hazard = z.infer<typeof hazardSchema>
