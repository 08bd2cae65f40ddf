import type { Alarm, Disposition } from '../../contract/alarms.ts'
import type { AloneFacts } from '../../contract/alone.ts'
import type {
  AuditRecord,
  LatestValue,
  Place,
  QuarantineDetail,
  QuarantineGroup,
  QuarantineItem,
  Rejection,
} from '../../contract/api.ts'
import type { ChannelKind, ChannelRule, Message } from '../../contract/channels.ts'
import type { DetectionLimits } from '../../contract/detection-limits.ts'
import type { DownlinkOutcome, DownlinkRequest } from '../../contract/downlink.ts'
import type { HydrantEvent, NewEvent, QuarantinedRecord } from '../../contract/events.ts'
import type {
  Hazard,
  HazardEvent,
  HazardKind,
  HazardOutcome,
  HazardState,
  NewHazardEvent,
} from '../../contract/hazards.ts'
import type { FloorPlan, Responder, ResponderKind, Staff } from '../../contract/homes.ts'
import type { DutyCheck, Incident, IncidentKind, WatchMode } from '../../contract/incidents.ts'
import type { Kind } from '../../contract/kinds.ts'
import type { IncidentNotice } from '../../contract/notice.ts'
import type { Quantity, Value } from '../../contract/quantities.ts'
import type { Reason } from '../../contract/reasons.ts'
import type { Resident } from '../../contract/residents.ts'
import type { Role } from '../../contract/roles.ts'
import type { JournalLane, RecordKind } from '../journal/port.ts'
import type { SpareRoom } from '../spare-room.ts'
import type { Homecoming } from './alone-port.ts'
import type { WaterDecision } from './water-port.ts'

/**
 * The state: what is known now. Several interfaces, one per user of it, because no role needs all of it:
 *   Registry   devices and places — written by the CLI and the dashboard, read by everyone
 *   Decisions  what ingest has decided, in one transaction with its cursor — written by ingest only
 *   Views      what the dashboard shows — read only
 *   Downlink   what devices are asked — decided by ingest, sent and settled by the broker
 *   Channels   who is told, by what — written by the dashboard and the CLI, read by ingest
 *   Outbox     what they are told — decided and delivered by ingest
 *   Accounts   users, sessions, tokens, audit — written by the dashboard and the CLI
 *   Residents  people and their health data — written by the CLI, read by the dashboard
 *   Homes      staff, responders, floor plans — written by the CLI and the dashboard, `staffed` asked by ingest
 *   Hazards    what is to be put right, and its history — written by the dashboard
 * Every one is a small object over the same database file; all are asynchronous.
 */

// ── Registry ────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * What a device shows: a secret of its own, a key derived from the master (store/derived-key.ts), or only a client
 * certificate. A certificate of the trusted authority is good for the other two as well.
 */
export const IDENTITIES = ['secret', 'derived', 'certificate'] as const
export type Identity = (typeof IDENTITIES)[number]

export interface RegisteredDevice {
  readonly id: string
  readonly kind: Kind
  readonly name: string
  readonly model: string | null
  readonly placeId: string | null
  readonly gatewayId: string | null
  readonly lon: number | null
  readonly lat: number | null
  readonly disabled: boolean
  /** Expected interval between two signs of life, seconds; null: the kind's own. */
  readonly rhythmS: number | null
  readonly identity: Identity
  /** SHA-256 of the secret; empty where the device has none of its own. */
  readonly secretHash: Uint8Array
  /** Which derived key counts: 1 at first, raised to make the ones before worthless. */
  readonly generation: number
  /** Its source address in GB/T 26875.3 frames; of fire panels only, and nobody else's. */
  readonly gbAddress: number | null
  /** IP addresses and networks (CIDR) that such frames may come from; empty: any. The protocol itself has no secret. */
  readonly gbFrom: readonly string[]
  /** On the deny list: looks unknown from outside, whatever it shows. */
  readonly denied: boolean
  /** Limits of detection that count for it: its home's, and its own before them. Absent: nobody changed any. */
  readonly limits?: DetectionLimits
  /** Who lives alone behind this meter and is watched by it. */
  readonly alone?: AloneFacts
  /** Counter of registry changes when this row was last changed. */
  readonly revision: number
}
/** What is left out stays as it is. */
export type NewDevice = Omit<
  RegisteredDevice,
  'revision' | 'denied' | 'limits' | 'alone' | 'disabled' | 'identity' | 'generation' | 'gbAddress' | 'gbFrom'
