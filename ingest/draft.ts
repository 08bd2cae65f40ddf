import type { Alarm, AlarmType } from '../contract/alarms.ts'
import { isOpen } from '../contract/alarms.ts'
import type { NewEvent } from '../contract/events.ts'
import type { Quantity, Value } from '../contract/quantities.ts'
import type { PanelOperation } from '../contract/readings.ts'
import { REASONS, type Reason } from '../contract/reasons.ts'
import type { JournalLane, JournalRecord } from '../store/journal/port.ts'
import type { Homecoming } from '../store/state/alone-port.ts'
import {
  type Decision,
  type DiscoveredDevice,
  NO_DECISION,
  type OpenEntry,
  type ReplayedEntry,
} from '../store/state/decisions-port.ts'
import type { NewDownlink } from '../store/state/downlink-port.ts'
import type { RegisteredDevice } from '../store/state/registry-port.ts'
import type { WaterDecision } from '../store/state/water-port.ts'
import { observe, type Step } from './alarms/lifecycle.ts'
import { BatchEvents } from './batch-events.ts'
import type { Finding } from './detectors/detector.ts'
import { type DeviceState, writeState } from './device-state.ts'
import { Handling, type KnownHandling } from './incidents/handling.ts'
import { join } from './incidents/joining.ts'
import type { Change } from './incidents/life.ts'
import { severityOfLoss } from './incidents/loss.ts'
import { followPanel } from './incidents/panel-operations.ts'
import type { DeviceComplaint } from './quarantine-entry.ts'
import { SetAside } from './set-aside.ts'
import { Sightings } from './sightings.ts'
import { type Cause, stableId } from './stable-id.ts'
import { Accounts, type KnownMeter, type MeterReadings } from './water/accounts.ts'

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
  /** A water meter that was fetched; undefined for any other device. */
  meter(id: string): KnownMeter | undefined
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

