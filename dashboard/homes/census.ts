import type { Staff } from '../../contract/homes.ts'
import type { Homes } from '../../store/state/homes-port.ts'
import type { Residents } from '../../store/state/residents-port.ts'

/** How old the figures of a list may be, ms: homes take somebody in or change a shift a few times a day. */
const FRESH_MS = 5000

export interface Counted {
  /** Residents by their very place. */
  readonly residents: ReadonlyMap<string, number>
  readonly staff: readonly Staff[]
}

/**
 * Who lives and who works in all homes, for their list: counted anew at most every five seconds, because 24,000 rows take
 * 20 ms in which no alarm would get through.
 */
export class Census {
  private readonly stores: { readonly residents: Residents; readonly homes: Homes }
  private readonly now: () => number
  private counted: { readonly at: number; readonly what: Promise<Counted> } | undefined

  constructor(stores: { readonly residents: Residents; readonly homes: Homes }, now: () => number) {
    this.stores = stores
    this.now = now
  }

  all(): Promise<Counted> {
    const at = this.now()
    if (this.counted === undefined || Math.abs(at - this.counted.at) > FRESH_MS) {
      const what = this.count()
      this.counted = { at, what }
      // What failed is tried again by whoever asks next.
      what.catch(() => {
        this.counted = undefined
      })
    }
    return this.counted.what
  }

  /** Of these places, as it is now. */
  async of(placeIds: readonly string[]): Promise<Counted> {
    const [residents, staff] = await Promise.all([
      this.stores.residents.countByPlace(placeIds),
      this.stores.homes.staff(placeIds),
    ])
    return { residents, staff }
  }

  private async count(): Promise<Counted> {
    const [residents, staff] = await Promise.all([this.stores.residents.countByPlace(), this.stores.homes.staff()])
    return { residents, staff }
  }
}
