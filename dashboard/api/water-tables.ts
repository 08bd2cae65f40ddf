import { Readable } from 'node:stream'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Role } from '../../contract/roles.ts'
import {
  ONLY_INFLOW,
  UNJUDGED,
  type WaterBalance,
  type ZoneRow,
  zoneQuerySchema,
  zoneSpanSchema,
} from '../../contract/water-api.ts'
import { csvHead, csvLine } from '../../store/import/csv.ts'
import { callerOf } from '../access/guard.ts'
import { asTold, mustSeeHoursOf } from '../access/household-use.ts'
import { actorOf } from '../access/sessions.ts'
import type { Desk } from '../desk.ts'
import { zoneBalance } from '../water/zone-balance.ts'
import { householdsOf, lastNightsOf } from '../water/zone-detail.ts'
import { rankedZones, zoneRows } from '../water/zone-rows.ts'
import { mustBeSpan, mustBeZone } from './water.ts'

const byId = z.object({ id: z.string().min(1).max(200) })
/** Rows made before anything else has its turn. */
const AT_ONCE = 100
const DAY_MS = 86_400_000
const DECIMALS = 3

const header = (names: string): string => csvHead(names.split(','))
/** A figure as a spreadsheet takes it: a number, and nothing where it is not known. */
const figure = (value: number | null | undefined): number | string =>
  value === null || value === undefined ? '' : Number(value.toFixed(DECIMALS))
const cubicMetres = (litres: number | null | undefined): number | null => (litres == null ? null : litres / 1000)
/** `2026-11-22`: days are counted in the city's time already. */
const dayName = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, '2026-11-22'.length)
const instantName = (at: number | null): string => (at === null ? '' : new Date(at).toISOString())

const ZONE_COLUMNS =
  'id,kind,name,path,meters,night,loss_m3h,night_inflow_m3h,inflow_m3h,loss_percent,not_judged,only_inflow,week_inflow_m3,week_loss_m3,week_percent,week_l_connection_day,change_m3h,open_since,open_m3h,lost_m3,lost_yuan,household_leaks,household_leak_lph,lon,lat'

function zoneLine(row: ZoneRow): string {
  const { tonight, week, open } = row
  const both = ({ zh, en }: { readonly zh: string; readonly en: string }): string => `${zh} / ${en}`
  return csvLine([
    row.id,
    row.kind,
    row.name,
    row.path.join(' / '),
    row.meters,
    tonight === null ? '' : dayName(tonight.day),
    figure(tonight?.lossM3h),
    figure(tonight?.nightM3h),
    figure(tonight?.inflowM3h),
    figure(row.tonightPercent),
    row.unjudged === null ? '' : both(UNJUDGED[row.unjudged]),
    row.onlyInflow ? both(ONLY_INFLOW) : '',
    figure(cubicMetres(week?.inflowL)),
    figure(row.onlyInflow ? null : cubicMetres(week?.lossL)),
    figure(row.weekPercent),
    figure(row.weekLitresPerConnectionDay),
    figure(row.trendM3h),
    instantName(open?.since ?? null),
    figure(open?.lossM3h),
    figure(open?.lostM3),
    figure(open?.lostYuan),
    row.householdLeaks,
    figure(row.householdLeakLph),
    row.lon ?? '',
    row.lat ?? '',
  ])
}

const BALANCE_LINES = [
  ['inputM3', 'System input volume / 供水总量', 'm³'],
  ['billedM3', 'Billed authorised / 计费用水量', 'm³'],
  ['unbilledM3', 'Unbilled authorised, assumed / 免费用水量(估)', 'm³'],
  ['apparentM3', 'Apparent losses, assumed / 表观漏损(估)', 'm³'],
  ['realM3', 'Real losses / 真实漏损', 'm³'],
  ['lossPercent', 'Input − billed, of input / 产销差率', '%'],
  ['litresPerConnectionDay', 'Real losses a connection and day / 户日均真实漏损', 'l'],
  ['uarlLitresPerConnectionDay', 'UARL a connection and day / 户日均不可避免漏损', 'l'],
  ['ili', 'ILI', ''],
  ['grossPercent', 'CJJ 92 gross / 综合漏损率', '%'],
  ['ratedPercent', 'CJJ 92 rated / 漏损率', '%'],
  ['reported', 'Household meters reported / 户表到报率', '0–1'],
  ['bulkReported', 'Bulk meters reported / 总表到报率', '0–1'],
] as const satisfies readonly (readonly [keyof WaterBalance, string, string])[]

