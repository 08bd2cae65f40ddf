import { QUANTITIES, type Quantity, type Value } from '../../../contract/quantities.ts'
import { readField } from './line.ts'
import type { Series } from './server.ts'

/** Rows of InfluxQL answers (time, then one column per quantity), ascending, put together as the port gives them. */
export class Table {
  readonly at: number[] = []
  private readonly quantities: readonly Quantity[]
  private readonly columns: (Value | null)[][]

  constructor(quantities: readonly Quantity[]) {
    this.quantities = quantities
    this.columns = quantities.map(() => [])
  }

  /** Rows of the same time belong together: a device that was registered anew as another kind has a series of each. */
  add(rows: Series['values']): void {
    for (const row of rows) {
      const time = row[0] as number
      if (this.at[this.at.length - 1] !== time) {
        this.at.push(time)
        for (const column of this.columns) column.push(null)
      }
      for (const [i, quantity] of this.quantities.entries()) {
        const value = readField(row[i + 1], QUANTITIES[quantity].type === 'words')
        const column = this.columns[i] as (Value | null)[]
        if (value !== undefined) column[column.length - 1] = value
      }
    }
  }

  /** The oldest `limit` rows, and whether there are more; quantities without a value in them are left out. */
  first(limit: number): { at: number[]; fields: Map<Quantity, (Value | null)[]>; truncated: boolean } {
    const truncated = this.at.length > limit
    const fields = new Map<Quantity, (Value | null)[]>()
    for (const [i, quantity] of this.quantities.entries()) {
      const column = (this.columns[i] as (Value | null)[]).slice(0, limit)
      if (column.some((value) => value !== null)) fields.set(quantity, column)
    }
    return { at: this.at.slice(0, limit), fields, truncated }
  }
}
