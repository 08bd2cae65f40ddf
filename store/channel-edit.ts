import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { z } from 'zod'
import { CHANNEL_SETTINGS, type channelChangeSchema, type newChannelSchema } from '../contract/channel-settings.ts'
import { type ChannelKind, DEFAULT_RULES } from '../contract/channels.ts'
import type { StoredChannel } from './state/channels-port.ts'
import type { Outbox, StoredMessage } from './state/outbox-port.ts'

/** How the console's API and the command line make, change and try a channel: in one way. */

const ID_BYTES = 6
const SIGNING_BYTES = 32
const TEST_ID_BYTES = 12
const LOOK_EVERY_MS = 50

/** What was given for a channel cannot be used: a sentence for each thing, none of which repeats a secret. */
export class BadChannel extends Error {
  override name = 'BadChannel'
}

/** A channel as it will be stored. A webhook that was given no signing secret has a new one. @throws BadChannel */
export function draftChannel(given: z.output<typeof newChannelSchema>, now: number): StoredChannel {
  const { kind, name, rules } = given
  const secrets =
    kind === 'webhook' && given.secrets.signingSecret === undefined
      ? { ...given.secrets, signingSecret: `whsec_${randomBytes(SIGNING_BYTES).toString('base64')}` }
      : given.secrets
  return {
    id: `ch-${randomBytes(ID_BYTES).toString('hex')}`,
    kind,
    name,
    ...checked(kind, given.settings, secrets),
    rules: rules ?? DEFAULT_RULES,
    disabled: false,
    disabledWhy: null,
    createdAt: now,
  }
}

/** What is not named stays; a setting that is null goes back to its default. @throws BadChannel */
export function changedChannel(channel: StoredChannel, change: z.output<typeof channelChangeSchema>): StoredChannel {
  const merged = { ...channel.settings, ...change.settings }
  const settings = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null))
  const disabled = change.disabled ?? channel.disabled
  return {
    ...channel,
    ...checked(channel.kind, settings, { ...channel.secrets, ...change.secrets }),
    name: change.name ?? channel.name,
    rules: change.rules ?? channel.rules,
    disabled,
    disabledWhy: disabled ? channel.disabledWhy : null,
  }
}

function checked(
  kind: ChannelKind,
  settings: Readonly<Record<string, unknown>>,
  secrets: Readonly<Record<string, string>>,
): Pick<StoredChannel, 'settings' | 'secrets'> {
  const schemas = CHANNEL_SETTINGS[kind]
  const read = { settings: schemas.settings.safeParse(settings), secrets: schemas.secrets.safeParse(secrets) }
  const faults = [...sentences('setting', read.settings.error), ...sentences('secret', read.secrets.error)]
  if (faults.length > 0 || !read.settings.success || !read.secrets.success)
    throw new BadChannel([...faults, fieldsOf(kind)].join(' '))
  // What may be left out and was, is not stored.
  const given = Object.entries(read.secrets.data).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return { settings: read.settings.data, secrets: Object.fromEntries(given) }
}

/** "A wecom channel has the settings …": what a person may have looked for. */
function fieldsOf(kind: ChannelKind): string {
  const { settings, secrets } = CHANNEL_SETTINGS[kind]
  const named = 'shape' in secrets ? `the secrets ${Object.keys(secrets.shape).join(', ')}` : 'secrets of any name'
  return `A channel of the kind ${kind} has the settings ${Object.keys(settings.shape).join(', ')} and ${named}.`
}

/** zod's words for what is not there at all. */
const MISSING = /received undefined$/

const sentences = (what: string, error: z.ZodError | undefined): string[] =>
  (error?.issues ?? []).map(({ path, message }) =>
    path.length === 0
      ? `The ${what}s: ${message}.`
      : `The ${what} ${path.join('.')}${MISSING.test(message) ? ' is missing' : `: ${message}`}.`,
  )

/**
 * Sends a test by the way every message takes, and waits for its fate.
 *
 * @returns the message as it stands; `waiting` where nothing came of it in time: ingest is not running, or the receiver slow
 */
export async function tryChannel(
  outbox: Outbox,
  channel: StoredChannel,
  { now, patienceMs }: { readonly now: () => number; readonly patienceMs: number },
): Promise<StoredMessage> {
  const id = `test_${randomBytes(TEST_ID_BYTES).toString('base64url')}`
  await outbox.put([
    {
      id,
      incidentId: '',
      channelId: channel.id,
      channelName: channel.name,
      occasion: 'test',
      step: 0,
      urgent: false,
      at: now(),
      incident: null,
    },
  ])
  for (let waited = 0; ; waited += LOOK_EVERY_MS) {
    const message = await outbox.find(id)
    if (message === undefined) throw new Error('the test is not in the outbox it was put into')
    if (message.state !== 'waiting' || message.attempts > 0 || waited >= patienceMs) return message
    await sleep(LOOK_EVERY_MS)
  }
}
