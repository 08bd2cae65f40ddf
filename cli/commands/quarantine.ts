import type { Command } from 'commander'
import type { ReplayAnswer } from '../../contract/api.ts'
import { isReason, REASONS } from '../../contract/reasons.ts'
import type { QuarantineFilter } from '../../store/state/views-port.ts'
import { type Ask, askDashboard } from '../ask-dashboard.ts'
import { EXIT_FAILED, Mistake } from '../mistake.ts'
import { print, printFacts, printJson, printTable } from '../print.ts'
import type { Session } from '../session.ts'
import type { Run } from './run.ts'

const SHOWN = 50
const HEX_BYTES = 16
/** A detail in a table. Characters. */
const SHORT = 60

interface Which {
  readonly device?: string
  readonly reason?: string
  readonly since?: string
  readonly until?: string
}

function filterOf({ device, reason, since, until }: Which): QuarantineFilter {
  if (reason !== undefined && !isReason(reason))
    throw new Mistake(`There is no reason "${reason}". \`quarantine list\` shows which there are.`)
  return {
    ...(device === undefined ? {} : { deviceId: device }),
    ...(reason === undefined ? {} : { reason }),
    ...(since === undefined ? {} : { from: readTime(since, '--since') }),
    ...(until === undefined ? {} : { to: readTime(until, '--until') }),
  }
}

function readTime(text: string, option: string): number {
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at))
    throw new Mistake(`${option} "${text}" is no time: write 2026-03-01 or 2026-03-01T06:30:00+08:00.`)
  return at
}

async function listQuarantine(session: Session, options: Which & { all?: true; json?: true }): Promise<void> {
  const filter = { ...filterOf(options), state: options.all === true ? 'all' : 'open', limit: SHOWN } as const
  const { items, total } = await session.views.quarantineGroups(filter)
  if (options.json === true) return printJson(items)
  if (items.length === 0) return print('Nothing lies in quarantine: everything that devices sent was understood.')
  printTable(
    ['newest', 'count', 'last', 'device', 'reason', 'detail'],
    items.map(({ newest, count, lastAt, deviceId, reason }) => [
      String(newest.id),
      String(count),
      time(lastAt),
      deviceId,
      reason,
      newest.detail.length > SHORT ? `${newest.detail.slice(0, SHORT)}…` : newest.detail,
    ]),
  )
  if (total > items.length) print(`… and ${total - items.length} more groups: narrow it with --device or --reason.`)
}

async function showQuarantined(session: Session, idText: string, options: { readonly json?: true }): Promise<void> {
  const id = readId(idText)
  const entry = await session.views.quarantineDetail(id)
  if (entry === undefined) throw noSuchEntry(id)
  if (options.json === true) return printJson(entry)
  const facts = isReason(entry.reason) ? REASONS[entry.reason] : undefined
  print(`${entry.reason}: ${facts?.en ?? ''}${facts === undefined ? '' : ` (${facts.zh})`}`)
  printFacts({
    detail: entry.detail,
    'what to do': facts?.todo ?? null,
    device: entry.deviceId,
    sender: entry.sender === entry.deviceId ? null : entry.sender,
    topic: entry.topic,
    codec: entry.codec,
    lane: entry.lane,
    arrived: time(entry.at),
    replayed:
      entry.triedAt === null ? null : `${time(entry.triedAt)} by ${entry.triedBy}: ${outcomeOf(entry.replayed)}`,
    size: `${entry.size} bytes`,
  })
  for (const line of hexLines(Buffer.from(entry.bytes, 'base64'))) print(`  ${line}`)
}

const outcomeOf = (replayed: boolean): string => (replayed ? 'understood' : 'still not understood')

function* hexLines(bytes: Buffer): Iterable<string> {
  for (let at = 0; at < bytes.length; at += HEX_BYTES) {
    const part = bytes.subarray(at, at + HEX_BYTES)
    const hex = part.toString('hex').replaceAll(/../g, '$& ')
    const ascii = part.toString('latin1').replaceAll(/[^ -~]/g, '.')
    yield `${at.toString(16).padStart(6, '0')}  ${hex.padEnd(HEX_BYTES * 3)} ${ascii}`
  }
}

