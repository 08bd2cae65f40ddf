import type { Lane } from '../../contract/kinds.ts'
import type { SpareRoom } from '../spare-room.ts'

/**
 * The journal: the log of what came in, before it is understood. One journal per lane. A record is *accepted* when its
 * `done` has been called without an error: from then on it survives `kill -9` and power loss.
 */
export type JournalLane = Lane | 'operator'

/** What a record is. Numbers are stored; never renumber. */
export const RECORD_KINDS = {
  telemetry: 1,
  attributes: 2,
  raw: 3,
  gateway: 4,
  rpcResponse: 5,
  connected: 6,
  disconnected: 7,
  /** An aggregate of what the broker turned away: JSON `Refusal`. */
  refused: 8,
  /** A person's command: JSON `OperatorCommand`. */
  operator: 9,
  /** The broker came up: supervision of silence starts anew. */
  brokerStarted: 10,
} as const
export type RecordKind = keyof typeof RECORD_KINDS

export interface JournalRecord {
  /** 1, 2, 3 … within a lane. */
  readonly seq: number
  readonly kind: RecordKind
  /** The authenticated sender (ASCII, at most 64); '' for the broker itself and in the operator lane. */
  readonly deviceId: string
  /** Codec of a raw frame, request number of an rpc response, else ''. */
  readonly arg: string
  /** When the broker had it, ms since 1970. */
  readonly arrivedAt: number
  readonly payload: Uint8Array
}

/** Payload of a `refused` record. One per (reason, deviceId) and second at most, so that refusing never floods the disk. */
export interface Refusal {
  readonly reason: string
  readonly deviceId: string
  readonly detail: string
  readonly count: number
}

export interface JournalWriter {
  /**
   * Appends one record. `done` is called once, in the order of the appends: without an error after the record is on
   * disk, with one if it is not stored (the caller must then not acknowledge). Never throws, never blocks on the disk.
   */
  append(
    kind: RecordKind,
    deviceId: string,
    arg: string,
    arrivedAt: number,
    payload: Uint8Array,
    done: (error?: Error) => void,
  ): void
  /** Bytes appended but not yet on disk: what backpressure looks at. */
  readonly pendingBytes: number
  /** Removes records through `seq` (they have been read by every cursor). Resolves with how many were removed. */
  prune(throughSeq: number): Promise<number>
  /**
   * One short step towards having between `least` and `most` bytes free inside the file: room that nobody else can take,
   * and not more of it. Resolves with whether another step is needed.
   */
  tidy(room: SpareRoom): Promise<boolean>
  /** Stores what is pending, then closes. */
  close(): Promise<void>
}

export interface JournalReader {
  /**
   * Records after `seq`, oldest first, at most about `maxRecords` (whole commit groups; at least one group). Empty when
   * there is nothing new. Throws JournalDamaged when stored bytes do not check.
   */
  readAfter(seq: number, maxRecords: number): Promise<readonly JournalRecord[]>
  /** Last stored record, 0 in an empty journal. */
  head(): Promise<number>
  /** First stored record still there, 0 in an empty journal. */
  tail(): Promise<number>
  /** Bytes that the records take on disk. */
  usedBytes(): Promise<number>
  close(): Promise<void>
}

/** The journal's bytes on disk do not check. Loud, and never skipped silently. */
export class JournalDamaged extends Error {
  override name = 'JournalDamaged'
  readonly lastGoodSeq: number
  readonly resumeAfter: number
  /** @param resumeAfter seq after which reading can go on, once a person or a policy has decided to skip the damage */
  constructor(message: string, lastGoodSeq: number, resumeAfter: number) {
    super(message)
    this.lastGoodSeq = lastGoodSeq
    this.resumeAfter = resumeAfter
  }
}
