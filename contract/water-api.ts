import { z } from 'zod'
import { balanceSchema, ZONE_KINDS, zoneNightSchema, zonePipesSchema } from './zones.ts'

/**
 * Answers of the water pages. Times are ms since 1970; volumes m³, flows m³/h unless a name says otherwise.
 *   /api/water/summary             the city's figures
 *   /api/water/zones               a page of zones, the worst by `sort` (tonight, percent, week, trend) first: kind, placeId, q, limit, cursor
 *   /api/water/zones.csv           the same as a table
 *   /api/water/zones/ID            one zone; …/balance?from&to: its water balance; …/hours?from&to: its hours;
 *                                  …/nights.csv, …/households.csv, …/balance.csv?from&to; PUT …/pipes: lengths, pressure
 *   /api/water/first               a page of what costs most first: kind, placeId, limit, cursor
 *   /api/water/meters/ID           one meter
 * Whoever shows these asks again when `water` of the live protocol's pulse has grown.
 */

const time = z.number().describe('ms since 1970')

/** Why nobody may judge the newest night of a zone. */
export const UNJUDGED = {
  'no-bulk-meter': { en: 'No bulk meter measures what comes in', zh: '无总表,进水量未知' },
  'nothing-yet': { en: 'No night has been accounted yet', zh: '尚无夜间数据' },
  'out-of-date': { en: 'Readings of the newest night are missing', zh: '缺最近一夜的数据' },
  'bulk-silent': { en: 'The bulk meter was not heard all night', zh: '总表夜间数据不全' },
  'meters-silent': { en: 'Fewer than 90 % of the household meters have reported', zh: '户表到报率不足90%' },
  learning: { en: 'What is usual here is still being learnt', zh: '正在学习平时水平' },
} as const
/** Why nobody knows what a zone loses although its inflow is measured. */
export const ONLY_INFLOW = { en: 'Only its inflow is measured', zh: '仅计量进水,无户表' } as const
export type Unjudged = keyof typeof UNJUDGED
const UNJUDGED_NAMES = Object.keys(UNJUDGED) as [Unjudged, ...Unjudged[]]

