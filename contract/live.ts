import type { Alarm } from './alarms.ts'
import type { DeviceStatus, LatestValue, Session } from './api.ts'
import type { HydrantEvent } from './events.ts'
import type { Incident, WatchMode } from './incidents.ts'
import type { Kind } from './kinds.ts'
import type { Notice } from './notices.ts'

/**
 * The live protocol over socket.io (namespace `/`, path `/socket.io`). Two streams, each resumable by a number:
 * *events* (nothing may be missed; by `seq`) and *device changes* (only the newest state per device matters; by `rev`).
 * socket.io delivers at most once, so a client that comes back sends the last numbers it has applied.
 */

export interface Snapshot {
  readonly serverTime: number
  /** The last event this snapshot includes. */
  readonly seq: number
  /** The last device revision the map tiles of this snapshot include. */
  readonly rev: number
  readonly openAlarms: readonly Alarm[]
  readonly openIncidents: readonly Incident[]
  /** Tests, drills and isolations in force. */
  readonly watchModes: readonly WatchMode[]
  readonly devices: Readonly<Record<DeviceStatus, number>>
  readonly session: Session
}

export interface DeviceChange {
  readonly id: string
  readonly kind: Kind
  readonly name: string
  readonly status: DeviceStatus
  readonly lon: number | null
  readonly lat: number | null
  readonly lastHeardAt: number | null
}

/** The state of the device whose page is open. */
export interface WatchedDevice {
  readonly id: string
  readonly status: DeviceStatus
  readonly connected: boolean
  readonly lastHeardAt: number | null
  readonly latest: readonly LatestValue[]
}

export interface MutedConsole {
  readonly name: string
  readonly until: number
}

/** How long "mute" lasts. Long enough for a telephone call's first words, short enough that a shift never forgets it. */
export const MUTE_MS = 120_000

export interface ServerToClient {
  snapshot(snapshot: Snapshot): void
  /** In order; `from` is the seq before the first one, so that a gap is noticed. */
  events(batch: { readonly from: number; readonly to: number; readonly events: readonly HydrantEvent[] }): void
  /** Devices whose *status* or position changed (not every reading), newest state each, plus the whole counts. */
  devices(batch: {
    readonly rev: number
    readonly changes: readonly DeviceChange[]
    readonly counts: Readonly<Record<DeviceStatus, number>>
  }): void
  device(state: WatchedDevice): void
  /** Every 5 s: shows that data is flowing even when nothing happens. `lastReadingAt` is the newest arrival of all. */
  pulse(pulse: {
    readonly serverTime: number
    readonly lastReadingAt: number | null
    readonly readingsPerMinute: number
    /** Grows when zones have been accounted or judged anew: the water pages ask again. */
    readonly water: number
    readonly notices: readonly Notice[]
    /** Whose bell is silent now, and until when: the others must know that nobody hears it there. */
    readonly muted: readonly MutedConsole[]
  }): void
  /** The person's role has changed, or they have set a password: what they may do now. */
  session(session: Session): void
  /** The session has ended (revoked, expired): sign in again. */
  bye(reason: { readonly code: 'session.revoked' | 'session.expired' }): void
}

export type ActionAnswer =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: string; readonly message: string }

export interface ClientToServer {
  /** First thing after connecting. With `seq` the server answers with the missed events, or a snapshot if too many. */
  hello(have: { readonly seq?: number; readonly rev?: number }): void
  watch(deviceId: string): void
  unwatch(deviceId: string): void
  acknowledge(input: { readonly alarmId: string; readonly comment: string }, answer: (a: ActionAnswer) => void): void
  comment(input: { readonly alarmId: string; readonly comment: string }, answer: (a: ActionAnswer) => void): void
  acknowledgeIncident(
    input: { readonly incidentId: string; readonly comment: string },
    answer: (a: ActionAnswer) => void,
  ): void
  /**
   * Somebody has silenced the bell of this console while these waited, or with nothing named lets it sound again. It is
   * theirs alone, the others see it, and it is in the audit.
   */
  muted(input: { readonly alarmIds: readonly string[]; readonly incidentIds: readonly string[] }): void
}
