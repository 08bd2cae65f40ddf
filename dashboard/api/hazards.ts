import { Readable } from 'node:stream'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { page } from '../../contract/api.ts'
import { cityDate } from '../../contract/city-time.ts'
import {
  decideHazard,
  HAZARD_KINDS,
  HAZARD_VERDICT_NAMES,
  type Hazard,
  type HazardAction,
  type HazardAnswer,
  type HazardDetail,
  hazardAnswerSchema,
  hazardChangeSchema,
  hazardClaimSchema,
  hazardDetailSchema,
  hazardQuerySchema,
  hazardVerdictSchema,
  isOverdue,
  mayJudge,
  newHazardSchema,
} from '../../contract/hazards.ts'
import { LARGEST_PHOTOGRAPH } from '../../contract/home-answers.ts'
import { mediaTypeOf } from '../../store/images/port.ts'
import { csvHead, csvLine } from '../../store/import/csv.ts'
import type { HazardFilter } from '../../store/state/hazards-port.ts'
import { callerOf } from '../access/guard.ts'
import { actorOf, type Caller, callerMay } from '../access/sessions.ts'
import type { Desk } from '../desk.ts'
import { acceptFiles, fileOf } from './bodies.ts'
import { datedId } from './dated-id.ts'
import { ApiError } from './errors.ts'
import { failures } from './failures.ts'
import { keepPicture, PICTURE_TYPES, sendPicture } from './pictures.ts'

const byId = z.object({ id: z.string().min(1).max(200) })
/** Rows read and written at once. */
const EXPORTED_AT_ONCE = 1000
/** A year, in seconds: a photograph is known by what it is, so it never changes. */
const FOR_GOOD = 'max-age=31536000, immutable'

type HazardQuery = z.output<typeof hazardQuerySchema>

