import { z } from 'zod'
import { isInShift } from './shifts.ts'

/** What is known of a home besides its devices: plans, staff, help nearby. Positions are WGS-84 degrees. */

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
const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/

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
