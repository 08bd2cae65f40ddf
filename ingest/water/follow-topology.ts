import { createHash } from 'node:crypto'
import type { Registry } from '../../store/state/registry-port.ts'
import type { TopologyRevision, WaterDecision } from '../../store/state/water-port.ts'
import type { Knowledge } from '../knowledge.ts'
import { Accounts, type Standing } from './accounts.ts'
import { isMeter, type WaterStores } from './meters.ts'

/** ms. Looking at meters in one step; storing what came of it takes about as long again. A fire waits no longer. */
const STEP_MS = 3
/** Devices that are read at once when all of them are looked at. */
const PER_PAGE = 100

type MeterId = { readonly id: string; readonly kind: 'water-meter' | 'bulk-meter' }

/**
 * Keeps the accounts where the topology has the meters: one that is registered counts as one to be heard, one that has
 * been moved or exchanged is taken out of its hours and put where it belongs. Follows the registry's changes; after a change
 * of the places, whose meters nobody lists, it looks at all of them, a few at a time.
 */
export class TopologyFollower {
  private readonly registry: Registry
  private readonly knowledge: Knowledge
  private readonly stores: WaterStores
  private readonly elapsed: () => number
  private readonly waiting = new Set<string>()
  /** Last meter that was looked at; undefined: no need to look at all of them. */
  private lookedAt: string | undefined
  private lookAgain = false
  private places = -1
  /** What lies in what, as it was last seen: a place that only has another name moves no meter. */
  private tree = ''
  private followed: TopologyRevision | undefined

  /** @param deps `elapsed`: monotonic, ms */
  constructor(registry: Registry, knowledge: Knowledge, deps: WaterStores & { readonly elapsed: () => number }) {
    this.registry = registry
    this.knowledge = knowledge
    this.stores = deps
    this.elapsed = deps.elapsed
  }

  /** What has changed since ingest ran last. */
  async load(): Promise<void> {
    this.places = this.knowledge.handling.placeRevision
    this.tree = this.treeNow()
    this.followed = await this.stores.zones.followed()
    if (this.followed?.places !== this.places) this.lookedAt = ''
    if (this.followed === undefined) return
    const { changed, removed } = await this.registry.changesSince(this.followed.registry)
    this.registryChanged({ changed, removed })
  }

  registryChanged({
    changed,
    removed,
  }: {
    readonly changed: readonly { readonly id: string; readonly kind: MeterId['kind'] | string }[]
    readonly removed: readonly string[]
  }): void {
    for (const { id, kind } of changed) if (kind === 'water-meter' || kind === 'bulk-meter') this.waiting.add(id)
    for (const id of removed) this.waiting.add(id)
    if (this.knowledge.handling.placeRevision === this.places) return
    this.places = this.knowledge.handling.placeRevision
    const tree = this.treeNow()
    if (tree === this.tree) return
    this.tree = tree
    if (this.lookedAt === undefined) this.lookedAt = ''
    else this.lookAgain = true
  }

  private treeNow(): string {
    const tree = createHash('sha256')
    for (const { id, kind, parentId } of this.knowledge.handling.places.all())
      tree.update(`${id} ${kind} ${parentId}\n`)
    return tree.digest('hex')
  }

  /** Every meter is accounted where the topology has it. */
  get isDone(): boolean {
    return this.waiting.size === 0 && this.lookedAt === undefined
  }

  /** A few meters. Undefined: nothing is to be stored. `commit` is called with the decision before anything is forgotten. */
  async step(commit: (water: WaterDecision, counts?: Pick<Accounts, 'rejections'>) => Promise<void>): Promise<void> {
    const upTo = { registry: this.knowledge.revision, places: this.places }
    const until = this.elapsed() + STEP_MS
    const accounts = new Accounts((id) => this.knowledge.meters.cache.get(id))
    const placed: string[] = []
    for (const id of this.waiting) {
      await this.place(accounts, id)
      placed.push(id)
      if (this.elapsed() > until) break
    }
    let { lookedAt } = this
    if (placed.length === 0 && lookedAt !== undefined) lookedAt = await this.look(accounts, lookedAt, until)
    const water = accounts.finish()
    if (water !== undefined) await commit(water, accounts)
    for (const id of placed) this.waiting.delete(id)
    if (this.lookedAt !== undefined && lookedAt === undefined && this.lookAgain) {
      this.lookAgain = false
      lookedAt = ''
    }
    this.lookedAt = lookedAt
    if (!this.isDone || (this.followed?.registry === upTo.registry && this.followed.places === upTo.places)) return
    await commit({ ...NOTHING, followed: upTo })
    this.followed = upTo
  }

  /** Resolves with the last meter that was looked at; undefined: it was the last of all. */
  private async look(accounts: Accounts, behind: string, until: number): Promise<string | undefined> {
    const page = await this.registry.list(behind, PER_PAGE)
    for (const device of page) {
      if (isMeter(device.kind)) await this.placeMeter(accounts, device as MeterId)
      if (this.elapsed() > until) return device.id
    }
    return page.length < PER_PAGE ? undefined : page.at(-1)?.id
  }

  private async place(accounts: Accounts, id: string): Promise<void> {
    const device = await this.registry.find(id)
    if (device !== undefined && isMeter(device.kind)) await this.placeMeter(accounts, device as MeterId)
    else await this.end(accounts, id)
  }

  private async placeMeter(accounts: Accounts, device: MeterId): Promise<void> {
    await this.knowledge.meters.prefetch(device)
    accounts.place(device.id, await this.knowledge.meters.standing(device))
  }

  /** What is no meter any more is not waited for; what it measured stays. */
  private async end(accounts: Accounts, id: string): Promise<void> {
    const accounted = await this.stores.zones.meter(id)
    if (accounted === undefined) return
    const gone = (await this.stores.topology.placements(id)).at(-1)
    if (gone === undefined || gone.placeId !== null) return
    this.knowledge.meters.cache.set(id, accounted)
    const standing: Standing = {
      memberships: accounted.memberships
        .filter(({ from }) => from < gone.from)
        .map((one) => ({ ...one, to: Math.min(one.to ?? gone.from, gone.from) })),
      exchanges: (await this.stores.topology.exchanges(id)).map(({ deviceId: _, ...exchange }) => exchange),
    }
    accounts.place(id, standing)
  }
}

const NOTHING: WaterDecision = { meters: new Map(), hours: [], counts: [], nights: [], zoneStates: new Map() }
