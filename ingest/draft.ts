import type { Alarm, AlarmType } from '../contract/alarms.ts'
import { isOpen } from '../contract/alarms.ts'
import type { NewEvent } from '../contract/events.ts'
import type { Quantity, Value } from '../contract/quantities.ts'
import type { PanelOperation } from '../contract/readings.ts'
import { REASONS, type Reason } from '../contract/reasons.ts'
import type { JournalLane, JournalRecord } from '../store/journal/port.ts'
import {
  type Decision,
  type DeviceSighting,
  type DiscoveredDevice,
  type NewDownlink,
  NO_DECISION,
  type OpenEntry,
  type QuarantineEntry,
  type RegisteredDevice,
  type ReplayedEntry,
} from '../store/state/port.ts'
import { observe, type Step } from './alarms/lifecycle.ts'
import type { Finding } from './detectors/detector.ts'
import { type DeviceState, writeState } from './device-state.ts'
import { Handling, type KnownHandling } from './incidents/handling.ts'
import { join } from './incidents/joining.ts'
import type { Change } from './incidents/life.ts'
import { severityOfLoss } from './incidents/loss.ts'
import { followPanel } from './incidents/panel-operations.ts'
import { quarantineEntry } from './quarantine-entry.ts'
import { type Cause, stableId } from './stable-id.ts'

/** What was known before a batch. Read only. */
export interface Known {
  /** Undefined: not registered. */
  device(id: string): RegisteredDevice | undefined
  state(id: string): DeviceState
  openAlarm(source: string, type: AlarmType): Alarm | undefined
  /** Any alarm that was fetched, also one that is over. */
  alarm(id: string): Alarm | undefined
  /** What of a journal record still waits in quarantine. */
  quarantined(lane: JournalLane, journalSeq: number): readonly OpenEntry[]
  /** Whether a fire or care device is registered under this gateway. */
  speaksForUrgent(gatewayId: string): boolean
  /** How many devices are registered under a gateway that announced one which is not. */
  children(gatewayId: string): number
  openAlarms(): Iterable<Alarm>
  /** Incidents, watch modes, duty checks. */
  readonly handling: KnownHandling
}

/** What was decided, and what the caller remembers once it is committed. */
export interface Outcome {
  readonly decision: Decision
  readonly states: ReadonlyMap<string, DeviceState>
  /** When each device was last heard. */
  readonly heard: ReadonlyMap<string, number>
  /** Arrival of the messages that raised an alarm. */
  readonly raisedBy: readonly number[]
  readonly brokerStartedAt: number | undefined
  /** Records of the quarantine that were decoded anew: which of their entries still wait. */
  readonly stillOpen: ReadonlyMap<string, readonly OpenEntry[]>
  /** Devices that were named by their gateway; `revision` 0: not registered before. */
  readonly discovered: readonly RegisteredDevice[]
}

interface Sighting {
  lastHeardAt: number | undefined
  connected: boolean | undefined
  latest: Map<Quantity, { readonly value: Value; readonly at: number }> | undefined
  attributes: Record<string, unknown> | undefined
  earlierAttributes: Record<string, unknown> | undefined
}

type IncidentNews = Extract<NewEvent, { incident: unknown }>

const { incidents, watchModes, dutyChecks, placeResets } = NO_DECISION
const NOTHING_HANDLED = { incidents, watchModes, dutyChecks, placeResets }

const MAX_DETAIL = 500

/**
 * A decision in the making: the state after the records so far, over what was known before. Nothing is written. What is
 * known may be another draft: one record's part of the decision is made apart, and absorbed when it is whole.
 */
export class Draft implements Known {
  /** What is decided is of the past: it says nothing about now. */
  readonly past: boolean = false
  brokerStartedAt: number | undefined
  private readonly known: Known
  private readonly decidedAt: number
  private readonly states = new Map<string, DeviceState>()
  private readonly alarms = new Map<string, Alarm>()
  /** Ids of alarms by source and type, where this batch changed them. */
  private readonly openHere = new Map<string, string>()
  private readonly events: NewEvent[] = []
  /** Where in `events` an alarm's last one stands. */
  private readonly lastEventOf = new Map<string, number>()
  private readonly sightings = new Map<string, Sighting>()
  private readonly setAside = new Map<string, QuarantineEntry>()
  private readonly stillOpen = new Map<string, readonly OpenEntry[]>()
  private readonly replayed: ReplayedEntry[] = []
  private readonly rejections = new Map<string, Decision['rejections'][number]>()
  private readonly raisedBy: number[] = []
  private readonly downlink: NewDownlink[] = []
  /** Made when an alarm or a person needs it: a meter's record does not. */
  private handled: Handling | undefined
  /** Where in `events` an incident's last one stands. */
  private readonly lastEventOfIncident = new Map<string, number>()
  private readonly discovered = new Map<string, DiscoveredDevice & RegisteredDevice>()
  /** Readings that were understood. */
  readings = 0