> &
  Partial<Pick<RegisteredDevice, 'disabled' | 'identity' | 'generation' | 'gbAddress' | 'gbFrom'>>

export interface ChangedLimits {
  readonly of: 'device' | 'place'
  readonly id: string
  readonly name: string
  readonly limits: DetectionLimits
}

export interface Registry {
  find(id: string): Promise<RegisteredDevice | undefined>
  /** Whose GB/T 26875.3 source address it is. */
  findByGbAddress(address: number): Promise<RegisteredDevice | undefined>
  /** Ordered by id; `after` is the last id of the page before. */
  list(after: string, limit: number): Promise<readonly RegisteredDevice[]>
  children(gatewayId: string): Promise<readonly RegisteredDevice[]>
  /** How many devices are registered under this gateway. */
  countChildren(gatewayId: string): Promise<number>
  /**
   * Adds or replaces, all in one transaction. Throws DuplicateDevice when `replace` is false and one is there, and
   * DuplicateGbAddress where another device has the address.
   */
  put(devices: readonly NewDevice[], options: { readonly replace: boolean }): Promise<void>
  /** Resolves false when there was none. History and alarms of the device stay. */
  remove(id: string): Promise<boolean>
  setDisabled(id: string, disabled: boolean): Promise<boolean>
  /** Raises the generation of a device's derived key. Resolves with the new one, undefined where there is no device. */
  nextGeneration(id: string): Promise<number | undefined>
  /** Puts ids on the deny list, registered or not. They stay on it when the device is removed. */
  deny(ids: readonly string[], at: number): Promise<void>
  /** Resolves with those that were on the list. */
  allow(ids: readonly string[]): Promise<readonly string[]>
  /** The deny list, ordered by id. */
  denied(): Promise<readonly { readonly id: string; readonly at: number }[]>
  /** Replaces the limits of a device; an empty object: nothing is changed any more. Resolves false when there is none. */
  setDeviceLimits(id: string, limits: DetectionLimits): Promise<boolean>
  /** Likewise for every device at or below a place. */
  setPlaceLimits(id: string, limits: DetectionLimits): Promise<boolean>
  /** Where limits were changed, ordered by id: what keeps a changed limit from being forgotten. */
  changedLimits(): Promise<readonly ChangedLimits[]>
  /** Grows with every change of any device, removal included. */
  revision(): Promise<number>
  /** Devices changed, and ids removed, after `revision`. */
  changesSince(revision: number): Promise<{
    readonly revision: number
    readonly changed: readonly RegisteredDevice[]
    readonly removed: readonly string[]
  }>
  count(): Promise<number>
  putPlaces(places: readonly Place[]): Promise<void>
  places(): Promise<readonly Place[]>
  /** From the outermost place down to this one; empty where there is none of that id. */
  pathOfPlace(id: string): Promise<readonly Place[]>
  /** Grows with every change of any place. */
  placeRevision(): Promise<number>
  /** Devices of the urgent lane: detectors, buttons, panels. */
  fireAndCare(): Promise<readonly RegisteredDevice[]>
  close(): Promise<void>
}

export class DuplicateDevice extends Error {
  override name = 'DuplicateDevice'
}

export class DuplicateGbAddress extends Error {
  override name = 'DuplicateGbAddress'
}

// ── Decisions ───────────────────────────────────────────────────────────────────────────────────────────────────────

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

// ── Downlink ────────────────────────────────────────────────────────────────────────────────────────────────────────

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

// ── Channels and outbox ─────────────────────────────────────────────────────────────────────────────────────────────

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

// ── Views ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A page of a list; `next` is an opaque cursor. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly total: number
  readonly next: string | null
}

/** What the live layer needs of one device after it changed. `rev` grows with every commit that touched the device. */
export interface SightedDevice {
  readonly deviceId: string
  readonly rev: number
  readonly lastHeardAt: number | null
  readonly connected: boolean
}

export interface AlarmFilter {
  readonly state: 'active' | 'open' | 'all'
  readonly severity?: string | undefined
  readonly type?: string | undefined
  readonly deviceId?: string | undefined
  readonly incidentId?: string | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}

export interface IncidentFilter {
  readonly state: 'open' | 'all'
  readonly kind?: IncidentKind | undefined
  readonly premisesId?: string | undefined
}

