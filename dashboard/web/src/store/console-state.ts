import { type Alarm, isOpen } from '../../../../contract/alarms.ts'
import type { DeviceStatus, Place, Session } from '../../../../contract/api.ts'
import type { HydrantEvent } from '../../../../contract/events.ts'
import type { Kind } from '../../../../contract/kinds.ts'
import type { DeviceChange, Snapshot, WatchedDevice } from '../../../../contract/live.ts'
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
  readonly counts: Readonly<Record<DeviceStatus, number>>
  /** What is wrong with Hydrant itself. */
  readonly notices: readonly Notice[]
  readonly pulse: { readonly lastReadingAt: number | null; readonly readingsPerMinute: number } | null
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
  counts: NO_COUNTS,
  notices: [],
  pulse: null,
  devices: new Map(),
  places: new Map(),
  watched: new Map(),
  refusal: null,
}

/** Devices remembered beside those with an open alarm: a night of changes must not grow the memory. */
export const DEVICES_KEPT = 4000

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
  let refusal = state.refusal
  for (const event of news) {
    if (event.type === 'command.refused') {
      if (event.actor !== null && event.actor === state.session?.name)
        refusal = { seq: event.seq, message: event.message }
      continue
    }
    if (!('alarm' in event)) continue
    if (isOpen(event.alarm)) alarms.set(event.alarm.id, event.alarm)
    else alarms.delete(event.alarm.id)
  }
  return {
    gap: false,
    state: {
      ...state,
      lastMessageAt: localTime + state.skewMs,
      link: 'live',
      seq: Math.max(batch.to, state.seq),
      alarms,
      refusal,
    },
  }
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
    readonly notices: readonly Notice[]
  },
  localTime: number,
): ConsoleState {
  return {
    ...state,
    ...clock(pulse.serverTime, localTime),
    link: state.ready ? 'live' : state.link,
    notices: pulse.notices,
    pulse: { lastReadingAt: pulse.lastReadingAt, readingsPerMinute: pulse.readingsPerMinute },
  }
}
