import { setImmediate as turn } from 'node:timers/promises'
import { isActive } from '../contract/alarms.ts'
import { KINDS } from '../contract/kinds.ts'
import type { Decisions } from '../store/state/decisions-port.ts'
import type { RegisteredDevice, Registry } from '../store/state/registry-port.ts'
import { factsOf } from './device-readings.ts'
import type { DeviceState } from './device-state.ts'
import { Draft, type Outcome } from './draft.ts'
import { AlarmRates } from './incidents/alarm-rates.ts'
import { group, LoneSilences, type Silence, silenceOf } from './incidents/storm.ts'
import { letTimePass } from './incidents/timers.ts'
import type { Knowledge } from './knowledge.ts'
import { silentFinding } from './silence.ts'
import { type Cause, stableId } from './stable-id.ts'
import { type Detectors, stepDetectors } from './step-detectors.ts'
import { type Silent, Supervision } from './supervision.ts'

const TICK_MS = 1000
/** The wall clock and the monotonic one part by more than this only when somebody sets the former. NTP slews 0.5 ms/s. */
const CLOCK_STEP_MS = 10_000
/** Under a flood of fires time passes for escalation all the same. */
const BUSY_PASS_MS = 5000
/** Nobody reports less often than every third day. */
const LONGEST_WINDOW_MS = 3 * 24 * 3_600_000
const MS = 1000
/** Devices in one transaction: a city that falls silent at once must not hold up a fire. */
const PER_TICK = 500
/** Rows between two turns of detection: about 5 ms, also where a detector that waits has its states read. */
const REGISTRY_PAGE = 200

export interface TickDependencies {
  readonly registry: Registry
  readonly decisions: Decisions
  readonly knowledge: Knowledge
  readonly detectors: Detectors
  readonly now: () => number
  /** Monotonic, ms. */
  readonly elapsed: () => number
  readonly startedAt: number
  readonly log: { warn(facts: object, message: string): void }
  readonly heardAt: ReadonlyMap<string, number>
}

/**
 * What happens because nothing happens: devices that fall silent, detectors that wait for time to pass. Only called when
 * detection has caught up with the journal, or a backlog would look like silence.
 */
export class Ticks {
  private readonly deps: TickDependencies
  private readonly supervision: Supervision
  private readonly waiting: Detectors
  /** Devices of which a detector waits for time to pass. */
  private readonly ticking = new Set<string>()
  private readonly lone = new LoneSilences()
  readonly rates = new AlarmRates()
  private lastTick = 0
  private lastPassed = Number.NEGATIVE_INFINITY
  /** What the wall clock says when the monotonic one says 0. */
  private clockBase: number
  private loaded = false

  constructor(deps: TickDependencies) {
    this.deps = deps
    this.clockBase = deps.now() - deps.elapsed()
    this.supervision = new Supervision(deps.heardAt, deps.startedAt)
    this.waiting = deps.detectors.filter((detector) => detector.wantsTicks === true)
  }

  /** Reads the registry page by page, leaving room for detection between the pages. */
  async load(signal: AbortSignal): Promise<void> {
    let after = ''
    for (;;) {
      const page = await this.deps.registry.list(after, REGISTRY_PAGE)
      if (signal.aborted) return
      for (const device of page) {
        this.supervision.supervise(device)
        if (this.looksAt(device)) await this.recall(device.id)
      }
      const last = page[page.length - 1]
      if (last === undefined || page.length < REGISTRY_PAGE) break
      after = last.id
      await turn()
    }
    await this.recallSilences()
    this.loaded = true
  }

  registryChanged(changes: {
    readonly changed: readonly RegisteredDevice[]
    readonly removed: readonly string[]
  }): void {
    for (const device of changes.changed) this.supervision.supervise(device)
    for (const id of changes.removed) {
      this.supervision.forget(id)
      this.ticking.delete(id)
    }
  }

