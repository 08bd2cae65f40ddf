import type { Command } from 'commander'
import { CITY_OFFSET_MS } from '../../contract/city-time.ts'
import { ZONE_KINDS } from '../../contract/zones.ts'
import { settledUntil } from '../../ingest/water/accounts.ts'
import { unpackTapes } from '../../ingest/zones/tape-bytes.ts'
import type { RegisteredDevice } from '../../store/state/registry-port.ts'
import type { AccountedMeter } from '../../store/state/water-port.ts'
import { readMoment } from '../city-moment.ts'
import { Mistake } from '../mistake.ts'
import { noSuchDevice } from '../no-such-device.ts'
import { print, printTable } from '../print.ts'
import type { Session } from '../session.ts'
import type { Run } from './run.ts'

const LITRES_PER_M3 = 1000
/** Registers are checked against the largest that a device may send, m³. */
const LARGEST_REGISTER = 1e9
/** From the main, or to where nothing is accounted. */
const NOWHERE = '-'
const MINUTE_LENGTH = '2026-11-22 14:30'.length

async function meterOf(session: Session, id: string): Promise<RegisteredDevice> {
  const device = await session.registry.find(id)
  if (device === undefined) throw noSuchDevice(id)
  if (device.kind !== 'water-meter' && device.kind !== 'bulk-meter')
    throw new Mistake(`${id} is a ${device.kind}, and no meter: it counts in no zone.`)
  return device
}

/** When it happened. It must have happened, or the hours until then would be another's. */
function momentOf(text: string | undefined): number {
  const now = Date.now()
  const at = text === undefined ? now : readMoment(text)
  if (at > now) throw new Mistake('That is still to come. Say it when it has happened.')
  return at
}

const shown = (at: number): string =>
  at === 0 ? 'ever' : new Date(at + CITY_OFFSET_MS).toISOString().slice(0, MINUTE_LENGTH).replace('T', ' ')

async function moveMeter(
  session: Session,
  id: string,
  options: { readonly to: string; readonly at?: string },
): Promise<void> {
  const meter = await meterOf(session, id)
  const at = momentOf(options.at)
  if (!(await session.registry.places()).some((place) => place.id === options.to))
    throw new Mistake(
      `There is no place ${options.to}. Add it first: place add ${options.to} --kind well --parent VILLAGE`,
    )
  if (meter.placeId === options.to && options.at === undefined)
    throw new Mistake(`${id} is in ${options.to} already. With --at you say since when.`)
  const last = (await session.topology.placements(id)).at(meter.placeId === options.to ? -2 : -1)
  if (options.at !== undefined && (last === undefined || last.from >= at))
    throw new Mistake(
      last === undefined || last.from === 0
        ? `${id} has been in ${options.to} ever since it was registered.`
        : `${id} was moved on ${shown(last.from)}; it cannot have been moved again before.`,
    )
  if (meter.placeId !== options.to) {
    const { revision: _, limits: __, denied: ___, ...facts } = meter
    await session.registry.put([{ ...facts, placeId: options.to }], { replace: true })
  }
  if (options.at !== undefined) await session.topology.movedAt(id, at)
  await session.audit('meter.move', id, `to ${options.to} at ${new Date(at).toISOString()}`)
  // The first place of a meter counts since ever.
  const since = (await session.topology.placements(id)).at(-1)?.from ?? at
  print(
    `${id} counts in ${options.to} since ${shown(since)}${since === 0 ? '' : '; until then it counts where it was'}.`,
  )
  await tellSettled(
    session,
    id,
    since,
    'What it measured before that stays counted where it was, and so does the meter.',
  )
}

/** Hours of more than ten days before a meter's newest reading cannot be put right any more: say so. */
async function tellSettled(session: Session, id: string, at: number, what: string): Promise<void> {
  const accounted = await session.zones.meter(id)
  const settled = accounted === undefined ? 0 : settledOf(accounted)
  if (at < settled) print(`But its accounts are settled up to ${shown(settled)}. ${what}`)
}

/** What was asked is done: a damaged row, which ingest names and begins anew, must not make it look as if it were not. */
function settledOf({ tapes }: AccountedMeter): number {
  try {
    return settledUntil(unpackTapes(tapes))
  } catch {
    return 0
  }
}

async function exchangeMeter(
  session: Session,
  id: string,
  options: { readonly at?: string; readonly last?: string; readonly first?: string; readonly undo?: true },
): Promise<void> {
  await meterOf(session, id)
  if (options.undo === true) return takeBackExchange(session, id, options)
  const at = momentOf(options.at)
  const [lastLitres, firstLitres] = [litresOf(options.last, '--last'), litresOf(options.first, '--first')]
  await session.topology.putExchange({ deviceId: id, at, lastLitres, firstLitres })
  await session.audit('meter.exchange', id, `at ${new Date(at).toISOString()}`)
  print(`${id} is another meter since ${shown(at)}.`)
  const read = (await session.views.sighting(id))?.latest.find(({ quantity }) => quantity === 'volume')
  const isOfTheOld = read !== undefined && read.at <= at && typeof read.value === 'number'
  if (lastLitres !== null && isOfTheOld && Math.round(Number(read.value) * LITRES_PER_M3) > lastLitres)
    print(
      `But it had shown ${read.value} m³ already, at ${shown(read.at)}: more than --last. If that was mistyped, say it again with the same --at.`,
    )
  if (lastLitres === null || firstLitres === null)
    print(
      'Without --last and --first, what ran between the last reading of the old one and the first of the new is not counted.',
    )
  await tellSettled(session, id, at, 'What was counted before that stays as it is.')
}