const whichZones = {
  kind: z.enum(ZONE_KINDS).default('village'),
  placeId: z.string().max(200).optional().describe('in this place only'),
  q: z.string().max(100).optional().describe('part of an id, a name or of what it lies in'),
}
const ZONE_SORTS = ['tonight', 'percent', 'week', 'trend'] as const
export const zoneQuerySchema = z.object({
  ...whichZones,
  sort: z
    .enum(ZONE_SORTS)
    .default('tonight')
    .describe('by m³/h lost (percent: of inflow), tonight: open losses first; what cannot be judged comes last'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(20).optional(),
})
export const goFirstQuerySchema = z.object({
  kind: z.enum(['zone', 'meter']).optional(),
  placeId: whichZones.placeId,
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(20).optional(),
})

/** What no meter of a zone measures is null, and not 0. Whole litres. */
const measured = {
  inflowL: z.number().int().nullable().describe('null: no bulk meter measures it'),
  householdL: z.number().int().nullable().describe('null: no household is metered'),
  lossL: z.number().int().nullable().describe('inflow − households, to the litre; null: one of them is not measured'),
}
const measuredBalanceSchema = balanceSchema.extend(measured)
export type MeasuredBalance = z.infer<typeof measuredBalanceSchema>

/** A zone as a line of a list and a mark on the map. */
export const zoneRowSchema = z.object({
  id: z.string(),
  kind: z.enum(ZONE_KINDS),
  name: z.string(),
  path: z.array(z.string()).describe('names from the county down to what it lies in'),
  lon: z.number().nullable(),
  lat: z.number().nullable(),
  meters: z.number().int().describe('household meters now'),
  tonight: zoneNightSchema.nullable().describe('the newest night that was judged'),
  unjudged: z
    .enum(UNJUDGED_NAMES)
    .nullable()
    .describe('why nobody may judge its newest night; null: it is judged. Words: UNJUDGED'),
  onlyInflow: z
    .boolean()
    .describe(
      'a bulk meter measures what comes in, and no household meter what is used: its nights are judged by their inflow, and what it loses is not known',
    ),
  tonightPercent: z
    .number()
    .nullable()
    .describe('loss of that night, of the mean inflow of its 24 h, or of the night where that is more'),
  week: measuredBalanceSchema
    .nullable()
    .describe(
      'the last seven whole days; null: nothing is known, or too few households are metered for the caller’s role',
    ),
  weekPercent: z.number().nullable().describe('of inflow'),
  weekLitresPerConnectionDay: z.number().nullable(),
  trend: z
    .array(z.number().nullable())
    .describe(
      'loss (inflow where only that is measured) of the last fourteen nights, m³/h, oldest first; null: not judged',
    ),
  trendM3h: z
    .number()
    .nullable()
    .describe(
      'mean loss of the last seven of these nights − of the seven before; null: not known, or too few were judged',
    ),
  open: z
    .object({
      alarmId: z.string(),
      since: time,
      lossM3h: z
        .number()
        .describe('beyond what quiet nights lose; where only the inflow is measured: what runs in beyond the usual'),
      lostM3: z.number(),
      lostYuan: z.number(),
      yuanPerDay: z.number(),
    })
    .nullable()
    .describe('a loss that is open now'),
  workOrder: z.object({ id: z.string(), state: z.string() }).nullable().describe('the repair that is under way in it'),
  householdLeaks: z.number().int().describe('open leaks behind household meters in it'),
  householdLeakLph: z.number().describe('together, l/h'),
})
export type ZoneRow = z.infer<typeof zoneRowSchema>

/** A household of a zone; `leak` says what its meter has found. */
const zoneMeterSchema = z.object({
  deviceId: z.string(),
  name: z.string(),
  placeId: z.string().nullable(),
  placeName: z.string(),
  litresDay: z.number().nullable().describe('the last whole day that is known'),
  nightLph: z.number().nullable().describe('least hour of the last night that is known, l/h'),
  lastHeardAt: time.nullable(),
  leak: z
    .object({ alarmId: z.string(), lph: z.number(), since: time, evidence: z.string(), evidenceZh: z.string() })
    .nullable(),
})
export type ZoneMeter = z.infer<typeof zoneMeterSchema>

const zoneHourSchema = z.object({
  hour: z.number().int().describe('hours since 1970 UTC'),
  ...measured,
  reported: z.number(),
  bulkReported: z.number(),
})
export type ZoneHourAnswer = z.infer<typeof zoneHourSchema>

/** Hours that hold something, and their sums; `…L` are whole litres. */
export const zoneHoursSchema = z.object({
  zoneId: z.string(),
  from: time,
  to: time,
  total: measuredBalanceSchema,
  hours: z.array(zoneHourSchema),
})

export const zoneDetailSchema = zoneRowSchema.extend({
  nights: z.array(zoneNightSchema).describe('up to sixty, oldest first'),
  hours: z.array(zoneHourSchema).describe('the last seven days'),
  hoursHidden: z
    .boolean()
    .describe('so few households are metered here that their hours are not told to the caller’s role'),
  losses: z
    .array(
      z.object({
        alarmId: z.string(),
        since: time,
        until: time.nullable().describe('null: it is open'),
        lossM3h: z.number(),
        lostM3: z.number(),
      }),
    )
    .describe('losses that were open within those nights, oldest first'),
  inside: z.array(zoneRowSchema).describe('zones directly in it: wells of a village, villages of a township'),
  households: z.array(zoneMeterSchema).describe('its household meters: leaks first, the largest first; at most 500'),
  householdsTotal: z.number().int(),
  useHidden: z.boolean().describe('what households draw is not told to the caller’s role; whether they leak is'),
  bulkMeters: z.array(
    z.object({
      deviceId: z.string(),
      name: z.string(),
      direction: z.enum(['in', 'out']),
      lastHeardAt: time.nullable(),
      litresDay: z.number().nullable(),
    }),
  ),
})
export type ZoneDetail = z.infer<typeof zoneDetailSchema>

/** Times are rounded outwards to full hours; absent: thirty whole days until the newest night. */
export const zoneSpanSchema = z.object({
  from: z.coerce.number().min(0).max(8.64e15).optional(),
  to: z.coerce.number().min(0).max(8.64e15).optional(),
})
/** The water balance of the IWA over a span, m³; each assumed figure says so. What no meter measures is null, and what follows from it. */
export const waterBalanceSchema = z.object({
  zoneId: z.string(),
  from: time,
  to: time,
  inputM3: z.number().nullable().describe('system input volume'),
  billedM3: z.number().nullable().describe('billed authorised: what household meters measured'),
  unbilledM3: z.number().nullable().describe('unbilled authorised (flushing, fire-fighting), assumed'),
  apparentM3: z.number().nullable().describe('apparent losses (meters that under-register, theft), assumed'),
  realM3: z.number().nullable().describe('real losses: what is left'),
  lossPercent: z.number().nullable().describe('input − billed, of input'),
  litresPerConnectionDay: z.number().nullable().describe('real losses'),
  ili: z
    .number()
    .nullable()
    .describe('infrastructure leakage index, CARL / UARL; null where length or pressure is not known'),
  uarlLitresPerConnectionDay: z.number().nullable(),
  grossPercent: z.number().nullable().describe('CJJ 92-2016 综合漏损率'),
  ratedPercent: z.number().nullable().describe('CJJ 92-2016 漏损率, corrected as the standard says'),
  assumptions: z.array(z.object({ value: z.string(), en: z.string(), zh: z.string() })),
  pipes: zonePipesSchema.describe('what was said of its pipes: `PUT …/pipes`'),
  measuredPressureM: z
    .number()
    .nullable()
    .describe('what the pressure sensors in it measured; it counts where nobody has said a pressure'),
  reported: z.number(),
  bulkReported: z.number(),
  valid: z.boolean(),
})
export type WaterBalance = z.infer<typeof waterBalanceSchema>

/** The whole city's night in a few figures. `…Before`: the same a week earlier, of the same villages. */
export const waterSummarySchema = z.object({
  day: z.number().int().nullable().describe('newest night that was judged, days since 1970 in the city’s time'),
  lossM3h: z.number().nullable().describe('that night, all judged villages together'),
  lossM3hBefore: z.number().nullable(),
  weekPercent: z.number().nullable().describe('loss of the last seven whole days, of inflow'),
  weekPercentBefore: z.number().nullable(),
  weekLitresPerConnectionDay: z.number().nullable(),
  weekLitresPerConnectionDayBefore: z.number().nullable(),
  villages: z
    .object({
      judged: z.number().int(),
      learning: z.number().int(),
      notJudged: z.number().int(),
      unmeasured: z.number().int(),
    })
    .describe('by what that night said of them; unmeasured: no bulk meter'),
  onlyInflow: z.number().int().describe('villages of which only the inflow is measured; they are in no sum of losses'),
  openLosses: z.number().int().describe('of villages whose loss is measured'),
  openLossM3h: z.number(),
  openYuanPerDay: z.number(),
  openInflows: z.number().int().describe('villages of which only the inflow is measured, and more than usual runs in'),
  openInflowM3h: z.number().describe('beyond the usual, together; it may also be use'),
  householdLeaks: z.number().int(),
  householdLeakLph: z.number(),
  saved: z
    .object({ m3: z.number(), yuan: z.number(), repairs: z.number().int(), since: time })
    .describe('not lost any more, by repairs that the night flow confirmed'),
  yuanPerM3: z.number().describe('what a lost cubic metre is reckoned at'),
  revision: z.number().int().describe('grows with every change of any account'),
})
export type WaterSummary = z.infer<typeof waterSummarySchema>

/** One line of "go here first": what costs most, zones and households together. */
export const goFirstSchema = z.object({
  kind: z.enum(['zone', 'meter']),
  id: z.string().describe('place or device'),
  name: z.string(),
  path: z.array(z.string()),
  alarmId: z.string(),
  onlyInflow: z.boolean().describe('more than usual runs into the zone, and nobody knows whether it is used or lost'),
  lph: z.number().describe('estimated, l/h'),
  since: time,
  lostM3: z.number(),
  lostYuan: z.number(),
  yuanPerDay: z.number(),
  evidence: z.string(),
  evidenceZh: z.string(),
  workOrder: z.object({ id: z.string(), state: z.string() }).nullable(),
})
export type GoFirst = z.infer<typeof goFirstSchema>

/** A water meter's page: register, use by hour, and why it is believed to leak or not. */
export const meterDetailSchema = z.object({
  deviceId: z.string(),
  useHidden: z
    .boolean()
    .describe('what the household draws is not told to the caller’s role: hours, register and standstill are left out'),
  registerM3: z.number().nullable(),
  registerAt: time.nullable(),
  /** Litres of each hour, oldest first; null where nothing is known, `measured` false where only the sum over a gap is. */
  hours: z.array(z.object({ hour: z.number().int(), litres: z.number().nullable(), measured: z.boolean() })),
  zones: z.array(z.object({ id: z.string(), name: z.string(), kind: z.enum(ZONE_KINDS) })),
  leak: z
    .object({
      alarmId: z.string(),
      lph: z.number(),
      since: time,
      lostM3: z.number(),
      evidence: z.string(),
      evidenceZh: z.string(),
    })
    .nullable(),
  judged: z.boolean().describe('enough hours are known for it to say something that no leak was found'),
  leastLph: z.number().nullable().describe('least hour of the last 24 h that are known, l/h'),
  stillAt: time.nullable().describe('last hour in which nothing ran'),
})
export type MeterDetail = z.infer<typeof meterDetailSchema>

/** A plant: its instruments in the order of the water, each beside its limits. */
export const plantSchema = z.object({
  id: z.string(),
  name: z.string(),
  path: z.array(z.string()),
  instruments: z.array(
    z.object({
      deviceId: z.string(),
      name: z.string(),
      role: z.enum(['inflow', 'outflow', 'level', 'pressure', 'turbidity', 'chlorine', 'ph', 'temperature']),
      quantity: z.string(),
      unit: z.string(),
      value: z.number().nullable(),
      at: time.nullable(),
      low: z.number().nullable(),
      high: z.number().nullable(),
      standard: z.string().describe('where the limits come from, e.g. GB 5749-2022'),
      within: z.boolean().nullable(),
      stale: z.boolean().describe('no reading for twice as long as is usual'),
    }),
  ),
})
export type Plant = z.infer<typeof plantSchema>

/** One plant, with what came in and went out, m³. */
export const plantDetailSchema = plantSchema.extend({
  tankAreaM2: z.number().nullable().describe('of all tanks; null: of one it is not registered'),
  balance: z
    .object({
      from: time,
      to: time,
      inM3: z.number(),
      outM3: z.number(),
      tankM3: z.number().nullable().describe('what the tanks hold more than at the beginning'),
    })
    .nullable()
    .describe('the last 24 hours; null: inflow or outflow is not measured'),
})
export type PlantDetail = z.infer<typeof plantDetailSchema>
