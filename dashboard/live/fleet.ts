import { type Alarm, type AlarmType, isActive } from '../../contract/alarms.ts'
import { DEVICE_STATUSES, type DeviceStatus } from '../../contract/api.ts'
import { KIND_NAMES, KINDS, type Kind } from '../../contract/kinds.ts'
import type { DeviceChange } from '../../contract/live.ts'
import type { RegisteredDevice } from '../../store/state/registry-port.ts'
import type { SightedDevice } from '../../store/state/views-port.ts'
import { type ActiveAlarm, deviceStatus } from './device-status.ts'

const FIRST_CAPACITY = 1024
/** Status changes remembered for consoles that come back after a break. */
const REMEMBERED_CHANGES = 20_000

const NOTHING_ACTIVE: ReadonlyMap<AlarmType, ActiveAlarm> = new Map()

/** A device as the fleet knows it; everything but its latest values. */
export interface FleetDevice {
  readonly id: string
  readonly kind: Kind
  readonly name: string
  readonly model: string | null
  readonly placeId: string | null
  readonly gatewayId: string | null
  readonly lon: number | null
  readonly lat: number | null
  readonly disabled: boolean
  readonly status: DeviceStatus
  readonly connected: boolean
  readonly lastHeardAt: number | null
  readonly rhythmS: number
}

/** Told when a device's look on the map has changed: `moved` when its position or existence did, else its status only. */
export type FleetListener = (index: number, moved: boolean, id: string) => void

/**
 * Every device and how it stands, in memory, so that counts, tiles, lists and search never wait for the disk. Columns,
 * not an object per device: 320,000 devices take about 60 MB. A device keeps its index while it is registered; the index
 * of a removed one is used again.
 */
export class Fleet {
  /** Sighting revision up to which this picture is complete. */
  rev = 0
  /** Grows whenever a device is registered, changed or removed: not with what it measures. */
  edition = 0
  private readonly indexById = new Map<string, number>()
  private readonly free: number[] = []
  private readonly ids: string[] = []
  private readonly names: string[] = []
  private readonly models: (string | null)[] = []
  private readonly placeIds: (string | null)[] = []
  private readonly gatewayIds: (string | null)[] = []
  private kinds = new Uint8Array(FIRST_CAPACITY)
  private statuses = new Uint8Array(FIRST_CAPACITY)
  private connected = new Uint8Array(FIRST_CAPACITY)
  private disabled = new Uint8Array(FIRST_CAPACITY)
  private lons = new Float64Array(FIRST_CAPACITY)
  private lats = new Float64Array(FIRST_CAPACITY)
  private heardAt = new Float64Array(FIRST_CAPACITY)
  private rhythms = new Uint32Array(FIRST_CAPACITY)
  /** One string per different place, model and gateway instead of one per device. */
  private readonly interned = new Map<string, string>()
  private readonly active = new Map<string, Map<AlarmType, ActiveAlarm>>()
  private readonly counted = new Uint32Array(DEVICE_STATUSES.length)
  private readonly listeners: FleetListener[] = []
  private readonly changes: { readonly rev: number; readonly id: string }[] = []
  private sortedIndexes: number[] | undefined
  private rememberedFrom = Number.POSITIVE_INFINITY

  onChange(listener: FleetListener): void {
    this.listeners.push(listener)
  }

  get size(): number {
    return this.indexById.size
  }

  /** Indexes are below this; some may be unused. */
  get capacity(): number {
    return this.ids.length
  }

  has(id: string): boolean {
    return this.indexById.has(id)
  }

  get(id: string): FleetDevice | undefined {
    const index = this.indexById.get(id)
    return index === undefined ? undefined : this.at(index)
  }

  at(index: number): FleetDevice {
    return {
      id: this.idAt(index),
      kind: this.kindAt(index),
      name: this.names[index] ?? '',
      model: this.models[index] ?? null,
      placeId: this.placeIds[index] ?? null,
      gatewayId: this.gatewayIds[index] ?? null,
      lon: orNull(this.lons[index]),
      lat: orNull(this.lats[index]),
      disabled: this.disabled[index] === 1,
      status: this.statusAt(index),
      connected: this.connected[index] === 1,
      lastHeardAt: orNull(this.heardAt[index]),
      rhythmS: this.rhythms[index] ?? 0,
    }
  }