  constructor(known: Known, decidedAt: number) {
    this.known = known
    this.decidedAt = decidedAt
  }

  device(id: string): RegisteredDevice | undefined {
    return this.discovered.get(id) ?? this.known.device(id)
  }

  children(gatewayId: string): number {
    let count = this.known.children(gatewayId)
    for (const device of this.discovered.values()) if (isNew(device) && device.gatewayId === gatewayId) count++
    return count
  }

  state(id: string): DeviceState {
    return this.states.get(id) ?? this.known.state(id)
  }

  setState(id: string, state: DeviceState): void {
    this.states.set(id, state)
  }

  openAlarm(source: string, type: AlarmType): Alarm | undefined {
    const here = this.openHere.get(keyOf(source, type))
    const alarm = here === undefined ? this.known.openAlarm(source, type) : this.alarms.get(here)
    return alarm !== undefined && isOpen(alarm) ? alarm : undefined
  }

  alarm(id: string): Alarm | undefined {
    return this.alarms.get(id) ?? this.known.alarm(id)
  }

  quarantined(lane: JournalLane, journalSeq: number): readonly OpenEntry[] {
    return this.stillOpen.get(`${lane} ${journalSeq}`) ?? this.known.quarantined(lane, journalSeq)
  }

  speaksForUrgent(gatewayId: string): boolean {
    return this.known.speaksForUrgent(gatewayId)
  }

  *openAlarms(): Iterable<Alarm> {
    for (const alarm of this.known.openAlarms()) if (!this.alarms.has(alarm.id)) yield alarm
    for (const alarm of this.alarms.values()) if (isOpen(alarm)) yield alarm
  }

  get handling(): Handling {
    this.handled ??= new Handling(this.known.handling, this)
    return this.handled
  }

  /** Applies what a detector found about a device to its alarm of that type. */
  find(device: RegisteredDevice, finding: Finding, cause: Cause): void {
    const before = this.openAlarm(device.id, finding.type)
    const step = observe(before, this.weighed(device, finding), {
      deviceId: device.id,
      placeId: device.placeId,
      noticedAt: cause.arrivedAt,
      newId: () => stableId(cause, device.id, finding.type),
    })
    if (step === undefined) return
    if (step.event === 'alarm.raised' && !this.past) this.raisedBy.push(cause.arrivedAt)
    this.take(step, before, finding.active, device, cause)
  }

  /** A detector that is lost weighs as much as it was needed. */
  private weighed(device: RegisteredDevice, finding: Finding): Finding {
    if (!finding.active || finding.test === true || (finding.type !== 'silent' && finding.type !== 'fault'))
      return finding
    const severity = severityOfLoss(device, this.handling, (id, type) => this.openAlarm(id, type))
    if (severity === undefined) return finding
    if (severity !== 'CRITICAL') return { ...finding, severity }
    const reason = `${finding.reason}. No other detector of its fire zone works`
    return { ...finding, severity, reason, reasonZh: `${finding.reasonZh}。所在防火区域已无其他探测器工作` }
  }

  /** An alarm whose test, drill or isolation is over is what it would have been without. */
  seeAgain(alarm: Alarm, cause: Cause): void {
    const device = alarm.deviceId === null ? undefined : this.device(alarm.deviceId)
    if (device !== undefined) this.take({ alarm, event: 'alarm.updated' }, alarm, true, device, cause)
  }

  /** An alarm's step, and what it makes of its incident. */
  private take(step: Step, before: Alarm | undefined, seenNow: boolean, device: RegisteredDevice, cause: Cause): void {
    const { arrivedAt } = cause
    const newId = (): string => stableId(cause, device.id, step.alarm.type, 'incident')
    const observed = { alarm: step.alarm, before, seenNow, device, arrivedAt, newId }
    const { alarm, changes, alsoJoined } = join(observed, this.handling, this.decidedAt)
    this.step({ alarm, event: step.event })
    for (const other of alsoJoined) this.step({ alarm: other, event: 'alarm.updated' })
    for (const change of changes) this.change(change)
  }

  /** Changes an incident without a person: the event carries it as it is after the batch. */
  change({ incident, event, alarmId }: Change): void {
    this.handling.setIncident(incident)
    const news: IncidentNews = {
      type: event,
      at: this.decidedAt,
      commandId: null,
      actor: null,
      incident,
      comment: '',
      alarmId,
    }
    if (!this.foldIntoIncident(news)) this.event(news)
  }