/** Which entries of the quarantine; `pattern` is a group's, and time is time of arrival. */
export interface QuarantineFilter {
  readonly deviceId?: string | undefined
  readonly reason?: string | undefined
  readonly pattern?: string | undefined
  /** ms since 1970; `to` is not included. */
  readonly from?: number | undefined
  readonly to?: number | undefined
  /** Absent: all. */
  readonly state?: 'open' | 'replayed' | 'all' | undefined
}
export interface PageOf {
  readonly limit: number
  readonly cursor?: string | undefined
}

export interface Views {
  lastEventSeq(): Promise<number>
  /** Oldest first. */
  eventsAfter(seq: number, limit: number): Promise<readonly HydrantEvent[]>
  eventsOfAlarm(alarmId: string): Promise<readonly HydrantEvent[]>
  alarms(filter: AlarmFilter): Promise<Page<Alarm>>
  alarm(id: string): Promise<Alarm | undefined>
  /** Newest first. */
  incidents(filter: IncidentFilter & PageOf): Promise<Page<Incident>>
  openIncidents(): Promise<readonly Incident[]>
  incident(id: string): Promise<Incident | undefined>
  /** Its own events, its alarms' and its messages', oldest first. */
  eventsOfIncident(id: string): Promise<readonly HydrantEvent[]>
  /** Tests, drills and isolations; one whose end has passed is over although it may still be listed for a second. */
  watchModes(): Promise<readonly WatchMode[]>
  /** Newest first. */
  dutyChecks(filter: { readonly placeId?: string | undefined } & PageOf): Promise<Page<DutyCheck>>
  dutyCheck(id: string): Promise<DutyCheck | undefined>
  lastRev(): Promise<number>
  /** Ordered by rev. */
  sightedAfter(rev: number, limit: number): Promise<readonly SightedDevice[]>
  sighting(deviceId: string): Promise<
    | (SightedDevice & {
        readonly latest: readonly LatestValue[]
        readonly attributes: Readonly<Record<string, unknown>>
      })
    | undefined
  >
  quarantine(filter: QuarantineFilter & PageOf): Promise<Page<QuarantineItem>>
  /** The same thing again and again is one row. Newest first. */
  quarantineGroups(filter: QuarantineFilter & PageOf): Promise<Page<QuarantineGroup>>
  /** Entries by reason, most first. */
  quarantineReasons(
    filter: QuarantineFilter,
  ): Promise<readonly { readonly reason: string; readonly count: number; readonly lastAt: number }[]>
  /** Without where it goes wrong: that is not stored. */
  quarantineDetail(id: number): Promise<Omit<QuarantineDetail, 'offending'> | undefined>
  quarantineBytes(id: number): Promise<Uint8Array | undefined>
  /**
   * Open records that can be decoded anew, oldest first, each once: at least one, until `limit` or `maxBytes`.
   */
  replayable(
    filter: QuarantineFilter & PageOf & { readonly id?: number | undefined; readonly maxBytes: number },
  ): Promise<Omit<Page<QuarantinedRecord>, 'total'>>
  rejections(limit: number): Promise<readonly Rejection[]>
  /** Sums per reason over all devices, for /metrics. */
  rejectionTotals(): Promise<ReadonlyMap<Reason, number>>
  cursors(): Promise<readonly { readonly cursor: Cursor; readonly lane: JournalLane; readonly seq: number }[]>
  /** Every figure that every role has published of itself. */
  roleMetrics(): Promise<readonly RoleMetric[]>
  totals(): Promise<{ readonly readings: number; readonly lastReadingAt: number | null }>
  close(): Promise<void>
}

export interface RoleMetric {
  readonly role: 'broker' | 'ingest' | 'dashboard'
  /** Prometheus name without the `hydrant_` prefix, with labels as they are to be printed: `gate_accepted_total{lane="bulk"}`. */
  readonly name: string
  readonly value: number
  readonly at: number
}

/** Each role publishes its figures here about once a second; the dashboard prints them all at /metrics. */
export interface RoleMetrics {
  publish(role: RoleMetric['role'], at: number, values: Readonly<Record<string, number>>): Promise<void>
  close(): Promise<void>
}

// ── Accounts ────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface User {
  readonly name: string
  readonly role: Role
  readonly hasPassword: boolean
  /** May not sign in; kept because their name stands in the audit. */
  readonly disabled: boolean
  readonly createdAt: number
}

/** Where a session was opened from, for its owner to recognise. */
export interface SessionOrigin {
  readonly address: string
  /** What the browser calls itself. */
  readonly agent: string
  /** By a one-time link, not by a password. */
  readonly byLink: boolean
}