  /** '' for an unused index. */
  idAt(index: number): string {
    return this.ids[index] ?? ''
  }

  nameAt(index: number): string {
    return this.names[index] ?? ''
  }

  placeAt(index: number): string | null {
    return this.placeIds[index] ?? null
  }

  kindAt(index: number): Kind {
    return KIND_NAMES[this.kinds[index] ?? 0] ?? KIND_NAMES[0]
  }

  statusAt(index: number): DeviceStatus {
    return DEVICE_STATUSES[this.statuses[index] ?? 0] ?? 'ok'
  }

  /** Its active alarms, one per type. */
  activeAt(index: number): ReadonlyMap<AlarmType, ActiveAlarm> {
    return this.active.get(this.idAt(index)) ?? NOTHING_ACTIVE
  }

  /** NaN where the device has no position. */
  lonAt(index: number): number {
    return this.lons[index] ?? Number.NaN
  }

  latAt(index: number): number {
    return this.lats[index] ?? Number.NaN
  }

  counts(): Record<DeviceStatus, number> {
    return Object.fromEntries(DEVICE_STATUSES.map((status, i) => [status, this.counted[i] ?? 0])) as Record<
      DeviceStatus,
      number
    >
  }

  /** Indexes ordered by id: the order of every list. */
  inOrder(): readonly number[] {
    this.sortedIndexes ??= [...this.indexById.values()].sort((a, b) => (this.idAt(a) < this.idAt(b) ? -1 : 1))
    return this.sortedIndexes
  }

  /** Adds a device, or takes over what the registry now says of it. */
  register(device: RegisteredDevice): void {
    const known = this.indexById.get(device.id)
    const index = known ?? this.newIndex(device.id)
    this.edition += 1
    const lon = device.lon ?? Number.NaN
    const lat = device.lat ?? Number.NaN
    const looksNew =
      known === undefined ||
      !Object.is(this.lons[index], lon) ||
      !Object.is(this.lats[index], lat) ||
      this.names[index] !== device.name ||
      this.kindAt(index) !== device.kind
    this.names[index] = device.name
    this.models[index] = this.intern(device.model)
    this.placeIds[index] = this.intern(device.placeId)
    this.gatewayIds[index] = this.intern(device.gatewayId)
    this.kinds[index] = KIND_NAMES.indexOf(device.kind)
    this.lons[index] = lon
    this.lats[index] = lat
    this.disabled[index] = device.disabled ? 1 : 0
    this.rhythms[index] = device.rhythmS ?? KINDS[device.kind].rhythmS
    this.judge(index, known === undefined, looksNew)
  }

  unregister(id: string): void {
    const index = this.indexById.get(id)
    if (index === undefined) return
    this.counted[this.statuses[index] ?? 0]! -= 1
    this.indexById.delete(id)
    this.edition += 1
    this.ids[index] = ''
    this.lons[index] = Number.NaN
    this.lats[index] = Number.NaN
    this.free.push(index)
    this.sortedIndexes = undefined
    this.announce(index, id, true)
  }

  /** A device was heard, or its connection changed. Unregistered ones are passed over. */
  sight(sighting: SightedDevice): void {
    this.rev = Math.max(this.rev, sighting.rev)
    const index = this.indexById.get(sighting.deviceId)
    if (index === undefined) return
    this.connected[index] = sighting.connected ? 1 : 0
    this.heardAt[index] = sighting.lastHeardAt ?? Number.NaN
    this.judge(index, false, false)
  }

  /** An alarm as it is now. Applying one twice is harmless. */
  applyAlarm(alarm: Pick<Alarm, 'id' | 'deviceId' | 'type' | 'severity' | 'state'>): void {
    if (alarm.deviceId === null) return
    let ofDevice = this.active.get(alarm.deviceId)
    if (isActive(alarm)) {
      if (ofDevice === undefined) {
        ofDevice = new Map()
        this.active.set(alarm.deviceId, ofDevice)
      }
      ofDevice.set(alarm.type, { id: alarm.id, severity: alarm.severity })
    } else if (ofDevice?.get(alarm.type)?.id === alarm.id) {
      // Only the same alarm: a comment on last week's closed one must not hide today's.
      ofDevice.delete(alarm.type)
      if (ofDevice.size === 0) this.active.delete(alarm.deviceId)
    }
    const index = this.indexById.get(alarm.deviceId)
    if (index !== undefined) this.judge(index, false, false)
  }

