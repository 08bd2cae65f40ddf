import { type Decision, type Decisions, NO_DECISION } from '../../store/state/decisions-port.ts'
import type { Registry } from '../../store/state/registry-port.ts'
import type { WaterDecision } from '../../store/state/water-port.ts'
import { Draft, type Outcome } from '../draft.ts'
import type { Knowledge } from '../knowledge.ts'
import type { Figures } from '../metrics.ts'
import { TopologyFollower } from './follow-topology.ts'
import { Judging } from './judging.ts'
import type { WaterStores } from './meters.ts'

/** Between two looks at what has changed: a zone is judged within seconds of its data. */
const LOOK_EVERY_MS = 1000
/** While records wait to be read, they go first for so long. */
const BUSY_MS = 5000
/** Meters are followed so often meanwhile, 3 ms and what storing takes: 20,000 new ones count within a minute. */
const FOLLOW_MS = 100
/** After a failure. Nothing is lost: what has to be done follows from what is stored. */
const REST_MS = 10_000

export interface WaterDependencies extends WaterStores {
  readonly registry: Registry
  readonly decisions: Decisions
  readonly knowledge: Knowledge
  readonly figures: Figures
  readonly now: () => number
  /** Monotonic, ms. */
  readonly elapsed: () => number
  readonly log: { error(facts: object, message: string): void }
  /** Told of every decision with alarms, once it is stored. */
  readonly decided: (outcome: Outcome) => void
}

/** Where meters count, and what their zones lose: after the readings, and never before a fire. */
export class Water {
  private readonly deps: WaterDependencies
  private readonly topology: TopologyFollower
  private readonly judging: Judging
  private lookedAt = Number.NEGATIVE_INFINITY
  private followedAt = Number.NEGATIVE_INFINITY
  private restUntil = Number.NEGATIVE_INFINITY

  constructor(deps: WaterDependencies) {
    this.deps = deps
    this.topology = new TopologyFollower(deps.registry, deps.knowledge, deps)
    this.judging = new Judging(deps.knowledge, deps.zones, deps.figures, deps.elapsed)
  }

  load(): Promise<void> {
    return this.topology.load()
  }

  registryChanged(changes: Parameters<TopologyFollower['registryChanged']>[0]): void {
    this.topology.registryChanged(changes)
  }

  /** A little of what is to be done. Resolves true when there is more. A failure here never holds up detection. */
  async step(busy: boolean): Promise<boolean> {
    const now = this.deps.elapsed()
    const since = now - this.lookedAt
    const isDue = since < 0 || since >= (busy ? BUSY_MS : LOOK_EVERY_MS)
    const followed = now - this.followedAt
    const waits = this.topology.isDone ? !isDue : followed >= 0 && followed < FOLLOW_MS
    if (now < this.restUntil || (busy && waits)) return false
    try {
      this.followedAt = now
      await this.topology.step((water, accounts) => this.commit(water, accounts?.rejections(this.deps.now())))
      if (!this.topology.isDone) return !busy
      if (busy && !isDue) return false
      if (isDue) await this.judging.look()
      if (isDue) this.lookedAt = now
      if (!this.judging.isDone) await this.judge()
      return !this.judging.isDone && !busy
    } catch (error) {
      this.restUntil = now + REST_MS
      this.deps.figures.add('ingest_water_failures_total')
      this.deps.log.error({ error: String(error) }, 'zones could not be accounted or judged; it will be tried again')
      return false
    }
  }

  private async judge(): Promise<void> {
    const { knowledge, decisions, decided, log, figures } = this.deps
    const now = this.deps.now()
    const draft = new Draft(knowledge, now)
    const { water, stored } = await this.judging.step(draft, now, (zone, error) => {
      figures.add('ingest_water_failures_total')
      log.error({ zone, error: String(error) }, 'a zone could not be judged; it will be when its readings change')
    })
    if (water !== undefined) {
      const outcome = draft.finish({})
      await decisions.commit({ ...outcome.decision, water })
      knowledge.apply(outcome)
      decided(outcome)
    }
    stored()
  }

  private async commit(water: WaterDecision, rejections: Decision['rejections'] = []): Promise<void> {
    await this.deps.decisions.commit({ ...NO_DECISION, water, rejections })
    this.deps.knowledge.meters.apply(water)
  }
}
