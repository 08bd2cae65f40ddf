import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import { z } from 'zod'
import { SEVERITIES } from '../../contract/alarms.ts'
import { channelChangeSchema, newChannelSchema } from '../../contract/channel-settings.ts'
import {
  CHANNEL_KIND_NAMES,
  CHANNEL_KINDS,
  type ChannelRule,
  channelRuleSchema,
  OCCASIONS,
} from '../../contract/channels.ts'
import { INCIDENT_KINDS } from '../../contract/incidents.ts'
import { BadChannel, changedChannel, draftChannel, tryChannel } from '../../store/channel-edit.ts'
import type { StoredChannel } from '../../store/state/channels-port.ts'
import { DuplicateName } from '../../store/state/duplicate-name.ts'
import { userPath } from '../config.ts'
import { Mistake } from '../mistake.ts'
import { print, printJson, printTable } from '../print.ts'
import type { Session } from '../session.ts'
import type { Run } from './run.ts'

/** A little longer than one attempt of the courier. */
const TEST_PATIENCE_MS = 12_000
const DEAD_LETTERS_SHOWN = 1000

interface Given {
  readonly set: readonly string[]
  readonly secrets?: string
}
interface RuleFlags {
  readonly kinds?: string
  readonly on?: string
  readonly fromStep?: string
  readonly atLeast?: string
  readonly place?: string
  readonly shift?: string
  readonly days?: string
}

async function addChannel(session: Session, kind: string, name: string, options: Given & RuleFlags): Promise<void> {
  const secrets = await readSecrets(session, options.secrets)
  const rule = await ruleOf(session, options)
  const given = understood(newChannelSchema, {
    kind,
    name,
    settings: settingsOf(options.set),
    secrets,
    ...(rule === undefined ? {} : { rules: [rule] }),
  })
  const channel = await saying(() => draftChannel(given, Date.now()))
  await saying(() => session.channels.put(channel))
  await session.audit('channel.add', channel.id, `${channel.kind} ${channel.name}`)
  print(`Added ${channel.name} (${channel.id}). It hears: ${channel.rules.map(ruleInWords).join('; ')}.`)
  print(`Try it: hydrant channel test ${channel.id}`)
  if (kind !== 'webhook' || secrets.signingSecret !== undefined) return
  print('Its signing secret, shown only now (standardwebhooks.com, webhook-signature: v1,…):')
  print(channel.secrets.signingSecret)
}

async function listChannels(session: Session, options: { readonly json?: true }): Promise<void> {
  const channels = await session.channels.list()
  const waiting = new Map((await session.outbox.waitingChannels()).map((one) => [one.channelId, one.count]))
  const dead = await session.outbox.deadLetterCounts()
  const counts = (id: string) => ({ waiting: waiting.get(id) ?? 0, deadLetters: dead.get(id) ?? 0 })
  if (options.json === true)
    return printJson(
      channels.map(({ secrets, ...channel }) => ({ ...channel, secrets: Object.keys(secrets), ...counts(channel.id) })),
    )
  if (channels.length === 0)
    return print('There is no channel: nobody outside of the console hears of incidents. `channel add` makes one.')
  printTable(
    ['id', 'kind', 'name', 'state', 'waiting', 'dead letters', 'hears'],
    channels.map((channel) => [
      channel.id,
      channel.kind,
      channel.name,
      channel.disabled ? `disabled${channel.disabledWhy === null ? '' : `: ${channel.disabledWhy}`}` : 'in use',
      String(counts(channel.id).waiting),
      String(counts(channel.id).deadLetters),
      channel.rules.map(ruleInWords).join('; '),
    ]),
  )
}

async function setChannel(session: Session, which: string, options: Given & { readonly name?: string }): Promise<void> {
  const channel = await found(session, which)
  const secrets = await readSecrets(session, options.secrets)
  const change = understood(channelChangeSchema, {
    settings: settingsOf(options.set),
    secrets,
    ...(options.name === undefined ? {} : { name: options.name }),
  })
  const changed = await saying(() => changedChannel(channel, change))
  await saying(() => session.channels.put(changed))
  const what = [
    ...Object.keys(change.settings ?? {}),
    ...Object.keys(secrets),
    ...(change.name === undefined ? [] : ['name']),
  ]
  await session.audit('channel.change', channel.id, what.join(' '))
  print(`Changed ${changed.name}: ${what.join(', ')}.`)
}

async function channelRules(
  session: Session,
  which: string,
  options: RuleFlags & { readonly file?: string; readonly add?: true },
): Promise<void> {
  const channel = await found(session, which)
  const rule = await ruleOf(session, options)
  if (options.file === undefined && rule === undefined) return printJson(channel.rules)
  const given =
    options.file === undefined
      ? [...(options.add === true ? channel.rules : []), rule]
      : parseJson(readFileSync(userPath(options.file, session.env), 'utf8'), options.file)
  const rules = understood(z.array(channelRuleSchema).min(1).max(100), given)
  await session.channels.put({ ...channel, rules })
  await session.audit('channel.change', channel.id, 'rules')
  print(`${channel.name} hears: ${rules.map(ruleInWords).join('; ')}.`)
}

