import type { Alarm } from '../../contract/alarms.ts'
import type {
  AuditRecord,
  LatestValue,
  Place,
  QuarantineDetail,
  QuarantineGroup,
  QuarantineItem,
  Rejection,
} from '../../contract/api.ts'
import type { DetectionLimits } from '../../contract/detection-limits.ts'
import type { DownlinkOutcome, DownlinkRequest } from '../../contract/downlink.ts'
import type { HydrantEvent, NewEvent, QuarantinedRecord } from '../../contract/events.ts'
import type { Kind } from '../../contract/kinds.ts'
import type { Quantity, Value } from '../../contract/quantities.ts'
import type { Reason } from '../../contract/reasons.ts'
import type { Resident } from '../../contract/residents.ts'
import type { Role } from '../../contract/roles.ts'
import type { JournalLane, RecordKind } from '../journal/port.ts'
import type { SpareRoom } from '../spare-room.ts'

/**
 * The state: what is known now. Several interfaces, one per user of it, because no role needs all of it:
 *   Registry   devices and places — written by the CLI and the dashboard, read by everyone
 *   Decisions  what ingest has decided, in one transaction with its cursor — written by ingest only
 *   Views      what the dashboard shows — read only
 *   Downlink   what devices are asked — decided by ingest, sent and settled by the broker
 *   Accounts   users, sessions, tokens, audit — written by the dashboard and the CLI
 *   Residents  people and their health data — written by the CLI, read by the dashboard
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
  /** Counter of registry changes when this row was last changed. */
  readonly revision: number
}
/** What is left out stays as it is. */
export type NewDevice = Omit<
  RegisteredDevice,
  'revision' | 'denied' | 'limits' | 'disabled' | 'identity' | 'generation' | 'gbAddress' | 'gbFrom'
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
  /** What devices are asked; one with an id that is there already is left out. */
  readonly downlink: readonly NewDownlink[]
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
  downlink: [],
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
  readonly limit: number
  readonly cursor?: string | undefined
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

/** A user or token of that name is there already. */
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
  remove(id: string): Promise<boolean>
  close(): Promise<void>
}
