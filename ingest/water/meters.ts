import type { Kind } from '../../contract/kinds.ts'
import type { PlaceTree } from '../../contract/place-tree.ts'
import { membershipsOf } from '../../contract/topology.ts'
import type { RegisteredDevice } from '../../store/state/registry-port.ts'
import type { Topology, WaterDecision, Zones } from '../../store/state/water-port.ts'
import { hourOf } from '../zones/accounting.ts'
import { emptyTapes, packTapes } from '../zones/tape-bytes.ts'
import type { KnownMeter, Standing } from './accounts.ts'

export interface WaterStores {
  readonly topology: Pick<Topology, 'placements' | 'exchanges' | 'flows'>
  readonly zones: Pick<
    Zones,
    'meter' | 'followed' | 'revision' | 'changedSince' | 'hours' | 'counts' | 'nights' | 'zoneState' | 'zones'
  >
}

export const isMeter = (kind: Kind): boolean => kind === 'water-meter' || kind === 'bulk-meter'

const NEVER_READ = {
  household: packTapes(emptyTapes('household')),
  bulk: packTapes(emptyTapes('bulk')),
} as const

/** What is known of meters: the accounts they are in, or are to be in. A cache; whoever owns it bounds it. */
export class Meters {
  readonly cache = new Map<string, KnownMeter>()
  private readonly stores: WaterStores
  private readonly places: PlaceTree
  private readonly now: () => number
  private edition: number

  constructor(stores: WaterStores, places: PlaceTree, now: () => number) {
    this.stores = stores
    this.now = now
    this.places = places
    this.edition = places.edition
  }

  async prefetch(device: Pick<RegisteredDevice, 'id' | 'kind'>): Promise<void> {
    if (!this.cache.has(device.id)) this.cache.set(device.id, await this.read(device))
  }

  /** Where a meter is to be accounted, as the topology stands now. */
  async standing({ id, kind }: Pick<RegisteredDevice, 'id' | 'kind'>): Promise<Standing> {
    const { topology } = this.stores
    const flows = kind === 'bulk-meter' ? await topology.flows(id) : []
    return {
      memberships: membershipsOf({ id, kind }, await topology.placements(id), flows, this.places),
      exchanges: (await topology.exchanges(id)).map(({ deviceId: _, ...exchange }) => exchange),
    }
  }

  /** Those that have never been accounted are looked at anew: they would be begun as the topology was. */
  topologyChanged({
    changed,
    removed,
  }: {
    readonly changed: readonly { readonly id: string }[]
    readonly removed: readonly string[]
  }): void {
    if (this.places.edition !== this.edition) this.cache.clear()
    this.edition = this.places.edition
    for (const { id } of changed) this.cache.delete(id)
    for (const id of removed) this.cache.delete(id)
  }

  /** What has been committed is known from now on. */
  apply(water: WaterDecision | undefined): void {
    for (const [id, meter] of water?.meters ?? []) {
      this.cache.delete(id)
      this.cache.set(id, meter)
    }
  }

  /**
   * A zone that is being set up waits for all of its meters: their past is still to come. One that is judged already does not
   * lose its past nights to a meter that is new in it.
   */
  private async awaitedFrom({ memberships }: Standing): Promise<number> {
    for (const { zone } of memberships)
      if ((await this.stores.zones.zoneState(zone)) !== undefined) return hourOf(this.now())
    return 0
  }

  private async read(device: Pick<RegisteredDevice, 'id' | 'kind'>): Promise<KnownMeter> {
    const accounted = await this.stores.zones.meter(device.id)
    if (accounted !== undefined) return accounted
    const tapes = NEVER_READ[device.kind === 'bulk-meter' ? 'bulk' : 'household']
    const standing = await this.standing(device)
    return { memberships: [], awaitedFrom: await this.awaitedFrom(standing), tapes, standing }
  }
}