  /** Changes an alarm without a person: the event carries it as it is after the batch. */
  step({ alarm, event }: Step): void {
    this.setAlarm(alarm)
    if (event === 'alarm.updated' && this.foldIntoLast(alarm)) return
    this.event({ type: event, at: this.decidedAt, commandId: null, actor: null, alarm })
  }

  setAlarm(alarm: Alarm): void {
    const source = alarm.deviceId ?? alarm.placeId ?? ''
    // A word about one that is over must not hide the one of its kind that is open.
    const current = isOpen(alarm) || this.openAlarm(source, alarm.type)?.id === alarm.id
    this.alarms.set(alarm.id, alarm)
    if (current) this.openHere.set(keyOf(source, alarm.type), alarm.id)
  }

  event(event: NewEvent): void {
    if ('alarm' in event) this.lastEventOf.set(event.alarm.id, this.events.length)
    if ('incident' in event) this.lastEventOfIncident.set(event.incident.id, this.events.length)
    this.events.push(event)
  }

  heard(deviceId: string, at: number): void {
    const sighting = this.sighting(deviceId)
    sighting.lastHeardAt = Math.max(sighting.lastHeardAt ?? 0, at)
  }

  connected(deviceId: string, connected: boolean): void {
    this.sighting(deviceId).connected = connected
  }

  latest(deviceId: string, quantity: Quantity, value: Value, at: number): void {
    const sighting = this.sighting(deviceId)
    sighting.latest ??= new Map()
    sighting.latest.set(quantity, { value, at })
  }

  attributes(deviceId: string, attributes: Readonly<Record<string, unknown>>): void {
    const sighting = this.sighting(deviceId)
    sighting.attributes = { ...sighting.attributes, ...attributes }
  }

  earlierAttributes(deviceId: string, attributes: Readonly<Record<string, unknown>>): void {
    const sighting = this.sighting(deviceId)
    sighting.earlierAttributes = { ...sighting.earlierAttributes, ...attributes }
  }

  /** Counts a reason, and where it means that something was not understood, keeps the record's bytes. */
  complain(
    lane: JournalLane,
    record: JournalRecord,
    deviceId: string,
    reason: Reason,
    detail: string,
    count = 1,
  ): void {
    this.reject(reason, deviceId, record.arrivedAt, count, detail)
    if (REASONS[reason].fate !== 'quarantined') return
    this.quarantine(lane, record, { deviceId, reason, detail })
  }

  quarantine(
    lane: JournalLane,
    record: JournalRecord,
    { deviceId, reason, detail }: { readonly deviceId: string; readonly reason: Reason; readonly detail: string },
  ): void {
    const key = `${lane} ${record.seq} ${deviceId} ${reason}`
    const have = this.setAside.get(key)
    const words = have === undefined ? detail.slice(0, MAX_DETAIL) : joinDetails(have.detail, detail)
    this.setAside.set(key, quarantineEntry(lane, record, { deviceId, reason, detail: words }))
  }

  /** A record of the quarantine was decoded anew: what became of its entries, and which of them still wait. */
  settle(
    { lane, journalSeq }: { readonly lane: JournalLane; readonly journalSeq: number },
    results: readonly ReplayedEntry[],
  ): void {
    this.replayed.push(...results)
    this.stillOpen.set(
      `${lane} ${journalSeq}`,
      results.flatMap(({ id, still }) => (still === undefined ? [] : [{ id, ...still }])),
    )
  }

  reject(reason: Reason, deviceId: string, at: number, count: number, detail: string): void {
    const key = `${reason} ${deviceId}`
    const have = this.rejections.get(key)
    this.rejections.set(key, { reason, deviceId, at, count: count + (have?.count ?? 0), detail })
  }

  /** A gateway has named a device of its own, or said a name of one that had none. */
  discover(device: RegisteredDevice, provisionalName: string): RegisteredDevice {
    const discovered = { ...device, provisionalName }
    this.discovered.set(device.id, discovered)
    return discovered
  }

  /** What people did at a fire panel. */
  operate(operations: readonly PanelOperation[]): void {
    for (const operation of operations) followPanel(this, operation, this.decidedAt)
  }

  /** A device is asked something, once the decision is stored. */
  ask(request: NewDownlink): void {
    this.downlink.push(request)
  }

  understood(readings: number): void {
    this.readings += readings
  }