/** The tables of the water pages, for a spreadsheet. */
export const waterTableRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    const table = (summary: string) => ({ summary, tags: ['water'], produces: ['text/csv'] })
    const read = { right: 'read' } as const
    const headers = (name: string) => ({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${name}.csv"`,
    })

    app.get(
      '/api/water/zones.csv',
      {
        config: read,
        schema: {
          ...table('Zones with what they lose as a table, the worst first'),
          description:
            'loss_m3h: mean loss of the night, 01:00–05:00; night_inflow_m3h: mean inflow of the same hours; inflow_m3h: of the 24 h until 05:00. ' +
            'Where `only_inflow` says that no household meter is registered, nobody knows what is lost: losses and percentages are empty, ' +
            'and open_m3h is what runs in beyond the usual.',
          querystring: zoneQuerySchema.omit({ limit: true, cursor: true }),
        },
      },
      async (request, reply) => {
        const ids = await rankedZones(desk, request.query)
        return reply.headers(headers('zones')).send(Readable.from(zoneTable(ids, callerOf(request).role)))
      },
    )

    async function* zoneTable(ids: readonly string[], role: Role): AsyncGenerator<string> {
      yield header(ZONE_COLUMNS)
      for (let from = 0; from < ids.length; from += AT_ONCE)
        yield (await zoneRows(desk, ids.slice(from, from + AT_ONCE))).map(asTold(desk, role)).map(zoneLine).join('')
    }

    app.get(
      '/api/water/zones/:id/nights.csv',
      {
        config: read,
        schema: {
          ...table('Nights of a zone as a table'),
          description:
            'loss_m3h: mean loss, 01:00–05:00; night_inflow_m3h: mean inflow of the same hours; inflow_m3h: of the 24 h until 05:00. ' +
            'usual_m3h, low_m3h and high_m3h are of the loss, and where that is empty (only the inflow is measured) of the night inflow.',
          params: byId,
        },
      },
      async (request, reply) => {
        const lines = (await lastNightsOf(desk, mustBeZone(desk, request.params.id))).map((night) =>
          csvLine([
            dayName(night.day),
            figure(night.lossM3h),
            figure(night.nightM3h),
            figure(night.inflowM3h),
            figure(night.expectedM3h),
            figure(night.lowM3h),
            figure(night.highM3h),
            figure(night.reported),
            figure(night.bulkReported),
            night.verdict,
          ]),
        )
        const names =
          'night,loss_m3h,night_inflow_m3h,inflow_m3h,usual_m3h,low_m3h,high_m3h,reported,bulk_reported,verdict'
        return reply.headers(headers('nights')).send(header(names) + lines.join(''))
      },
    )

    app.get(
      '/api/water/zones/:id/households.csv',
      {
        config: read,
        schema: {
          ...table(
            'Household meters of a zone as a table, leaks first (of a township or county only those); the export stands in the audit',
          ),
          description: 'What is used (litres_day, night_lph) is empty for roles that are not told.',
          params: byId,
        },
      },
      async (request, reply) => {
        const target = mustBeZone(desk, request.params.id)
        await desk.waters.follow()
        const caller = callerOf(request)
        const households = await householdsOf(desk, target, caller.role)
        // What a household uses is its own affair: who took it with them is written down.
        const actor = actorOf(caller)
        await desk.stores.accounts.audit({
          at: desk.now(),
          actor,
          action: 'water.export',
          target,
          detail: 'households',
        })
        const lines = households.map(({ deviceId, name, placeName, litresDay, nightLph, lastHeardAt, leak }) =>
          csvLine([
            deviceId,
            name,
            placeName,
            figure(litresDay),
            figure(nightLph),
            instantName(lastHeardAt),
            figure(leak?.lph),
            instantName(leak?.since ?? null),
            leak === null ? '' : `${leak.evidenceZh} / ${leak.evidence}`,
          ]),
        )
        const names = 'meter,name,place,litres_day,night_lph,last_heard,leak_lph,leak_since,evidence'
        return reply.headers(headers('households')).send(header(names) + lines.join(''))
      },
    )

    app.get(
      '/api/water/zones/:id/balance.csv',
      {
        config: read,
        schema: {
          ...table('The water balance of a zone as a table, with what it assumes'),
          params: byId,
          querystring: zoneSpanSchema,
        },
      },
      async (request, reply) => {
        const id = mustBeZone(desk, request.params.id)
        const span = await mustBeSpan(desk, request.query)
        await mustSeeHoursOf(desk, callerOf(request).role, id, span)
        const balance = await zoneBalance(desk, id, span)
        const lines = [
          csvLine(['zone / 片区', id, '']),
          csvLine(['from / 起', instantName(balance.from), '']),
          csvLine(['to / 止', instantName(balance.to), '']),
          ...BALANCE_LINES.map(([key, name, unit]) => csvLine([name, figure(balance[key]), unit])),
          csvLine(['may be judged / 可评判', balance.valid ? 'yes / 是' : 'no / 否', '']),
          ...balance.assumptions.map(({ value, en, zh }) => csvLine([`${zh} / ${en}`, value, ''])),
        ]
        return reply.headers(headers('balance')).send(header('figure,value,unit') + lines.join(''))
      },
    )
  }
