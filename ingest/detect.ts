import type { JournalLane, JournalReader, JournalRecord } from '../store/journal/port.ts'
import { type Decisions, NO_DECISION, StateUnavailable } from '../store/state/decisions-port.ts'
import type { Registry } from '../store/state/registry-port.ts'
import type { Detectors } from './device-readings.ts'
import type { Outcome } from './draft.ts'
import type { HandlingStores } from './incidents/memory.ts'
import { Knowledge } from './knowledge.ts'
import { LaneReader, type Loss } from './lane.ts'
import type { Figures } from './metrics.ts'
import { decide, type Prepared, prepare } from './pipeline.ts'
import { Presence, type SightedDevices } from './presence.ts'
import { Slice } from './slice.ts'
import { Ticks } from './ticks.ts'
import type { WaterStores } from './water/meters.ts'
import { Water } from './water/water.ts'

/** Records of the urgent lane in one transaction. */
const URGENT_SLICE = 512
const FIRST_BULK_SLICE = 64
const TELL_UNREADABLE_EVERY_MS = 10_000
/** A replay from quarantine may be a hundred records' work. */
const FIRST_OPERATOR_SLICE = 4

export interface DetectDependencies {
  readonly journals: Readonly<Record<JournalLane, JournalReader>>
  readonly decisions: Decisions
  readonly registry: Registry
  readonly homes: HandlingStores['homes']
  readonly topology: WaterStores['topology']
  readonly zones: WaterStores['zones']
  readonly sighted: SightedDevices
  readonly detectors: Detectors
  readonly figures: Figures
  /** Wall clock, ms since 1970. */
  readonly now: () => number
  /** Monotonic, ms. */
  readonly elapsed: () => number
  readonly log: { error(facts: object, message: string): void; warn(facts: object, message: string): void }
}

/**
 * The detect cursor: reads the lanes, decides, commits. `step` does one round: a slice of the urgent lane, what people
 * did, and only when nothing urgent is left a slice of the bulk lane.
 */
export class Detect {
  readonly ticks: Ticks
  private readonly water: Water
  private readonly deps: DetectDependencies
  private readonly knowledge: Knowledge
  private readonly lanes: Readonly<Record<JournalLane, LaneReader>>
  private readonly presence: Presence
  private readonly bulkSlice = new Slice(FIRST_BULK_SLICE)
  private readonly toldUnreadableAt = new Map<JournalLane, number>()
  private readonly operatorSlice = new Slice(FIRST_OPERATOR_SLICE)

  private constructor(
    deps: DetectDependencies,
    knowledge: Knowledge,
    lanes: Detect['lanes'],
    ticks: Ticks,
    water: Water,
  ) {
    this.deps = deps
    this.knowledge = knowledge
    this.lanes = lanes
    this.ticks = ticks
    this.water = water
    this.presence = new Presence(deps.decisions, deps.sighted)
  }

  /** Takes up where the last commit ended. */
  static async open(deps: DetectDependencies): Promise<Detect> {
    const knowledge = new Knowledge(deps.registry, deps.decisions, deps.homes, deps)
    await knowledge.load(deps.now())
    const lane = async (name: JournalLane): Promise<LaneReader> => {
      const reader = new LaneReader(name, deps.journals[name], await deps.decisions.cursor('detect', name))
      const was = await reader.rewindIfReplaced()
      if (was !== undefined) {
        const detail = `lane ${name} ends before record ${was}, which was decided already: another journal lies in its place`
        deps.log.error({ lane: name, cursor: was }, `${detail}; it is read from its beginning`)
        await deps.decisions.commit({
          ...NO_DECISION,
          cursors: { [name]: reader.cursor },
          rejections: [{ reason: 'journal.damaged', deviceId: '', at: deps.now(), count: 1, detail }],
        })
      }
      return reader
    }
    const lanes = { urgent: await lane('urgent'), operator: await lane('operator'), bulk: await lane('bulk') }
    const ticks = new Ticks({ ...deps, knowledge, startedAt: deps.now(), heardAt: await deps.decisions.lastHeard() })
    const water = new Water({ ...deps, knowledge, decided: (outcome) => ticks.follow(outcome) })
    await water.load()
    return new Detect(deps, knowledge, lanes, ticks, water)
  }

  /** One round. Resolves true when there may be more to do at once. */
  async step(): Promise<boolean> {
    await this.followRegistry()
    const urgent = await this.serve('urgent', URGENT_SLICE)
    const operator = urgent >= URGENT_SLICE ? undefined : await this.serveSlice('operator', this.operatorSlice)
    await this.ticks.letTimePass(operator === undefined || operator.full)
    if (operator === undefined || operator.full) return true
    const bulk = await this.serveSlice('bulk', this.bulkSlice)
    const busy = (await this.presence.step()) || urgent + operator.served + bulk.served > 0
    if (!busy) await this.ticks.tick()
    return (await this.water.step(busy)) || busy
  }

  /** Records not yet decided, and for how long the oldest of them has waited. */
  async lag(name: JournalLane): Promise<{ readonly records: number; readonly ms: number }> {
    const lane = this.lanes[name]
    const records = await lane.lag()
    const now = this.deps.now()
    return { records, ms: records === 0 ? 0 : Math.max(0, now - (lane.oldestWaiting ?? now)) }
  }

  get openAlarms(): number {
    return this.knowledge.openAlarmCount
  }

