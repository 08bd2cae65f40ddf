import type { Alarm } from '../contract/alarms.ts'
import type { NewEvent } from '../contract/events.ts'

type IncidentNews = Extract<NewEvent, { incident: unknown }>

/**
 * The events of one batch, in order. What merely goes on is told once per alarm and incident: a chattering sensor must
 * not flood every console, and forty alarms of one message are one event of their incident.
 */
export class BatchEvents {
  private readonly events: NewEvent[] = []
  /** Where in `events` an alarm's last one stands. */
  private readonly lastOfAlarm = new Map<string, number>()
  /** Where in `events` an incident's last one stands. */
  private readonly lastOfIncident = new Map<string, number>()

  get all(): readonly NewEvent[] {
    return this.events
  }

  /** An event of its own, whatever came before. */
  add(event: NewEvent): void {
    if ('alarm' in event) this.lastOfAlarm.set(event.alarm.id, this.events.length)
    if ('incident' in event) this.lastOfIncident.set(event.incident.id, this.events.length)
    this.events.push(event)
  }

  /** An event that may be told by the last one of its alarm or incident, which then carries it as it is now. */
  fold(event: NewEvent): void {
    if (event.type === 'alarm.updated' && this.foldIntoAlarm(event.alarm)) return
    if ('incident' in event && this.foldIntoIncident(event)) return
    this.add(event)
  }

  private foldIntoAlarm(alarm: Alarm): boolean {
    const i = this.lastOfAlarm.get(alarm.id)
    const last = i === undefined ? undefined : this.events[i]
    if (i === undefined || last === undefined || !('alarm' in last) || last.alarm.state !== alarm.state) return false
    if (last.type !== 'alarm.raised' && last.type !== 'alarm.updated') return false
    this.events[i] = { ...last, alarm }
    return true
  }

  private foldIntoIncident(news: IncidentNews): boolean {
    if (news.type !== 'incident.joined' && news.type !== 'incident.updated') return false
    const i = this.lastOfIncident.get(news.incident.id)
    const last = i === undefined ? undefined : this.events[i]
    if (i === undefined || last === undefined || !('incident' in last) || last.commandId !== null) return false
    this.events[i] = last.type === 'incident.updated' ? news : { ...last, incident: news.incident }
    return true
  }
}
