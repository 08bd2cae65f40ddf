import { z } from 'zod'
import { alarmSchema } from './alarms.ts'
import { page, placeSchema } from './api.ts'
import { messageSchema } from './channels.ts'
import { eventSchema } from './events.ts'
import { nearbyResponderSchema } from './homes.ts'
import { dutyCheckSchema, INCIDENT_COMMANDS, INCIDENT_KINDS, incidentSchema, watchModeSchema } from './incidents.ts'

/** Request and answer shapes of incidents, watch modes and duty checks. Times are ms since 1970 UTC. */

const limit = z.coerce.number().int().min(1).max(1000).default(100)

export const incidentQuerySchema = z.object({
  state: z.enum(['open', 'all']).default('open'),
  kind: z.enum(INCIDENT_KINDS).optional(),
  premisesId: z.string().max(200).optional().describe('of this home or dwelling only'),
  limit,
  cursor: z.string().optional(),
})
export const incidentPageSchema = page(
  incidentSchema.extend({ placePath: z.array(z.string()).describe('names from the county down to where it began') }),
)
export type ListedIncident = z.infer<typeof incidentPageSchema>['items'][number]

/** Everything a dispatcher needs of one incident, in one answer. */
export const incidentDetailSchema = z.object({
  incident: incidentSchema,
  placePath: z.array(z.string()).describe('names from the county down to where it began'),
  premises: placeSchema.nullable().describe('the home or dwelling, with whom to call'),
  position: z.object({ lon: z.number(), lat: z.number() }).nullable().describe('of the innermost place that has one'),
  people: z.number().int().describe('how many live there; who, tells /api/alarms/:id/residents'),
  alarms: z.array(alarmSchema).describe('as they are now, the first that joined first; at most 200'),
  timeline: z.array(eventSchema).describe('oldest first; only grows'),
  messages: z.array(messageSchema).describe('the fate of every message, oldest first'),
  watch: z.array(watchModeSchema).describe('tests, drills and isolations in force there'),
  responders: z
    .array(nearbyResponderSchema)
    .nullable()
    .describe('who can be sent, the soonest there first; null for who may not see names and telephones'),
})
export type IncidentDetail = z.infer<typeof incidentDetailSchema>

/** What a person may do to an incident: the last word of the address, and what goes with it. */
export const INCIDENT_ACTIONS = {
  acknowledge: { summary: 'Take it: a named person has it; ringing and escalation stop' },
  confirm: { summary: 'Somebody has looked: it is real' },
  dispatch: { summary: 'Send help, of the responders named or in words' },
  arrive: { summary: 'Staff, neighbours or the brigade are there: their clock of 1-3-5 stops' },
  call: { summary: 'Write down a telephone call and whether it was answered' },
  comment: { summary: 'Write something at an incident' },
  tell: { summary: 'One key, everyone knows: tell all linked channels now' },
  close: { summary: 'Close it, and say what it was and why' },
} as const
export type IncidentAction = keyof typeof INCIDENT_ACTIONS
export const INCIDENT_ACTION_NAMES = Object.keys(INCIDENT_ACTIONS) as [IncidentAction, ...IncidentAction[]]

export const watchSetSchema = INCIDENT_COMMANDS['watch.set']
export const watchListSchema = z.object({ items: z.array(watchModeSchema) })
export const placeResetSchema = INCIDENT_COMMANDS['place.reset'].omit({ placeId: true })

export const dutyCheckQuerySchema = z.object({
  placeId: z.string().max(200).optional().describe('of this home only'),
  limit,
  cursor: z.string().optional(),
})
export const dutyCheckPageSchema = page(dutyCheckSchema)
export const dutyAskSchema = INCIDENT_COMMANDS['duty.check']
export const dutyAnswerSchema = INCIDENT_COMMANDS['duty.answer'].omit({ dutyCheckId: true })
