import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { importAnswerSchema, LARGEST_TABLE, TABLES, type TableName } from '../../contract/home-answers.ts'
import { groundsToRead } from '../../contract/residents.ts'
import type { Right } from '../../contract/roles.ts'
import { planAlone } from '../../store/import/alone.ts'
import type { ImportPlan } from '../../store/import/outcome.ts'
import { planPlaces } from '../../store/import/places.ts'
import { planResponders } from '../../store/import/responders.ts'
import { countRows, faultsCsv } from '../../store/import/row-fault.ts'
import { planStaff } from '../../store/import/staff.ts'
import { UnreadableTable } from '../../store/import/table.ts'
import { callerOf } from '../access/guard.ts'
import { actorOf, type Caller } from '../access/sessions.ts'
import type { Desk } from '../desk.ts'
import { acceptFiles, fileOf } from './bodies.ts'
import { ApiError } from './errors.ts'
import { failures } from './failures.ts'

/** What browsers call a CSV file; Windows takes it for a spreadsheet. */
const TABLE_TYPES = ['text/csv', 'text/tab-separated-values', 'application/vnd.ms-excel', 'application/octet-stream']
/** Rows told one by one; all are counted. */
const ROWS_TOLD = 1000
/** Faults in the answer and its table of errors: more of them are one mistake, made in every row. */
const FAULTS_TOLD = 20_000

const NAMES: Record<
  TableName,
  { readonly en: string; readonly action: string; readonly right: Right; readonly tag: string }
> = {
  places: { en: 'places, from counties down to beds', action: 'place.import', right: 'place.edit', tag: 'homes' },
  staff: { en: 'staff and their shifts', action: 'staff.import', right: 'place.edit', tag: 'homes' },
  responders: { en: 'posts and other responders', action: 'responder.import', right: 'place.edit', tag: 'homes' },
  alone: {
    en: 'people who live alone, whom to call and their rule',
    action: 'alone.import',
    right: 'alone.edit',
    tag: 'living alone',
  },
}

/** Tables in the console: the same as `hydrant … import`. */
export const importRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    acceptFiles(app, TABLE_TYPES)
    const { homes, registry, accounts, alone, residents } = desk.stores
    const plan = (table: TableName, bytes: Uint8Array, name: string, caller: Caller): Promise<ImportPlan> => {
      switch (table) {
        case 'places':
          return planPlaces(registry, bytes, name)
        case 'staff':
          return planStaff(homes, registry, bytes, name)
        case 'responders':
          return planResponders(homes, registry, bytes, name)
        case 'alone': {
          const mayName = groundsToRead(caller.role, [], []) !== undefined
          return planAlone({ alone, registry, residents }, bytes, name, actorOf(caller), desk.now, mayName)
        }
      }
    }

    for (const table of TABLES)
      app.post(
        `/api/${table}/import`,
        {
          config: { right: NAMES[table].right },
          bodyLimit: LARGEST_TABLE,
          schema: {
            summary: `Import a table of ${NAMES[table].en}: the file itself as the body`,
            description:
              'CSV with a first line of column names, UTF-8 or GB18030, at most 8 MiB. The same table a second time changes nothing; one bad row costs that row only.',
            tags: [NAMES[table].tag],
            consumes: TABLE_TYPES,
            querystring: z.object({
              dryRun: z.stringbool().default(false).describe('only say what would happen'),
              whole: z.stringbool().default(false).describe('write nothing where any row is wrong'),
              name: z.string().max(200).default('table.csv').describe('of the file, for the audit'),
            }),
            response: { 200: importAnswerSchema, ...failures },
          },
        },
        async (request) => {
          const { whole, name } = request.query
          const caller = callerOf(request)
          const bytes = fileOf(request.body, 'table.none')
          const planned = await plan(table, bytes, name, caller).catch((error: unknown) => {
            throw error instanceof UnreadableTable ? new ApiError('table.unreadable', error.message) : error
          })
          const told = planned.faults.slice(0, FAULTS_TOLD)
          const { added, changed, unchanged, rows, faults, ignored } = planned
          const dryRun = request.query.dryRun || (whole && faults.length > 0)
          if (!dryRun) {
            await planned.apply()
            await accounts.audit({
              at: desk.now(),
              actor: actorOf(caller),
              action: NAMES[table].action,
              target: name,
              detail: `${added} added, ${changed} changed`,
            })
            // Whoever imported it looks at it next.
            if (table === 'places') desk.places.replace(await registry.places())
          }
          return {
            dryRun,
            added,
            changed,
            unchanged,
            notImported: countRows(faults),
            ignored: [...ignored],
            rows: rows.slice(0, ROWS_TOLD).map((row) => ({ ...row })),
            faults: told.map((fault) => ({ reasonZh: fault.reason, ...fault })),
            errorsCsv: faults.length === 0 ? '' : faultsCsv(told),
          }
        },
      )
  }