  /** Takes note of what a batch decided. */
  follow(outcome: Outcome): void {
    for (const alarm of outcome.decision.alarms) this.lone.follow(alarm)
    this.rates.follow(outcome.decision.events)
    if (outcome.brokerStartedAt !== undefined) this.supervision.listenAnew(outcome.brokerStartedAt)
    for (const [deviceId, at] of outcome.heard) this.supervision.heard(deviceId, at)
    if (this.waiting.length > 0) for (const [id, state] of outcome.states) this.note(id, state)
  }

  /** Once a second: decides and commits what time has brought about. */
  async tick(): Promise<void> {
    const now = this.deps.now()
    this.followClock(now)
    const since = now - this.lastTick
    // Negative: the clock was set back, and waiting for it to catch up would be hours without supervision.
    if (!this.loaded || (since >= 0 && since < TICK_MS)) return
    this.lastTick = now
    const silent = this.supervision.takeSilent(now, PER_TICK)
    const ticking = [...this.ticking].slice(0, PER_TICK)
    if (silent.length === 0 && ticking.length === 0) return
    const { knowledge, decisions } = this.deps
    await knowledge.prefetch({ devices: [...silent.map(({ deviceId }) => deviceId), ...ticking] })
    await knowledge.prefetch({ devices: silent.map(({ deviceId }) => knowledge.device(deviceId)?.gatewayId ?? '') })
    const draft = new Draft(knowledge, now)
    const cause: Cause = { key: 'tick', arrivedAt: now }
    for (const one of silent) {
      const device = draft.device(one.deviceId)
      if (
        device !== undefined &&
        !device.disabled &&
        !isWatchedByPanel(device, draft) &&
        draft.openAlarm(device.id, 'silent')?.state.startsWith('ACTIVE') !== true
      )
        draft.find(device, silentFinding(device, one, now), cause)
    }
    for (const id of ticking) this.step(draft, id, now, cause)
    const silences = await this.silencesIn(draft, silent)
    const newId = (of: string): string => stableId(cause, of, 'incident')
    for (const { change, alarms } of group(silences, this.lone.all(), draft.handling, newId, now)) {
      for (const alarm of alarms) draft.step({ alarm, event: 'alarm.updated' })
      draft.change(change)
    }
    const outcome = draft.finish({})
    try {
      if (outcome.states.size > 0 || outcome.decision.alarms.length > 0) await decisions.commit(outcome.decision)
    } catch (error) {
      // Not stored is not decided: they fall due again.
      for (const { deviceId, heardAt } of silent) this.supervision.heard(deviceId, heardAt)
      throw error
    }
    knowledge.apply(outcome)
    for (const silence of silences) this.lone.add(silence)
    this.lone.forget(now)
    this.follow(outcome)
    // The next tick takes the others first.
    for (const id of ticking) if (this.ticking.delete(id)) this.note(id, knowledge.state(id))
  }

  /**
   * Once a second: escalation, verification, ends of tests and duty checks. `busy`: fires or people's commands wait to be
   * read, which may be the very acknowledgement that stops a step; for so long, and no longer, they go first.
   */
  async letTimePass(busy: boolean): Promise<void> {
    const { knowledge, decisions } = this.deps
    const now = this.deps.now()
    this.followClock(now)
    const since = now - (busy ? Math.max(this.lastPassed, this.deps.startedAt) : this.lastPassed)
    if (since >= 0 && since < (busy ? BUSY_PASS_MS : TICK_MS)) return
    this.lastPassed = now
    await knowledge.handling.followStaff()
    if (!knowledge.handling.waits(now)) return
    const marked = [...knowledge.openAlarms()].filter(({ mode }) => mode !== undefined)
    await knowledge.prefetch({ devices: marked.map(({ deviceId }) => deviceId ?? '') })
    const draft = new Draft(knowledge, now)
    const more = letTimePass(draft, { key: 'time', arrivedAt: now }, now)
    const outcome = draft.finish({})
    const { events, incidents } = outcome.decision
    if (events.length + incidents.length === 0) return
    await decisions.commit(outcome.decision)
    knowledge.apply(outcome)
    this.follow(outcome)
    if (more) this.lastPassed = Number.NEGATIVE_INFINITY
  }