  /** What a console is told of a device. One that is no longer registered has no position and counts as disabled. */
  changeOf(id: string): DeviceChange {
    const index = this.indexById.get(id)
    if (index === undefined)
      return { id, kind: KIND_NAMES[0], name: id, status: 'disabled', lon: null, lat: null, lastHeardAt: null }
    return {
      id,
      kind: this.kindAt(index),
      name: this.nameAt(index),
      status: this.statusAt(index),
      lon: orNull(this.lons[index]),
      lat: orNull(this.lats[index]),
      lastHeardAt: orNull(this.heardAt[index]),
    }
  }

  /** Devices that changed since `rev`; undefined when that is longer ago than is remembered. */
  changedSince(rev: number): ReadonlySet<string> | undefined {
    if (rev < this.rememberedFrom) return undefined
    return new Set(this.changes.filter((change) => change.rev >= rev).map((change) => change.id))
  }

  /** From now on every change is remembered; called once the first picture is complete. */
  startRemembering(): void {
    this.rememberedFrom = this.rev
    this.changes.length = 0
  }

  private judge(index: number, isNew: boolean, looksNew: boolean): void {
    const status = DEVICE_STATUSES.indexOf(
      deviceStatus(
        { disabled: this.disabled[index] === 1, heard: !Number.isNaN(this.heardAt[index]) },
        this.active.get(this.idAt(index)),
      ),
    )
    const before = this.statuses[index] ?? 0
    if (!isNew && status === before) {
      if (looksNew) this.announce(index, this.idAt(index), true)
      return
    }
    if (!isNew) this.counted[before]! -= 1
    this.counted[status]! += 1
    this.statuses[index] = status
    this.announce(index, this.idAt(index), looksNew)
  }

  private announce(index: number, id: string, moved: boolean): void {
    if (this.rememberedFrom !== Number.POSITIVE_INFINITY) {
      this.changes.push({ rev: this.rev, id })
      if (this.changes.length > REMEMBERED_CHANGES) {
        this.changes.splice(0, REMEMBERED_CHANGES / 2)
        // Some changes made at the oldest rev that is left may be gone.
        this.rememberedFrom = (this.changes[0]?.rev ?? this.rev) + 1
      }
    }
    for (const listener of this.listeners) listener(index, moved, id)
  }

  private newIndex(id: string): number {
    const index = this.free.pop() ?? this.ids.length
    if (index >= this.kinds.length) this.grow()
    this.ids[index] = id
    this.heardAt[index] = Number.NaN
    this.connected[index] = 0
    this.indexById.set(id, index)
    this.sortedIndexes = undefined
    return index
  }

  private grow(): void {
    const capacity = this.kinds.length * 2
    const bigger = <T extends { set(from: T): void }>(from: T, to: T): T => {
      to.set(from)
      return to
    }
    this.kinds = bigger(this.kinds, new Uint8Array(capacity))
    this.statuses = bigger(this.statuses, new Uint8Array(capacity))
    this.connected = bigger(this.connected, new Uint8Array(capacity))
    this.disabled = bigger(this.disabled, new Uint8Array(capacity))
    this.lons = bigger(this.lons, new Float64Array(capacity))
    this.lats = bigger(this.lats, new Float64Array(capacity))
    this.heardAt = bigger(this.heardAt, new Float64Array(capacity))
    this.rhythms = bigger(this.rhythms, new Uint32Array(capacity))
  }

  private intern(text: string | null): string | null {
    if (text === null) return null
    const known = this.interned.get(text)
    if (known !== undefined) return known
    this.interned.set(text, text)
    return text
  }
}

const orNull = (value: number | undefined): number | null => (value === undefined || Number.isNaN(value) ? null : value)
