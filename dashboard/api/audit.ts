import { Readable } from 'node:stream'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { type AuditRecord, auditRecordSchema, page } from '../../contract/api.ts'
import { csvHead, csvLine } from '../../store/import/csv.ts'
import { callerOf } from '../access/guard.ts'
import { actorOf } from '../access/sessions.ts'
import type { Desk } from '../desk.ts'
import { failures } from './failures.ts'
import { instant } from './instant.ts'

const whichSchema = z.object({
  actor: z.string().max(100).optional().describe('who, exactly'),
  action: z.string().max(100).optional().describe('what, from its beginning: `user.` is every change of a user'),
  target: z.string().max(200).optional().describe('on what, exactly'),
  from: instant.optional(),
  to: instant.optional().describe('before'),
})
/** Rows read and written at once. */
const EXPORTED_AT_ONCE = 1000

/** Who did what. It only ever grows: there is no route, and in the database no statement, that changes it. */
export const auditRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    const { accounts } = desk.stores

    app.get(
      '/api/audit',
      {
        config: { right: 'audit.read' },
        schema: {
          summary: 'Who did what, newest first',
          tags: ['operating'],
          querystring: whichSchema.extend({
            limit: z.coerce.number().int().min(1).max(1000).default(100),
            cursor: z.string().max(100).optional(),
          }),
          response: { 200: page(auditRecordSchema), ...failures },
        },
      },
      async (request) => {
        const { items, total, next } = await accounts.auditEntries(request.query)
        return { items: [...items], total, next }
      },
    )

    app.get(
      '/api/audit.csv',
      {
        config: { right: 'audit.read' },
        schema: {
          summary: 'The same as a table; the export is an entry of its own',
          tags: ['operating'],
          querystring: whichSchema,
          produces: ['text/csv'],
        },
      },
      async (request, reply) => {
        await accounts.audit({
          at: desk.now(),
          actor: actorOf(callerOf(request)),
          action: 'audit.export',
          target: 'audit',
          detail: JSON.stringify(request.query),
        })
        return reply
          .type('text/csv; charset=utf-8')
          .header('content-disposition', 'attachment; filename="audit.csv"')
          .header('cache-control', 'no-store')
          .send(Readable.from(table(desk, request.query)))
      },
    )
  }

async function* table(desk: Desk, filter: z.infer<typeof whichSchema>): AsyncGenerator<string> {
  yield csvHead(['id', 'time', 'actor', 'action', 'target', 'detail'])
  let cursor: string | undefined
  do {
    const { items, next } = await desk.stores.accounts.auditEntries({ ...filter, limit: EXPORTED_AT_ONCE, cursor })
    yield items.map(rowOf).join('')
    cursor = next ?? undefined
  } while (cursor !== undefined)
}

const rowOf = ({ id, at, actor, action, target, detail }: AuditRecord): string =>
  csvLine([id, new Date(at).toISOString(), actor, action, target, detail])
