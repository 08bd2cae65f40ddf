import { z } from 'zod'
import { DISPOSITIONS } from './alarms.ts'
import { DEVICE_STATUSES, placeSchema } from './api.ts'
import { floorPlanSchema, nearbyResponderSchema, RESPONDER_KIND_NAMES, responderSchema, staffSchema } from './homes.ts'
import { KIND_NAMES } from './kinds.ts'

/** What the API says of homes, and what it takes. Times are ms since 1970. */

const count = z.number().int()

/** Each device is counted once, by the worst that is true of it: in this order. Those switched off count only in `total`. */
const deviceCountsSchema = z.object({
  total: count,
  alarm: count.describe('says that there is fire, gas or a call for help'),
  faulty: count.describe('a fault, a flat battery or any other active alarm'),
  silent: count.describe('was heard, and has fallen silent'),
  never: count.describe('was never heard'),
  ok: count,
})
export type DeviceCounts = z.infer<typeof deviceCountsSchema>

export const homeSchema = z.object({
  id: z.string(),
  kind: z.enum(['home', 'dwelling']),
  name: z.string(),
  placePath: z.array(z.string()).describe('names from the county down, the home’s own last'),
  countyId: z.string().nullable(),
  lon: z.number().nullable(),
  lat: z.number().nullable(),
  contact: z.string().nullable(),
  beds: count,
  residents: count,
  devices: deviceCountsSchema,
  staff: z.object({ recorded: count, onDuty: count, staffed: z.boolean().describe('somebody is there who can look') }),
  openIncidents: count,
  openHazards: count,
  overdueHazards: count,
  lastDrillAt: z.number().nullable(),
  lastDutyCheck: z
    .object({ askedAt: z.number(), answeredAt: z.number().nullable(), dueAt: z.number() })
    .nullable()
    .describe('查岗; not answered: `answeredAt` is null'),
})
export type Home = z.infer<typeof homeSchema>

export const homeQuerySchema = z.object({
  kind: z.enum(['home', 'dwelling']).default('home'),
  placeId: z.string().max(200).optional().describe('only those in it: a county, a township, a village'),
  q: z.string().max(100).optional().describe('part of a name, an id or a place’s name'),
  attention: z
    .stringbool()
    .default(false)
    .describe('only those with an incident, a device or a deadline that wants somebody'),
  sort: z.enum(['attention', 'name']).default('attention').describe('attention: the worst first'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(200).optional(),
})

/** A place inside a home. */
const homePlaceSchema = placeSchema.pick({ id: true, parentId: true, kind: true, name: true }).extend({
  beds: count.describe('in it and in what lies in it'),
  residents: count.describe('registered in it and in what lies in it'),
  devices: deviceCountsSchema,
})
export type HomePlace = z.infer<typeof homePlaceSchema>

export const homeDetailSchema = homeSchema.extend({
  places: z.array(homePlaceSchema).describe('buildings, floors, rooms and beds; each behind the place it lies in'),
  items: z
    .array(
      z.object({
        id: z.string(),
        kind: z.enum(KIND_NAMES),
        name: z.string(),
        placeId: z.string(),
        status: z.enum(DEVICE_STATUSES),
        lastHeardAt: z.number().nullable(),
      }),
    )
    .describe('its devices'),
  plans: z.array(floorPlanSchema),
  drills: z
    .array(z.object({ placeId: z.string(), since: z.number(), until: z.number(), by: z.string(), reason: z.string() }))
    .describe('the last ten, newest first'),
  incidents: z
    .partialRecord(z.enum(DISPOSITIONS), count)
    .describe('what its incidents of the last 365 days turned out to be, of those that are closed'),
  contacts: z
    .object({
      staff: z.array(staffSchema.extend({ onDuty: z.boolean() })),
      responders: z.array(nearbyResponderSchema).describe('the nearest first'),
    })
    .nullable()
    .describe('null for who may not see names and telephones'),
})
export type HomeDetail = z.infer<typeof homeDetailSchema>

export const responderQuerySchema = z.object({
  kind: z.enum(RESPONDER_KIND_NAMES).optional(),
  q: z.string().max(100).optional().describe('part of a name or an id'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(200).optional(),
})
export const nearbyQuerySchema = z.object({
  kinds: z
    .string()
    .max(200)
    .optional()
    .describe('of these kinds only, separated by commas')
    .transform((text) => text?.split(',').filter((kind) => kind !== ''))
    .pipe(z.array(z.enum(RESPONDER_KIND_NAMES)).optional()),
  limit: z.coerce.number().int().min(1).max(100).default(10),
})
export const nearbyAnswerSchema = z.object({ items: z.array(nearbyResponderSchema) })
export const staffAnswerSchema = z.object({ items: z.array(staffSchema.extend({ onDuty: z.boolean() })) })

/** What is written by hand; the id stands in the address. */
export const staffBodySchema = staffSchema.omit({ id: true })
export const responderBodySchema = responderSchema.omit({ id: true })

/** A plan may be as big as a good scan of A3; what is drawn by a program is far smaller. Bytes. */
export const LARGEST_PLAN = 4 * 1024 * 1024
/** What a telephone's camera makes of one photograph at its best, bytes. */
export const LARGEST_PHOTOGRAPH = 8 * 1024 * 1024
/** 24,000 beds with their rooms, in a table of one line each, take about 2 MiB. Bytes. */
export const LARGEST_TABLE = 8 * 1024 * 1024

export const pinsSchema = floorPlanSchema.pick({ pins: true })

/** Tables that the API takes: `POST /api/{table}/import?dryRun=true`, the file as the body (`text/csv`). */
export const TABLES = ['places', 'staff', 'responders', 'alone'] as const
export type TableName = (typeof TABLES)[number]

const IMPORT_OUTCOMES = ['added', 'changed', 'unchanged'] as const

/** What a table did, or with `dryRun` would do. One bad row costs that row only, or with `whole` the table. */
export const importAnswerSchema = z.object({
  dryRun: z.boolean(),
  added: count,
  changed: count,
  unchanged: count,
  notImported: count.describe('rows'),
  ignored: z.array(z.string()).describe('columns that are not known'),
  rows: z
    .array(z.object({ line: count, id: z.string(), outcome: z.enum(IMPORT_OUTCOMES) }))
    .describe('the first 1,000 rows that can be imported'),
  faults: z.array(
    z.object({
      row: count.describe('below the first line, from 1'),
      line: count,
      column: z.string(),
      reason: z.string(),
      reasonZh: z.string(),
    }),
  ),
  errorsCsv: z.string().describe('the faults as a table for a spreadsheet (errors.csv); empty without faults'),
})
export type ImportAnswer = z.infer<typeof importAnswerSchema>
