import { balanceOfHours } from '../../contract/zone-balance.ts'
import type { Balance } from '../../contract/zones.ts'
import type { MeterCountChange, WaterDecision, ZoneHour } from '../../store/state/water-port.ts'
import { emptyTapes, packTapes } from '../zones/tape-bytes.ts'
import { Accounts, type KnownMeter, type Standing } from './accounts.ts'

interface ZoneBook {
  readonly hours: Map<number, ZoneHour>
  first: number
  last: number
  counts: MeterCountChange[]
}

const SUMS = ['inflowL', 'householdL', 'householdKnownMs', 'householdMeasuredMs', 'bulkMeasuredMs'] as const
const NOTHING = { inflowL: 0, householdL: 0, householdKnownMs: 0, householdMeasuredMs: 0, bulkMeasuredMs: 0 }

/** What the live path's accounts come to, in memory instead of a store: for the evaluation and for tests. */
export class AccountBook {
  private readonly meters = new Map<string, KnownMeter>()
  private readonly zones = new Map<string, ZoneBook>()

  /** Where meters count, all of it, from now on. @returns the earliest hour that changed, by zone */
  place(standings: ReadonlyMap<string, Standing>): ReadonlyMap<string, number> {
    for (const [meter, standing] of standings) {
      if (this.meters.has(meter)) continue
      const isBulk = standing.memberships.some(({ part }) => part !== 'household')
      const tapes = packTapes(emptyTapes(isBulk ? 'bulk' : 'household'))
      this.meters.set(meter, { memberships: [], awaitedFrom: 0, tapes, standing })
    }
    return this.take((accounts) => {
      for (const [meter, standing] of standings) accounts.place(meter, standing)
    })
  }

  /** One decision: any number of readings. @returns the earliest hour that changed, by zone */
  take(change: (accounts: Accounts) => void): ReadonlyMap<string, number> {
    const accounts = new Accounts((id) => this.meters.get(id))
    change(accounts)
    const water = accounts.finish()
    const changed = new Map<string, number>()
    if (water === undefined) return changed
    for (const [id, meter] of water.meters) this.meters.set(id, meter)
    for (const one of water.counts) this.zoneOf(one.zone).counts.push(one)
    for (const one of water.counts) this.zoneOf(one.zone).counts.sort((a, b) => a.hour - b.hour)
    for (const { zone, ...added } of water.hours) {
      this.add(this.zoneOf(zone), added)
      changed.set(zone, Math.min(added.hour, changed.get(zone) ?? added.hour))
    }
    return changed
  }

  /** Ascending; those that hold something, and some that hold nothing any more. */
  hours(zone: string, from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY): readonly ZoneHour[] {
    const { hours, first, last } = this.zoneOf(zone)
    const found: ZoneHour[] = []
    for (let hour = Math.max(from, first); hour <= Math.min(to - 1, last); hour++) {
      const sums = hours.get(hour)
      if (sums !== undefined) found.push(sums)
    }
    return found
  }

  counts(zone: string): readonly MeterCountChange[] {
    return this.zoneOf(zone).counts
  }

  /** @param from first hour @param to first hour no longer counted */
  balance(zone: string, from: number, to: number): Balance {
    const there = { household: 0, bulk: 0 }
    for (const { part, hour, change } of this.counts(zone))
      if (hour < to) there[part === 'household' ? 'household' : 'bulk'] += change * (to - Math.max(hour, from))
    return balanceOfHours(this.hours(zone, from, to), there, to - from)
  }

  private zoneOf(zone: string): ZoneBook {
    let book = this.zones.get(zone)
    if (book === undefined) {
      book = { hours: new Map(), first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY, counts: [] }
      this.zones.set(zone, book)
    }
    return book
  }

  private add(book: ZoneBook, added: Omit<WaterDecision['hours'][number], 'zone'>): void {
    const sums = { ...(book.hours.get(added.hour) ?? { hour: added.hour, ...NOTHING }) }
    for (const name of SUMS) sums[name] += added[name]
    book.hours.set(added.hour, sums)
    book.first = Math.min(book.first, added.hour)
    book.last = Math.max(book.last, added.hour)
  }
}