export interface StoredSession extends SessionOrigin {
  /** Names it to people; cannot be used to sign in. */
  readonly id: string
  readonly userName: string
  readonly createdAt: number
  readonly lastUsedAt: number
  readonly expiresAt: number
}

/** A user, token or channel of that name is there already. */
export class DuplicateName extends Error {
  override name = 'DuplicateName'
}

/** The change would leave nobody who may administer. */
export class LastAdmin extends Error {
  override name = 'LastAdmin'
}

export interface AuditEntry {
  readonly at: number
  readonly actor: string
  readonly action: string
  readonly target: string
  readonly detail: string
}

export interface AuditFilter {
  readonly actor?: string | undefined
  /** From its beginning: `user.` is every change of a user. */
  readonly action?: string | undefined
  readonly target?: string | undefined
  /** ms since 1970; `to` is not included. */
  readonly from?: number | undefined
  readonly to?: number | undefined
}

/** Secrets go in as SHA-256 of a random token, passwords as an encoded scrypt hash; nothing here can be used to sign in. */
export interface Accounts {
  users(): Promise<readonly User[]>
  user(name: string): Promise<(User & { readonly passwordHash: string | null }) | undefined>
  addUser(user: {
    readonly name: string
    readonly role: Role
    readonly passwordHash: string | null
    readonly createdAt: number
  }): Promise<void>
  /** Also turns the sessions that came by a link into ordinary ones. */
  setPassword(name: string, passwordHash: string): Promise<void>
  /**
   * Resolves false where there is no such user. Disabling ends every session, link and known device. Throws LastAdmin
   * where `keepAdmin` is asked for and this is the last enabled administrator.
   */
  changeUser(
    name: string,
    change: { readonly role?: Role | undefined; readonly disabled?: boolean | undefined },
    options: { readonly keepAdmin: boolean },
  ): Promise<boolean>
  removeUser(name: string, options?: { readonly keepAdmin: boolean }): Promise<boolean>
  addLink(tokenHash: Uint8Array, userName: string, expiresAt: number): Promise<void>
  /** Whose link it is, without using it up. */
  linkOwner(tokenHash: Uint8Array, now: number): Promise<string | undefined>
  /** Uses up the link: resolves its user once, then never again. Nobody's for a disabled user. */
  redeemLink(tokenHash: Uint8Array, now: number): Promise<string | undefined>
  addSession(
    tokenHash: Uint8Array,
    userName: string,
    createdAt: number,
    expiresAt: number,
    origin?: SessionOrigin,
  ): Promise<void>
  /** Who has this session at `now`, and the session; undefined also for a disabled user. */
  session(tokenHash: Uint8Array, now: number): Promise<(User & { readonly session: StoredSession }) | undefined>
  /** A user's sessions, the last used first. */
  sessions(userName: string, now: number): Promise<readonly StoredSession[]>
  /** These sessions are in use at `now`; the address where it is known. */
  touchSessions(tokenHashes: readonly Uint8Array[], now: number, address?: string): Promise<void>
  removeSession(tokenHash: Uint8Array): Promise<void>
  /** Ends the session of that id if it is the user's. */
  endSession(userName: string, id: string): Promise<boolean>
  /** Ends every session of a user but `except`, and every link that they have not used. @returns how many sessions */
  removeSessions(userName: string, except?: Uint8Array): Promise<number>
  /** Grows whenever a session ended, a user or token changed or went: what open sockets ask, whoever wrote it. */
  accessRevision(): Promise<number>
  /** Remembers a browser of a user; the newest few are kept. */
  addKnownDevice(tokenHash: Uint8Array, userName: string, now: number): Promise<void>
  /** Whether this person, or without a name anybody, has signed in with that browser since. */
  isKnownDevice(tokenHash: Uint8Array, usedAfter: number, userName?: string): Promise<boolean>
  addToken(token: {
    readonly name: string
    readonly role: Role
    readonly tokenHash: Uint8Array
    readonly createdAt: number
  }): Promise<void>
  token(tokenHash: Uint8Array): Promise<{ readonly name: string; readonly role: Role } | undefined>
  tokens(): Promise<readonly { readonly name: string; readonly role: Role; readonly createdAt: number }[]>
  removeToken(name: string): Promise<boolean>
  /** Append-only; several entries are written together or not at all. */
  audit(...entries: readonly AuditEntry[]): Promise<void>
  /** Newest first. */
  auditEntries(filter: AuditFilter & PageOf): Promise<Page<AuditRecord>>
  close(): Promise<void>
}