  /** What is open, and whether people can still follow it: for /metrics. */
  get alarmFigures(): Readonly<Record<string, number>> {
    const { knowledge, ticks } = this
    return {
      ingest_open_alarms: knowledge.openAlarmCount,
      ingest_open_incidents: [...knowledge.handling.openIncidents()].length,
      ...ticks.rates.figures(knowledge.openAlarms(), this.deps.now()),
    }
  }

  /** Resolves with how many records were dealt with. */
  private async serve(name: JournalLane, limit: number): Promise<number> {
    const lane = this.lanes[name]
    const { records, loss, unreadable } = await lane.take(limit)
    if (loss !== undefined) {
      await this.recordLoss(lane, loss)
      return 1
    }
    if (unreadable !== undefined) this.tellUnreadable(name, unreadable)
    if (records.length > 0) await this.settle(lane, records)
    return records.length
  }

  /** What is not urgent gets as much time as a fire may wait. */
  private async serveSlice(
    name: JournalLane,
    slice: Slice,
  ): Promise<{ readonly served: number; readonly full: boolean }> {
    const limit = slice.size
    const started = this.deps.elapsed()
    const served = await this.serve(name, limit)
    if (served > 0) slice.adapt(served, this.deps.elapsed() - started)
    return { served, full: served >= limit }
  }

  private async settle(lane: LaneReader, records: readonly JournalRecord[]): Promise<void> {
    const { batch, needed } = prepare(records)
    await this.knowledge.prefetch(needed)
    await this.commitOrDivide(lane, batch)
    this.knowledge.trim()
  }

  /** Which records cannot be stored, is found by halves: a few bad ones in a thousand cost a few dozen transactions. */
  private async commitOrDivide(lane: LaneReader, batch: readonly Prepared[]): Promise<void> {
    try {
      await this.commit(lane, batch)
    } catch (error) {
      // A full disk or a lock is no record's fault: setting one aside for it would lose a fire.
      if (error instanceof StateUnavailable) throw error
      if (batch.length === 1) {
        await this.commitAsPoison(lane, batch[0] as Prepared, error)
        return
      }
      const half = batch.length >> 1
      await this.commitOrDivide(lane, batch.slice(0, half))
      await this.commitOrDivide(lane, batch.slice(half))
    }
  }

  /** Behind the store's commit nothing may wait or fail: what is stored would be decided again. */
  private async commit(lane: LaneReader, batch: readonly Prepared[]): Promise<void> {
    const { now, detectors, decisions, figures } = this.deps
    const outcome = decide(batch, this.knowledge, { lane: lane.name, now: now(), detectors })
    await decisions.commit(outcome.decision)
    this.knowledge.apply(outcome)
    const last = batch[batch.length - 1]
    if (last !== undefined) lane.confirm(last.record.seq)
    this.count(lane.name, batch.length, outcome)
    this.ticks.follow(outcome)
    if (outcome.brokerStartedAt !== undefined) this.presence.brokerStarted(outcome.brokerStartedAt)
    const committedAt = now()
    for (const arrivedAt of outcome.raisedBy) figures.alarmLatency(Math.max(0, committedAt - arrivedAt))
    for (const { reason, detail, deviceId, journalSeq } of outcome.decision.quarantine)
      if (reason === 'poison.exception')
        this.deps.log.error(
          { lane: lane.name, deviceId, journalSeq, detail },
          'a record made Hydrant fail; it is in quarantine',
        )
  }

  /** The store refused one record's decision. If it takes the record as poison, it was the record; else it is the store. */
  private async commitAsPoison(lane: LaneReader, prepared: Prepared, error: unknown): Promise<void> {
    try {
      await this.commit(lane, [{ ...prepared, failure: error }])
    } catch {
      throw error
    }
  }

  /** One lane that cannot be read must not hold up the others. */
  private tellUnreadable(name: JournalLane, why: string): void {
    const now = this.deps.elapsed()
    if (now - (this.toldUnreadableAt.get(name) ?? Number.NEGATIVE_INFINITY) < TELL_UNREADABLE_EVERY_MS) return
    this.toldUnreadableAt.set(name, now)
    this.deps.figures.add(`ingest_lane_unreadable_total{lane="${name}"}`)
    this.deps.log.error({ lane: name }, why)
  }

  private async recordLoss(lane: LaneReader, loss: Loss): Promise<void> {
    const count = loss.through - loss.after
    this.deps.log.error({ lane: lane.name, count, ...loss }, 'journal records cannot be read and are skipped')
    await this.deps.decisions.commit({
      ...NO_DECISION,
      cursors: { [lane.name]: loss.through },
      rejections: [{ reason: 'journal.damaged', deviceId: '', at: this.deps.now(), count, detail: loss.detail }],
    })
    this.deps.figures.add(`ingest_journal_damaged_total{lane="${lane.name}"}`, count)
    lane.confirm(loss.through)
  }

  private async followRegistry(): Promise<void> {
    const changes = await this.knowledge.refresh()
    this.ticks.registryChanged(changes)
    this.water.registryChanged(changes)
  }

  private count(lane: JournalLane, records: number, { decision }: Outcome): void {
    const { figures } = this.deps
    figures.add(`ingest_decided_total{lane="${lane}"}`, records)
    figures.add('ingest_readings_total', decision.readings)
    figures.add('ingest_quarantined_total', decision.quarantine.length)
    figures.add('ingest_events_total', decision.events.length)
    for (const event of decision.events)
      if (event.type === 'quarantine.replayed' && !event.dryRun) {
        figures.add('ingest_replayed_total{outcome="understood"}', event.understood)
        figures.add('ingest_replayed_total{outcome="not-understood"}', event.notUnderstood)
      }
  }
}
