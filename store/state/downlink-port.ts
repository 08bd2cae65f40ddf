import type { DownlinkOutcome, DownlinkRequest } from '../../contract/downlink.ts'

/** Something that a device is to be asked, as it was decided. */
export interface NewDownlink {
  /** Chosen by whoever decides, the same whenever the same record is decided again. */
  readonly id: string
  readonly deviceId: string
  readonly request: DownlinkRequest
  /** ms since 1970. After `expiresAt` it is not sent any more. */
  readonly at: number
  readonly expiresAt: number
}

export interface StoredDownlink extends NewDownlink {
  /** Its number: the request number of an RPC over MQTT, so that a stored `rpcResponse` leads back to it. */
  readonly n: number
  readonly sentAt: number | null
  readonly settledAt: number | null
  readonly outcome: DownlinkOutcome | null
}

/**
 * From a decision to the device: ingest writes requests with its decision, the broker sends them and writes what came of
 * it. A request that was sent when the broker stopped, and not settled, is sent again: devices take the same one twice.
 */
export interface Downlink {
  /** Those without an outcome, oldest first. */
  waiting(limit: number): Promise<readonly StoredDownlink[]>
  find(id: string): Promise<StoredDownlink | undefined>
  /** By its number. */
  findByNumber(n: number): Promise<StoredDownlink | undefined>
  sent(n: number, at: number): Promise<void>
  /** The first outcome counts. */
  settled(n: number, at: number, outcome: DownlinkOutcome): Promise<void>
  close(): Promise<void>
}
