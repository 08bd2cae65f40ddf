import { z } from 'zod'
import { alarmSchema, DISPOSITIONS } from './alarms.ts'
import { messageSchema } from './channels.ts'
import {
  callSchema,
  dutyCheckSchema,
  INCIDENT_COMMANDS,
  INCIDENT_EVENTS,
  incidentSchema,
  watchModeSchema,
} from './incidents.ts'

/**
 * The log of what was decided. Events are numbered without gaps as a reader sees them; a client that missed some asks
 * for everything after its last number. Alarm events carry the whole alarm after the change, so that applying one twice
 * is harmless.
 */
const base = {
  seq: z.number().int(),
  at: z.number().describe('ms since 1970: when it was decided'),
  commandId: z.string().nullable().describe('the person’s command this answers, if any'),
  actor: z.string().nullable().describe('user name, where a person did it'),
}

export const eventSchema = z.discriminatedUnion('type', [
  z.object({ ...base, type: z.literal('alarm.raised'), alarm: alarmSchema }),
  z.object({ ...base, type: z.literal('alarm.updated'), alarm: alarmSchema }),
  z.object({ ...base, type: z.literal('alarm.cleared'), alarm: alarmSchema }),
  z.object({ ...base, type: z.literal('alarm.acknowledged'), alarm: alarmSchema, comment: z.string() }),
  z.object({ ...base, type: z.literal('alarm.commented'), alarm: alarmSchema, comment: z.string() }),
  z.object({ ...base, type: z.literal('alarm.closed'), alarm: alarmSchema, comment: z.string() }),
  z.object({ ...base, type: z.literal('command.refused'), code: z.string(), message: z.string() }),
  z.object({
    ...base,
    type: z.literal('quarantine.replayed'),
    dryRun: z.boolean().describe('only tried: nothing has changed'),
    understood: z.number().int().describe('records without a complaint now'),
    notUnderstood: z.number().int().describe('records that stay in quarantine, with the reason they have now'),
    gone: z.number().int().describe('records that were no longer in quarantine: replayed before, or dropped'),
    readings: z.number().int().describe('readings that were understood'),
    reasons: z.record(z.string(), z.number().int()).describe('why records stay, and how many'),
  }),
  z.object({
    ...base,
    type: z.enum(INCIDENT_EVENTS),
    incident: incidentSchema,
    comment: z.string(),
    alarmId: z.string().nullable().describe('the alarm that opened, joined or confirmed it'),
    responderIds: z.array(z.string()).optional().describe('of incident.dispatched'),
    call: callSchema.optional().describe('of incident.called'),
  }),
  z.object({ ...base, type: z.literal('watch.changed'), watch: watchModeSchema }),
  z.object({ ...base, type: z.literal('place.reset'), placeId: z.string(), comment: z.string() }),
  z.object({ ...base, type: z.enum(['duty.asked', 'duty.answered', 'duty.unanswered']), duty: dutyCheckSchema }),
  z.object({
    ...base,
    type: z.enum(['message.sent', 'message.failed', 'message.gave-up']),
    message: messageSchema,
  }),
])
export type HydrantEvent = z.infer<typeof eventSchema>

type WithoutSeq<T> = T extends unknown ? Omit<T, 'seq'> : never
/** An event before the store has numbered it. */
export type NewEvent = WithoutSeq<HydrantEvent>

/** Kinds of journal records that can be decoded anew: what a device said. */
export const REPLAYABLE_KINDS = ['telemetry', 'gateway', 'raw', 'attributes'] as const
/** A record that lies in quarantine, with everything that decoding it anew needs: the log of commands is complete by itself. */
const quarantinedRecordSchema = z.object({
  lane: z.enum(['urgent', 'bulk']),
  journalSeq: z.number().int().min(1),
  kind: z.enum(REPLAYABLE_KINDS),
  sender: z.string().max(64).describe('the device that sent it'),
  arg: z.string().max(64).describe('the codec of a raw frame'),
  arrivedAt: z.number().describe('when it arrived, ms since 1970'),
  bytes: z.base64(),
})
export type QuarantinedRecord = z.infer<typeof quarantinedRecordSchema>

const command = <T extends string, S extends z.ZodRawShape>(type: T, { shape }: z.ZodObject<S>) =>
  z.object({ commandId: z.string(), actor: z.string(), type: z.literal(type), ...shape })

/** What a person does, as it lies in the operator lane of the journal (JSON). Ingest decides; the outcome is an event. */
export const operatorCommandSchema = z.discriminatedUnion('type', [
  z.object({
    commandId: z.string(),
    actor: z.string(),
    type: z.literal('alarm.acknowledge'),
    alarmId: z.string(),
    comment: z.string().max(2000),
  }),
  z.object({
    commandId: z.string(),
    actor: z.string(),
    type: z.literal('alarm.comment'),
    alarmId: z.string(),
    comment: z.string().min(1).max(2000),
  }),
  z.object({
    commandId: z.string(),
    actor: z.string(),
    type: z.literal('alarm.close'),
    alarmId: z.string(),
    disposition: z.enum(DISPOSITIONS),
    comment: z.string().max(2000),
  }),
  z.object({
    commandId: z.string(),
    actor: z.string(),
    type: z.literal('quarantine.replay'),
    dryRun: z.boolean(),
    records: z.array(quarantinedRecordSchema).min(1),
  }),
  command('incident.acknowledge', INCIDENT_COMMANDS['incident.acknowledge']),
  command('incident.confirm', INCIDENT_COMMANDS['incident.confirm']),
  command('incident.dispatch', INCIDENT_COMMANDS['incident.dispatch']),
  command('incident.arrive', INCIDENT_COMMANDS['incident.arrive']),
  command('incident.call', INCIDENT_COMMANDS['incident.call']),
  command('incident.comment', INCIDENT_COMMANDS['incident.comment']),
  command('incident.tell', INCIDENT_COMMANDS['incident.tell']),
  command('incident.close', INCIDENT_COMMANDS['incident.close']),
  command('place.reset', INCIDENT_COMMANDS['place.reset']),
  command('watch.set', INCIDENT_COMMANDS['watch.set']),
  command('duty.check', INCIDENT_COMMANDS['duty.check']),
  command('duty.answer', INCIDENT_COMMANDS['duty.answer']),
])
export type OperatorCommand = z.infer<typeof operatorCommandSchema>
export type ReplayCommand = Extract<OperatorCommand, { type: 'quarantine.replay' }>
export type AlarmCommand = Extract<OperatorCommand, { type: `alarm.${string}` }>
export type IncidentCommand = Exclude<OperatorCommand, ReplayCommand | AlarmCommand>
export type IncidentEvent = Extract<HydrantEvent, { incident: unknown }>
