import type { Logger } from 'pino'
import type { PlaceTree } from '../../contract/place-tree.ts'
import type { Registry } from '../../store/state/registry-port.ts'
import type { Views } from '../../store/state/views-port.ts'
import type { Fleet } from './fleet.ts'

/** Rows read in one go at start: about 10 ms of work, and short-lived objects stay few. */
const PAGE = 1000
/** A device registered by the command line shows within a second: half of it is the wait. */
const REGISTRY_POLL_MS = 400
/** Sightings change a device's look seldom (heard for the first time); alarms come through events, at once. */
const SIGHTING_POLL_MS = 100

export interface FleetSources {
  readonly registry: Pick<Registry, 'revision' | 'list' | 'changesSince' | 'places'>
  readonly views: Pick<Views, 'sightedAfter'>
}

/** Keeps the fleet's picture the same as the registry and the sightings. Alarms come from the event tail. */
export class FleetFeed {
  private readonly sources: FleetSources
  private readonly fleet: Fleet
  private readonly places: PlaceTree
  private readonly log: Logger
  private readonly onSighted: (ids: readonly string[]) => void
  private revision = 0
  private readonly timers = new Set<NodeJS.Timeout>()
  private stopped = false

  /** @param onSighted ids of devices that were heard just now, for the pages that show one */
  constructor(
    sources: FleetSources,
    fleet: Fleet,
    places: PlaceTree,
    log: Logger,
    onSighted: (ids: readonly string[]) => void,
  ) {
    this.sources = sources
    this.fleet = fleet
    this.places = places
    this.log = log
    this.onSighted = onSighted
  }

  /** Reads everything once. In pages: the whole registry at once would be 300 MB of short-lived objects. */
  async load(): Promise<void> {
    this.revision = await this.sources.registry.revision()
    this.places.replace(await this.sources.registry.places())
    let after = ''
    for (;;) {
      const page = await this.sources.registry.list(after, PAGE)
      for (const device of page) this.fleet.register(device)
      const last = page.at(-1)
      if (last === undefined || page.length < PAGE) break
      after = last.id
    }
    await this.pollRegistry()
    // Until a page is not full: while a city reports, there is always something new, and the console must open.
    while ((await this.pollSightings()) >= PAGE);
    this.fleet.startRemembering()
  }

  start(): void {
    this.repeat(() => this.pollRegistry(), REGISTRY_POLL_MS)
    this.repeat(() => this.pollSightings(), SIGHTING_POLL_MS)
  }

  stop(): void {
    this.stopped = true
    for (const timer of this.timers) clearTimeout(timer)
  }

  /** At once: somebody is about to ask for a device that was registered with the alarm that names it. */
  followRegistry(): void {
    this.pollRegistry().catch((error: unknown) => this.log.error({ err: error }, 'reading the registry failed'))
  }

  private async pollRegistry(): Promise<void> {
    const { registry } = this.sources
    if ((await registry.revision()) === this.revision) return
    const { revision, changed, removed } = await registry.changesSince(this.revision)
    // Revisions that no device accounts for: places were written. (A device changed twice looks alike; reading the
    // places once too often does no harm.)
    const byDevices = new Set(changed.map((device) => device.revision)).size + removed.length
    if (byDevices < revision - this.revision) this.places.replace(await registry.places())
    for (const id of removed) this.fleet.unregister(id)
    for (const device of changed) this.fleet.register(device)
    this.revision = revision
  }

  private async pollSightings(): Promise<number> {
    const sighted = await this.sources.views.sightedAfter(this.fleet.rev, PAGE)
    for (const sighting of sighted) this.fleet.sight(sighting)
    if (sighted.length > 0) this.onSighted(sighted.map((sighting) => sighting.deviceId))
    return sighted.length
  }

  private repeat(work: () => Promise<unknown>, everyMs: number): void {
    const run = (): void => {
      work()
        .catch((error: unknown) =>
          this.log.error({ err: error }, 'reading the fleet from the state failed; trying again'),
        )
        .finally(() => {
          if (this.stopped) return
          this.timers.delete(timer)
          timer = setTimeout(run, everyMs)
          this.timers.add(timer)
        })
    }
    let timer = setTimeout(run, everyMs)
    this.timers.add(timer)
  }
}
