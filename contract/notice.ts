import { z } from 'zod'
import { ALARM_TYPE_NAMES } from './alarms.ts'
import { MESSAGE_OCCASIONS } from './channels.ts'
import { incidentSchema } from './incidents.ts'
import { publicPlaceSchema } from './public-place.ts'

/**
 * What is told of an incident, as the webhook's body and the public screens' message: version 1. It is made field by
 * field, so that nothing a person wrote and nothing about residents can slip in.
 */

const incidentNoticeSchema = incidentSchema
  .pick({
    id: true,
    kind: true,
    state: true,
    mode: true,
    verification: true,
    severity: true,
    placeId: true,
    openedAt: true,
    noticedAt: true,
    confirmedAt: true,
    acknowledgedAt: true,
    closedAt: true,
    alarms: true,
    devices: true,
    disposition: true,
    cause: true,
  })
  .extend({
    place: z.array(publicPlaceSchema).describe('from the county to the innermost place'),
    lon: z.number().nullable(),
    lat: z.number().nullable(),
    alarmTypes: z.array(z.enum(ALARM_TYPE_NAMES)),
  })
export type IncidentNotice = z.infer<typeof incidentNoticeSchema>

export const noticeSchema = z.object({
  version: z.literal(1),
  id: z.string().describe('the delivery id: the same at every attempt, so that a receiver can tell repeats'),
  occasion: z.enum(MESSAGE_OCCASIONS),
  step: z.number().int().describe('of the escalation'),
  at: z.number().describe('ms since 1970: when it was decided'),
  incident: incidentNoticeSchema.nullable().describe('null: a test of the channel'),
  url: z.string().nullable().describe('the incident in the console, for people with the right to see it'),
})
export type Notice = z.infer<typeof noticeSchema>
