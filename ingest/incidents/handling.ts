import type { Alarm, AlarmType } from '../../contract/alarms.ts'
import type { DutyCheck, Incident, WatchMode } from '../../contract/incidents.ts'
import { isOpenIncident, watchTarget } from '../../contract/incidents.ts'
import type { PlaceTree } from '../../contract/place-tree.ts'
import type { Decision } from '../../store/state/decisions-port.ts'
import type { RegisteredDevice } from '../../store/state/registry-port.ts'
import { joiningKey, takesAlarms } from './joining-key.ts'

export interface OpenAlarms {
  openAlarms(): Iterable<Alarm>
  openAlarm(source: string, type: AlarmType): Alarm | undefined
}

/** What is known of incidents, watch modes and duty checks before a batch. Read only. */
export interface KnownHandling {
  readonly places: PlaceTree
  readonly alarms: OpenAlarms
  /** Open, closed a short time ago, or fetched because somebody named it. */
  incident(id: string): Incident | undefined
  /** The newest one that takes alarms of this key, open or closed a short time ago. */
  incidentAt(key: string): Incident | undefined
  openIncidents(): Iterable<Incident>
  watchMode(target: string): WatchMode | undefined
  watchModes(): Iterable<WatchMode>
  /** When the detectors of exactly this place were last reset, if that was a short time ago. */
  resetAt(placeId: string): number | undefined
  dutyCheck(id: string): DutyCheck | undefined
  /** Those that run, and those that were asked, answered or named a short time ago. */
  dutyChecks(): Iterable<DutyCheck>
  /** Whether somebody is there who can go and look. */
  isStaffed(premisesId: string, at: number): boolean
  /** The fire panel that a device hangs on, or that it is; undefined: on none. */
  panelOf(deviceId: string): string | undefined
  /** Devices of the urgent lane at these places or anywhere below. */
  fireAndCareIn(placeId: string): readonly RegisteredDevice[]
}

/** What a batch changes of it, over what was known. */
export class Handling implements KnownHandling {
  private readonly known: KnownHandling
  readonly alarms: OpenAlarms
  private readonly changed = new Map<string, Incident>()
  private readonly keys = new Map<string, string>()
  private readonly watches = new Map<string, WatchMode | null>()
  private readonly duties = new Map<string, DutyCheck>()
  private readonly resets = new Map<string, number>()

  constructor(known: KnownHandling, alarms: OpenAlarms) {
    this.known = known
    this.alarms = alarms
  }

  get places(): PlaceTree {
    return this.known.places
  }

  incident(id: string): Incident | undefined {
    return this.changed.get(id) ?? this.known.incident(id)
  }

  incidentAt(key: string): Incident | undefined {
    const here = this.keys.get(key)
    if (here !== undefined) return this.changed.get(here)
    const before = this.known.incidentAt(key)
    return before === undefined ? undefined : this.incident(before.id)
  }

  *openIncidents(): Iterable<Incident> {
    for (const incident of this.known.openIncidents()) if (!this.changed.has(incident.id)) yield incident
    for (const incident of this.changed.values()) if (isOpenIncident(incident)) yield incident
  }

  watchMode(target: string): WatchMode | undefined {
    const here = this.watches.get(target)
    return here === undefined ? this.known.watchMode(target) : (here ?? undefined)
  }

  *watchModes(): Iterable<WatchMode> {
    for (const watch of this.known.watchModes()) if (!this.watches.has(watchTarget(watch))) yield watch
    for (const watch of this.watches.values()) if (watch !== null) yield watch
  }

  resetAt(placeId: string): number | undefined {
    return this.resets.get(placeId) ?? this.known.resetAt(placeId)
  }

  dutyCheck(id: string): DutyCheck | undefined {
    return this.duties.get(id) ?? this.known.dutyCheck(id)
  }

  *dutyChecks(): Iterable<DutyCheck> {
    for (const duty of this.known.dutyChecks()) if (!this.duties.has(duty.id)) yield duty
    yield* this.duties.values()
  }

  isStaffed(premisesId: string, at: number): boolean {
    return this.known.isStaffed(premisesId, at)
  }

  panelOf(deviceId: string): string | undefined {
    return this.known.panelOf(deviceId)
  }

  fireAndCareIn(placeId: string): readonly RegisteredDevice[] {
    return this.known.fireAndCareIn(placeId)
  }

  setIncident(incident: Incident): void {
    this.changed.set(incident.id, incident)
    const key = joiningKey(incident)
    if (takesAlarms(incident, this.incidentAt(key))) this.keys.set(key, incident.id)
  }

  setWatch(watch: WatchMode, ended: boolean): void {
    this.watches.set(watchTarget(watch), ended ? null : watch)
  }

  setDuty(duty: DutyCheck): void {
    this.duties.set(duty.id, duty)
  }

  reset(placeId: string, at: number): void {
    this.resets.set(placeId, at)
  }

  absorb(part: Handling): void {
    for (const incident of part.changed.values()) this.setIncident(incident)
    for (const [target, watch] of part.watches) this.watches.set(target, watch)
    for (const duty of part.duties.values()) this.duties.set(duty.id, duty)
    for (const [placeId, at] of part.resets) this.resets.set(placeId, at)
  }

  finish(): Pick<Decision, 'incidents' | 'watchModes' | 'dutyChecks' | 'placeResets'> {
    return {
      incidents: [...this.changed.values()],
      watchModes: this.watches,
      dutyChecks: [...this.duties.values()],
      placeResets: this.resets,
    }
  }
}
