import { type Alarm, isOpen } from '../../../../contract/alarms.ts'
import type { DeviceStatus, Place, Session } from '../../../../contract/api.ts'
import type { HydrantEvent } from '../../../../contract/events.ts'
import { type Incident, isOpenIncident, type WatchMode, watchTarget } from '../../../../contract/incidents.ts'
import type { Kind } from '../../../../contract/kinds.ts'
import type { DeviceChange, MutedConsole, Snapshot, WatchedDevice } from '../../../../contract/live.ts'
import type { Notice } from '../../../../contract/notices.ts'

/** Everything the server has told this console, and how fresh it is. Pure functions; the socket and React are elsewhere. */

export interface DeviceFacts {
  readonly id: string
  readonly kind: Kind
  readonly name: string
  readonly lon: number | null
  readonly lat: number | null
  /** Absent until the device has been asked for: the live stream does not carry it. */
  readonly place?: { readonly id: string | null; readonly path: readonly string[] }
}

interface Refusal {
  readonly seq: number
  readonly message: string
}

export interface ConsoleState {
  /** undefined: not asked yet; null: signed out. */
  readonly session: Session | null | undefined
  readonly link: 'connecting' | 'live' | 'lost'
  /** Server time of the newest message of any sort. */
  readonly lastMessageAt: number | null
  /** Server clock − this computer's clock, ms. */
  readonly skewMs: number
  readonly seq: number
  readonly rev: number
  readonly ready: boolean
  /** Open ones by id. */
  readonly alarms: ReadonlyMap<string, Alarm>
  /** Open ones by id. */
  readonly incidents: ReadonlyMap<string, Incident>
  /** The last event about each incident, for whoever shows one in full; only the newest few. */
  readonly incidentSeq: ReadonlyMap<string, number>
  /** Tests, drills and isolations, also such as have run out since. */
  readonly watchModes: readonly WatchMode[]
  /** Consoles whose bell is silent. */
  readonly muted: readonly MutedConsole[]
  readonly counts: Readonly<Record<DeviceStatus, number>>
  /** What is wrong with Hydrant itself. */
  readonly notices: readonly Notice[]
  readonly pulse: { readonly lastReadingAt: number | null; readonly readingsPerMinute: number } | null
  /** Grows when zones have been accounted or judged anew, at most every five seconds. */
  readonly water: number
  readonly devices: ReadonlyMap<string, DeviceFacts>
  readonly places: ReadonlyMap<string, Place>
  /** Devices on the screen now, as they report. */
  readonly watched: ReadonlyMap<string, WatchedDevice>
  /** The newest refusal of something this user did. */
  readonly refusal: Refusal | null
}

const NO_COUNTS: Readonly<Record<DeviceStatus, number>> = {
  critical: 0,
  major: 0,
  minor: 0,
  warning: 0,
  silent: 0,
  never: 0,
  ok: 0,
  disabled: 0,
}

export const EMPTY: ConsoleState = {
  session: undefined,
  link: 'connecting',
  lastMessageAt: null,
  skewMs: 0,
  seq: 0,
  rev: 0,
  ready: false,
  alarms: new Map(),
  incidents: new Map(),
  incidentSeq: new Map(),
  watchModes: [],
  muted: [],
  counts: NO_COUNTS,
  notices: [],
  pulse: null,
  water: 0,
  devices: new Map(),
  places: new Map(),
  watched: new Map(),
  refusal: null,
}

/** Devices remembered beside those with an open alarm: a night of changes must not grow the memory. */
export const DEVICES_KEPT = 4000
/** Incidents whose last event is remembered: far more than anybody has open at once. */
const INCIDENTS_REMEMBERED = 100

const clock = (serverTime: number, localTime: number) => ({
  lastMessageAt: serverTime,
  skewMs: serverTime - localTime,
})

export function applySnapshot(state: ConsoleState, snapshot: Snapshot, localTime: number): ConsoleState {
  return {
    ...state,
    ...clock(snapshot.serverTime, localTime),
    ready: true,
    link: 'live',
    session: snapshot.session,
    seq: snapshot.seq,
    rev: snapshot.rev,
    alarms: new Map(snapshot.openAlarms.filter(isOpen).map((alarm) => [alarm.id, alarm])),
    incidents: new Map(snapshot.openIncidents.filter(isOpenIncident).map((incident) => [incident.id, incident])),
    watchModes: snapshot.watchModes,
    counts: snapshot.devices,
  }
}

export interface EventBatch {
  readonly from: number
  readonly to: number
  readonly events: readonly HydrantEvent[]
}

/** `gap`: events are missing between what is known and this batch; ask for everything after `state.seq`. */
export type Applied = { readonly state: ConsoleState; readonly gap: boolean }

