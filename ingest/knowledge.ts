import type { Alarm, AlarmType } from '../contract/alarms.ts'
import { isOpen } from '../contract/alarms.ts'
import { KINDS } from '../contract/kinds.ts'
import type { JournalLane } from '../store/journal/port.ts'
import type { Decisions, OpenEntry, RegisteredDevice, Registry } from '../store/state/port.ts'
import { type DeviceState, readState } from './device-state.ts'
import { type Known, keyOf, type Outcome } from './draft.ts'

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
  private revision = 0

  constructor(registry: Registry, decisions: Decisions) {
    this.registry = registry
    this.decisions = decisions
  }

  async load(): Promise<void> {
    this.revision = await this.registry.revision()
    for (const alarm of await this.decisions.openAlarms()) this.setAlarm(alarm)
  }

  /** Follows the registry. Resolves with what changed since the last call. */
  async refresh(): Promise<{ readonly changed: readonly RegisteredDevice[]; readonly removed: readonly string[] }> {
    if ((await this.registry.revision()) === this.revision) return NOTHING_CHANGED
    const changes = await this.registry.changesSince(this.revision)
    for (const device of changes.changed) this.devices.delete(device.id)
    for (const id of changes.removed) this.devices.delete(id)
    this.urgentGateways.clear()
    this.revision = changes.revision
    return changes
  }

  /** Brings what a decision needs into memory. */
  async prefetch({
    devices,
    alarms,
    quarantined,
  }: {
    readonly devices?: Iterable<string>
    readonly alarms?: Iterable<string>
    readonly quarantined?: Iterable<{ readonly lane: JournalLane; readonly journalSeq: number }>
  }): Promise<void> {
    for (const id of devices ?? []) await this.prefetchDevice(id)
    for (const id of alarms ?? []) {
      if (this.openIds.has(id)) continue
      const alarm = await this.decisions.alarm(id)
      if (alarm !== undefined) this.over.set(id, alarm)
    }
    for (const { lane, journalSeq } of quarantined ?? [])
      this.inQuarantine.set(`${lane} ${journalSeq}`, await this.decisions.quarantined(lane, journalSeq))
  }

  private async prefetchDevice(id: string): Promise<void> {
    let device = this.devices.get(id)
    if (device === undefined) {
      device = await this.registry.find(id)
      // Not remembered when absent: it may be registered before its next message.
      if (device === undefined) return
      this.devices.set(id, device)
    }
    if (!this.states.has(id)) this.states.set(id, readState(await this.decisions.detectorState(id)))
    if (device.kind === 'gateway' && !this.urgentGateways.has(id)) {
      const children = await this.registry.children(id)
      this.urgentGateways.set(
        id,
        children.some(({ kind }) => KINDS[kind].lane === 'urgent'),
      )
    }
  }

  /** Gives back memory beyond the bound. Not during a batch: it may need all of its devices. */
  trim(): void {
    trim(this.devices)
    trim(this.states)
    this.over.clear()
    this.inQuarantine.clear()
    trim(this.urgentGateways)
  }

  device(id: string): RegisteredDevice | undefined {
    return this.devices.get(id)
  }

  state(id: string): DeviceState {
    const state = this.states.get(id)
    if (state === undefined) throw new Error(`the state of ${id} was not fetched`)
    return state
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

  get openAlarms(): number {
    return this.openIds.size
  }

  /** What has been committed is known from now on. */
  apply(outcome: Outcome): void {
    for (const [id, state] of outcome.states) {
      this.states.delete(id)
      this.states.set(id, state)
    }
    for (const alarm of outcome.decision.alarms) this.setAlarm(alarm)
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
