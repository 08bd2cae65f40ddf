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
])
export type HydrantEvent = z.infer<typeof eventSchema>

type WithoutSeq<T> = T extends unknown ? Omit<T, 'seq'> : never
/** An event before the store has numbered it. */
export type NewEvent = WithoutSeq<HydrantEvent>

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
])
export type OperatorCommand = z.infer<typeof operatorCommandSchema>
