import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Language } from '../../contract/channels.ts'
import type { Notice } from '../../contract/notice.ts'
import type { Channels, StoredChannel } from '../../store/state/channels-port.ts'
import type { Attempt, Outbox, StoredMessage } from '../../store/state/outbox-port.ts'
import type { Figures } from '../metrics.ts'
import { adapterFacts, type deliver } from './adapters.ts'
import { ChannelBook } from './announce.ts'
import { plan, RATE_WINDOW_MS } from './plan.ts'
import type { Letter, Outcome } from './port.ts'
import { digest, words } from './wording.ts'

/** Messages of one channel that are looked at, at once. */
const WINDOW = 200
/** A receiver that has not answered by then is asked again later. */
const ATTEMPT_MS = 10_000
/** After a failure a channel rests: doubling, half of it by chance, so that a hundred sites do not come back together. */
const FIRST_REST_MS = 1000
const LONGEST_REST_MS = 300_000
/** NTP slews a clock by less. */
const SET_BACK_MS = 1000
/** A state that cannot be written: what came of a delivery is noted when it can. */
const NOTE_AGAIN_MS = 1000

export interface CourierDependencies {
  readonly channels: Channels
  readonly outbox: Outbox
  readonly deliver: typeof deliver
  /** Where people open the console, without a slash at the end; undefined: messages have no link. */
  readonly publicUrl: string | undefined
  /** Wall clock, ms since 1970. */
  readonly now: () => number
  /** From 0 to 1. */
  readonly random: () => number
  readonly figures: Figures
  readonly log: { info(facts: object, message: string): void; error(facts: object, message: string): void }
  readonly attemptMs?: number
}

/** What is remembered of a channel while the process lives. */
interface Line {
  readonly underWay: Map<string, StoredMessage>
  lettersUnderWay: { urgent: number; others: number }
  failures: number
  restsUntil: number
  barredUntil: number
  /** When it may be looked at again although nothing new has come. */
  againAt: number
}

/**
 * Takes what waits in the outbox to its channels, each channel for itself: one that is slow or dead holds up nobody.
 * `step` starts what can be started and returns; what comes of it is noted when it comes.
 */
export class Courier {
  private readonly deps: CourierDependencies
  private readonly book: ChannelBook
  private readonly lines = new Map<string, Line>()
  private readonly running = new Set<Promise<void>>()
  private readonly stopping = new AbortController()
  private outboxRevision: number | undefined
  private known: readonly StoredChannel[] = []
  private waiting: readonly string[] = []
  private steppedAt = 0

  constructor(deps: CourierDependencies) {
    this.deps = deps
    this.book = new ChannelBook(deps.channels)
  }

  /** Resolves true when there may be more to do at once. */
  async step(): Promise<boolean> {
    const { outbox, now } = this.deps
    this.followClock(now())
    const revision = await outbox.revision()
    const channels = await this.book.channels()
    const isNew = revision !== this.outboxRevision || channels !== this.known
    // Whoever has put a channel right wants to see it work now.
    if (channels !== this.known) for (const line of this.lines.values()) Object.assign(line, RESTED)
    if (isNew) this.waiting = (await outbox.waitingChannels()).map(({ channelId }) => channelId)
    this.outboxRevision = revision
    this.known = channels
    const due = this.waiting.filter((id) => isNew || this.line(id).againAt <= now())
    for (const id of due) await this.serve(id)
    return false
  }

  /** For /metrics. */
  async count(): Promise<void> {
    const { outbox, figures, now } = this.deps
    const waiting = await outbox.waitingChannels()
    const oldest = Math.min(now(), ...waiting.map(({ oldestAt }) => oldestAt))
    figures.set(
      'channel_messages_waiting',
      waiting.reduce((sum, { count }) => sum + count, 0),
    )
    figures.set('channel_oldest_waiting_seconds', (now() - oldest) / 1000)
    const dead = await outbox.deadLetterCounts()
    figures.set(
      'channel_dead_letters',
      [...dead.values()].reduce((sum, count) => sum + count, 0),
    )
  }

