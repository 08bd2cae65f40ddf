import { type Alarm, type AlarmType, isActive } from '../../contract/alarms.ts'
import { litresPerHour } from '../../contract/losses.ts'
import type { Views } from '../../store/state/views-port.ts'

const DAY_MS = 86_400_000
/** Zone losses that are over are remembered for as long as a zone's page shows nights. */
const REMEMBERED_MS = 62 * DAY_MS

/** Alarms of a household meter that say water runs away. */
const RUNS_AWAY: ReadonlySet<AlarmType> = new Set(['leak', 'intermittentLeak', 'burst'])

/** What runs away now, from the alarms: kept by events, so that no page asks the store for it. */
export class Losses {
  /** Grows with every change. */
  version = 0
  private readonly ofMeters = new Map<string, Map<AlarmType, Alarm>>()
  private readonly ofZones = new Map<string, Map<string, Alarm>>()
  private readonly now: () => number

  constructor(now: () => number) {
    this.now = now
  }

  /** Zone losses that are over, which nothing else reads at the start. */
  async load(views: Pick<Views, 'zoneLosses'>): Promise<void> {
    for (const alarm of await views.zoneLosses(this.now() - REMEMBERED_MS)) this.apply(alarm)
  }

  /** An alarm as it is now. Applying one twice is harmless. */
  apply(alarm: Alarm): void {
    if (alarm.type === 'zoneLoss') this.applyZone(alarm)
    else if (RUNS_AWAY.has(alarm.type)) this.applyMeter(alarm)
  }

  /** The largest of what runs away behind a meter now. */
  ofMeter(deviceId: string): Alarm | undefined {
    return largest(this.ofMeters.get(deviceId)?.values() ?? [])
  }

  /** By device: the largest of what runs away behind it now. */
  *meters(): Generator<readonly [deviceId: string, alarm: Alarm]> {
    for (const [deviceId, alarms] of this.ofMeters) {
      const alarm = largest(alarms.values())
      if (alarm !== undefined) yield [deviceId, alarm]
    }
  }

  /** What a zone loses beyond the usual now. */
  ofZone(zone: string): Alarm | undefined {
    return this.history(zone).findLast(isActive)
  }

  *zones(): Generator<readonly [zone: string, alarm: Alarm]> {
    for (const zone of this.ofZones.keys()) {
      const alarm = this.ofZone(zone)
      if (alarm !== undefined) yield [zone, alarm]
    }
  }

  /** Losses of a zone within the last two months, oldest first. */
  history(zone: string): readonly Alarm[] {
    return [...(this.ofZones.get(zone)?.values() ?? [])].sort((a, b) => a.raisedAt - b.raisedAt)
  }

  private applyMeter(alarm: Alarm): void {
    if (alarm.deviceId === null || alarm.test) return
    let ofMeter = this.ofMeters.get(alarm.deviceId)
    if (isActive(alarm)) {
      if (ofMeter === undefined) {
        ofMeter = new Map()
        this.ofMeters.set(alarm.deviceId, ofMeter)
      }
      ofMeter.set(alarm.type, alarm)
    } else if (ofMeter?.get(alarm.type)?.id === alarm.id) {
      // Only the same alarm: a comment on last week's must not hide today's.
      ofMeter.delete(alarm.type)
      if (ofMeter.size === 0) this.ofMeters.delete(alarm.deviceId)
    } else return
    this.version += 1
  }

  private applyZone(alarm: Alarm): void {
    if (alarm.placeId === null) return
    let ofZone = this.ofZones.get(alarm.placeId)
    if (ofZone === undefined) {
      ofZone = new Map()
      this.ofZones.set(alarm.placeId, ofZone)
    }
    ofZone.set(alarm.id, alarm)
    const before = this.now() - REMEMBERED_MS
    for (const old of ofZone.values()) if (!isActive(old) && old.lastAt < before) ofZone.delete(old.id)
    this.version += 1
  }
}

function largest(alarms: Iterable<Alarm>): Alarm | undefined {
  let found: Alarm | undefined
  for (const alarm of alarms) if (found === undefined || litresPerHour(alarm) > litresPerHour(found)) found = alarm
  return found
}
