import { z } from 'zod'

/**
 * Zones: what water is accounted for. A zone is a place (a meter well, a village, a township, a county); what runs into it
 * is measured by bulk meters, what its people use by their own. The difference is lost.
 */

/** Kinds of places that are accounted, from the inside out. */
export const ZONE_KINDS = ['well', 'village', 'township', 'county'] as const
export type ZoneKind = (typeof ZONE_KINDS)[number]
export const isZoneKind = (kind: string): kind is ZoneKind => (ZONE_KINDS as readonly string[]).includes(kind)

/**
 * What a meter is to a zone: `household` is what the zone uses; water through `in` comes into it, through `out` leaves it. A
 * bulk meter between two zones is `out` of one and `in` of the other; a household belongs to its well and its village at once.
 */
export type Part = 'household' | 'in' | 'out'

/** A meter's place for a while. Times count by the full hour they lie in. */
export interface Membership {
  readonly meter: string
  readonly zone: string
  readonly part: Part
  /** ms since 1970 */
  readonly from: number
  /** ms since 1970; null: until now */
  readonly to: number | null
}

/** One hour of one zone. Additive: every reading adds to it or corrects it, and no order of readings matters. */
export interface HourSums {
  /** Whole litres. */
  readonly inflowL: number
  readonly householdL: number
  /** Of all household meters together: ms of the hour of which the litres are known, and of which they are measured closely. */
  readonly householdKnownMs: number
  readonly householdMeasuredMs: number
  readonly bulkMeasuredMs: number
}

const time = z.number().describe('ms since 1970')

/** One zone in a span of hours, with its own validity. Litres are whole. */
export const balanceSchema = z.object({
  inflowL: z.number().int(),
  householdL: z.number().int(),
  lossL: z.number().int().describe('inflow − households, to the litre'),
  unknownL: z.number().describe('likely use of the meters of which nothing is known yet: what others used, a head'),
  reported: z
    .number()
    .describe('share of the household meters’ time that has been measured, 0…1; 1 where there are none'),
  bulkReported: z.number().describe('share of the bulk meters’ time that has been measured; 0 where there are none'),
  meters: z.number().describe('household meters, a mean over the span'),
  valid: z.boolean().describe('nobody may judge the loss where this is false'),
})
export type Balance = z.infer<typeof balanceSchema>

const LONGEST_KM = 1_000_000
const HIGHEST_M = 1000
/** What is known of the pipes of a zone; null: nobody has said. */
export const zonePipesSchema = z.object({
  mainsKm: z.number().min(0).max(LONGEST_KM).nullable().describe('length of the mains'),
  privateKm: z
    .number()
    .min(0)
    .max(LONGEST_KM)
    .nullable()
    .describe(
      'pipe between the edge of the street and the meters, all together; where meter wells stand at the street: 0',
    ),
  pressureM: z.number().positive().max(HIGHEST_M).nullable().describe('mean pressure, m of water'),
})
export type ZonePipes = z.infer<typeof zonePipesSchema>

/** When a night is, hours of the day in the city: least water is used then. */
export const NIGHT = { from: 1, to: 5 } as const

export const NIGHT_VERDICTS = ['quiet', 'loss', 'learning', 'not-judged'] as const

/** One night (01:00–05:00) of one zone as it was judged; a night restated by late readings is judged anew. */
export const zoneNightSchema = z.object({
  day: z.number().int().describe('days since 1970 in the city’s time: the morning on which the night ended'),
  lossM3h: z
    .number()
    .nullable()
    .describe('mean loss, m³/h, those not yet heard of estimated; null where only the inflow is measured'),
  nightM3h: z
    .number()
    .nullable()
    .describe(
      'mean inflow 01:00–05:00, m³/h (where a pump fills a tank by turns: of the 24 h until 05:00); null: not known of that night. Judged where lossM3h is null',
    ),
  inflowM3h: z.number().describe('mean inflow of the 24 h until 05:00, m³/h'),
  expectedM3h: z.number().nullable().describe('what is judged, as it usually is; null while it is learnt'),
  lowM3h: z.number().nullable().describe('the band that quiet nights stay in'),
  highM3h: z.number().nullable(),
  reported: z.number().describe('share of household meters that reported, 0…1'),
  bulkReported: z.number(),
  verdict: z.enum(NIGHT_VERDICTS),
  judgedAt: time,
})
export type ZoneNight = z.infer<typeof zoneNightSchema>

/** What of a night is held against its band: the loss, or the inflow where nothing else is measured. m³/h; null: neither is known. */
export const judgedM3h = ({ lossM3h, nightM3h }: Pick<ZoneNight, 'lossM3h' | 'nightM3h'>): number | null =>
  lossM3h ?? nightM3h
