import { z } from 'zod'
import { alarmSchema, DISPOSITIONS } from './alarms.ts'

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
])
export type OperatorCommand = z.infer<typeof operatorCommandSchema>
export type ReplayCommand = Extract<OperatorCommand, { type: 'quarantine.replay' }>
export type AlarmCommand = Exclude<OperatorCommand, ReplayCommand>
