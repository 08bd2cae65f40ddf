import type { Command } from 'commander'
import { type Alarm, isActive } from '../../contract/alarms.ts'
import { cityClock, cityDayOf, midnightOf } from '../../contract/city-time.ts'
import { balanceOfHours, measuredOnly } from '../../contract/zone-balance.ts'
import { type Balance, ZONE_KINDS, type ZoneNight } from '../../contract/zones.ts'
import { Mistake } from '../mistake.ts'
import { print, printFacts, printJson, printTable } from '../print.ts'
import type { Session } from '../session.ts'
import type { Run } from './run.ts'

const HOUR_MS = 3_600_000
const DAY_H = 24
const DAY_MS = DAY_H * HOUR_MS
const NIGHTS_SHOWN = 14
const WEEK_H = 7 * DAY_H
const DAY_LENGTH = '2026-11-22'.length
const MINUTE_LENGTH = '2026-11-22T10:00'.length
/** From here on parts of a meter say nothing. */
const MANY = 10

const percent = (share: number): string => `${Math.round(share * 100)} %`
const flow = (m3h: number | null): string => (m3h === null ? '' : m3h.toFixed(2))
const day = (of: number): string => new Date(of * DAY_MS).toISOString().slice(0, DAY_LENGTH)
const m3 = (litres: number): string => `${(litres / 1000).toFixed(3)} m³`

/** What is open now, by zone: an alarm may be newer than the newest night. */
async function openLosses({ views }: Session): Promise<ReadonlyMap<string, Alarm>> {
  const open = (await views.zoneLosses(0)).filter(isActive)
  return new Map(open.flatMap((alarm) => (alarm.placeId === null ? [] : [[alarm.placeId, alarm] as const])))
}

const openWords = ({ value, raisedAt }: Alarm): string =>
  `+${flow(value)} m³/h since ${cityClock(raisedAt).toISOString().slice(0, MINUTE_LENGTH).replace('T', ' ')}`

async function listZones(session: Session, options: { readonly json?: true }): Promise<void> {
  const nights = await session.zones.lastNights()
  const open = await openLosses(session)
  const accounted = new Set(await session.zones.zones())
  const kinds: readonly string[] = ZONE_KINDS
  const places = (await session.registry.places()).filter(({ id, kind }) => kinds.includes(kind) && accounted.has(id))
  const rows = places.map((place) => ({ ...place, night: nights.get(place.id) }))
  const rank = (night: ZoneNight | undefined): number => night?.lossM3h ?? Number.NEGATIVE_INFINITY
  // What runs in is no loss: zones of which nothing else is measured stand behind those whose loss is.
  rows.sort((a, b) => rank(b.night) - rank(a.night) || (b.night?.nightM3h ?? -1) - (a.night?.nightM3h ?? -1))
  if (options.json === true)
    return printJson(
      rows.map(({ id, kind, name, night }) => {
        const alarm = open.get(id)
        const now = alarm === undefined ? null : { alarmId: alarm.id, since: alarm.raisedAt, m3h: alarm.value }
        return { id, kind, name, night: night ?? null, open: now }
      }),
    )
  if (rows.length === 0)
    return print(
      `Nothing is accounted yet in ${session.config.dataDir}: meters count in the well, village, township and county that they stand in.`,
    )
  printTable(
    ['id', 'kind', 'name', 'night', 'loss m³/h', 'usual', 'reported', 'verdict', 'open now'],
    rows.map(({ id, kind, name, night }) => {
      const alarm = open.get(id)
      const cells = night === undefined ? Array.from({ length: NIGHT_CELLS }, () => '') : nightCells(night)
      return [id, kind, name, ...cells, alarm === undefined ? '' : openWords(alarm)]
    }),
  )
}

const NIGHT_CELLS = 5
const nightCells = (night: ZoneNight): string[] => [
  day(night.day),
  night.lossM3h === null && night.nightM3h !== null ? `inflow ${flow(night.nightM3h)}` : flow(night.lossM3h),
  flow(night.expectedM3h),
  // Of a zone without household meters nobody is missing.
  night.lossM3h === null ? '' : percent(night.reported),
  night.verdict === 'loss' && night.lossM3h === null ? 'more inflow' : night.verdict,
]

async function showZone(session: Session, id: string, options: { readonly json?: true }): Promise<void> {
  const { zones } = session
  if (!(await zones.zones()).includes(id))
    throw new Mistake(
      `Nothing is accounted in ${id} (data folder ${session.config.dataDir}). \`zone list\` shows where there is.`,
    )
  const today = cityDayOf(Date.now())
  const newest = (await zones.lastNights()).get(id)?.day ?? today
  const nights = await zones.nights(id, newest - NIGHTS_SHOWN + 1, newest + 1)
  // Seven whole days of the city up to the newest night that was judged.
  const to = midnightOf(newest)
  const meterHours = await zones.meterHours(id, to - WEEK_H, to)
  const week: Balance = balanceOfHours(await zones.hours(id, to - WEEK_H, to), meterHours, WEEK_H)
  if (options.json === true) return printJson({ id, week: measuredOnly(week, meterHours), nights })
  const isBlind = week.bulkReported === 0
  const onlyInflow = !isBlind && week.meters === 0
  const alarm = (await openLosses(session)).get(id)
  print(`${id}, seven days up to ${day(newest)}`)
  printFacts({
    inflow: meterHours.bulk === 0 ? 'not measured' : m3(week.inflowL),
    households: onlyInflow ? 'not metered' : m3(week.householdL),
    loss:
      isBlind || onlyInflow
        ? 'not known'
        : `${m3(week.lossL)}${week.inflowL > 0 ? `, ${percent(week.lossL / week.inflowL)} of inflow` : ''}`,
    'not heard of':
      week.unknownL === 0 ? null : `${m3(Math.round(week.unknownL))} likely used by meters that were silent`,
    reported: `${onlyInflow ? '' : `${percent(week.reported)} of ${formatMeters(week.meters)} meters, `}${percent(week.bulkReported)} of the bulk meters`,
    judged: onlyInflow
      ? 'by its inflow only: no household meter is registered in it'
      : week.valid
        ? null
        : isBlind
          ? 'nobody may judge this: no bulk meter of it has reported (`device add … --kind bulk-meter`, `meter flow`)'
          : 'nobody may judge this: too few have reported',
    'open now': alarm === undefined ? null : `${openWords(alarm)}: ${alarm.reason}`,
  })
  if (nights.length === 0) return print('No night has been judged yet.')
  print()
  printTable(['night', 'loss m³/h', 'usual', 'reported', 'verdict'], nights.map(nightCells))
}

/** A mean over the week: of one that came in the middle of it there is a part of a meter. */
const formatMeters = (meters: number): string =>
  Number.isInteger(meters) || meters >= MANY ? String(Math.round(meters)) : meters.toFixed(1)

export function addZoneCommands(parent: Command, run: Run): void {
  const zone = parent.command('zone').description('what villages and meter wells lose')
  zone
    .command('list')
    .option('--json', 'as JSON')
    .description('the largest loss of the newest night first; `inflow 12.30`: only what runs in is measured there')
    .action(run(listZones))
  zone
    .command('show')
    .argument('<id>')
    .option('--json', 'as JSON')
    .description('balance of a week, completeness, and its last nights')
    .action(run(showZone))
}