/** The exchange of that minute, as `meter show` lists it; without a time the last one. */
async function takeBackExchange(
  session: Session,
  id: string,
  { at, last, first }: { readonly at?: string; readonly last?: string; readonly first?: string },
): Promise<void> {
  if (last !== undefined || first !== undefined)
    throw new Mistake(
      '--undo takes an exchange back whole. To put its registers right, say it again with the same --at.',
    )
  const told = await session.topology.exchanges(id)
  const minute = at === undefined ? undefined : shown(momentOf(at))
  const found = told.findLast((one) => minute === undefined || shown(one.at) === minute)
  if (found === undefined)
    throw new Mistake(
      told.length === 0
        ? `${id} was never said to be exchanged.`
        : `${id} was not said to be exchanged at ${minute}, but at ${told.map((one) => shown(one.at)).join(', ')}.`,
    )
  await session.topology.removeExchange(id, found.at)
  await session.audit('meter.exchange-undone', id, `at ${new Date(found.at).toISOString()}`)
  print(`${id} was not exchanged at ${shown(found.at)}: its accounts are what they would be without.`)
  await tellSettled(session, id, found.at, 'What was counted before that stays as it is.')
}

function litresOf(text: string | undefined, name: string): number | null {
  if (text === undefined) return null
  const m3 = text.trim() === '' ? Number.NaN : Number(text)
  if (!(m3 >= 0 && m3 <= LARGEST_REGISTER)) throw new Mistake(`${name} is a register in m³, for example 812.345.`)
  return Math.round(m3 * LITRES_PER_M3)
}

async function joinZones(
  session: Session,
  id: string,
  options: { readonly into: string; readonly from: string; readonly at?: string },
): Promise<void> {
  const { kind } = await meterOf(session, id)
  if (kind !== 'bulk-meter')
    throw new Mistake(`${id} is a ${kind}: only a bulk-meter measures what runs between zones.`)
  const places = await session.registry.places()
  const zone = (text: string): string | null => {
    if (text === NOWHERE) return null
    const place = places.find((one) => one.id === text)
    if (place === undefined)
      throw new Mistake(`There is no place ${text}. ${NOWHERE} means from or to nowhere accounted.`)
    if (!ZONE_KINDS.some((one) => one === place.kind))
      throw new Mistake(`${text} is a ${place.kind}; zones are ${ZONE_KINDS.join(', ')}.`)
    return text
  }
  const [into, outOf] = [zone(options.into), zone(options.from)]
  if (into !== null && into === outOf) throw new Mistake('What runs from a zone into itself is not to be counted.')
  const at = options.at === undefined && (await session.topology.flows(id)).length === 0 ? 0 : momentOf(options.at)
  await session.topology.putFlow({ deviceId: id, into, outOf, from: at })
  await session.audit('meter.flow', id, `from ${outOf ?? NOWHERE} into ${into ?? NOWHERE}`)
  print(
    `${id} measures what runs from ${outOf ?? 'the main'} into ${into ?? 'where nothing is accounted'}, since ${shown(at)}.`,
  )
}

async function showMeter(session: Session, id: string): Promise<void> {
  await meterOf(session, id)
  const span = (from: number, to: number | null): string => `${shown(from)} – ${to === null ? 'now' : shown(to)}`
  printTable(
    ['', 'since', 'what'],
    [
      ...(await session.topology.placements(id)).map(({ placeId, from, to }) => [
        'place',
        span(from, to),
        placeId ?? 'none',
      ]),
      ...(await session.topology.flows(id)).map(({ into, outOf, from }) => [
        'flow',
        shown(from),
        `${outOf ?? NOWHERE} → ${into ?? NOWHERE}`,
      ]),
      ...(await session.topology.exchanges(id)).map(({ at }) => ['exchanged', shown(at), '']),
      ...((await session.zones.meter(id))?.memberships ?? []).map(({ zone, part, from, to }) => [
        'counts',
        span(from, to),
        `${part} of ${zone}`,
      ]),
    ],
  )
}

export function addMeterCommands(parent: Command, run: Run): void {
  const meter = parent.command('meter').description('where meters count: moved, exchanged, between which zones')
  const at = ['--at <time>', 'when, by the city’s clock: 2026-11-20 or "2026-11-20 14:30" (default: now)'] as const
  meter
    .command('move')
    .argument('<id>')
    .requiredOption('--to <place>', 'where it stands from then on')
    .option(...at)
    .description('both places keep what it measured in them; late readings of before count where it was')
    .action(run(moveMeter))
  meter
    .command('exchange')
    .argument('<id>')
    .option(...at)
    .option('--last <m3>', 'what the old one showed at last')
    .option('--first <m3>', 'what the new one showed at first')
    .option('--undo', 'it was said by mistake: the exchange at --at (default: the last one) never was')
    .description('a new meter in the same place, under the same id')
    .action(run(exchangeMeter))
  meter
    .command('flow')
    .argument('<id>', 'a bulk-meter')
    .requiredOption('--into <place>', `the zone that its water runs into; ${NOWHERE}: to where nothing is accounted`)
    .requiredOption('--from <place>', `the zone that it comes from; ${NOWHERE}: from the main`)
    .option('--at <time>', 'since when (default: ever, where nothing was said before, else now)')
    .description('what a bulk meter joins; one without measures what comes into its own place')
    .action(run(joinZones))
  meter.command('show').argument('<id>').description('where it stood, and where it counts').action(run(showMeter))
}
