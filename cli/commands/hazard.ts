import type { Command } from 'commander'
import { HAZARD_STATES, type Hazard, isOverdue } from '../../contract/hazards.ts'
import { PlaceTree } from '../../contract/place-tree.ts'
import { Mistake } from '../mistake.ts'
import { print, printJson, printTable } from '../print.ts'
import type { Session } from '../session.ts'
import type { Run } from './run.ts'

/** Hazards read in one go. */
const PAGE = 1000
const STATES = [...HAZARD_STATES, 'unclosed', 'all'] as const
const DAY_LENGTH = '2026-11-22'.length

interface ListOptions {
  readonly state: string
  readonly place?: string
  readonly overdue?: true
  readonly json?: true
}

async function listHazards(session: Session, options: ListOptions): Promise<void> {
  const state = STATES.find((name) => name === options.state)
  if (state === undefined)
    throw new Mistake(`There is no state "${options.state}"; the states are ${STATES.join(', ')}.`)
  const now = Date.now()
  const places = new PlaceTree()
  places.replace(await session.registry.places())
  const placeIds = options.place === undefined ? undefined : places.below(options.place)
  const found: Hazard[] = []
  let cursor: string | undefined
  do {
    const page = await session.hazards.list({ state, placeIds, limit: PAGE, cursor })
    found.push(...page.items.filter((one) => options.overdue !== true || isOverdue(one, now)))
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  if (options.json === true) return printJson(found)
  if (found.length === 0) return print('There is no such hazard.')
  const day = (at: number): string => new Date(at).toISOString().slice(0, DAY_LENGTH)
  printTable(
    ['id', 'state', 'due', 'place', 'kind', 'owner', 'description'],
    found.map((one) => [
      one.id,
      one.state,
      day(one.dueAt) + (isOverdue(one, now) ? ' overdue' : ''),
      one.placeId,
      one.kind,
      one.owner,
      one.description.replaceAll(/\s+/g, ' '),
    ]),
  )
}

export function addHazardCommands(parent: Command, run: Run): void {
  const hazard = parent.command('hazard').description('what is to be put right, by whom, until when')
  hazard
    .command('list')
    .option('--state <state>', STATES.join(', '), 'unclosed')
    .option('--place <id>', 'only there and in what lies in it')
    .option('--overdue', 'only those past their deadline')
    .option('--json', 'as JSON')
    .description('the soonest deadline first')
    .action(run(listHazards))
}