export function applyEvents(state: ConsoleState, batch: EventBatch, localTime: number): Applied {
  if (batch.from > state.seq) return { state, gap: true }
  const news = batch.events.filter((event) => event.seq > state.seq)
  if (news.length === 0 && batch.to <= state.seq) return { state, gap: false }
  const alarms = new Map(state.alarms)
  let incidents = state.incidents as Map<string, Incident>
  const incidentSeq = new Map(state.incidentSeq)
  let { refusal, watchModes } = state
  for (const event of news) {
    if (event.type === 'command.refused') {
      if (event.actor !== null && event.actor === state.session?.name)
        refusal = { seq: event.seq, message: event.message }
      continue
    }
    const about = incidentOf(event)
    if (about !== null) {
      incidentSeq.delete(about)
      incidentSeq.set(about, event.seq)
    }
    if ('alarm' in event) {
      if (isOpen(event.alarm)) alarms.set(event.alarm.id, event.alarm)
      else alarms.delete(event.alarm.id)
    } else if ('incident' in event) {
      // A new map only where something of it is new: what is drawn from it is not drawn again.
      if (incidents === state.incidents) incidents = new Map(incidents)
      if (isOpenIncident(event.incident)) incidents.set(event.incident.id, event.incident)
      else incidents.delete(event.incident.id)
    } else if (event.type === 'watch.changed') watchModes = withWatch(watchModes, event.at, event.watch)
  }
  for (const id of incidentSeq.keys()) {
    if (incidentSeq.size <= INCIDENTS_REMEMBERED) break
    incidentSeq.delete(id)
  }
  return {
    gap: false,
    state: {
      ...state,
      lastMessageAt: localTime + state.skewMs,
      link: 'live',
      seq: Math.max(batch.to, state.seq),
      alarms,
      incidents,
      incidentSeq,
      watchModes,
      refusal,
    },
  }
}

/** The incident that an event is about, its alarms and messages included. */
function incidentOf(event: HydrantEvent): string | null {
  if ('incident' in event) return event.incident.id
  if ('alarm' in event) return event.alarm.incidentId
  return 'message' in event && typeof event.message === 'object' ? event.message.incidentId : null
}

/** The newest word about each place or device; what it ends is gone. */
function withWatch(modes: readonly WatchMode[], at: number, changed: WatchMode): readonly WatchMode[] {
  const others = modes.filter((one) => watchTarget(one) !== watchTarget(changed))
  return changed.until > at ? [...others, changed] : others
}

/** Oldest entries go first; a device with an open alarm stays. */
function bounded(devices: Map<string, DeviceFacts>, alarms: ReadonlyMap<string, Alarm>): Map<string, DeviceFacts> {
  if (devices.size <= DEVICES_KEPT) return devices
  const needed = new Set([...alarms.values()].map((alarm) => alarm.deviceId))
  for (const id of devices.keys()) {
    if (devices.size <= DEVICES_KEPT) break
    if (!needed.has(id)) devices.delete(id)
  }
  return devices
}

export function applyDevices(
  state: ConsoleState,
  batch: {
    readonly rev: number
    readonly changes: readonly DeviceChange[]
    readonly counts: Readonly<Record<DeviceStatus, number>>
  },
  localTime: number,
): ConsoleState {
  if (batch.rev < state.rev) return state
  const devices = new Map(state.devices)
  for (const { id, kind, name, lon, lat } of batch.changes) {
    const place = devices.get(id)?.place
    devices.delete(id)
    devices.set(id, place ? { id, kind, name, lon, lat, place } : { id, kind, name, lon, lat })
  }
  return {
    ...state,
    lastMessageAt: localTime + state.skewMs,
    link: 'live',
    rev: batch.rev,
    counts: batch.counts,
    devices: batch.changes.length === 0 ? state.devices : bounded(devices, state.alarms),
  }
}

/** What was fetched about devices, place included. */
export function learnDevices(state: ConsoleState, facts: readonly DeviceFacts[]): ConsoleState {
  if (facts.length === 0) return state
  const devices = new Map(state.devices)
  for (const device of facts) {
    devices.delete(device.id)
    devices.set(device.id, device)
  }
  return { ...state, devices: bounded(devices, state.alarms) }
}

export function applyPulse(
  state: ConsoleState,
  pulse: {
    readonly serverTime: number
    readonly lastReadingAt: number | null
    readonly readingsPerMinute: number
    readonly water: number
    readonly notices: readonly Notice[]
    readonly muted: readonly MutedConsole[]
  },
  localTime: number,
): ConsoleState {
  return {
    ...state,
    ...clock(pulse.serverTime, localTime),
    link: state.ready ? 'live' : state.link,
    notices: pulse.notices,
    muted: pulse.muted,
    pulse: { lastReadingAt: pulse.lastReadingAt, readingsPerMinute: pulse.readingsPerMinute },
    water: pulse.water,
  }
}