/** Hazards: work with an owner and a deadline, off the list only when three parties agree (`contract/hazards.ts`). */
export const hazardRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    acceptFiles(app, PICTURE_TYPES)
    const { hazards, accounts } = desk.stores
    const tags = ['hazards']
    const edit = { right: 'hazard.edit' } as const
    const detailAnswer = { 200: hazardDetailSchema, ...failures }

    const answer = (hazard: Hazard): HazardAnswer => ({
      ...hazard,
      placePath: desk.places.path(hazard.placeId),
      premisesId: desk.places.premisesOf(hazard.placeId)?.id ?? null,
      overdue: isOverdue(hazard, desk.now()),
    })
    const detail = async (caller: Caller, hazard: Hazard): Promise<HazardDetail> => {
      const isOpen = hazard.state !== 'closed'
      const mayEdit = isOpen && callerMay(caller, 'hazard.edit')
      const hasJudged = HAZARD_VERDICT_NAMES.find((name) => hazard.verdicts[name]?.by === actorOf(caller))
      return {
        ...answer(hazard),
        history: [...(await hazards.history(hazard.id))],
        may: {
          change: mayEdit,
          claim: mayEdit && hazard.state === 'open',
          photograph: mayEdit,
          judge: HAZARD_VERDICT_NAMES.filter(
            (name) =>
              hazard.state === 'claimed-done' &&
              callerMay(caller, 'hazard.judge') &&
              mayJudge(caller.role, name) &&
              (hasJudged === undefined || hasJudged === name),
          ),
        },
      }
    }
    const find = async (id: string): Promise<Hazard> => {
      const hazard = await hazards.find(id)
      if (hazard === undefined) throw new ApiError('hazard.unknown')
      return hazard
    }
    const audit = (caller: Caller, action: string, target: string, detail: unknown): Promise<void> =>
      accounts.audit({ at: desk.now(), actor: actorOf(caller), action, target, detail: JSON.stringify(detail) })
    const act = async (caller: Caller, id: string, action: HazardAction): Promise<HazardDetail> => {
      const by = { name: actorOf(caller), role: caller.role }
      const outcome = await hazards.update(id, (before) => decideHazard(before, action, by, desk.now()))
      if (outcome === undefined) throw new ApiError('hazard.unknown')
      if (!outcome.ok) throw new ApiError(outcome.refusal)
      const { type, ...said } = action
      await audit(caller, `hazard.${type}`, id, said)
      return detail(caller, outcome.hazard)
    }
    const filterOf = ({ state, kind, placeId, overdue }: Omit<HazardQuery, 'limit' | 'cursor'>): HazardFilter => ({
      // What is closed is never overdue.
      state: overdue && state === 'all' ? 'unclosed' : state,
      kind,
      ...(placeId === undefined ? {} : { placeIds: desk.places.below(placeId) }),
      ...(overdue ? { dueBefore: desk.now() } : {}),
    })

    app.get(
      '/api/hazards',
      {
        config: { right: 'read' },
        schema: {
          summary: 'Hazards, the soonest deadline first',
          tags,
          querystring: hazardQuerySchema,
          response: { 200: page(hazardAnswerSchema), ...failures },
        },
      },
      async (request) => {
        const { limit, cursor, ...which } = request.query
        const { items, total, next } = await hazards.list({ ...filterOf(which), limit, cursor })
        return { items: items.map(answer), total, next }
      },
    )

    app.get(
      '/api/hazards.csv',
      {
        config: { right: 'read' },
        schema: {
          summary: 'The same as a table; the export stands in the audit',
          tags,
          querystring: hazardQuerySchema.omit({ limit: true, cursor: true }),
          produces: ['text/csv'],
        },
      },
      async (request, reply) => {
        await audit(callerOf(request), 'hazard.export', 'hazards', request.query)
        return reply
          .type('text/csv; charset=utf-8')
          .header('content-disposition', 'attachment; filename="hazards.csv"')
          .send(Readable.from(table(filterOf(request.query))))
      },
    )

    async function* table(filter: HazardFilter): AsyncGenerator<string> {
      yield csvHead('id,place,kind,description,owner,found,due,state,refusals,closed'.split(','))
      let cursor: string | undefined
      do {
        const { items, next } = await hazards.list({ ...filter, limit: EXPORTED_AT_ONCE, cursor })
        yield items.map(rowOf).join('')
        cursor = next ?? undefined
      } while (cursor !== undefined)
    }
    const rowOf = (one: Hazard): string =>
      csvLine([
        one.id,
        desk.places.path(one.placeId).join(' / '),
        `${HAZARD_KINDS[one.kind].zh} / ${HAZARD_KINDS[one.kind].en}`,
        one.description,
        one.owner,
        cityDate(one.foundAt),
        cityDate(one.dueAt),
        one.state,
        one.refusals,
        one.closedAt === null ? '' : cityDate(one.closedAt),
      ])

    app.get(
      '/api/hazards/:id',
      {
        config: { right: 'read' },
        schema: {
          summary: 'One hazard with its whole history, and what the caller may do to it',
          tags,
          params: byId,
          response: detailAnswer,
        },
      },
      async (request) => detail(callerOf(request), await find(request.params.id)),
    )

    app.post(
      '/api/hazards',
      {
        config: edit,
        schema: {
          summary: 'Open a hazard',
          tags,
          body: newHazardSchema,
          response: { 201: hazardDetailSchema, ...failures },
        },
      },
      async (request, reply) => {
        const caller = callerOf(request)
        const at = desk.now()
        const by = actorOf(caller)
        if (desk.places.get(request.body.placeId) === undefined) throw new ApiError('place.unknown')
        const hazard: Hazard = {
          ...request.body,
          id: datedId('hz', at),
          foundAt: at,
          foundBy: by,
          state: 'open',
          verdicts: {},
          refusals: 0,
          closedAt: null,
          photographs: [],
        }
        await hazards.open(hazard, { type: 'opened', at, by, verdict: null, photographId: null, comment: '' })
        await audit(caller, 'hazard.open', hazard.id, request.body)
        return reply.code(201).send(await detail(caller, hazard))
      },
    )

    app.patch(
      '/api/hazards/:id',
      {
        config: edit,
        schema: {
          summary: 'Give a hazard another owner or deadline, and say why',
          tags,
          params: byId,
          body: hazardChangeSchema,
          response: detailAnswer,
        },
      },
      (request) => {
        const { owner, dueAt, reason } = request.body
        const change = { ...(owner === undefined ? {} : { owner }), ...(dueAt === undefined ? {} : { dueAt }) }
        return act(callerOf(request), request.params.id, { type: 'change', ...change, reason })
      },
    )

    app.post(
      '/api/hazards/:id/claim',
      {
        config: edit,
        schema: {
          summary: 'Say that it is done: the three parties judge it now',
          tags,
          params: byId,
          body: hazardClaimSchema,
          response: detailAnswer,
        },
      },
      (request) => act(callerOf(request), request.params.id, { type: 'claim', ...request.body }),
    )

    app.post(
      '/api/hazards/:id/verdicts',
      {
        config: { right: 'hazard.judge' },
        schema: {
          summary: 'Agree, or refuse with a reason; refused, it is open again',
          description:
            'Care judges whether it is put right, fire whether it is up to standard, a dispatcher whether the people are satisfied. An administrator may stand in; nobody gives two of the three.',
          tags,
          params: byId,
          body: hazardVerdictSchema,
          response: detailAnswer,
        },
      },
      (request) => act(callerOf(request), request.params.id, { type: 'judge', ...request.body }),
    )

    app.post(
      '/api/hazards/:id/photographs',
      {
        config: edit,
        bodyLimit: LARGEST_PHOTOGRAPH,
        schema: {
          summary: 'Add a photograph: the picture itself as the body',
          description: 'PNG, JPEG or WebP, at most 8 MiB. Where and when it was taken is left out of it.',
          tags,
          params: byId,
          consumes: [...PICTURE_TYPES],
          querystring: z.object({ after: z.stringbool().default(false).describe('shows how it is now') }),
          response: { 201: hazardDetailSchema, ...failures },
        },
      },
      async (request, reply) => {
        const hazard = await find(request.params.id)
        const bytes = fileOf(request.body, 'image.none')
        if (hazard.state === 'closed') throw new ApiError('hazard.closed')
        const { id } = await keepPicture(desk, bytes, { largest: LARGEST_PHOTOGRAPH, drawings: false })
        const action = { type: 'photograph', id, after: request.query.after } as const
        return reply.code(201).send(await act(callerOf(request), hazard.id, action))
      },
    )

    app.get(
      '/api/hazards/:id/photographs/:photographId',
      {
        config: { right: 'read' },
        schema: {
          summary: 'A photograph of a hazard',
          tags,
          params: byId.extend({ photographId: z.string().max(100) }),
          produces: ['image/jpeg', 'image/png', 'image/webp'],
        },
      },
      async (request, reply) => {
        const { id, photographId } = request.params
        const hazard = await find(id)
        const mediaType = mediaTypeOf(photographId)
        if (mediaType === undefined || !hazard.photographs.some((one) => one.id === photographId))
          throw new ApiError('hazard.unknown', 'This hazard has no such photograph.')
        return sendPicture(desk, reply, { id: photographId, mediaType, cached: FOR_GOOD })
      },
    )
  }
