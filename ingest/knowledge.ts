import type { Alarm, AlarmType } from '../contract/alarms.ts'
import { isOpen } from '../contract/alarms.ts'
import type { Decisions, RegisteredDevice, Registry } from '../store/state/port.ts'
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
    this.revision = changes.revision
    return changes
  }

  /** Brings what a decision about these devices needs into memory. */
  async prefetch(ids: Iterable<string>): Promise<void> {
    for (const id of ids) {
      if (!this.devices.has(id)) {
        const device = await this.registry.find(id)
        // Not remembered when absent: it may be registered before its next message.
        if (device === undefined) continue
        this.devices.set(id, device)
      }
      if (!this.states.has(id)) this.states.set(id, readState(await this.decisions.detectorState(id)))
    }
  }

  /** Brings the alarms that people name into memory, also those that are over. */
  async prefetchAlarms(ids: Iterable<string>): Promise<void> {
    for (const id of ids) {
      if (this.openIds.has(id)) continue
      const alarm = await this.decisions.alarm(id)
      if (alarm !== undefined) this.over.set(id, alarm)
    }
  }

  /** Gives back memory beyond the bound. Not during a batch: it may need all of its devices. */
  trim(): void {
    trim(this.devices)
    trim(this.states)
    this.over.clear()
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
