import type { Channels, StoredChannel } from '../../store/state/channels-port.ts'
import type { Decision, Decisions } from '../../store/state/decisions-port.ts'
import type { NewMessage } from '../../store/state/outbox-port.ts'
import type { Registry } from '../../store/state/registry-port.ts'
import type { Figures } from '../metrics.ts'
import { isTold, whoHears } from './who-hears.ts'

export interface AnnounceDependencies {
  readonly channels: Channels
  readonly registry: Pick<Registry, 'pathOfPlace'>
  readonly figures: Figures
  readonly log: { error(facts: object, message: string): void }
}

/**
 * The store of decisions, with what channels are to be told added to every decision on its way in: in the transaction of
 * the incident's event, at the one door that all decisions pass. A batch of meters costs a look at its events.
 */
export function announcing(decisions: Decisions, deps: AnnounceDependencies): Decisions {
  const book = new ChannelBook(deps.channels)
  const commit = async (decision: Decision): Promise<number> =>
    decisions.commit(decision.events.some(isTold) ? await withMessages(decision, book, deps) : decision)
  return Object.assign(Object.create(decisions) as Decisions, { commit })
}

/** A defect here, or channels that cannot be read, must not keep a fire from being decided. */
async function withMessages(decision: Decision, book: ChannelBook, deps: AnnounceDependencies): Promise<Decision> {
  try {
    const channels = await book.channels()
    if (channels.length === 0) return decision
    const messages: NewMessage[] = []
    const told = decision.events.filter(isTold)
    const after = new Map(told.map(({ incident }) => [incident.id, incident]))
    for (const happened of told) {
      // Opened and confirmed by one decision is one piece of news: the same message, which is stored once.
      const incident = after.get(happened.incident.id) ?? happened.incident
      const event = happened.type === 'incident.opened' ? { ...happened, incident } : happened
      const { placeId, premisesId } = event.incident
      const place = placeId ?? premisesId
      messages.push(...whoHears(event, channels, place === null ? [] : await deps.registry.pathOfPlace(place)))
    }
    return { ...decision, messages }
  } catch (error) {
    deps.figures.add('channel_announce_failures_total')
    deps.log.error({ error: String(error) }, 'who is to be told could not be decided: NOBODY is told of this incident')
    return decision
  }
}

/** Every channel, read again when one has changed. */
export class ChannelBook {
  private readonly store: Channels
  private revision: number | undefined
  private known: readonly StoredChannel[] = []

  constructor(store: Channels) {
    this.store = store
  }

  async channels(): Promise<readonly StoredChannel[]> {
    const revision = await this.store.revision()
    if (revision !== this.revision) {
      this.known = await this.store.list()
      this.revision = revision
    }
    return this.known
  }
}