// ── Residents ───────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * People who live where alarms come from, with what a rescuer must know. Nothing else of the state refers to them, and
 * whoever reads them goes through `contract/residents.ts` and the audit.
 */
export interface Residents {
  /** Adds or replaces by id, all in one transaction. */
  put(residents: readonly Resident[]): Promise<void>
  find(id: string): Promise<Resident | undefined>
  /** Those who live at one of these places, ordered by id; `after` is the last id of the page before. */
  at(placeIds: readonly string[], after: string, limit: number): Promise<readonly Resident[]>
  /** How many live at these places. */
  count(placeIds: readonly string[]): Promise<number>
  /** How many live at each of these very places, or everywhere; nobody: absent. */
  countByPlace(placeIds?: readonly string[]): Promise<ReadonlyMap<string, number>>
  remove(id: string): Promise<boolean>
  close(): Promise<void>
}

// ── Homes ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A floor plan and where its image lies (`store/images/`). */
export interface StoredPlan extends FloorPlan {
  readonly imageId: string
}

export interface Drill {
  readonly placeId: string
  readonly since: number
  readonly until: number
  readonly by: string
  readonly reason: string
}

export interface HomeRecord {
  readonly lastDrillAt: number | null
  readonly lastDutyCheck: DutyCheck | null
}

/** What is written is added or replaced by id, all in one transaction. */
export interface Homes {
  putStaff(staff: readonly Staff[]): Promise<void>
  removeStaff(id: string): Promise<boolean>
  /** Ordered by id; of these places only where some are named. */
  staff(placeIds?: readonly string[]): Promise<readonly Staff[]>
  /** Grows with every change of any staff. */
  staffRevision(): Promise<number>
  /** Whether somebody is recorded as being at this very place at `at` who can go and look; nobody recorded: false. */
  staffed(placeId: string, at: number): Promise<boolean>

  putResponders(responders: readonly Responder[]): Promise<void>
  removeResponder(id: string): Promise<boolean>
  /** Ordered by id. */
  responders(filter?: { readonly kind?: ResponderKind | undefined }): Promise<readonly Responder[]>
  /** Those who come to one of these places: who serves it, and who serves everybody. */
  respondersTo(placeIds: readonly string[]): Promise<readonly Responder[]>

  /** A new image of a place; its pins stay. */
  putPlan(plan: Omit<StoredPlan, 'revision' | 'pins'>): Promise<StoredPlan>
  /** Undefined where there is no plan. */
  setPins(placeId: string, pins: FloorPlan['pins']): Promise<StoredPlan | undefined>
  plan(placeId: string): Promise<StoredPlan | undefined>
  /** Of these places, ordered by place. */
  plans(placeIds: readonly string[]): Promise<readonly StoredPlan[]>

  /** When each of these places last held a drill, and how its last duty check went; what never was is absent. */
  lastRecords(placeIds: readonly string[]): Promise<ReadonlyMap<string, HomeRecord>>
  /** Drills held at these places, newest first. */
  drills(placeIds: readonly string[], limit: number): Promise<readonly Drill[]>
  /** What the incidents of these premises were, of those noticed since then and closed. */
  dispositions(premisesId: string, since: number): Promise<Readonly<Partial<Record<Disposition, number>>>>
  close(): Promise<void>
}

// ── Hazards ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface HazardFilter {
  readonly state: HazardState | 'unclosed' | 'all'
  readonly kind?: HazardKind | undefined
  /** At one of these very places; absent: everywhere. */
  readonly placeIds?: readonly string[] | undefined
  /** With a deadline before this, ms since 1970. */
  readonly dueBefore?: number | undefined
}

export interface Hazards {
  /** A new one, with the first line of its history. */
  open(hazard: Hazard, event: NewHazardEvent): Promise<void>
  find(id: string): Promise<Hazard | undefined>
  /** Oldest first. */
  history(id: string): Promise<readonly HazardEvent[]>
  /**
   * Reads, decides and stores in one transaction: of two who judge at once, the second sees the first. Undefined where
   * there is no such hazard.
   */
  update(id: string, decide: (before: Hazard) => HazardOutcome): Promise<HazardOutcome | undefined>
  /** The soonest deadline first. */
  list(filter: HazardFilter & PageOf): Promise<Page<Hazard>>
  /** Unclosed ones of each place that has some, and how many of them are past their deadline. */
  unclosedByPlace(now: number): Promise<ReadonlyMap<string, { readonly open: number; readonly overdue: number }>>
  close(): Promise<void>
}
