import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import {
  callsForHelp,
  concernedPlace,
  type Grounds,
  groundsToRead,
  type LocatedAlarm,
  type Resident,
  residentsAnswerSchema,
} from '../../contract/residents.ts'
import { callerOf } from '../access/guard.ts'
import { actorOf, type Caller } from '../access/sessions.ts'
import type { Desk } from '../desk.ts'
import { ApiError } from './errors.ts'
import { failures } from './failures.ts'
import { openAlarmsThatCall, placesOfAlarm, placesUpwards } from './resident-grounds.ts'

const byId = z.object({ id: z.string().min(1).max(200) })
/** A big home on one page. */
const PAGE = 200
const pageSchema = z.object({
  limit: z.coerce.number().int().min(1).max(PAGE).default(PAGE),
  cursor: z.string().max(200).default(''),
})
const residentAnswerSchema = residentsAnswerSchema.shape.items.element

/** Who lives where, with what a rescuer must know. Told by `contract/residents.ts`, and every telling is in the audit. */
export const residentRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    const { residents, views } = desk.stores
    const config = { right: 'resident.read' } as const
    const tags = ['residents']

    /**
     * Written before anything is told: what is not in the audit has not been read.
     * @param alarmId the alarm whose page asked: it stands in the audit also of those who may read at any time
     */
    const tell = async (
      caller: Caller,
      told: readonly { readonly resident: Resident; readonly grounds: Grounds }[],
      alarmId?: string,
    ) => {
      const at = desk.now()
      await desk.stores.accounts.audit(
        ...told.map(({ resident, grounds }) => ({
          at,
          actor: actorOf(caller),
          action: 'resident.read',
          target: resident.id,
          detail: JSON.stringify({ ...grounds, ...(alarmId === undefined ? {} : { alarmId }) }),
        })),
      )
      return told.map(({ resident }) => ({
        ...resident,
        health: [...resident.health],
        placePath: desk.places.path(resident.placeId),
      }))
    }

    /** The residents of these places of whom the caller may be told, a page of them. */
    const list = async (
      caller: Caller,
      placeIds: readonly string[],
      alarms: readonly LocatedAlarm[],
      { limit, cursor }: z.output<typeof pageSchema>,
      alarmId?: string,
    ) => {
      const found = await residents.at(placeIds, cursor, limit + 1)
      const shown = found.slice(0, limit)
      const told = shown.flatMap((resident) => {
        const grounds = groundsToRead(caller.role, placesUpwards(desk, resident.placeId), alarms)
        return grounds === undefined ? [] : [{ resident, grounds }]
      })
      const items = await tell(caller, told, alarmId)
      return {
        items,
        total: await residents.count(placeIds),
        next: found.length > limit ? (shown.at(-1)?.id ?? null) : null,
      }
    }

    app.get(
      '/api/alarms/:id/residents',
      {
        config,
        schema: {
          summary: 'Who lives where this alarm is',
          description:
            'For fire the whole home, for one person’s call the place it came from. Dispatchers and the brigade are told from the raise until the alarm is closed.',
          tags,
          params: byId,
          querystring: pageSchema,
          response: { 200: residentsAnswerSchema, ...failures },
        },
      },
      async (request) => {
        const caller = callerOf(request)
        const alarm = await views.alarm(request.params.id)
        if (alarm === undefined) throw new ApiError('alarm.unknown')
        const located = { alarm, places: placesOfAlarm(desk, alarm) }
        const place = concernedPlace(located)
        const always = groundsToRead(caller.role, [], []) !== undefined
        if (!always && !callsForHelp(alarm)) throw new ApiError('resident.not-involved')
        if (place === undefined) return { items: [], total: 0, next: null }
        return list(caller, desk.places.below(place), [located], request.query, alarm.id)
      },
    )

    app.get(
      '/api/places/:id/residents',
      {
        config,
        schema: {
          summary: 'Who lives at a place and in what lies in it',
          description:
            'Dispatchers and the brigade are told only of those whom an open alarm that calls for help concerns.',
          tags,
          params: byId,
          querystring: pageSchema,
          response: { 200: residentsAnswerSchema, ...failures },
        },
      },
      async (request) => {
        const caller = callerOf(request)
        const { id } = request.params
        if (desk.places.get(id) === undefined) throw new ApiError('place.unknown')
        if (groundsToRead(caller.role, [], []) !== undefined)
          return list(caller, desk.places.below(id), [], request.query)
        const alarms = await openAlarmsThatCall(desk)
        const asked = new Set(desk.places.below(id))
        const concerned = alarms.flatMap((located) => {
          const place = concernedPlace(located)
          return place === undefined ? [] : desk.places.below(place).filter((one) => asked.has(one))
        })
        if (concerned.length === 0) throw new ApiError('resident.not-involved')
        return list(caller, [...new Set(concerned)], alarms, request.query)
      },
    )

    app.get(
      '/api/residents/:id',
      {
        config,
        schema: {
          summary: 'One resident',
          tags,
          params: byId,
          response: { 200: residentAnswerSchema, ...failures },
        },
      },
      async (request) => {
        const caller = callerOf(request)
        const always = groundsToRead(caller.role, [], []) !== undefined
        const resident = await residents.find(request.params.id)
        // Who may not be told of everybody is not told either whether there is such a person.
        if (resident === undefined) throw new ApiError(always ? 'resident.unknown' : 'resident.not-involved')
        const alarms = always ? [] : await openAlarmsThatCall(desk)
        const grounds = groundsToRead(caller.role, placesUpwards(desk, resident.placeId), alarms)
        if (grounds === undefined) throw new ApiError('resident.not-involved')
        const [told] = await tell(caller, [{ resident, grounds }])
        if (told === undefined) throw new ApiError('server.failed')
        return told
      },
    )
  }
