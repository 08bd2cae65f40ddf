import { CITY_TIME_ZONE } from '../../contract/city-time.ts'
import { isStaffed, type Staff } from '../../contract/homes.ts'
import type { DutyCheck, Incident, WatchMode } from '../../contract/incidents.ts'
import { isOpenIncident, watchTarget } from '../../contract/incidents.ts'
import { KINDS } from '../../contract/kinds.ts'
import { PlaceTree } from '../../contract/place-tree.ts'
import type { Decision, Decisions } from '../../store/state/decisions-port.ts'
import type { Homes } from '../../store/state/homes-port.ts'
import type { RegisteredDevice, Registry } from '../../store/state/registry-port.ts'
import type { KnownHandling, OpenAlarms } from './handling.ts'
import { REOPEN_MS } from './joining.ts'
import { joiningKey, takesAlarms } from './joining-key.ts'
import { AFTER_RESET_MS } from './verification.ts'
import { isEndless } from './watch-modes.ts'

/** Closed incidents and duty checks that somebody named; more would be years of them. */
const MAX_REMEMBERED = 1000

export interface HandlingStores {
  readonly registry: Pick<Registry, 'places' | 'placeRevision' | 'fireAndCare'>
  readonly decisions: Pick<
    Decisions,
    'incidents' | 'incident' | 'watchModes' | 'openDutyChecks' | 'dutyCheck' | 'placeResets'
  >
  readonly homes: Pick<Homes, 'staff' | 'staffRevision'>
}

/** What is stored of incidents, watch modes and duty checks, as far as decisions need it: all of it that is not over. */
export class HandlingMemory implements KnownHandling {
  readonly alarms: OpenAlarms
  private readonly registry: HandlingStores['registry']
  private readonly decisions: HandlingStores['decisions']
  private readonly homes: HandlingStores['homes']
  readonly places = new PlaceTree()
  /** Of the tree that is in memory. */
  placeRevision = -1
  private readonly byId = new Map<string, Incident>()
  private readonly open = new Set<string>()
  private readonly byKey = new Map<string, string>()
  private readonly watches = new Map<string, WatchMode>()
  private readonly duties = new Map<string, DutyCheck>()
  private readonly resets = new Map<string, number>()
  private readonly fireAndCare = new Map<string, RegisteredDevice>()
  /** Their ids by place. */
  private readonly atPlace = new Map<string, Set<string>>()
  private staff: readonly Staff[] = []
  private staffRevision = -1

  constructor({ registry, decisions, homes }: HandlingStores, alarms: OpenAlarms) {
    this.registry = registry
    this.decisions = decisions
    this.homes = homes
    this.alarms = alarms
  }

  async load(now: number): Promise<void> {
    await this.followPlaces()
    await this.followStaff()
    for (const device of await this.registry.fireAndCare()) this.learn(device)
    for (const incident of await this.decisions.incidents(now - REOPEN_MS)) this.setIncident(incident)
    for (const watch of await this.decisions.watchModes()) this.watches.set(watchTarget(watch), watch)
    for (const duty of await this.decisions.openDutyChecks()) this.duties.set(duty.id, duty)
    for (const [placeId, at] of await this.decisions.placeResets(now - AFTER_RESET_MS)) this.resets.set(placeId, at)
  }

  async followPlaces(): Promise<void> {
    const revision = await this.registry.placeRevision()
    if (revision === this.placeRevision) return
    this.places.replace(await this.registry.places())
    this.placeRevision = revision
  }

  async followStaff(): Promise<void> {
    const revision = await this.homes.staffRevision()
    if (revision === this.staffRevision) return
    this.staff = await this.homes.staff()
    this.staffRevision = revision
  }

  registryChanged(changes: {
    readonly changed: readonly RegisteredDevice[]
    readonly removed: readonly string[]
  }): void {
    for (const id of changes.removed) this.unlearn(id)
    for (const device of changes.changed) {
      this.unlearn(device.id)
      if (KINDS[device.kind].lane === 'urgent') this.learn(device)
    }
  }

  /** Brings what somebody names into memory. */
  async prefetch(incidents: Iterable<string>, duties: Iterable<string>): Promise<void> {
    for (const id of incidents) {
      const incident = this.byId.get(id) ?? (await this.decisions.incident(id))
      if (incident !== undefined) this.byId.set(id, incident)
    }
    for (const id of duties) {
      const duty = this.duties.get(id) ?? (await this.decisions.dutyCheck(id))
      if (duty !== undefined) this.duties.set(id, duty)
    }
  }

  /** Gives back memory beyond the bound; open incidents and running checks stay. */
  trim(): void {
    if (this.byId.size - this.open.size > MAX_REMEMBERED)
      for (const [id, incident] of this.byId) {
        if (this.byId.size - this.open.size <= MAX_REMEMBERED / 2) break
        if (this.open.has(id)) continue
        this.byId.delete(id)
        const key = joiningKey(incident)
        if (this.byKey.get(key) === id) this.byKey.delete(key)
      }
    if (this.duties.size > MAX_REMEMBERED)
      for (const [id, { settled }] of this.duties) if (settled !== null) this.duties.delete(id)
    if (this.resets.size > MAX_REMEMBERED) {
      const oldest = [...this.resets.keys()].slice(0, MAX_REMEMBERED / 2)
      for (const placeId of oldest) this.resets.delete(placeId)
    }
  }