async function testChannel(session: Session, which: string): Promise<void> {
  const channel = await found(session, which)
  await session.audit('channel.test', channel.id, channel.name)
  const { state, lastError, attempts } = await tryChannel(session.outbox, channel, {
    now: Date.now,
    patienceMs: TEST_PATIENCE_MS,
  })
  if (state === 'sent') return print(`${channel.name} works: the test has been delivered.`)
  if (attempts === 0 && lastError === null)
    throw new Mistake('The test waits, but nothing has taken it: is Hydrant running? It will be sent when it is.')
  throw new Error(`The test was not delivered: ${lastError}.${state === 'waiting' ? ' It is tried again.' : ''}`)
}

async function switchChannel(session: Session, which: string, disabled: boolean): Promise<void> {
  const channel = await found(session, which)
  await session.channels.put({ ...channel, disabled, disabledWhy: null })
  await session.audit('channel.change', channel.id, disabled ? 'disabled' : 'enabled')
  print(
    disabled
      ? `${channel.name} hears nothing any more; what waited for it is in \`channel dead\`.`
      : `${channel.name} is in use.`,
  )
}

async function removeChannel(session: Session, which: string): Promise<void> {
  const channel = await found(session, which)
  await session.channels.remove(channel.id)
  await session.audit('channel.remove', channel.id, channel.name)
  print(`Removed ${channel.name}. What it was told stays on the incidents.`)
}

async function deadLetters(session: Session, options: { readonly json?: true }): Promise<void> {
  const { items, total } = await session.outbox.deadLetters({ limit: DEAD_LETTERS_SHOWN })
  if (options.json === true) return printJson(items)
  if (total === 0) return print('There is no dead letter: every message was delivered or is on its way.')
  printTable(
    ['id', 'channel', 'incident', 'about', 'decided', 'attempts', 'why'],
    items.map((one) => [
      one.id,
      one.channelName,
      one.incidentId === '' ? '-' : one.incidentId,
      one.occasion,
      new Date(one.createdAt).toISOString(),
      String(one.attempts),
      one.lastError ?? '',
    ]),
  )
  if (total > items.length) print(`… and ${total - items.length} older ones.`)
}

async function sendAgain(session: Session, id: string | undefined, options: { readonly all?: true }): Promise<void> {
  if ((id === undefined) === (options.all !== true)) throw new Mistake('Name one dead letter, or --all.')
  const ids =
    id === undefined
      ? (await session.outbox.deadLetters({ limit: DEAD_LETTERS_SHOWN })).items.map((one) => one.id)
      : [id]
  let again = 0
  for (const one of ids) if (await session.outbox.sendAgain(one, Date.now())) again += 1
  if (id !== undefined && again === 0)
    throw new Mistake(`There is no dead letter ${id}. \`channel dead\` shows which there are.`)
  await session.audit('message.send-again', id ?? 'all', String(again))
  print(`${again} ${again === 1 ? 'message waits' : 'messages wait'} to be sent again.`)
}

/** By its id or its name. */
async function found(session: Session, which: string): Promise<StoredChannel> {
  const channel = (await session.channels.list()).find(({ id, name }) => id === which || name === which)
  if (channel === undefined) throw new Mistake(`There is no channel ${which}. \`channel list\` shows which there are.`)
  return channel
}

/** `key=value`; a value that is JSON (a number, true, a list) is taken as such. */
function settingsOf(given: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    given.map((one) => {
      const at = one.indexOf('=')
      if (at < 1) throw new Mistake(`--set ${one}: write it as name=value.`)
      return [one.slice(0, at), settingOf(one.slice(at + 1))]
    }),
  )
}

const settingOf = (text: string): unknown =>
  /^(true|false|null|\d{1,6}|[[{].*)$/s.test(text) ? parseJson(text, text) : text

function parseJson(json: string, what: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    throw new Mistake(`${what} is not JSON.`)
  }
}

/** Lines of `name=value`, from a file or standard input: what stands on a command line, everybody on the machine can read. */
async function readSecrets(session: Session, from: string | undefined): Promise<Record<string, string>> {
  if (from === undefined) return {}
  const lines = from === '-' ? await text(process.stdin) : readFileSync(userPath(from, session.env), 'utf8')
  const pairs = lines
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line, i): [string, string] => {
      const at = line.indexOf('=')
      if (at < 1) throw new Mistake(`Line ${i + 1} of the secrets is not name=value.`)
      return [line.slice(0, at).trim(), line.slice(at + 1).trim()]
    })
  return Object.fromEntries(pairs)
}

