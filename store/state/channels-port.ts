import type { ChannelKind, ChannelRule } from '../../contract/channels.ts'

export interface StoredChannel {
  readonly id: string
  readonly kind: ChannelKind
  readonly name: string
  /** As `contract/channel-settings.ts` has them for the kind. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly secrets: Readonly<Record<string, string>>
  readonly rules: readonly ChannelRule[]
  readonly disabled: boolean
  /** Where Hydrant disabled it. */
  readonly disabledWhy: string | null
  readonly createdAt: number
}

/** Channels, written by the dashboard and the command line; ingest follows. A name belongs to one channel. */
export interface Channels {
  /** Grows with every change of a channel. */
  revision(): Promise<number>
  list(): Promise<readonly StoredChannel[]>
  find(id: string): Promise<StoredChannel | undefined>
  /** Throws DuplicateName where another channel has the name. */
  put(channel: StoredChannel): Promise<void>
  /** What waits for it becomes dead letters. Resolves false where there is none. */
  remove(id: string): Promise<boolean>
  close(): Promise<void>
}