async function replayQuarantined(
  session: Session,
  ids: readonly string[],
  options: Which & { readonly all?: true; readonly dryRun?: true; readonly json?: true },
): Promise<void> {
  const filter = filterOf(options)
  const dryRun = options.dryRun === true
  if (ids.length === 0 && Object.keys(filter).length === 0 && options.all !== true)
    throw new Mistake('Say what to replay: numbers from `quarantine list`, --device, --reason, --since, or --all.')
  if (ids.length > 0 && Object.keys(filter).length > 0)
    throw new Mistake('Either numbers or a filter: one number is one message, whatever its device and reason.')
  const numbers = ids.map(readId)
  const answer = await askDashboard(session, 'water', (ask) =>
    ids.length > 0 ? replayEach(ask, numbers, dryRun) : replayFilter(ask, filter, dryRun),
  )
  if (options.json === true) printJson(answer)
  else tell(answer)
  if (answer.pending > 0) process.exitCode = EXIT_FAILED
}

async function replayEach(ask: Ask, ids: readonly number[], dryRun: boolean): Promise<ReplayAnswer> {
  const answers: ReplayAnswer[] = []
  for (const id of ids) answers.push(await ask<ReplayAnswer>(`/api/quarantine/${id}/replay`, { dryRun }))
  return sum(answers, dryRun)
}

/** A request carries a thousand records: it is repeated from where the one before ended. */
async function replayFilter(ask: Ask, filter: QuarantineFilter, dryRun: boolean): Promise<ReplayAnswer> {
  const answers: ReplayAnswer[] = []
  let cursor: string | undefined
  do {
    const answer: ReplayAnswer = await ask('/api/quarantine/replay', { ...filter, dryRun, cursor })
    answers.push(answer)
    cursor = answer.next ?? undefined
  } while (cursor !== undefined)
  return sum(answers, dryRun)
}

function sum(answers: readonly ReplayAnswer[], dryRun: boolean): ReplayAnswer {
  const add = (name: 'records' | 'understood' | 'notUnderstood' | 'gone' | 'pending' | 'readings'): number =>
    answers.reduce((total, answer) => total + answer[name], 0)
  const reasons: Record<string, number> = {}
  for (const answer of answers)
    for (const [reason, count] of Object.entries(answer.reasons)) reasons[reason] = (reasons[reason] ?? 0) + count
  return {
    dryRun,
    records: add('records'),
    understood: add('understood'),
    notUnderstood: add('notUnderstood'),
    gone: add('gone'),
    pending: add('pending'),
    readings: add('readings'),
    reasons,
    next: null,
  }
}

function tell({ dryRun, records, understood, notUnderstood, gone, pending, readings, reasons }: ReplayAnswer): void {
  if (records === 0) {
    print('Nothing that waits fits this, so there was nothing to replay.')
    return
  }
  print(
    dryRun
      ? `Would now be understood: ${understood} (${readings} readings), still not: ${notUnderstood}.`
      : `Understood now: ${understood} (${readings} readings), still not: ${notUnderstood}.`,
  )
  for (const [reason, count] of Object.entries(reasons)) print(`  ${count} × ${reason}`)
  if (gone > 0) print(`${gone} had been replayed before.`)
  if (pending > 0) print(`${pending} are stored and not decided yet: they are as soon as ingest is running.`)
}

function readId(text: string): number {
  const id = Number(text)
  if (Number.isSafeInteger(id) && id > 0) return id
  throw new Mistake(`"${text}" is no number of the quarantine; \`quarantine list\` shows them.`)
}

const noSuchEntry = (id: number): Mistake =>
  new Mistake(`There is no number ${id} in quarantine. \`quarantine list\` shows what there is.`)

const time = (at: number): string => new Date(at).toISOString().replace('T', ' ').replace(/\..*/, ' UTC')

export function addQuarantineCommands(parent: Command, run: Run): void {
  const quarantine = parent.command('quarantine').description('what devices sent and could not be understood')
  const filtered = (command: Command): Command =>
    command
      .option('--device <id>', 'of this device')
      .option('--reason <code>', 'for this reason')
      .option('--since <time>', 'arrived at or after')
      .option('--until <time>', 'arrived before')
  filtered(quarantine.command('list'))
    .option('--all', 'also what was replayed and understood')
    .option('--json', 'as JSON')
    .description('what waits, the same thing in one row; newest first')
    .action(run(listQuarantine))
  quarantine
    .command('show')
    .argument('<number>')
    .option('--json', 'as JSON')
    .description('one message: why, what to do, and its bytes')
    .action(run(showQuarantined))
  filtered(quarantine.command('replay').argument('[numbers...]'))
    .option('--all', 'everything that waits')
    .option('--dry-run', 'only say what would be understood now')
    .option('--json', 'as JSON')
    .description('decode again, as of the time each message came; needs a running Hydrant')
    .action(run(replayQuarantined))
}
