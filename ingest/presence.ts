import { type Decisions, NO_DECISION } from '../store/state/decisions-port.ts'
import type { Views } from '../store/state/views-port.ts'

/** Devices looked at in one transaction: a city that was connected must not hold up a fire. */
const PAGE = 500

export type SightedDevices = Pick<Views, 'sightedAfter' | 'lastRev'>

/**
 * A broker that comes up has no connections: whoever was connected to the one before, and was not heard since, is not
 * connected. That one cannot have said so if it was killed.
 */
export class Presence {
  private readonly decisions: Pick<Decisions, 'commit'>
  private readonly sighted: SightedDevices
  /** `through`: the newest change when it was first looked; who changed later has been heard. */
  private task: { readonly startedAt: number; through: number | undefined; after: number } | undefined

  constructor(decisions: Pick<Decisions, 'commit'>, sighted: SightedDevices) {
    this.decisions = decisions
    this.sighted = sighted
  }

  brokerStarted(at: number): void {
    this.task = { startedAt: at, through: undefined, after: 0 }
  }

  /** Looks at one page. Resolves true while there are more. */
  async step(): Promise<boolean> {
    const task = this.task
    if (task === undefined) return false
    const through = task.through ?? (await this.sighted.lastRev())
    task.through = through
    const page = await this.sighted.sightedAfter(task.after, PAGE)
    const last = page[page.length - 1]
    const gone = page.filter(({ connected, lastHeardAt }) => connected && (lastHeardAt ?? 0) < task.startedAt)
    if (gone.length > 0) {
      const sightings = gone.map(({ deviceId }) => ({ deviceId, connected: false }))
      await this.decisions.commit({ ...NO_DECISION, sightings })
    }
    if (last === undefined || last.rev >= through) this.task = undefined
    else task.after = last.rev
    return this.task !== undefined
  }
}
