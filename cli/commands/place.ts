import type { Command } from 'commander'
import { type Place, placeSchema } from '../../contract/api.ts'
import { PlaceTree } from '../../contract/place-tree.ts'
import { readDegrees, readText } from '../../store/import/fields.ts'
import { PLACE_COLUMNS, planPlaces } from '../../store/import/places.ts'
import type { Read } from '../device-fields.ts'
import { addTableImport } from '../import/import-table.ts'
import { Mistake } from '../mistake.ts'
import { print, printJson, printTable } from '../print.ts'
import type { Session } from '../session.ts'
import { addPlaceLimits } from './limits.ts'
import type { Run } from './run.ts'

const PLACE_KIND_NAMES = placeSchema.shape.kind.options

interface AddOptions {
  readonly kind: string
  readonly name?: string
  readonly parent?: string
  readonly lon?: string
  readonly lat?: string
  readonly contact?: string
}

/** Adds a place, or says something new about one that is there. */
async function addPlace(session: Session, idText: string, options: AddOptions): Promise<void> {
  const take = <T>(read: Read<T>): T => {
    if (read.ok) return read.value
    throw new Mistake(`The place was not added: ${read.fault}.`)
  }
  const id = take(readText(idText, 'the id'))
  const kind = PLACE_KIND_NAMES.find((name) => name === options.kind)
  if (id === '') throw new Mistake('A place needs an id.')
  if (kind === undefined)
    throw new Mistake(`There is no kind of place "${options.kind}"; the kinds are ${PLACE_KIND_NAMES.join(', ')}.`)
  if ((options.lon === undefined) !== (options.lat === undefined)) throw new Mistake('--lon and --lat belong together.')
  const places = await session.registry.places()
  const before = places.find((place) => place.id === id)
  const parentId = options.parent ?? before?.parentId ?? null
  if (parentId !== null) mustBeAbove(places, id, parentId)
  const place: Place = {
    id,
    parentId,
    kind,
    name: options.name === undefined ? (before?.name ?? id) : take(readText(options.name, 'the name')),
    lon: options.lon === undefined ? (before?.lon ?? null) : take(readDegrees(options.lon, 'lon')),
    lat: options.lat === undefined ? (before?.lat ?? null) : take(readDegrees(options.lat, 'lat')),
    contact: options.contact === undefined ? (before?.contact ?? null) : take(readText(options.contact, 'the contact')),
  }
  await session.registry.putPlaces([place])
  await session.audit('place.add', id, kind)
  print(before === undefined ? `Added the ${kind} ${id}.` : `Changed the ${kind} ${id}.`)
}

/** A place that is its own grandparent would be walked up for ever. */
function mustBeAbove(places: readonly Place[], id: string, parentId: string): void {
  const tree = new PlaceTree()
  tree.replace(places)
  if (tree.get(parentId) === undefined) throw new Mistake(`There is no place ${parentId}. Add it first.`)
  if (tree.within(parentId, id)) throw new Mistake(`${parentId} lies in ${id}: it cannot be what ${id} lies in.`)
}

async function listPlaces(session: Session, options: { readonly json?: true }): Promise<void> {
  const places = await session.registry.places()
  if (options.json === true) return printJson(places)
  if (places.length === 0) return print('There is no place yet.')
  printTable(
    ['id', 'kind', 'name', 'in', 'contact'],
    places.map((place) => [place.id, place.kind, place.name, place.parentId ?? '', place.contact ?? '']),
  )
}

export function addPlaceCommands(parent: Command, run: Run): void {
  const place = parent.command('place').description('where devices are: counties, villages, homes, rooms')
  place
    .command('add')
    .argument('<id>')
    .requiredOption('--kind <kind>', PLACE_KIND_NAMES.join(', '))
    .option('--name <text>', 'how people call it')
    .option('--parent <id>', 'the place it lies in')
    .option('--lon <degrees>', 'longitude, WGS-84')
    .option('--lat <degrees>', 'latitude, WGS-84')
    .option('--contact <text>', 'whom to call, for example a duty telephone')
    .description('add a place, or say more about one')
    .action(run(addPlace))
  addPlaceLimits(place, run)
  addTableImport(place, run, {
    action: 'place.import',
    description:
      'add the places of a table, from counties down to beds; importing it again changes only what has changed',
    columns: Object.keys(PLACE_COLUMNS),
    help: `Needed: id and kind (${PLACE_KIND_NAMES.join(', ')}, or in Chinese). parent is the id of the place it lies in, in
the table or known already, in any order. beds is a number: the room gets beds of its own, ROOM-1, ROOM-2 …
An empty cell says nothing. lon and lat are degrees; datum is wgs84, gcj02 (Amap, Tencent) or bd09 (Baidu).`,
    plan: (session, bytes, name) => planPlaces(session.registry, bytes, name),
  })
  place.command('list').option('--json', 'as JSON').description('every place').action(run(listPlaces))
}