  /** What those that have just fallen silent have in common with others. */
  private async silencesIn(draft: Draft, silent: readonly Silent[]): Promise<readonly Silence[]> {
    const found: Silence[] = []
    for (const { deviceId, rhythmMs } of silent) {
      const device = draft.device(deviceId)
      const alarm = draft.openAlarm(deviceId, 'silent')
      if (device === undefined || alarm === undefined || alarm.incidentId !== null || alarm.mode !== undefined) continue
      found.push(silenceOf(alarm, device, await this.deps.decisions.attributes(deviceId), rhythmMs, draft.handling))
    }
    return found
  }

  /** After a start: who has fallen silent before, and stands alone. */
  private async recallSilences(): Promise<void> {
    const { knowledge, decisions, now } = this.deps
    for (const alarm of [...knowledge.openAlarms()]) {
      if (alarm.type !== 'silent' || alarm.deviceId === null || alarm.incidentId !== null || !isActive(alarm)) continue
      if (alarm.mode !== undefined || now() - alarm.noticedAt > LONGEST_WINDOW_MS) continue
      await knowledge.prefetch({ devices: [alarm.deviceId] })
      const device = knowledge.device(alarm.deviceId)
      if (device === undefined) continue
      const rhythmMs = (device.rhythmS ?? KINDS[device.kind].rhythmS) * MS
      this.lone.add(silenceOf(alarm, device, await decisions.attributes(device.id), rhythmMs, knowledge.handling))
    }
    this.lone.forget(now())
  }

  private followClock(now: number): void {
    const base = now - this.deps.elapsed()
    const stepMs = base - this.clockBase
    // Also what the two drift apart in months.
    this.clockBase = base
    if (Math.abs(stepMs) < CLOCK_STEP_MS) return
    this.deps.log.warn({ stepMs }, 'this machine’s clock was set: supervision of silence starts anew')
    this.supervision.clockWasSet(now)
    this.deps.knowledge.handling.clockWasSet(stepMs)
  }

  private step(draft: Draft, id: string, now: number, cause: Cause): void {
    const device = draft.device(id)
    if (device === undefined || device.disabled) return
    const before = draft.state(id)
    const { states, findings } = stepDetectors(before.detectors, this.waiting, {
      type: 'tick',
      device: factsOf(device),
      at: now,
    })
    if (states !== before.detectors) draft.setState(id, { ...before, detectors: states })
    for (const finding of findings) draft.find(device, finding, cause)
  }

  private looksAt({ kind }: RegisteredDevice): boolean {
    return this.waiting.some(({ kinds }) => kinds === 'all' || kinds.has(kind))
  }

  private async recall(id: string): Promise<void> {
    await this.deps.knowledge.prefetch({ devices: [id] })
    this.note(id, this.deps.knowledge.state(id))
    this.deps.knowledge.trim()
  }

  /** A detector whose state is its initial one waits for nothing. */
  private note(id: string, { detectors }: DeviceState): void {
    const waits = this.waiting.some(
      ({ name, initial, waits }) =>
        Object.hasOwn(detectors, name) &&
        (waits === undefined ? JSON.stringify(detectors[name]) !== JSON.stringify(initial) : waits(detectors[name])),
    )
    if (waits) this.ticking.add(id)
    else this.ticking.delete(id)
  }
}

/** A fire panel watches its points itself, and says a fault when one is gone; a point is silent while all is well. */
const isWatchedByPanel = ({ rhythmS, gatewayId }: RegisteredDevice, draft: Draft): boolean =>
  rhythmS === null && gatewayId !== null && draft.device(gatewayId)?.kind === 'fire-panel'