  /** What has been committed is known from now on. */
  apply(decision: Decision): void {
    for (const incident of decision.incidents) this.setIncident(incident)
    for (const [target, watch] of decision.watchModes)
      if (watch === null) this.watches.delete(target)
      else this.watches.set(target, watch)
    for (const duty of decision.dutyChecks) this.duties.set(duty.id, duty)
    for (const [placeId, at] of decision.placeResets) {
      this.resets.delete(placeId)
      this.resets.set(placeId, at)
    }
  }

  /**
   * This machine's clock was set: what waits goes on waiting as long as it would have. Only in memory; after a crash right
   * now a step comes early, or at the latest after its whole wait.
   */
  clockWasSet(stepMs: number): void {
    const moved = (time: number | null): number | null => (time === null ? null : time + stepMs)
    for (const id of this.open) {
      const incident = this.byId.get(id) as Incident
      const { step, nextAt } = incident.escalation
      const escalation = { step, nextAt: moved(nextAt) }
      this.byId.set(id, { ...incident, escalation, verifyBy: moved(incident.verifyBy) })
    }
    // Set forward, one ends too early, and what still burns rings.
    if (stepMs < 0)
      for (const [target, watch] of this.watches) this.watches.set(target, { ...watch, until: watch.until + stepMs })
    for (const [id, duty] of this.duties)
      if (duty.settled === null) this.duties.set(id, { ...duty, dueAt: duty.dueAt + stepMs })
  }

  /** Whether the time has come for anything. Asked every second, and answered without deciding. */
  waits(now: number): boolean {
    for (const id of this.open) {
      const { kind, escalation, verifyBy } = this.byId.get(id) as Incident
      if (escalation.nextAt !== null || verifyBy !== null || kind === 'outage') return true
    }
    for (const { until } of this.watches.values()) if (until <= now || isEndless(until, now)) return true
    return [...this.duties.values()].some(({ settled }) => settled === null)
  }

  incident(id: string): Incident | undefined {
    return this.byId.get(id)
  }

  incidentAt(key: string): Incident | undefined {
    const id = this.byKey.get(key)
    return id === undefined ? undefined : this.byId.get(id)
  }

  *openIncidents(): Iterable<Incident> {
    for (const id of this.open) yield this.byId.get(id) as Incident
  }

  watchMode(target: string): WatchMode | undefined {
    return this.watches.get(target)
  }

  watchModes(): Iterable<WatchMode> {
    return this.watches.values()
  }

  resetAt(placeId: string): number | undefined {
    return this.resets.get(placeId)
  }

  dutyCheck(id: string): DutyCheck | undefined {
    return this.duties.get(id)
  }

  dutyChecks(): Iterable<DutyCheck> {
    return this.duties.values()
  }

  isStaffed(premisesId: string, at: number): boolean {
    const there = this.at(premisesId)
    const staff = this.staff.filter(({ placeId }) => there.has(placeId))
    // A home must have somebody day and night; that nobody has entered them yet does not mean that nobody is there.
    return staff.length === 0 || isStaffed(staff, at, CITY_TIME_ZONE)
  }

  panelOf(deviceId: string): string | undefined {
    const isPanel = (id: string): boolean => this.fireAndCare.get(id)?.kind === 'fire-panel'
    const gatewayId = this.fireAndCare.get(deviceId)?.gatewayId
    if (gatewayId != null && isPanel(gatewayId)) return gatewayId
    // A point whose first word is this fire is registered by it: its id begins with its panel's.
    for (let dot = deviceId.indexOf('.'); dot > 0; dot = deviceId.indexOf('.', dot + 1))
      if (isPanel(deviceId.slice(0, dot))) return deviceId.slice(0, dot)
    return isPanel(deviceId) ? deviceId : undefined
  }

  fireAndCareIn(placeId: string): readonly RegisteredDevice[] {
    const found: RegisteredDevice[] = []
    for (const id of this.at(placeId))
      for (const deviceId of this.atPlace.get(id) ?? []) found.push(this.fireAndCare.get(deviceId) as RegisteredDevice)
    return found
  }

  /** The place itself, also one that is not in the tree, and everything in it. */
  private at(placeId: string): ReadonlySet<string> {
    return new Set([placeId, ...this.places.below(placeId)])
  }

  private learn(device: RegisteredDevice): void {
    this.fireAndCare.set(device.id, device)
    if (device.placeId === null) return
    const there = this.atPlace.get(device.placeId)
    if (there === undefined) this.atPlace.set(device.placeId, new Set([device.id]))
    else there.add(device.id)
  }

  private unlearn(id: string): void {
    const placeId = this.fireAndCare.get(id)?.placeId
    if (placeId != null) this.atPlace.get(placeId)?.delete(id)
    this.fireAndCare.delete(id)
  }

  private setIncident(incident: Incident): void {
    this.byId.set(incident.id, incident)
    if (isOpenIncident(incident)) this.open.add(incident.id)
    else this.open.delete(incident.id)
    const key = joiningKey(incident)
    if (takesAlarms(incident, this.incidentAt(key))) this.byKey.set(key, incident.id)
  }
}
