import type { Quantity, Value } from '../../contract/quantities.ts'
import type { Readings } from '../../contract/readings.ts'

/**
 * Gathers readings that come one by one, in any order, into columns by ascending time. Several quantities of one time
 * share a row.
 */
export class Columns {
  private readonly at: number[] = []
  private readonly columns = new Map<Quantity, (Value | null)[]>()
  private sorted = true
  /** Row of each time; made when the first time comes that is not the newest. */
  private rows: Map<number, number> | undefined

  /** False when this quantity has a value for this time already: the first one stays. */
  add(at: number, quantity: Quantity, value: Value): boolean {
    const row = this.rowOf(at)
    let column = this.columns.get(quantity)
    if (column === undefined) {
      column = []
      this.columns.set(quantity, column)
    }
    while (column.length <= row) column.push(null)
    if (column[row] !== null) return false
    column[row] = value
    return true
  }

  /** Undefined when nothing was added. */
  finish(message: { readonly seq?: number; readonly id?: string }): Readings | undefined {
    if (this.columns.size === 0) return undefined
    const count = this.at.length
    const fields = Array.from(this.columns, ([quantity, values]) => {
      while (values.length < count) values.push(null)
      return { quantity, values: values as readonly (Value | null)[] }
    })
    if (this.sorted) return { at: this.at, fields, ...message }
    const order = Array.from(this.at.keys()).sort((a, b) => (this.at[a] as number) - (this.at[b] as number))
    return {
      at: order.map((row) => this.at[row] as number),
      fields: fields.map(({ quantity, values }) => ({ quantity, values: order.map((row) => values[row] ?? null) })),
      ...message,
    }
  }

  private rowOf(at: number): number {
    const count = this.at.length
    const newest = count === 0 ? Number.NEGATIVE_INFINITY : (this.at[count - 1] as number)
    if (this.rows === undefined) {
      if (at > newest) return this.at.push(at) - 1
      if (at === newest) return count - 1
      this.rows = new Map(this.at.map((time, row) => [time, row]))
      this.sorted = false
    }
    const known = this.rows.get(at)
    if (known !== undefined) return known
    this.rows.set(at, count)
    this.at.push(at)
    return count
  }
}
