import type { Alarm } from '../../contract/alarms.ts'
import type { NewEvent } from '../../contract/events.ts'
import type { DutyCheck, Incident, WatchMode } from '../../contract/incidents.ts'
import type { Quantity, Value } from '../../contract/quantities.ts'
import type { Reason } from '../../contract/reasons.ts'
import type { JournalLane, RecordKind } from '../journal/port.ts'
import type { SpareRoom } from '../spare-room.ts'
import type { Homecoming } from './alone-port.ts'
import type { NewDownlink } from './downlink-port.ts'
import type { NewMessage } from './outbox-port.ts'
import type { RegisteredDevice } from './registry-port.ts'
import type { WaterDecision } from './water-port.ts'

/** `detect` and `archive` do not wait for each other. */
export type Cursor = 'detect' | 'archive'

export interface QuarantineEntry {
  readonly at: number
  readonly deviceId: string
  readonly lane: JournalLane
  readonly journalSeq: number
  readonly kind: RecordKind
  /** Who sent it: of a gateway's child, the gateway. */
  readonly sender: string
  /** The codec of a raw frame. */
  readonly arg: string
  readonly topic: string
  readonly reason: Reason
  readonly detail: string
  readonly bytes: Uint8Array
}

/** An entry that waits in quarantine, as a replay needs to know it. */
export interface OpenEntry {
  readonly id: number
  readonly deviceId: string
  readonly reason: Reason
}

/** What decoding an entry's record anew has come to. */
export interface ReplayedEntry {
  readonly id: number
  readonly at: number
  readonly by: string
  /** Why it stays; undefined: it was understood, and no longer waits. */
  readonly still: { readonly deviceId: string; readonly reason: Reason; readonly detail: string } | undefined
}

export interface DeviceSighting {
  readonly deviceId: string
  /** Absent: unchanged. */
  readonly lastHeardAt?: number
  readonly connected?: boolean
  /**
   * The newest measured value of each quantity that has a newer one; replaces what is known of it. Which is the newest is
   * ingest's to say: it knows when a clock was set back.
   */
  readonly latest?: ReadonlyMap<Quantity, { readonly value: Value; readonly at: number }>
  readonly attributes?: Readonly<Record<string, unknown>>
  /** Attributes of a message of the past: they fill gaps, and replace nothing. */
  readonly earlierAttributes?: Readonly<Record<string, unknown>>
}

/**
 * A device that its gateway has named itself: a fire panel's point. It has no secret of its own and cannot sign in. One
 * that is registered already keeps what a person has entered; only its provisional name gives way to one that the panel
 * says later.
 */
export type DiscoveredDevice = Pick<
  RegisteredDevice,
  'id' | 'kind' | 'name' | 'model' | 'placeId' | 'gatewayId' | 'lon' | 'lat' | 'rhythmS'
> & { readonly provisionalName: string }

/** Everything that one batch of journal records (or one tick) decided. Stored whole or not at all. */
export interface Decision {
  /** Cursor positions after this batch; empty for a tick. */
  readonly cursors: Partial<Record<JournalLane, number>>
  readonly sightings: readonly DeviceSighting[]
  /** Serialised detector states (JSON) by device; null removes. */
  readonly detectorStates: ReadonlyMap<string, string | null>
  /** Alarms as they are after this batch, inserted or replaced by id. */
  readonly alarms: readonly Alarm[]
  readonly events: readonly NewEvent[]
  readonly quarantine: readonly QuarantineEntry[]
  readonly replayed: readonly ReplayedEntry[]
  /** Added to the counters of (reason, device). */
  readonly rejections: readonly {
    readonly reason: Reason
    readonly deviceId: string
    readonly at: number
    readonly count: number
    readonly detail: string
  }[]
  /** Sum over all devices, for throughput figures: readings understood in this batch. */
  readonly readings: number
  readonly discovered: readonly DiscoveredDevice[]
  /** What devices are asked; one with an id that is there already is left out. */
  readonly downlink: readonly NewDownlink[]
  /** What channels are told of it; one with an id that is there already is left out. Absent: nothing. */
  readonly messages?: readonly NewMessage[]
  /** Incidents as they are after this batch, inserted or replaced by id. */
  readonly incidents: readonly Incident[]
  /** By target (`watchTarget`); null: it has ended. */
  readonly watchModes: ReadonlyMap<string, WatchMode | null>
  /** Inserted or replaced by id. */
  readonly dutyChecks: readonly DutyCheck[]
  /** When the detectors of a place were last reset. */
  readonly placeResets: ReadonlyMap<string, number>
  /** What it adds to the accounts of zones. Absent: nothing. */
  readonly water?: WaterDecision
  /** Who lives alone, was away, and draws water again since then. Absent: nobody. */
  readonly homecomings?: readonly Homecoming[]
}

/** A decision that stores nothing: for those that store one thing. */
export const NO_DECISION: Decision = {
  cursors: {},
  sightings: [],
  detectorStates: new Map(),
  alarms: [],
  events: [],
  quarantine: [],
  replayed: [],
  rejections: [],
  readings: 0,
  discovered: [],
  downlink: [],
  incidents: [],
  watchModes: new Map(),
  dutyChecks: [],
  placeResets: new Map(),
}

export interface Decisions {
  cursor(cursor: Cursor, lane: JournalLane): Promise<number>
  /** Archive's cursor moves on its own. */
  advance(cursor: Cursor, lane: JournalLane, seq: number): Promise<void>
  detectorState(deviceId: string): Promise<string | undefined>
  /**
   * One transaction. Events are numbered in it; resolves with the last event's seq. Rejects with StateUnavailable where
   * the same decision can be stored later.
   */
  commit(decision: Decision): Promise<number>
  openAlarms(): Promise<readonly Alarm[]>
  /** Any alarm, also one that is over. */
  alarm(id: string): Promise<Alarm | undefined>
  /** What of a journal record still waits in quarantine. */
  quarantined(lane: JournalLane, journalSeq: number): Promise<readonly OpenEntry[]>
  /** Those that are open, and those that were closed after the time given: what an alarm may reopen. */
  incidents(closedAfter: number): Promise<readonly Incident[]>
  /** Any incident, also one that is closed. */
  incident(id: string): Promise<Incident | undefined>
  watchModes(): Promise<readonly WatchMode[]>
  /** Those without an answer whose time has not been settled. */
  openDutyChecks(): Promise<readonly DutyCheck[]>
  dutyCheck(id: string): Promise<DutyCheck | undefined>
  /** Places reset after the time given. */
  placeResets(after: number): Promise<ReadonlyMap<string, number>>
  /** Attributes that a device has sent. */
  attributes(deviceId: string): Promise<Readonly<Record<string, unknown>>>
  /** When each device that was ever heard was last heard: what supervision of silence starts from. */
  lastHeard(): Promise<ReadonlyMap<string, number>>
  /** As `JournalWriter.tidy`; the state's file is never made shorter. */
  tidy(room: SpareRoom): Promise<boolean>
  close(): Promise<void>
}

/** The disk is full or broken, or somebody else holds the lock: nothing is wrong with what was to be stored. */
export class StateUnavailable extends Error {
  override name = 'StateUnavailable'
}
