import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { page } from '../../contract/api.ts'
import {
  goFirstQuerySchema,
  goFirstSchema,
  meterDetailSchema,
  waterBalanceSchema,
  waterSummarySchema,
  zoneDetailSchema,
  zoneHoursSchema,
  zoneQuerySchema,
  zoneRowSchema,
  zoneSpanSchema,
} from '../../contract/water-api.ts'
import { zonePipesSchema } from '../../contract/zones.ts'
import { callerOf } from '../access/guard.ts'
import { asTold, mustSeeHoursOf } from '../access/household-use.ts'
import { actorOf } from '../access/sessions.ts'
import type { Desk } from '../desk.ts'
import { goFirst } from '../water/go-first.ts'
import { meterDetail } from '../water/meter-detail.ts'
import { waterSummary } from '../water/summary.ts'
import { type HourSpan, hoursOf, spanOf, zoneBalance, zoneHours } from '../water/zone-balance.ts'
import { zoneDetail } from '../water/zone-detail.ts'
import { kindOf, listZones } from '../water/zone-rows.ts'
import { ApiError } from './errors.ts'
import { failures } from './failures.ts'

const byId = z.object({ id: z.string().min(1).max(200) })
const DAY_HOURS = 24
/** Rows of hours in one answer; sums may reach further back. */
const MOST_HOURS = 90 * DAY_HOURS
const MOST_BALANCE_HOURS = 400 * DAY_HOURS

export function mustBeZone(desk: Desk, id: string): string {
  if (kindOf(desk, id) === undefined) throw new ApiError('zone.unknown')
  return id
}

export async function mustBeSpan(
  desk: Desk,
  query: z.output<typeof zoneSpanSchema>,
  mostHours = MOST_BALANCE_HOURS,
): Promise<HourSpan> {
  await desk.waters.follow()
  const span = spanOf(desk, query)
  const { from, to } = query
  if (hoursOf(span) <= 0 || (from !== undefined && to !== undefined && from >= to))
    throw new ApiError('range.backwards')
  if (hoursOf(span) > mostHours) throw new ApiError('range.too-long')
  return span
}

/** Where the water goes: zones, their balance, what costs most, and one meter. As tables: `water-tables.ts`. */
export const waterRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    const read = { right: 'read' } as const
    const tags = ['water']

    app.get(
      '/api/water/summary',
      {
        config: read,
        schema: {
          summary: 'The city’s night in a few figures',
          description: '`revision` grows with every change of any account, as `water` of the live pulse does.',
          tags,
          response: { 200: waterSummarySchema, ...failures },
        },
      },
      () => waterSummary(desk),
    )

    app.get(
      '/api/water/zones',
      {
        config: read,
        schema: {
          summary: 'Zones with what they lose, the worst first',
          tags,
          querystring: zoneQuerySchema,
          response: { 200: page(zoneRowSchema), ...failures },
        },
      },
      async (request) => {
        const { items, total, next } = await listZones(desk, request.query)
        return { items: items.map(asTold(desk, callerOf(request).role)), total, next }
      },
    )

    app.get(
      '/api/water/zones/:id',
      {
        config: read,
        schema: {
          summary: 'One zone: nights, hours, zones inside, households, bulk meters',
          tags,
          params: byId,
          response: { 200: zoneDetailSchema, ...failures },
        },
      },
      async (request) => {
        const found = await zoneDetail(desk, mustBeZone(desk, request.params.id), callerOf(request).role)
        if (found === undefined) throw new ApiError('zone.unknown')
        return found
      },
    )

    app.get(
      '/api/water/zones/:id/hours',
      {
        config: read,
        schema: {
          summary: 'Hours of a zone, whole litres: the loss is inflow − households to the litre',
          description: 'At most 90 days. Hours of which nothing is known are left out.',
          tags,
          params: byId,
          querystring: zoneSpanSchema,
          response: { 200: zoneHoursSchema, ...failures },
        },
      },
      async (request) => {
        const id = mustBeZone(desk, request.params.id)
        const span = await mustBeSpan(desk, request.query, MOST_HOURS)
        await mustSeeHoursOf(desk, callerOf(request).role, id, span)
        return zoneHours(desk, id, span)
      },
    )

    app.get(
      '/api/water/zones/:id/balance',
      {
        config: read,
        schema: {
          summary: 'The water balance of a zone: components of the IWA, loss rates of CJJ 92-2016',
          tags,
          params: byId,
          querystring: zoneSpanSchema,
          response: { 200: waterBalanceSchema, ...failures },
        },
      },
      async (request) => {
        const id = mustBeZone(desk, request.params.id)
        const span = await mustBeSpan(desk, request.query)
        await mustSeeHoursOf(desk, callerOf(request).role, id, span)
        return zoneBalance(desk, id, span)
      },
    )

    app.put(
      '/api/water/zones/:id/pipes',
      {
        config: { right: 'water.edit' },
        schema: {
          summary: 'Say how long the pipes of a zone are, and its pressure: what ILI and CJJ 92 follow from',
          tags,
          params: byId,
          body: zonePipesSchema,
          response: { 200: zonePipesSchema, ...failures },
        },
      },
      async (request) => {
        const target = mustBeZone(desk, request.params.id)
        const { body } = request
        await desk.stores.topology.putPipes(target, body)
        const actor = actorOf(callerOf(request))
        const detail = JSON.stringify(body)
        await desk.stores.accounts.audit({ at: desk.now(), actor, action: 'water.pipes', target, detail })
        return body
      },
    )

    app.get(
      '/api/water/first',
      {
        config: read,
        schema: {
          summary: 'Where to go first: what costs most a day, zones and household meters together',
          description:
            'A household pays for a leak behind its meter, the supplier for the loss of a zone; `kind` says which it is.',
          tags,
          querystring: goFirstQuerySchema,
          response: { 200: page(goFirstSchema), ...failures },
        },
      },
      async (request) => {
        const { items, total, next } = await goFirst(desk, request.query)
        return { items: [...items], total, next }
      },
    )

    app.get(
      '/api/water/meters/:id',
      {
        config: read,
        schema: {
          summary: 'One water meter: register, use by hour, and why it is believed to leak or not',
          tags,
          params: byId,
          response: { 200: meterDetailSchema, ...failures },
        },
      },
      async (request) => {
        const found = await meterDetail(desk, request.params.id, callerOf(request).role)
        if (found === undefined) throw new ApiError('device.unknown', 'There is no water meter of that id.')
        return found
      },
    )
  }
