import type { Message } from '../../contract/channels.ts'
import type { IncidentNotice } from '../../contract/notice.ts'
import type { Page, PageOf } from './page.ts'

/** What one channel is to be told. */
export interface NewMessage {
  /** The delivery id, the same whenever the same thing is decided again. */
  readonly id: string
  /** Empty: a test of the channel. */
  readonly incidentId: string
  readonly channelId: string
  readonly channelName: string
  readonly occasion: Message['occasion']
  readonly step: number
  /** A fire: goes before all others. */
  readonly urgent: boolean
  /** ms since 1970. */
  readonly at: number
  /** Null: a test. */
  readonly incident: IncidentNotice | null
}

export interface StoredMessage extends Message {
  /** Grows: its place in the order of decisions. */
  readonly n: number
  readonly urgent: boolean
  /** When it was last put into the outbox. */
  readonly queuedAt: number
  readonly incident: IncidentNotice | null
}

/** What came of an attempt. */
export interface Attempt {
  readonly id: string
  readonly result: 'sent' | 'failed' | 'gave-up'
  readonly error: string | null
}

/**
 * From a decision to the channel: ingest writes messages with its decision, and its courier (a thread) delivers them and
 * writes what came of it. What was sent when the courier was killed, and not noted, is sent again under the same id.
 */
export interface Outbox {
  /** Grows when something new waits. */
  revision(): Promise<number>
  /** Messages outside of a decision: tests. */
  put(messages: readonly NewMessage[]): Promise<void>
  /** What waits, by channel, and since when the oldest does. */
  waitingChannels(): Promise<
    readonly { readonly channelId: string; readonly count: number; readonly oldestAt: number }[]
  >
  /** Fires first, then what was tried least, then the oldest. */
  waiting(channelId: string, limit: number): Promise<readonly StoredMessage[]>
  /**
   * Notes what came of attempts and writes it into the event log: `message.sent`, `message.gave-up`, and the first
   * failure of a message as `message.failed`. `letter`: one went out to that channel; without it nothing was tried.
   */
  settle(attempts: readonly Attempt[], at: number, letter?: { readonly channelId: string }): Promise<void>
  /** When letters went out to a channel after `at`, oldest first. */
  lettersSince(channelId: string, at: number): Promise<readonly number[]>
  find(id: string): Promise<StoredMessage | undefined>
  ofIncident(incidentId: string): Promise<readonly Message[]>
  /** Newest first. */
  deadLetters(page: PageOf): Promise<Page<Message>>
  /** By channel. */
  deadLetterCounts(): Promise<ReadonlyMap<string, number>>
  /** A dead letter waits again. Resolves false where there is no such dead letter. */
  sendAgain(id: string, at: number): Promise<boolean>
  close(): Promise<void>
}
