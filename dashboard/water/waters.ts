import type { Logger } from 'pino'
import { litresPerHour } from '../../contract/losses.ts'
import type { PlaceTree } from '../../contract/place-tree.ts'
import { ZONE_KINDS } from '../../contract/zones.ts'
import type { Views } from '../../store/state/views-port.ts'
import type { Topology, Zones } from '../../store/state/water-port.ts'
import type { Fleet } from '../live/fleet.ts'
import { Accounts } from './accounts.ts'
import { Losses } from './losses.ts'
import { MetersOfZones } from './zone-meters.ts'

/** How often the accounts are looked at while nobody asks: half of the pulse that tells the consoles. */
const FOLLOW_EVERY_MS = 2500

export interface WaterStores {
  readonly zones: Zones
  readonly topology: Pick<Topology, 'bulkFlows'>
  readonly views: Pick<Views, 'zoneLosses'>
}

/** Open leaks behind the household meters of a zone. */
export interface ZoneLeaks {
  readonly count: number
  /** l/h, together */
  readonly lph: number
}

/** What is known of the water, in memory: which meters lie where, what has been accounted, what runs away. */
export class Waters {
  readonly meters: MetersOfZones
  readonly accounts: Accounts
  readonly losses: Losses
  private readonly stores: WaterStores
  private readonly log: Logger
  private readonly fleet: Fleet
  private summed: { readonly of: string; readonly leaks: ReadonlyMap<string, ZoneLeaks> } | undefined
  private timer: NodeJS.Timeout | undefined
  private stopped = false

  constructor(
    stores: WaterStores,
    places: PlaceTree,
    fleet: Fleet,
    around: { readonly now: () => number; readonly log: Logger },
  ) {
    this.stores = stores
    this.fleet = fleet
    this.log = around.log
    this.meters = new MetersOfZones(places, fleet, stores.topology)
    this.accounts = new Accounts(stores.zones, around.now)
    this.losses = new Losses(around.now)
  }

  /** Before the event tail goes on: what changes meanwhile comes through it. */
  async begin(): Promise<void> {
    await this.losses.load(this.stores.views)
    await this.accounts.follow()
  }

  /** To be awaited before a page is answered. */
  async follow(): Promise<void> {
    await Promise.all([this.accounts.follow(), this.meters.follow()])
  }

  /** By zone; added up again when a leak or a meter has changed. */
  leaks(): ReadonlyMap<string, ZoneLeaks> {
    const of = `${this.losses.version} ${this.meters.edition}`
    if (this.summed?.of !== of) this.summed = { of, leaks: this.sumLeaks() }
    return this.summed.leaks
  }

  private sumLeaks(): ReadonlyMap<string, ZoneLeaks> {
    const sums = new Map<string, { count: number; lph: number }>()
    for (const [deviceId, alarm] of this.losses.meters()) {
      const device = this.fleet.get(deviceId)
      if (device?.kind !== 'water-meter') continue
      for (const zone of this.meters.zonesOf(device.placeId)) {
        const sum = sums.get(zone) ?? { count: 0, lph: 0 }
        sum.count += 1
        sum.lph += litresPerHour(alarm)
        sums.set(zone, sum)
      }
    }
    return sums
  }

  /** Keeps the fortnights of all zones but wells ready: pages rank by them. Of 30,000 wells few are ever looked at. */
  start(): void {
    const run = (): void => {
      this.keepReady()
        .catch((error: unknown) => this.log.error({ err: error }, 'the accounts could not be followed; trying again'))
        .finally(() => {
          if (!this.stopped) this.timer = setTimeout(run, FOLLOW_EVERY_MS)
        })
    }
    run()
  }

  stop(): void {
    this.stopped = true
    clearTimeout(this.timer)
  }

  private async keepReady(): Promise<void> {
    await this.follow()
    for (const kind of ZONE_KINDS) {
      if (kind === 'well' || this.stopped) continue
      await this.accounts.accounts(this.meters.zones(kind), () => this.stopped)
    }
  }
}
