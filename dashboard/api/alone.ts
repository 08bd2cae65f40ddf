import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import {
  ALONE_STATES,
  type AloneDetail,
  type AloneRow,
  aloneAnswerBodySchema,
  aloneBodySchema,
  aloneDetailSchema,
  alonePageSchema,
  aloneQuerySchema,
  awayBodySchema,
  goAway,
  inStages,
} from '../../contract/alone.ts'
import { groundsToRead } from '../../contract/residents.ts'
import { callerOf } from '../access/guard.ts'
import { actorOf, type Caller, callerMay } from '../access/sessions.ts'
import { answerOf, carryAnswer, closeAlarms } from '../alone/answers.ts'
import { AloneBoard, rowOf, type Standing, weekdaysOf } from '../alone/board.ts'
import { Names } from '../alone/names.ts'
import type { Desk } from '../desk.ts'
import { ApiError } from './errors.ts'
import { failures } from './failures.ts'

const byMeter = z.object({ deviceId: z.string().min(1).max(200) })
/** Lines of a history in one answer. */
const HISTORY_SHOWN = 200
/** An absence that was to begin later than this is a mistyped year. ms */
const FURTHEST_MS = 366 * 86_400_000

/** People who live alone and are watched by their water. Who they are is told by ADR 18's rule, and each telling is in the audit. */
export const aloneRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    const { alone: watches, accounts } = desk.stores
    const board = new AloneBoard(desk.stores, desk.places, desk.now)
    const names = new Names(desk)
    const tags = ['living alone']
    const edit = { right: 'alone.edit' } as const

    const audit = (caller: Caller, action: string, target: string, detail: object = {}): Promise<void> =>
      accounts.audit({ at: desk.now(), actor: actorOf(caller), action, target, detail: JSON.stringify(detail) })

    /** With the names that the caller may be told. */
    const named = async (caller: Caller, people: readonly Standing[]): Promise<AloneRow[]> => {
      const told = await names.tell(
        caller,
        people.flatMap(({ alone: { residentId, placeId } }) => (residentId === null ? [] : [{ residentId, placeId }])),
      )
      const now = desk.now()
      return people.map((standing) => {
        const { residentId } = standing.alone
        const resident = residentId === null ? undefined : told.get(residentId)
        return {
          ...rowOf(standing, now),
          name: resident?.name ?? null,
          residentId: resident === undefined ? null : residentId,
        }
      })
    }

    const detail = async (caller: Caller, deviceId: string): Promise<AloneDetail> => {
      const standing = await board.one(deviceId)
      if (standing === undefined) throw new ApiError('alone.unknown')
      const { alone, use } = standing
      const [row] = await named(caller, [standing])
      if (row === undefined) throw new ApiError('server.failed')
      const mayKnow = (await names.groundsOf(caller))(alone.placeId) !== undefined
      const history = await watches.history(deviceId, HISTORY_SHOWN)
      return {
        ...row,
        contacts: callerMay(caller, 'contact.read') ? [...alone.contacts] : null,
        awayNote: mayKnow ? (alone.away?.note ?? null) : null,
        history: history.map((event) => ({ ...event, note: mayKnow ? event.note : null })),
        weekdays: weekdaysOf(use),
      }
    }

    const find = async (deviceId: string): Promise<Standing> => {
      const standing = await board.one(deviceId)
      if (standing === undefined) throw new ApiError('alone.unknown')
      return standing
    }

    app.get(
      '/api/alone',
      {
        // That a dwelling is empty, and until when, is not everybody's business.
        config: edit,
        schema: {
          summary: 'Who lives alone and is watched by their water, who wants somebody first',
          tags,
          querystring: aloneQuerySchema,
          response: { 200: alonePageSchema, ...failures },
        },
      },
      async (request) => {
        const caller = callerOf(request)
        const { state, placeId, q, limit, cursor } = request.query
        const all = await board.all()
        const wanted = q?.toLowerCase() ?? ''
        const byName = wanted === '' ? undefined : await idsByName(desk, caller, all, wanted)
        const found = all.filter(
          ({ alone, state: is, placePath }) =>
            (state === undefined || is === state) &&
            (placeId === undefined || desk.places.within(alone.placeId, placeId)) &&
            (wanted === '' ||
              `${placePath.join(' ')} ${alone.deviceId}`.toLowerCase().includes(wanted) ||
              (alone.residentId !== null && byName?.has(alone.residentId) === true)),
        )
        const from = /^\d+$/.test(cursor ?? '') ? Number(cursor) : 0
        const next = from + limit
        const counts = Object.fromEntries(ALONE_STATES.map((one) => [one, 0])) as Record<AloneRow['state'], number>
        for (const one of all) counts[one.state] += 1
        return {
          items: await named(caller, found.slice(from, next)),
          total: found.length,
          next: next < found.length ? String(next) : null,
          counts,
        }
      },
    )

    app.get(
      '/api/alone/:deviceId',
      {
        config: edit,
        schema: {
          summary: 'One of them: contacts in their stages, absence, history, their week',
          tags,
          params: byMeter,
          response: { 200: aloneDetailSchema, ...failures },
        },
      },
      (request) => detail(callerOf(request), request.params.deviceId),
    )

    app.put(
      '/api/alone/:deviceId',
      {
        config: edit,
        schema: {
          summary: 'Watch somebody by this meter, or say something new of them',
          description:
            'Who may not be told of residents at any time cannot say who it is either: what was entered of that stays.',
          tags,
          params: byMeter,
          body: aloneBodySchema,
          response: { 200: aloneDetailSchema, ...failures },
        },
      },
      async (request) => {
        const caller = callerOf(request)
        const { deviceId } = request.params
        if (desk.places.get(request.body.placeId) === undefined) throw new ApiError('place.unknown')
        const device = await desk.stores.registry.find(deviceId)
        if (device === undefined) throw new ApiError('device.unknown')
        if (device.kind !== 'water-meter') throw new ApiError('alone.no-meter')
        const before = await watches.find(deviceId)
        const mayName = groundsToRead(caller.role, [], []) !== undefined
        const residentId = mayName ? request.body.residentId : (before?.residentId ?? null)
        if (mayName && residentId !== null && (await desk.stores.residents.find(residentId)) === undefined)
          throw new ApiError('resident.unknown')
        const contacts = [...inStages(request.body.contacts)]
        await watches.put([{ ...request.body, deviceId, residentId, contacts }], actorOf(caller), desk.now())
        const { placeId, rule } = request.body
        await audit(caller, 'alone.put', deviceId, { placeId, residentId, rule, contacts: contacts.length })
        return detail(caller, deviceId)
      },
    )

    app.delete(
      '/api/alone/:deviceId',
      {
        config: edit,
        schema: {
          summary: 'Watch them no longer; the history stays',
          tags,
          params: byMeter,
          response: { 204: z.undefined(), ...failures },
        },
      },
      async (request, reply) => {
        const caller = callerOf(request)
        const { deviceId } = request.params
        if (!(await watches.remove(deviceId, actorOf(caller), desk.now()))) throw new ApiError('alone.unknown')
        await audit(caller, 'alone.remove', deviceId)
        await closeAlarms(desk, caller, deviceId)
        return reply.code(204).send()
      },
    )

    app.post(
      '/api/alone/:deviceId/away',
      {
        config: edit,
        schema: {
          summary: 'They are away: no alarm for water that does not run, one for water that does',
          description: 'Without an end until water runs as it does when they are at home. Ends an alarm that is open.',
          tags,
          params: byMeter,
          body: awayBodySchema,
          response: { 200: aloneDetailSchema, ...failures },
        },
      },
      async (request) => {
        const caller = callerOf(request)
        const by = actorOf(caller)
        const now = desk.now()
        const { alone, alarm } = await find(request.params.deviceId)
        const { note, until } = request.body
        const from = request.body.from ?? (alarm === undefined ? now : Math.min(now, alarm.raisedAt))
        if ((until !== null && (until <= from || until <= now)) || from > now + FURTHEST_MS)
          throw new ApiError('alone.wrong-dates')
        const began = from <= now
        await watches.note(
          alone.deviceId,
          { at: now, type: 'away', by, from, until, incidentId: alarm?.incidentId ?? null, note },
          goAway(alone, { from, until, by, note }, now),
        )
        await audit(caller, 'alone.away', alone.deviceId, { from, until })
        if (began) await carryAnswer(desk, caller, alone, 'away', null)
        return detail(caller, alone.deviceId)
      },
    )

    app.post(
      '/api/alone/:deviceId/back',
      {
        config: edit,
        schema: {
          summary: 'They are home again',
          tags,
          params: byMeter,
          body: awayBodySchema.pick({ note: true }),
          response: { 200: aloneDetailSchema, ...failures },
        },
      },
      async (request) => {
        const caller = callerOf(request)
        const now = desk.now()
        const { alone } = await find(request.params.deviceId)
        if (alone.away === null) throw new ApiError('alone.not-away')
        const { from, until } = alone.away
        await watches.note(
          alone.deviceId,
          { at: now, type: 'back', by: actorOf(caller), from, until, note: request.body.note },
          { away: null, judgedFrom: now },
        )
        await audit(caller, 'alone.back', alone.deviceId)
        return detail(caller, alone.deviceId)
      },
    )

    app.post(
      '/api/alone/:deviceId/answers',
      {
        config: edit,
        schema: {
          summary: 'What somebody who called or went there has to say',
          description:
            'Fine, away and a wrong meter end the alarm as what it was; nobody answered calls the next; needs help confirms it.',
          tags,
          params: byMeter,
          body: aloneAnswerBodySchema,
          response: { 200: aloneDetailSchema, ...failures },
        },
      },
      async (request) => {
        const caller = callerOf(request)
        const now = desk.now()
        const { alone, alarm } = await find(request.params.deviceId)
        const { answer, until } = request.body
        if (answer === 'away' && until !== null && until <= now) throw new ApiError('alone.wrong-dates')
        const { event, change } = answerOf(alone, request.body, alarm, actorOf(caller), now)
        await watches.note(alone.deviceId, event, change)
        await audit(caller, 'alone.answer', alone.deviceId, { answer, contact: request.body.contact, until })
        await carryAnswer(desk, caller, alone, answer, event.stage ?? null)
        return detail(caller, alone.deviceId)
      },
    )
  }

/** Residents of that name, for whoever may be told of everybody; the rest find places only. */
async function idsByName(
  desk: Desk,
  caller: Caller,
  all: readonly Standing[],
  wanted: string,
): Promise<ReadonlySet<string>> {
  const ids = new Set<string>()
  if (groundsToRead(caller.role, [], []) === undefined) return ids
  for (const { alone } of all) {
    const resident = alone.residentId === null ? undefined : await desk.stores.residents.find(alone.residentId)
    if (resident?.name.toLowerCase().includes(wanted) === true) ids.add(resident.id)
  }
  return ids
}
