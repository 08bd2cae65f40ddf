import type { ChannelSecrets, ChannelSettings } from '../../contract/channel-settings.ts'
import type { ChannelKind } from '../../contract/channels.ts'
import type { Notice } from '../../contract/notice.ts'

/** What goes out to a channel at once: one message, or where its limit a minute is near, several folded into one. */
export interface Letter {
  /** The delivery id: the same at every attempt of the same messages. */
  readonly id: string
  readonly notices: readonly [Notice, ...Notice[]]
  readonly title: string
  /** Plain text, in the channel's language. */
  readonly text: string
  /** Markdown as the bots understand it. */
  readonly markdown: string
  readonly urgent: boolean
}

/**
 * What came of it.
 * retry     it may work later; `afterMs`: the receiver said when
 * refused   it will not work until a person puts the channel right
 * gone      the receiver wants no more: the channel is disabled
 */
export type Outcome =
  | { readonly outcome: 'sent' }
  | { readonly outcome: 'retry'; readonly error: string; readonly afterMs?: number }
  | { readonly outcome: 'refused'; readonly error: string }
  | { readonly outcome: 'gone'; readonly error: string }

interface Delivery<K extends ChannelKind> {
  readonly settings: ChannelSettings<K>
  readonly secrets: ChannelSecrets<K>
  readonly letter: Letter
  /** Wall clock, ms since 1970. */
  readonly now: () => number
  /** Aborted when the attempt has taken too long. */
  readonly signal: AbortSignal
}

/** One kind of channel. Rejecting is the same as `retry`. */
export interface Adapter<K extends ChannelKind> {
  /** Longest text of a letter, bytes of UTF-8. */
  readonly maxBytes: number
  /** Each message is a letter of its own, for machines; else several may be folded into one. */
  readonly single: boolean
  /** A later message of an incident waits for the earlier one: its state is what counts. */
  readonly ordered: boolean
  /** How long a message is tried, minutes, unless the channel says otherwise. */
  readonly giveUpMinutes: number
  deliver(delivery: Delivery<K>): Promise<Outcome>
}
