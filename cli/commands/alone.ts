import type { Command } from 'commander'
import { ALONE_RULE, goAway, isAway, litresOfDay } from '../../contract/alone.ts'
import { ALONE_COLUMNS, planAlone } from '../../store/import/alone.ts'
import { readEnd, readMoment, showMoment } from '../city-moment.ts'
import { addTableImport } from '../import/import-table.ts'
import { Mistake } from '../mistake.ts'
import { print, printJson, printTable } from '../print.ts'
import type { Session } from '../session.ts'
import type { Run } from './run.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const MOST_DAYS = 366
/** A beginning further away than this is a mistyped year. ms */
const FURTHEST_MS = MOST_DAYS * DAY_MS

/** Who is watched and how their water runs, without a name: names are shown in the console, where reading them is in the audit. */
async function listAlone(session: Session, options: { readonly json?: true }): Promise<void> {
  const now = Date.now()
  const uses = new Map((await session.alone.ownUse(-1)).map(({ deviceId, use }) => [deviceId, use]))
  const rows = (await session.alone.all()).map(({ deviceId, placeId, away, contacts }) => {
    const use = uses.get(deviceId)
    return {
      meter: deviceId,
      place: placeId,
      away: isAway(away, now, use?.backAt) ? (away?.until ?? null) : undefined,
      heardAt: use?.last[0] ?? null,
      stillSince: use?.still[0] ?? null,
      stillLitres: use?.still[1] ?? null,
      lastDay: use === undefined ? null : (use.days.map(litresOfDay).at(-2) ?? null),
      contacts: contacts.length,
    }
  })
  if (options.json === true) return printJson(rows)
  if (rows.length === 0) return print('Nobody is watched by their water. `alone import FILE` enters people.')
  const hours = (at: number | null): string => (at === null ? '–' : `${Math.floor((now - at) / HOUR_MS)} h`)
  printTable(
    ['meter', 'place', 'away', 'known until', 'hardly any water for', 'l since', 'l the day before', 'contacts'],
    rows.map((row) => [
      row.meter,
      row.place,
      row.away === undefined ? '' : row.away === null ? 'open' : `until ${showMoment(row.away)}`,
      row.heardAt === null ? 'never heard' : `${hours(row.heardAt)} ago`,
      hours(row.stillSince),
      row.stillLitres === null ? '–' : String(Math.round(row.stillLitres)),
      row.lastDay === null ? '–' : String(Math.round(row.lastDay)),
      String(row.contacts),
    ]),
  )
}

interface AwayOptions {
  readonly from?: string
  readonly until?: string
  readonly days?: string
  readonly note: string
}

async function setAway(session: Session, meter: string, options: AwayOptions): Promise<void> {
  const now = Date.now()
  const before = await session.alone.find(meter)
  if (before === undefined) throw nobody(meter)
  const from = options.from === undefined ? now : readMoment(options.from)
  if (Math.abs(from - now) > FURTHEST_MS) throw new Mistake('--from takes a time within a year of today.')
  const until = endOf(options, from)
  if (until !== null && (until <= from || until <= now))
    throw new Mistake(`${showMoment(until)} is ${until <= now ? 'over' : 'before it begins'}. Name a later end.`)
  const { note } = options
  await session.alone.note(
    meter,
    { at: now, type: 'away', by: session.actor, from, until, note },
    goAway(before, { from, until, by: session.actor, note }, now),
  )
  await session.audit('alone.away', meter, JSON.stringify({ from, until }))
  const begins = from > now ? ` from ${showMoment(from)}` : ''
  const ends = until === null ? 'until water runs again' : `until ${showMoment(until)}`
  print(`${meter}: away${begins} ${ends}.${from > now ? '' : ' An alarm that is open is closed in the console.'}`)
}

/** Null: until water runs again. */
function endOf({ until, days }: AwayOptions, from: number): number | null {
  if (until !== undefined && days !== undefined) throw new Mistake('Give --until or --days, not both.')
  if (until !== undefined) return readEnd(until)
  if (days === undefined) return null
  const count = Number(days)
  if (!(count > 0 && count <= MOST_DAYS)) throw new Mistake(`--days takes a number from 1 to ${MOST_DAYS}.`)
  return from + count * DAY_MS
}

async function setBack(session: Session, meter: string, options: { readonly note: string }): Promise<void> {
  const at = Date.now()
  const before = await session.alone.find(meter)
  if (before === undefined) throw nobody(meter)
  if (before.away === null) throw new Mistake(`${meter}: nobody is away. \`alone list\` shows who is.`)
  const { from, until } = before.away
  await session.alone.note(
    meter,
    { at, type: 'back', by: session.actor, from, until, note: options.note },
    { away: null, judgedFrom: at },
  )
  await session.audit('alone.back', meter)
  print(`${meter}: home again.`)
}

const nobody = (meter: string): Mistake =>
  new Mistake(`Nobody is watched by the meter ${meter}. \`alone list\` shows who is.`)

export function addAloneCommands(parent: Command, run: Run): void {
  const alone = parent.command('alone').description('old people who live alone, watched by their water meter')
  const bounds = Object.values(ALONE_RULE).map(({ min, max, unit }) => `${min}–${max} ${unit}`)
  addTableImport(alone, run, {
    action: 'alone.import',
    description: 'enter the people of a table; importing it again changes only what has changed',
    columns: Object.keys(ALONE_COLUMNS),
    help: `Needed: id, the water meter. place is the dwelling (without it the meter's own place), resident a number of the
list of residents. The rule: no_use_litres, no_use_hours, over_use_litres (${bounds.join(', ')}; empty is the
city's). family, nearby and visit are whom to call, in this order, each with its …_phone.`,
    plan: ({ alone: watches, registry, residents, actor }, bytes, name) =>
      planAlone({ alone: watches, registry, residents }, bytes, name, actor, Date.now),
  })
  alone.command('list').option('--json', 'as JSON').description('who is watched, without names').action(run(listAlone))
  alone
    .command('away')
    .argument('<meter>')
    .option('--until <when>', 'the last day (2026-11-25), or a time ("2026-11-25 14:30")')
    .option('--days <n>', 'for so many days; without either until water runs as it does when they are at home')
    .option('--from <when>', 'since or from when; without it from now on')
    .option('--note <words>', 'where to', '')
    .description('they are away: water that does not run is no alarm')
    .action(run(setAway))
  alone
    .command('back')
    .argument('<meter>')
    .option('--note <words>', 'for the history', '')
    .description('they are home again')
    .action(run(setBack))
}
