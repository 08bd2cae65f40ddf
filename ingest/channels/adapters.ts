import { CHANNEL_SETTINGS } from '../../contract/channel-settings.ts'
import type { ChannelKind } from '../../contract/channels.ts'
import type { StoredChannel } from '../../store/state/channels-port.ts'
import { dingtalk } from './dingtalk.ts'
import { email } from './email.ts'
import { mqtt } from './mqtt.ts'
import type { Adapter, Letter, Outcome } from './port.ts'
import { sms } from './sms.ts'
import { webhook } from './webhook.ts'
import { wecom } from './wecom.ts'

/** The one table of what can be told by what. */
const ADAPTERS: { readonly [K in ChannelKind]: Adapter<K> } = { webhook, email, wecom, dingtalk, sms, mqtt }

export type AdapterFacts = Omit<Adapter<ChannelKind>, 'deliver'>
export const adapterFacts = (kind: ChannelKind): AdapterFacts => ADAPTERS[kind]

interface Attempt {
  readonly letter: Letter
  readonly now: () => number
  readonly signal: AbortSignal
}

/** Delivers by the adapter of the channel's kind. Never rejects, and no secret of the channel is in what it says. */
export async function deliver(channel: StoredChannel, attempt: Attempt): Promise<Outcome> {
  try {
    return withoutSecrets(await deliverAs(channel.kind, channel, attempt), channel)
  } catch (error) {
    return withoutSecrets({ outcome: 'retry', error: sentence(error) }, channel)
  }
}

async function deliverAs<K extends ChannelKind>(kind: K, channel: StoredChannel, attempt: Attempt): Promise<Outcome> {
  const { settings, secrets } = CHANNEL_SETTINGS[kind]
  const read = { settings: settings.safeParse(channel.settings), secrets: secrets.safeParse(channel.secrets) }
  if (!read.settings.success || !read.secrets.success)
    return { outcome: 'refused', error: 'the settings of the channel are not what this kind needs' }
  const adapter: Adapter<K> = ADAPTERS[kind]
  const given = { settings: read.settings.data, secrets: read.secrets.data } as Pick<
    Parameters<Adapter<K>['deliver']>[0],
    'settings' | 'secrets'
  >
  return adapter.deliver({ ...given, ...attempt })
}

const MAX_ERROR = 300

function withoutSecrets(outcome: Outcome, { secrets }: StoredChannel): Outcome {
  if (outcome.outcome === 'sent') return outcome
  let { error } = outcome
  for (const secret of Object.values(secrets))
    for (const form of [secret, encodeURIComponent(secret), secret.replace(/^whsec_/, '')])
      if (form !== '') error = error.replaceAll(form, '***')
  return { ...outcome, error: error.slice(0, MAX_ERROR) }
}

/** What a person needs of an error: "connect ECONNREFUSED 127.0.0.1:9", not a stack. */
function sentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'no answer in time'
  return error.message === '' && 'code' in error ? String(error.code) : error.message
}
