import type { Alarm, AlarmType } from '../contract/alarms.ts'
import { isOpen } from '../contract/alarms.ts'
import { KINDS } from '../contract/kinds.ts'
import type { JournalLane } from '../store/journal/port.ts'
import type { Decisions, OpenEntry } from '../store/state/decisions-port.ts'
import type { RegisteredDevice, Registry } from '../store/state/registry-port.ts'
import { type DeviceState, readState } from './device-state.ts'
import { type Known, keyOf, type Outcome } from './draft.ts'
import { HandlingMemory, type HandlingStores } from './incidents/memory.ts'
import type { KnownMeter } from './water/accounts.ts'
import { isMeter, Meters, type WaterStores } from './water/meters.ts'

/** Devices kept in memory, of each sort. A meter's facts and state take about 2 kB. */
const MAX_CACHED = 20_000

/** What ingest knows now: the registry's facts, what it remembers of each device, the open alarms. Read through a cache. */
export class Knowledge implements Known {
  private readonly registry: Registry
  private readonly decisions: Decisions
  private readonly devices = new Map<string, RegisteredDevice>()
  private readonly states = new Map<string, DeviceState>()
  private readonly open = new Map<string, Alarm>()
  private readonly openIds = new Map<string, Alarm>()
  /** Alarms that are over and that somebody has just named. */
  private readonly over = new Map<string, Alarm>()
  /** Entries of the quarantine that somebody has just named, by lane and number of the record. */
  private readonly inQuarantine = new Map<string, readonly OpenEntry[]>()
  /** Of a gateway: whether it speaks for fire or care devices. */
  private readonly urgentGateways = new Map<string, boolean>()
  /** Of a gateway that names its devices itself: how many are registered under it. */
  private readonly childCounts = new Map<string, number>()
  /** Of the registry, as far as it has been followed. */
  revision = 0
  readonly handling: HandlingMemory
  readonly meters: Meters

  constructor(
    registry: Registry,
    decisions: Decisions,
    homes: HandlingStores['homes'],
    water: WaterStores & { readonly now: () => number },
  ) {
    this.registry = registry
    this.decisions = decisions
    this.handling = new HandlingMemory({ registry, decisions, homes }, this)
    this.meters = new Meters(water, this.handling.places, water.now)
  }

  async load(now: number): Promise<void> {
    this.revision = await this.registry.revision()
    await this.handling.load(now)
    for (const alarm of await this.decisions.openAlarms()) this.setAlarm(alarm)
  }

  /** Follows the registry. Resolves with what changed since the last call. */
  async refresh(): Promise<{ readonly changed: readonly RegisteredDevice[]; readonly removed: readonly string[] }> {
    if ((await this.registry.revision()) === this.revision) return NOTHING_CHANGED
    const changes = await this.registry.changesSince(this.revision)
    for (const device of changes.changed) this.devices.delete(device.id)
    for (const id of changes.removed) this.devices.delete(id)
    this.urgentGateways.clear()
    this.childCounts.clear()
    this.handling.registryChanged(changes)
    await this.handling.followPlaces()
    this.meters.topologyChanged(changes)
    this.revision = changes.revision
    return changes
  }

  /** Brings what a decision needs into memory. */
  async prefetch({
    devices,
    announced,
    alarms,
    quarantined,
    incidents,
    dutyChecks,
  }: {
    readonly devices?: Iterable<string>
    /** By gateway: devices that it has named, registered or not. */
    readonly announced?: Iterable<readonly [gatewayId: string, ids: Iterable<string>]>
    readonly alarms?: Iterable<string>
    readonly quarantined?: Iterable<{ readonly lane: JournalLane; readonly journalSeq: number }>
    readonly incidents?: Iterable<string>
    readonly dutyChecks?: Iterable<string>
  }): Promise<void> {
    for (const id of devices ?? []) await this.prefetchDevice(id)
    for (const [gatewayId, ids] of announced ?? []) {
      for (const id of ids) await this.prefetchAnnounced(id)
      if (!this.childCounts.has(gatewayId))
        this.childCounts.set(gatewayId, await this.registry.countChildren(gatewayId))
    }
    for (const id of alarms ?? []) {
      if (this.openIds.has(id)) continue
      const alarm = await this.decisions.alarm(id)
      if (alarm !== undefined) this.over.set(id, alarm)
    }
    for (const { lane, journalSeq } of quarantined ?? [])
      this.inQuarantine.set(`${lane} ${journalSeq}`, await this.decisions.quarantined(lane, journalSeq))
    await this.handling.prefetch(incidents ?? [], dutyChecks ?? [])
  }

