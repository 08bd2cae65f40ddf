import { type Alarm, isActive } from '../../contract/alarms.ts'
import type { NewEvent } from '../../contract/events.ts'

/** Whether people can still follow: the figures of ISA-18.2 and EEMUA 191 for one operator's desk. */

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
/** ISA-18.2: more than 10 in 10 minutes is a flood. */
const FLOOD_WINDOW_MS = 10 * MINUTE
const FLOOD = 10
/** EEMUA 191: an alarm that comes so often in a minute chatters. */
const CHATTERING = 3
/** Far beyond the 300 a day that are too many for anybody. */
const MAX_REMEMBERED = 100_000

export class AlarmRates {
  /** When something rang, oldest first. */
  private rang: number[] = []
  /** When an alarm came, by its id: within the last minute. */
  private readonly came = new Map<string, readonly number[]>()

  /** Takes note of what was decided. */
  follow(events: readonly NewEvent[]): void {
    for (const event of events) {
      if (rings(event)) this.rang.push(event.at)
      if (event.type !== 'alarm.raised' && event.type !== 'alarm.cleared') continue
      const { id } = event.alarm
      const recent = (this.came.get(id) ?? []).filter((at) => event.at - at < MINUTE)
      this.came.set(id, [...recent, event.at])
    }
    if (this.rang.length > MAX_REMEMBERED) this.rang = this.rang.slice(-MAX_REMEMBERED)
  }

  /** For /metrics. */
  figures(openAlarms: Iterable<Alarm>, now: number): Readonly<Record<string, number>> {
    this.rang = this.rang.filter((at) => Math.abs(now - at) < DAY)
    const inWindow = this.rang.filter((at) => Math.abs(now - at) < FLOOD_WINDOW_MS).length
    let chattering = 0
    for (const [id, times] of this.came) {
      const recent = times.filter((at) => Math.abs(now - at) < MINUTE)
      if (recent.length === 0) this.came.delete(id)
      if (recent.length >= CHATTERING) chattering++
    }
    let stale = 0
    for (const alarm of openAlarms) if (isActive(alarm) && now - alarm.noticedAt > DAY) stale++
    return {
      'ingest_rings{within="10m"}': inWindow,
      'ingest_rings{within="24h"}': this.rang.length,
      ingest_alarm_flood: Number(inWindow > FLOOD),
      ingest_chattering_alarms: chattering,
      ingest_stale_alarms: stale,
    }
  }
}

/** What a person hears: an incident, or an alarm that is part of none. */
function rings(event: NewEvent): boolean {
  if (event.type === 'incident.opened' || event.type === 'incident.reopened') return event.incident.mode === 'real'
  if (event.type !== 'alarm.raised') return false
  const { incidentId, mode, test, replayed } = event.alarm
  return incidentId === null && mode === undefined && !test && replayed !== true
}
