import { createHash } from 'node:crypto'
import type { Alarm, AlarmType } from '../contract/alarms.ts'
import { isOpen } from '../contract/alarms.ts'
import type { NewEvent } from '../contract/events.ts'
import type { Quantity, Value } from '../contract/quantities.ts'
import { REASONS, type Reason } from '../contract/reasons.ts'
import type { JournalLane, JournalRecord } from '../store/journal/port.ts'
import type {
  Decision,
  DeviceSighting,
  NewDownlink,
  OpenEntry,
  QuarantineEntry,
  RegisteredDevice,
  ReplayedEntry,
} from '../store/state/port.ts'
import { observe, type Step } from './alarms/lifecycle.ts'
import type { Finding } from './detectors/detector.ts'
import { type DeviceState, writeState } from './device-state.ts'
import { quarantineEntry } from './quarantine-entry.ts'

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
}

interface Sighting {
  lastHeardAt: number | undefined
  connected: boolean | undefined
  latest: Map<Quantity, { readonly value: Value; readonly at: number }> | undefined
  attributes: Record<string, unknown> | undefined
  earlierAttributes: Record<string, unknown> | undefined
}

/** One raised condition, as the record that showed it says. */
export interface Cause {
  /** Distinguishes causes of the same time: lane and number of the journal record. */
  readonly key: string
  readonly arrivedAt: number
}

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
  /** Readings that were understood. */
  readings = 0

  constructor(known: Known, decidedAt: number) {
    this.known = known
    this.decidedAt = decidedAt
  }

  device(id: string): RegisteredDevice | undefined {
    return this.known.device(id)
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

  /** Applies what a detector found about a device to its alarm of that type. */
  find(device: RegisteredDevice, finding: Finding, cause: Cause): void {
    const step = observe(this.openAlarm(device.id, finding.type), finding, {
      deviceId: device.id,
      placeId: device.placeId,
      noticedAt: cause.arrivedAt,
      newId: () => alarmId(cause, device.id, finding.type),
    })
    if (step === undefined) return
    if (step.event === 'alarm.raised' && !this.past) this.raisedBy.push(cause.arrivedAt)
    this.step(step)
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
    for (const event of part.events)
      if (event.type !== 'alarm.updated' || !this.foldIntoLast(event.alarm)) this.event(event)
    for (const [deviceId, sighting] of part.sightings) this.absorbSighting(deviceId, sighting)
    for (const [key, entry] of part.setAside) this.setAside.set(key, entry)
    for (const [key, open] of part.stillOpen) this.stillOpen.set(key, open)
    for (const r of part.rejections.values()) this.reject(r.reason, r.deviceId, r.at, r.count, r.detail)
    this.replayed.push(...part.replayed)
    this.raisedBy.push(...part.raisedBy)
    this.downlink.push(...part.downlink)
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
        cursors,
        sightings,
        detectorStates,
        alarms: [...this.alarms.values()],
        events: this.events,
        quarantine: [...this.setAside.values()],
        replayed: this.replayed,
        rejections: [...this.rejections.values()],
        readings: this.readings,
        downlink: this.downlink,
      },
      states: this.states,
      heard,
      raisedBy: this.raisedBy,
      brokerStartedAt: this.brokerStartedAt,
      stillOpen: this.stillOpen,
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

export const joinDetails = (first: string, second: string): string => `${first}; ${second}`.slice(0, MAX_DETAIL)

export const keyOf = (source: string, type: AlarmType): string => `${source} ${type}`

/** Hexadecimal digits of a time in ms: eleven last until the year 2527. */
const TIME_DIGITS = 11
/** 48 bits tell the alarms of one millisecond apart. */
const HASH_DIGITS = 12

/** Sorts by arrival, and is the same whenever the same record is decided again. */
function alarmId(cause: Cause, deviceId: string, type: AlarmType): string {
  const time = cause.arrivedAt.toString(16).padStart(TIME_DIGITS, '0')
  const hash = createHash('sha256').update(`${cause.key} ${deviceId} ${type}`).digest('hex').slice(0, HASH_DIGITS)
  return `${time}-${hash}`
}