  private async prefetchDevice(id: string): Promise<void> {
    let device = this.devices.get(id)
    if (device === undefined) {
      device = await this.registry.find(id)
      // Not remembered when absent: it may be registered before its next message.
      if (device === undefined) return
      this.devices.set(id, device)
    }
    await this.prefetchState(id)
    if (isMeter(device.kind)) await this.meters.prefetch(device)
    if (device.kind === 'gateway' && !this.urgentGateways.has(id)) {
      const children = await this.registry.children(id)
      this.urgentGateways.set(
        id,
        children.some(({ kind }) => KINDS[kind].lane === 'urgent'),
      )
    }
  }

  /** It may be registered by the decision that is to come. */
  private async prefetchAnnounced(id: string): Promise<void> {
    await this.prefetchDevice(id)
    await this.prefetchState(id)
  }

  private async prefetchState(id: string): Promise<void> {
    if (!this.states.has(id)) this.states.set(id, readState(await this.decisions.detectorState(id)))
  }

  /** Gives back memory beyond the bound. Not during a batch: it may need all of its devices. */
  trim(): void {
    trim(this.devices)
    trim(this.states)
    trim(this.meters.cache)
    this.over.clear()
    this.inQuarantine.clear()
    trim(this.urgentGateways)
    this.handling.trim()
  }

  device(id: string): RegisteredDevice | undefined {
    return this.devices.get(id)
  }

  state(id: string): DeviceState {
    const state = this.states.get(id)
    if (state === undefined) throw new Error(`the state of ${id} was not fetched`)
    return state
  }

  meter(id: string): KnownMeter | undefined {
    return this.meters.cache.get(id)
  }

  openAlarm(source: string, type: AlarmType): Alarm | undefined {
    return this.open.get(keyOf(source, type))
  }

  alarm(id: string): Alarm | undefined {
    return this.openIds.get(id) ?? this.over.get(id)
  }

  quarantined(lane: JournalLane, journalSeq: number): readonly OpenEntry[] {
    return this.inQuarantine.get(`${lane} ${journalSeq}`) ?? []
  }

  speaksForUrgent(gatewayId: string): boolean {
    return this.urgentGateways.get(gatewayId) === true
  }

  children(gatewayId: string): number {
    return this.childCounts.get(gatewayId) ?? 0
  }

  openAlarms(): Iterable<Alarm> {
    return this.openIds.values()
  }

  get openAlarmCount(): number {
    return this.openIds.size
  }

  /** What has been committed is known from now on. */
  apply(outcome: Outcome): void {
    for (const [id, state] of outcome.states) {
      this.states.delete(id)
      this.states.set(id, state)
    }
    for (const alarm of outcome.decision.alarms) this.setAlarm(alarm)
    this.handling.apply(outcome.decision)
    this.meters.apply(outcome.decision.water)
    for (const device of outcome.discovered) {
      // What the registry says of it is read when the registry is next followed.
      this.devices.set(device.id, { ...device, revision: this.revision + 1 })
      if (device.revision > 0 || device.gatewayId === null) continue
      this.childCounts.set(device.gatewayId, this.children(device.gatewayId) + 1)
    }
    for (const [record, open] of outcome.stillOpen) this.inQuarantine.set(record, open)
  }

  private setAlarm(alarm: Alarm): void {
    const key = keyOf(alarm.deviceId ?? alarm.placeId ?? '', alarm.type)
    if (isOpen(alarm)) {
      this.open.set(key, alarm)
      this.openIds.set(alarm.id, alarm)
    } else {
      if (this.open.get(key)?.id === alarm.id) this.open.delete(key)
      this.openIds.delete(alarm.id)
    }
  }
}

const NOTHING_CHANGED = { changed: [], removed: [] } as const

function trim<T>(cache: Map<string, T>): void {
  let excess = cache.size - MAX_CACHED
  for (const id of cache.keys()) {
    if (excess-- <= 0) return
    cache.delete(id)
  }
}
