import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import {
  type Device,
  type DeviceDetail,
  deviceDetailSchema,
  deviceQuerySchema,
  deviceSchema,
  historyAnswerSchema,
  historyQuerySchema,
  page,
  readingsAnswerSchema,
} from '../../contract/api.ts'
import { LIMIT_NAMES, limitOf } from '../../contract/detection-limits.ts'
import { isUse } from '../../contract/household-use.ts'
import { QUANTITIES } from '../../contract/quantities.ts'
import type { RegisteredDevice } from '../../store/state/registry-port.ts'
import { callerOf } from '../access/guard.ts'
import { mustSeeUse, seesUse, withoutUse } from '../access/household-use.ts'
import type { Desk } from '../desk.ts'
import { findDevices } from '../live/device-search.ts'
import type { FleetDevice } from '../live/fleet.ts'
import { ApiError } from './errors.ts'
import { failures } from './failures.ts'
import { instant } from './instant.ts'

const byId = z.object({ id: z.string().min(1).max(64) })
/** Open alarms shown with a device: one per type at most. */
const MAX_ALARMS = 100
const MAX_READINGS = 10_000

const readingsQuerySchema = z.object({
  from: instant,
  to: instant,
  limit: z.coerce.number().int().min(1).max(MAX_READINGS).default(1000).describe('the oldest ones of the range'),
})

export const deviceOf = (desk: Desk, device: FleetDevice): Device => ({
  ...device,
  placePath: desk.places.path(device.placeId),
})

function changedLimitsOf(device: RegisteredDevice | undefined): DeviceDetail['changedLimits'] {
  if (device?.limits === undefined) return []
  const { limits: _, ...usual } = device
  return LIMIT_NAMES.flatMap((name) => {
    const value = device.limits?.[name]
    return value === undefined ? [] : [{ name, value, usual: limitOf(usual, name) }]
  })
}

/** Devices: from the fleet in memory; one device's values from the state; its past from the history. */
export const deviceRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    const { views, history, registry } = desk.stores
    /** Also of a device that has been removed: its past stays. */
    const mustBeKnown = (id: string): FleetDevice => {
      const device = desk.fleet.get(id)
      if (device === undefined) throw new ApiError('device.unknown')
      return device
    }
    const mustRunForward = (range: { from: number; to: number }): void => {
      if (range.from >= range.to) throw new ApiError('range.backwards')
    }

    app.get(
      '/api/devices',
      {
        config: { right: 'read' },
        schema: {
          summary: 'Devices, by id',
          tags: ['devices'],
          querystring: deviceQuerySchema,
          response: { 200: page(deviceSchema), ...failures },
        },
      },
      async (request) => {
        const { limit, cursor, ...filter } = request.query
        const { indexes, total, next } = await findDevices(desk.fleet, desk.places, filter, limit, cursor)
        return { items: indexes.map((index) => deviceOf(desk, desk.fleet.at(index))), total, next }
      },
    )

    app.get(
      '/api/devices/:id',
      {
        config: { right: 'read' },
        schema: {
          summary: 'One device with its latest values and open alarms',
          tags: ['devices'],
          params: byId,
          response: { 200: deviceDetailSchema, ...failures },
        },
      },
      async (request) => {
        const device = mustBeKnown(request.params.id)
        const [isSeen, sighting, alarms, registered] = await Promise.all([
          seesUse(desk, callerOf(request).role, device.id),
          views.sighting(device.id),
          views.alarms({ state: 'open', deviceId: device.id, limit: MAX_ALARMS }),
          registry.find(device.id),
        ])
        return {
          ...deviceOf(desk, device),
          connected: sighting?.connected ?? device.connected,
          lastHeardAt: sighting?.lastHeardAt ?? device.lastHeardAt,
          latest: isSeen ? [...(sighting?.latest ?? [])] : withoutUse(sighting?.latest ?? []),
          useHidden: !isSeen,
          attributes: { ...sighting?.attributes },
          alarms: [...alarms.items],
          changedLimits: changedLimitsOf(registered),
          gbAddress: registered?.gbAddress ?? null,
        }
      },
    )

    app.get(
      '/api/devices/:id/history',
      {
        config: { right: 'read' },
        schema: {
          summary: 'One quantity over time, in buckets',
          description:
            'Buckets without a reading are left out. `consumption` is the growth of a register. What a household draws is told to water and admin only, and to care of those who are watched by their meter.',
          tags: ['devices'],
          params: byId,
          querystring: historyQuerySchema.extend({ from: instant, to: instant }),
          response: { 200: historyAnswerSchema, ...failures },
        },
      },
      async (request) => {
        const { id } = mustBeKnown(request.params.id)
        const { quantity, from, to, points } = request.query
        mustRunForward(request.query)
        if (isUse(quantity)) await mustSeeUse(desk, callerOf(request).role, id)
        if (QUANTITIES[quantity].type !== 'number') throw new ApiError('quantity.not-a-number')
        const stepMs = Math.max(1, Math.ceil((to - from) / points))
        return { quantity, stepMs, buckets: [...(await history.buckets(id, quantity, from, to, stepMs))] }
      },
    )

    app.get(
      '/api/devices/:id/readings',
      {
        config: { right: 'read' },
        schema: {
          summary: 'Every reading of a time range, as measured',
          description:
            'Of a household’s meter told to water and admin only, and to care of those who are watched by it.',
          tags: ['devices'],
          params: byId,
          querystring: readingsQuerySchema,
          response: { 200: readingsAnswerSchema, ...failures },
        },
      },
      async (request) => {
        const { id } = mustBeKnown(request.params.id)
        const { from, to, limit } = request.query
        mustRunForward(request.query)
        await mustSeeUse(desk, callerOf(request).role, id)
        const { at, fields, truncated } = await history.range(id, from, to, limit)
        return {
          at: [...at],
          fields: Object.fromEntries(
            [...fields].map(([quantity, values]) => [
              quantity,
              values.map((value) => (Array.isArray(value) ? [...value] : (value as string | number | boolean | null))),
            ]),
          ),
          truncated,
        }
      },
    )
  }