  /** What is under way is given up and waits for the next start. */
  async stop(): Promise<void> {
    this.stopping.abort()
    await this.idle()
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running)
  }

  /** Who rests until a time that was set away would rest for as long as the clock was wrong. */
  private followClock(now: number): void {
    if (now < this.steppedAt - SET_BACK_MS)
      for (const line of this.lines.values()) Object.assign(line, RESTED, { againAt: now })
    this.steppedAt = now
  }

  private async serve(channelId: string): Promise<void> {
    const { outbox, now } = this.deps
    const line = this.line(channelId)
    line.againAt = Number.POSITIVE_INFINITY
    const channel = (await this.book.channels()).find(({ id }) => id === channelId)
    if (channel === undefined || channel.disabled) return this.bury(channelId, channel)
    const facts = adapterFacts(channel.kind)
    const all = await outbox.waiting(channelId, WINDOW)
    const overdue = await this.giveUp(
      channel,
      all.filter((one) => !line.underWay.has(one.id)),
    )
    const free = all.filter(({ id }) => !line.underWay.has(id) && !overdue.has(id))
    const perMinute = facts.single ? undefined : Number(channel.settings.perMinute)
    const sent = perMinute === undefined ? [] : await outbox.lettersSince(channelId, now() - RATE_WINDOW_MS)
    const { lettersUnderWay: underWay, restsUntil, barredUntil } = line
    const { letters, againAt } = plan({
      waiting: facts.ordered ? firstOfEach(all, line.underWay).filter((one) => free.includes(one)) : free,
      underWay,
      perMinute,
      letters: [...sent, ...Array.from({ length: underWay.urgent + underWay.others }, () => now())],
      restsUntil,
      barredUntil,
      now: now(),
    })
    const ends = free.filter(({ attempts }) => attempts > 0).map(({ queuedAt }) => queuedAt + patience(channel))
    line.againAt = Math.min(againAt, ...ends)
    for (const messages of letters) this.send(channel, line, messages)
  }

  private send(channel: StoredChannel, line: Line, messages: readonly StoredMessage[]): void {
    const { letter, told } = this.compose(channel, messages)
    for (const message of told) line.underWay.set(message.id, message)
    const lane = letter.urgent ? 'urgent' : 'others'
    line.lettersUnderWay[lane] += 1
    const over = this.attempt(channel, letter)
      .then((outcome) => this.note(channel, line, told, outcome))
      .finally(() => {
        for (const { id } of told) line.underWay.delete(id)
        line.lettersUnderWay[lane] -= 1
        line.againAt = this.deps.now()
        this.running.delete(over)
      })
    this.running.add(over)
  }

  private compose(
    channel: StoredChannel,
    messages: readonly StoredMessage[],
  ): { readonly letter: Letter; readonly told: readonly StoredMessage[] } {
    const { maxBytes } = adapterFacts(channel.kind)
    const language = (channel.settings.language ?? 'zh') as Language
    const [first, ...others] = messages.map((message) => this.noticeOf(message)) as [Notice, ...Notice[]]
    const urgent = messages.some((message) => message.urgent)
    if (others.length === 0)
      return { letter: { id: first.id, notices: [first], urgent, ...words(first, language, maxBytes) }, told: messages }
    const { told, ...said } = digest([first, ...others], language, maxBytes)
    const notices = [first, ...others.slice(0, told - 1)] as const
    return { letter: { id: foldedId(notices), notices, urgent, ...said }, told: messages.slice(0, told) }
  }

  private noticeOf({ id, occasion, step, createdAt, incident, incidentId }: StoredMessage): Notice {
    const { publicUrl } = this.deps
    const url = publicUrl === undefined || incident === null ? null : `${publicUrl}/incidents/${incidentId}`
    return { version: 1, id, occasion, step, at: createdAt, incident, url }
  }

  /** An adapter that forgets its limit of time must not keep a channel's line occupied. */
  private async attempt(channel: StoredChannel, letter: Letter): Promise<Outcome> {
    const limit = AbortSignal.timeout(this.deps.attemptMs ?? ATTEMPT_MS)
    const signal = AbortSignal.any([limit, this.stopping.signal])
    const late = new Promise<Outcome>((resolve) => {
      signal.addEventListener('abort', () => resolve({ outcome: 'retry', error: 'no answer in time' }), { once: true })
    })
    return Promise.race([this.deps.deliver(channel, { letter, now: this.deps.now, signal }), late])
  }

  private async note(
    channel: StoredChannel,
    line: Line,
    messages: readonly StoredMessage[],
    outcome: Outcome,
  ): Promise<void> {
    const { channels, now, log } = this.deps
    // Given up because ingest ends: it was no attempt of the channel's.
    if (outcome.outcome === 'retry' && this.stopping.signal.aborted) return
    const at = now()
    const error = outcome.outcome === 'sent' ? null : outcome.error
    const result = outcome.outcome === 'sent' ? 'sent' : outcome.outcome === 'retry' ? 'failed' : 'gave-up'
    const attempts = messages.map(({ id }): Attempt => ({ id, result, error }))
    // Also a letter that was refused counts: the receiver has counted it.
    await this.settle(channel, attempts, at)
    this.measure(channel, messages, result, at)
    if (outcome.outcome === 'sent') {
      Object.assign(line, RESTED)
      return
    }
    const facts = { channel: channel.id, kind: channel.kind, messages: messages.map(({ id }) => id), error }
    log.error(
      facts,
      result === 'failed' ? 'a message could not be delivered; it is tried again' : 'a message was given up',
    )
    if (outcome.outcome === 'gone') {
      await channels.put({ ...channel, disabled: true, disabledWhy: outcome.error })
      log.error({ channel: channel.id }, 'the receiver wants no more messages: the channel is DISABLED')
    }
    if (outcome.outcome !== 'retry') return
    line.failures += 1
    if (outcome.afterMs === undefined) line.restsUntil = at + this.rest(line.failures)
    else line.barredUntil = at + outcome.afterMs
  }

  /**
   * Until it is stored: a delivery that is not noted would be made again, and a disk that is full for an hour would tell a
   * village a thousand times. Killed meanwhile, it is made once more under the same id.
   */
  private async settle(channel: StoredChannel, attempts: readonly Attempt[], at: number): Promise<void> {
    const { outbox, figures, log } = this.deps
    for (;;)
      try {
        return await outbox.settle(attempts, at, { channelId: channel.id })
      } catch (error) {
        figures.add('channel_note_failures_total')
        log.error({ channel: channel.id, error: String(error) }, 'what came of a message cannot be stored yet')
        if (this.stopping.signal.aborted) return
        await sleep(NOTE_AGAIN_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined)
      }
  }

  private rest(failures: number): number {
    const longest = Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** (failures - 1))
    return longest / 2 + (longest / 2) * this.deps.random()
  }

  /** What was tried for as long as its channel allows becomes a dead letter. */
  private async giveUp(channel: StoredChannel, messages: readonly StoredMessage[]): Promise<ReadonlySet<string>> {
    const { now, outbox, log } = this.deps
    const limit = patience(channel)
    const overdue = messages.filter(({ attempts, queuedAt }) => attempts > 0 && now() - queuedAt >= limit)
    if (overdue.length === 0) return new Set()
    const why = (error: string | null): string =>
      `not delivered within ${limit / MINUTE_MS} minutes (${error ?? 'no answer'})`
    await outbox.settle(
      overdue.map(({ id, lastError }) => ({ id, result: 'gave-up', error: why(lastError) })),
      now(),
    )
    this.measure(channel, overdue, 'gave-up', now())
    log.error({ channel: channel.id, messages: overdue.length }, 'messages were given up: they are dead letters now')
    return new Set(overdue.map(({ id }) => id))
  }

  /** Nobody is there any more to take what waits. */
  private async bury(channelId: string, channel: StoredChannel | undefined): Promise<void> {
    const { outbox, now, log } = this.deps
    const line = this.line(channelId)
    const waiting = (await outbox.waiting(channelId, WINDOW)).filter(({ id }) => !line.underWay.has(id))
    if (waiting.length === 0) return
    const error = channel === undefined ? 'the channel was removed' : 'the channel is disabled'
    await outbox.settle(
      waiting.map(({ id }) => ({ id, result: 'gave-up', error })),
      now(),
    )
    log.error(
      { channel: channelId, messages: waiting.length, error },
      'messages were given up: they are dead letters now',
    )
    line.againAt = now()
  }

  private measure(
    channel: StoredChannel,
    messages: readonly StoredMessage[],
    result: Attempt['result'],
    at: number,
  ): void {
    const { figures } = this.deps
    figures.add(`channel_messages_${result.replace('-', '_')}_total{kind="${channel.kind}"}`, messages.length)
    if (result !== 'sent') return
    for (const { queuedAt } of messages) figures.latency('channel_delivery_seconds', Math.max(0, at - queuedAt))
  }

  private line(channelId: string): Line {
    let line = this.lines.get(channelId)
    if (line === undefined) {
      line = {
        underWay: new Map(),
        lettersUnderWay: { urgent: 0, others: 0 },
        failures: 0,
        restsUntil: 0,
        barredUntil: 0,
        againAt: 0,
      }
      this.lines.set(channelId, line)
    }
    return line
  }
}

const MINUTE_MS = 60_000
/** How long a message of this channel is tried, ms. */
const patience = ({ settings, kind }: StoredChannel): number =>
  Number(settings.giveUpMinutes ?? adapterFacts(kind).giveUpMinutes) * MINUTE_MS
const RESTED: Pick<Line, 'failures' | 'restsUntil' | 'barredUntil'> = { failures: 0, restsUntil: 0, barredUntil: 0 }

/** Of each incident the earliest message only: a later state must not be overtaken by an earlier one. */
function firstOfEach(
  waiting: readonly StoredMessage[],
  underWay: ReadonlyMap<string, StoredMessage>,
): readonly StoredMessage[] {
  const first = new Map<string, StoredMessage>()
  for (const message of [...underWay.values(), ...waiting]) {
    const have = first.get(message.incidentId)
    if (have === undefined || message.n < have.n) first.set(message.incidentId, message)
  }
  return waiting.filter((message) => first.get(message.incidentId) === message)
}

/** The same messages folded again make the same letter. */
const foldedId = (notices: readonly Notice[]): string =>
  `fold_${createHash('sha256')
    .update(notices.map(({ id }) => id).join())
    .digest('base64url')
    .slice(0, ID_LENGTH)}`
const ID_LENGTH = 16