/** The rule that the flags describe; undefined where none was given. */
async function ruleOf(session: Session, flags: RuleFlags): Promise<ChannelRule | undefined> {
  const { kinds, on, fromStep, atLeast, place, shift, days } = flags
  if ([kinds, on, fromStep, atLeast, place, shift, days].every((flag) => flag === undefined)) return undefined
  if (place !== undefined && (await session.registry.pathOfPlace(place)).length === 0)
    throw new Mistake(`There is no place ${place}. \`place list\` shows which there are.`)
  const [from, to] = (shift ?? '').split('-')
  return understood(channelRuleSchema, {
    kinds: listOf(kinds) ?? [],
    occasions: listOf(on) ?? [...OCCASIONS],
    ...(fromStep === undefined ? {} : { fromStep: Number(fromStep) }),
    ...(atLeast === undefined ? {} : { atLeast }),
    placeId: place ?? null,
    shift:
      shift === undefined && days === undefined
        ? null
        : { from: from === '' ? '00:00' : from, to: to ?? '00:00', days: (listOf(days) ?? []).map(Number) },
  })
}

const listOf = (text: string | undefined): string[] | undefined => text?.split(',').map((one) => one.trim())

function ruleInWords({ kinds, occasions, fromStep, atLeast, placeId, shift }: ChannelRule): string {
  const parts = [
    kinds.length === 0 ? 'everything' : kinds.join('+'),
    occasions.length === OCCASIONS.length ? '' : `when ${occasions.join('/')}`,
    fromStep > 0 ? `escalated from step ${fromStep}` : '',
    atLeast === 'WARNING' ? '' : `at least ${atLeast}`,
    placeId === null ? '' : `in ${placeId}`,
    shift === null
      ? ''
      : `${shift.from}-${shift.to}${shift.days.length === 0 ? '' : ` on days ${shift.days.join(',')}`}`,
  ]
  return parts.filter((part) => part !== '').join(' ')
}

/** @throws Mistake with a sentence for each thing that is wrong */
function understood<S extends z.ZodType>(schema: S, given: unknown): z.output<S> {
  const read = schema.safeParse(given)
  if (read.success) return read.data
  throw new Mistake(read.error.issues.map(({ path, message }) => `${path.join('.') || 'It'}: ${message}.`).join('\n'))
}

async function saying<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof BadChannel) throw new Mistake(error.message)
    if (error instanceof DuplicateName) throw new Mistake('There is already a channel of that name.')
    throw error
  }
}

const collect = (one: string, before: readonly string[]): readonly string[] => [...before, one]
const KINDS = CHANNEL_KIND_NAMES.map((kind) => `${kind} (${CHANNEL_KINDS[kind].en})`).join(', ')

const withGiven = (command: Command): Command =>
  command
    .option('--set <name=value>', 'a setting, as often as needed; /docs lists those of each kind', collect, [])
    .option('--secrets <file>', 'secrets as lines of name=value; - reads standard input')

const withRule = (command: Command): Command =>
  command
    .option('--kinds <list>', `of which incidents: ${INCIDENT_KINDS.join(',')}; without it all`)
    .option('--on <list>', `when it hears: ${OCCASIONS.join(',')}; without it always`)
    .option('--from-step <n>', 'of an escalation, from this step on')
    .option('--at-least <severity>', SEVERITIES.join(', '))
    .option('--place <id>', 'only there and in what lies in it')
    .option('--shift <from-to>', 'only then, local time: 18:00-06:00')
    .option('--days <list>', 'days on which the shift begins, 1 is Monday: 1,2,3,4,5')

export function addChannelCommands(parent: Command, run: Run): void {
  const channel = parent.command('channel').description('who is told of incidents, by what, when')
  withRule(withGiven(channel.command('add').argument('<kind>', KINDS).argument('<name>')))
    .description(
      'for example: channel add wecom "Fire brigade" --secrets - --kinds fire --on confirmed,escalated,closed',
    )
    .action(run(addChannel))
  channel
    .command('list')
    .option('--json', 'as JSON')
    .description('every channel, without its secrets')
    .action(run(listChannels))
  withGiven(channel.command('set').argument('<channel>', 'its id or name'))
    .option('--name <name>', 'another name')
    .description('change settings and secrets; name=null goes back to the default')
    .action(run(setChannel))
  withRule(channel.command('rules').argument('<channel>'))
    .option('--file <rules.json>', 'replace all rules by those of a file')
    .option('--add', 'add the rule to those that are there, instead of replacing them')
    .description('what it hears; without options prints the rules as JSON')
    .action(run(channelRules))
  channel
    .command('test')
    .argument('<channel>')
    .description('sends a test, and says what came of it')
    .action(run(testChannel))
  channel
    .command('disable')
    .argument('<channel>')
    .description('it hears nothing any more')
    .action(run((session, which: string) => switchChannel(session, which, true)))
  channel
    .command('enable')
    .argument('<channel>')
    .description('it hears again')
    .action(run((session, which: string) => switchChannel(session, which, false)))
  channel
    .command('remove')
    .argument('<channel>')
    .description('what it was told stays on the incidents')
    .action(run(removeChannel))
  channel
    .command('dead')
    .option('--json', 'as JSON')
    .description('messages that were given up')
    .action(run(deadLetters))
  channel
    .command('send-again')
    .argument('[message]')
    .option('--all', 'every dead letter')
    .description('a dead letter once more, under the same delivery id')
    .action(run(sendAgain))
}