  /** Takes over what was decided over this one. */
  absorb(part: Draft): void {
    for (const [id, state] of part.states) this.states.set(id, state)
    for (const [id, alarm] of part.alarms) this.alarms.set(id, alarm)
    for (const [key, id] of part.openHere) this.openHere.set(key, id)
    for (const event of part.events) {
      if (event.type === 'alarm.updated' && this.foldIntoLast(event.alarm)) continue
      if ('incident' in event && this.foldIntoIncident(event)) continue
      this.event(event)
    }
    if (part.handled !== undefined) this.handling.absorb(part.handled)
    for (const [deviceId, sighting] of part.sightings) this.absorbSighting(deviceId, sighting)
    for (const [key, entry] of part.setAside) this.setAside.set(key, entry)
    for (const [key, open] of part.stillOpen) this.stillOpen.set(key, open)
    for (const r of part.rejections.values()) this.reject(r.reason, r.deviceId, r.at, r.count, r.detail)
    this.replayed.push(...part.replayed)
    this.raisedBy.push(...part.raisedBy)
    this.downlink.push(...part.downlink)
    for (const [id, device] of part.discovered) this.discovered.set(id, device)
    this.readings += part.readings
    if (part.brokerStartedAt !== undefined)
      this.brokerStartedAt = Math.max(this.brokerStartedAt ?? 0, part.brokerStartedAt)
  }

  finish(cursors: Decision['cursors']): Outcome {
    const heard = new Map<string, number>()
    const sightings: DeviceSighting[] = []
    for (const [deviceId, s] of this.sightings) {
      if (s.lastHeardAt !== undefined) heard.set(deviceId, s.lastHeardAt)
      sightings.push({
        deviceId,
        ...(s.lastHeardAt === undefined ? {} : { lastHeardAt: s.lastHeardAt }),
        ...(s.connected === undefined ? {} : { connected: s.connected }),
        ...(s.latest === undefined ? {} : { latest: s.latest }),
        ...(s.attributes === undefined ? {} : { attributes: s.attributes }),
        ...(s.earlierAttributes === undefined ? {} : { earlierAttributes: s.earlierAttributes }),
      })
    }
    const detectorStates = new Map<string, string | null>()
    for (const [deviceId, state] of this.states) detectorStates.set(deviceId, writeState(state))
    return {
      decision: {
        ...NO_DECISION,
        cursors,
        sightings,
        detectorStates,
        alarms: [...this.alarms.values()],
        events: this.events,
        quarantine: [...this.setAside.values()],
        replayed: this.replayed,
        rejections: [...this.rejections.values()],
        readings: this.readings,
        discovered: [...this.discovered.values()],
        downlink: this.downlink,
        ...(this.handled?.finish() ?? NOTHING_HANDLED),
      },
      states: this.states,
      heard,
      raisedBy: this.raisedBy,
      brokerStartedAt: this.brokerStartedAt,
      stillOpen: this.stillOpen,
      discovered: [...this.discovered.values()],
    }
  }

  /** One update per alarm and batch: a chattering sensor must not flood every console. */
  private foldIntoLast(alarm: Alarm): boolean {
    const i = this.lastEventOf.get(alarm.id)
    const last = i === undefined ? undefined : this.events[i]
    if (i === undefined || last === undefined || !('alarm' in last) || last.alarm.state !== alarm.state) return false
    if (last.type !== 'alarm.raised' && last.type !== 'alarm.updated') return false
    this.events[i] = { ...last, alarm }
    return true
  }

  /** Forty alarms of one message are one event of their incident. */
  private foldIntoIncident(news: IncidentNews): boolean {
    if (news.type !== 'incident.joined' && news.type !== 'incident.updated') return false
    const i = this.lastEventOfIncident.get(news.incident.id)
    const last = i === undefined ? undefined : this.events[i]
    if (i === undefined || last === undefined || !('incident' in last) || last.commandId !== null) return false
    this.events[i] = last.type === 'incident.updated' ? news : { ...last, incident: news.incident }
    return true
  }

  private absorbSighting(deviceId: string, news: Sighting): void {
    const have = this.sightings.get(deviceId)
    if (have === undefined) {
      this.sightings.set(deviceId, news)
      return
    }
    if (news.lastHeardAt !== undefined) this.heard(deviceId, news.lastHeardAt)
    have.connected = news.connected ?? have.connected
    if (news.latest !== undefined) have.latest = new Map([...(have.latest ?? []), ...news.latest])
    if (news.attributes !== undefined) this.attributes(deviceId, news.attributes)
    if (news.earlierAttributes !== undefined) this.earlierAttributes(deviceId, news.earlierAttributes)
  }

  private sighting(deviceId: string): Sighting {
    let sighting = this.sightings.get(deviceId)
    if (sighting === undefined) {
      sighting = {
        lastHeardAt: undefined,
        connected: undefined,
        latest: undefined,
        attributes: undefined,
        earlierAttributes: undefined,
      }
      this.sightings.set(deviceId, sighting)
    }
    return sighting
  }
}

/** Not in the registry yet: revisions count from 1. */
const isNew = ({ revision }: RegisteredDevice): boolean => revision === 0

export const joinDetails = (first: string, second: string): string => `${first}; ${second}`.slice(0, MAX_DETAIL)

export const keyOf = (source: string, type: AlarmType): string => `${source} ${type}`