const { incidents, watchModes, dutyChecks, placeResets } = NO_DECISION
const NOTHING_HANDLED = { incidents, watchModes, dutyChecks, placeResets }

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
  private readonly events = new BatchEvents()
  private readonly sightings = new Sightings()
  private readonly aside = new SetAside()
  private readonly raisedBy: number[] = []
  private readonly downlink: NewDownlink[] = []
  private readonly homecomings: Homecoming[] = []
  /** Made when an alarm or a person needs it: a meter's record does not. */
  private handled: Handling | undefined
  private readonly discovered = new Map<string, DiscoveredDevice & RegisteredDevice>()
  /** Registers of meters, to be accounted all at once when the decision is whole. */
  private readonly metered: MeterReadings[] = []
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
    return this.aside.openOf(lane, journalSeq) ?? this.known.quarantined(lane, journalSeq)
  }

  speaksForUrgent(gatewayId: string): boolean {
    return this.known.speaksForUrgent(gatewayId)
  }

  *openAlarms(): Iterable<Alarm> {
    for (const alarm of this.known.openAlarms()) if (!this.alarms.has(alarm.id)) yield alarm
    for (const alarm of this.alarms.values()) if (isOpen(alarm)) yield alarm
  }

  meter(id: string): KnownMeter | undefined {
    return this.known.meter(id)
  }

  /** What a meter's register showed counts in its zones. */
  account(readings: MeterReadings): void {
    this.metered.push(readings)
  }

  get handling(): Handling {
    this.handled ??= new Handling(this.known.handling, this)
    return this.handled
  }

  /** Who lives alone and was away draws water again since then. */
  homeAgain(deviceId: string, at: number): void {
    this.homecomings.push({ deviceId, at })
  }

  /** Applies what a detector found about a device to its alarm of that type. */
  find(device: RegisteredDevice, finding: Finding, cause: Cause): void {
    const before = this.openAlarm(device.id, finding.type)
    const step = observe(before, this.weighed(device, finding), {
      deviceId: device.id,
      // Their meter may stand in a well in the street; it is the dwelling that somebody is sent to.
      placeId: ABOUT_ALONE.has(finding.type) ? (device.alone?.placeId ?? device.placeId) : device.placeId,
      noticedAt: cause.arrivedAt,
      newId: () => stableId(cause, device.id, finding.type),
    })
    if (step === undefined) return
    if (step.event === 'alarm.raised' && !this.past) this.raisedBy.push(cause.arrivedAt)
    this.take(step, before, finding.active, device, cause)
  }

  /** Likewise what the accounts of a zone say about it: the alarm is the place's, and no device's. */
  findAt(placeId: string, finding: Finding, cause: Cause): void {
    const before = this.openAlarm(placeId, finding.type)
    const step = observe(before, finding, {
      deviceId: null,
      placeId,
      noticedAt: cause.arrivedAt,
      newId: () => stableId(cause, placeId, finding.type),
    })
    if (step !== undefined) this.take(step, before, finding.active, measuredBy(placeId), cause)
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
    const device = alarm.deviceId === null ? measuredBy(alarm.placeId ?? '') : this.device(alarm.deviceId)
    if (device !== undefined) this.take({ alarm, event: 'alarm.updated' }, alarm, true, device, cause)
  }

  /** An alarm's step, and what it makes of its incident. */
  private take(
    step: Step,
    before: Alarm | undefined,
    seenNow: boolean,
    device: Pick<RegisteredDevice, 'id' | 'kind'>,
    cause: Cause,
  ): void {
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
    const by = { at: this.decidedAt, commandId: null, actor: null } as const
    this.events.fold({ ...by, type: event, incident, comment: '', alarmId })
  }

  /** Changes an alarm without a person: the event carries it as it is after the batch. */
  step({ alarm, event }: Step): void {
    this.setAlarm(alarm)
    this.events.fold({ type: event, at: this.decidedAt, commandId: null, actor: null, alarm })
  }

  setAlarm(alarm: Alarm): void {
    const source = alarm.deviceId ?? alarm.placeId ?? ''
    // A word about one that is over must not hide the one of its kind that is open.
    const current = isOpen(alarm) || this.openAlarm(source, alarm.type)?.id === alarm.id
    this.alarms.set(alarm.id, alarm)
    if (current) this.openHere.set(keyOf(source, alarm.type), alarm.id)
  }

  event(event: NewEvent): void {
    this.events.add(event)
  }

  heard(deviceId: string, at: number): void {
    this.sightings.heard(deviceId, at)
  }

  connected(deviceId: string, connected: boolean): void {
    this.sightings.connected(deviceId, connected)
  }

  latest(deviceId: string, quantity: Quantity, value: Value, at: number): void {
    this.sightings.latest(deviceId, quantity, value, at)
  }

  attributes(deviceId: string, attributes: Readonly<Record<string, unknown>>): void {
    this.sightings.attributes(deviceId, attributes)
  }

  earlierAttributes(deviceId: string, attributes: Readonly<Record<string, unknown>>): void {
    this.sightings.earlierAttributes(deviceId, attributes)
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
    this.aside.reject(reason, deviceId, record.arrivedAt, count, detail)
    if (REASONS[reason].fate === 'quarantined') this.quarantine(lane, record, { deviceId, reason, detail })
  }

  quarantine(lane: JournalLane, record: JournalRecord, complaint: DeviceComplaint): void {
    this.aside.quarantine(lane, record, complaint)
  }

  /** A record of the quarantine was decoded anew: what became of its entries, and which of them still wait. */
  settle(of: Parameters<SetAside['settle']>[0], results: readonly ReplayedEntry[]): void {
    this.aside.settle(of, results)
  }

  reject(reason: Reason, deviceId: string, at: number, count: number, detail: string): void {
    this.aside.reject(reason, deviceId, at, count, detail)
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
    for (const event of part.events.all) this.events.fold(event)
    if (part.handled !== undefined) this.handling.absorb(part.handled)
    this.sightings.absorb(part.sightings)
    this.aside.absorb(part.aside)
    this.raisedBy.push(...part.raisedBy)
    this.downlink.push(...part.downlink)
    this.homecomings.push(...part.homecomings)
    this.metered.push(...part.metered)
    for (const [id, device] of part.discovered) this.discovered.set(id, device)
    this.readings += part.readings
    if (part.brokerStartedAt !== undefined)
      this.brokerStartedAt = Math.max(this.brokerStartedAt ?? 0, part.brokerStartedAt)
  }

  finish(cursors: Decision['cursors']): Outcome {
    const water = this.finishAccounts()
    const detectorStates = new Map<string, string | null>()
    for (const [deviceId, state] of this.states) detectorStates.set(deviceId, writeState(state))
    return {
      decision: {
        ...NO_DECISION,
        cursors,
        sightings: this.sightings.finish(),
        detectorStates,
        alarms: [...this.alarms.values()],
        events: this.events.all,
        ...this.aside.finish(),
        readings: this.readings,
        discovered: [...this.discovered.values()],
        downlink: this.downlink,
        ...(this.homecomings.length === 0 ? {} : { homecomings: this.homecomings }),
        ...(this.handled?.finish() ?? NOTHING_HANDLED),
        ...(water === undefined ? {} : { water }),
      },
      states: this.states,
      heard: this.sightings.lastHeard(),
      raisedBy: this.raisedBy,
      brokerStartedAt: this.brokerStartedAt,
      stillOpen: this.aside.stillWaiting,
      discovered: [...this.discovered.values()],
    }
  }

  private finishAccounts(): WaterDecision | undefined {
    if (this.metered.length === 0) return undefined
    const accounts = new Accounts((id) => this.meter(id))
    for (const readings of this.metered) accounts.add(readings)
    for (const rejection of accounts.rejections(this.decidedAt)) {
      const { reason, deviceId, at, count, detail } = rejection
      this.aside.reject(reason, deviceId, at, count, detail)
    }
    return accounts.finish()
  }
}

const ABOUT_ALONE: ReadonlySet<AlarmType> = new Set(['noUse', 'overUse'])

/** A zone has no device of its own: what is said of it comes from its bulk meters. */
const measuredBy = (placeId: string): Pick<RegisteredDevice, 'id' | 'kind'> => ({ id: placeId, kind: 'bulk-meter' })

/** Not in the registry yet: revisions count from 1. */
const isNew = ({ revision }: RegisteredDevice): boolean => revision === 0

export const keyOf = (source: string, type: AlarmType): string => `${source} ${type}`
