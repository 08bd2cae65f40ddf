import { existsSync } from 'node:fs'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { HistoryBucket } from '../../contract/api.ts'
import { QUANTITIES, type Quantity, type Value } from '../../contract/quantities.ts'
import { openDatabase } from '../sqlite.ts'
import { BlockView } from './block.ts'
import { bucketize } from './buckets.ts'
import { firstNotBefore } from './merge.ts'
import type { HistoryReader } from './port.ts'
import { quantitiesOf } from './quantity-codes.ts'
import { BLOCKS_BACKWARDS, BLOCKS_OF_DAYS, type BlockRow, dayOf, MAX_SPAN_MS, NEWEST_DAY } from './schema.ts'

interface Open {
  readonly db: DatabaseSync
  readonly device: StatementSync
  readonly newestDay: StatementSync
  readonly between: StatementSync
  readonly backwards: StatementSync
}

interface DeviceRow {
  readonly n: number
  readonly firstDay: number
  readonly quantities: number
}

/** Reads a history file, also before its writer has made it: it then reads as empty. */
export class SqliteHistoryReader implements HistoryReader {
  private readonly file: string
  private opened: Open | undefined

  constructor(file: string) {
    this.file = file
  }

  async range(
    deviceId: string,
    from: number,
    to: number,
    limit: number,
  ): Promise<{ at: number[]; fields: Map<Quantity, (Value | null)[]>; truncated: boolean }> {
    const at: number[] = []
    const fields = new Map<Quantity, (Value | null)[]>()
    let truncated = false
    for (const row of this.blocks(deviceId, from, to)) {
      const block = new BlockView(row.body, row.start, row.count)
      const columns = Array.from(block.quantities, (quantity) => [quantity, block.values(quantity) ?? []] as const)
      const before = at.length
      const kept = rowsWithValues(
        columns.map(([, values]) => values),
        firstNotBefore(block.at, from),
        firstNotBefore(block.at, to),
      )
      truncated = kept.length > limit - before
      if (truncated) kept.length = limit - before
      for (const i of kept) at.push(block.at[i] as number)
      for (const [quantity, values] of columns) {
        let column = fields.get(quantity)
        if (column === undefined) {
          column = []
          fields.set(quantity, column)
        }
        while (column.length < before) column.push(null)
        for (const i of kept) column.push(values[i] as Value | null)
      }
      if (truncated) break
    }
    for (const [quantity, column] of fields) {
      while (column.length < at.length) column.push(null)
      if (column.every((value) => value === null)) fields.delete(quantity)
    }
    return { at, fields, truncated }
  }

  async buckets(
    deviceId: string,
    quantity: Quantity,
    from: number,
    to: number,
    stepMs: number,
  ): Promise<HistoryBucket[]> {
    const facts = QUANTITIES[quantity]
    if (facts.type !== 'number' || !(stepMs > 0)) return []
    const isRegister = 'register' in facts
    const margin = isRegister ? stepMs : 0
    const at: number[] = []
    const values: number[] = []
    for (const row of this.blocks(deviceId, from - margin, to + margin + 1)) {
      const block = new BlockView(row.body, row.start, row.count)
      const column = block.values(quantity)
      if (column === undefined) continue
      for (let i = firstNotBefore(block.at, from - margin); i < column.length; i++) {
        const time = block.at[i] as number
        if (time > to + margin) break
        const value = column[i]
        if (typeof value !== 'number') continue
        at.push(time)
        values.push(value)
      }
    }
    return bucketize(at, values, from, to, stepMs, isRegister)
  }

  async latest(deviceId: string): Promise<Map<Quantity, { value: Value; at: number }>> {
    const latest = new Map<Quantity, { value: Value; at: number }>()
    const found = this.device(deviceId)
    if (found === undefined) return latest
    const { open, device, newestDay } = found
    const wanted = quantitiesOf(device.quantities)
    let day = Number.NaN
    for (const raw of open.backwards.iterate(newestDay, device.firstDay, device.n)) {
      const row = raw as unknown as BlockRow & { readonly day: number }
      // Blocks do not overlap: those of an earlier day are older throughout.
      if (row.day !== day && latest.size === wanted.length) break
      day = row.day
      const block = new BlockView(row.body, row.start, row.count)
      for (const quantity of block.quantities) {
        if ((latest.get(quantity)?.at ?? Number.NEGATIVE_INFINITY) >= row.end) continue
        const values = block.values(quantity) ?? []
        let i = values.length - 1
        while (i >= 0 && values[i] === null) i--
        const value = values[i]
        const time = block.at[i]
        if (value === undefined || value === null || time === undefined) continue
        if (time > (latest.get(quantity)?.at ?? Number.NEGATIVE_INFINITY)) latest.set(quantity, { value, at: time })
      }
    }
    return latest
  }

  /** Every device that has ever had a reading, in the order of their first ones; `after` is the last `n` of the page before. */
  devices(after: number, limit: number): readonly { readonly n: number; readonly id: string }[] {
    const rows = this.open()?.db.prepare('SELECT n, id FROM device WHERE n > ? ORDER BY n LIMIT ?').all(after, limit)
    return (rows ?? []) as unknown as { n: number; id: string }[]
  }

  async close(): Promise<void> {
    this.opened?.db.close()
    this.opened = undefined
  }

  /** Blocks that may hold readings with from ≤ at < to, ascending. */
  private *blocks(deviceId: string, from: number, to: number): Generator<BlockRow> {
    const found = this.device(deviceId)
    if (found === undefined || !(from < to)) return
    const { open, device, newestDay } = found
    const first = Math.max(dayOf(from - MAX_SPAN_MS), device.firstDay)
    const last = Math.min(dayOf(to), newestDay)
    if (first > last) return
    // Infinite bounds are as good as the widest that SQLite's integers take.
    const before = Math.min(Math.ceil(to), Number.MAX_SAFE_INTEGER)
    const after = Math.max(Math.floor(from), Number.MIN_SAFE_INTEGER)
    for (const row of open.between.iterate(first, last, device.n, before, after)) yield row as unknown as BlockRow
  }

  private device(deviceId: string): { open: Open; device: DeviceRow; newestDay: number } | undefined {
    const open = this.open()
    const device = open?.device.get(deviceId) as DeviceRow | undefined
    const newest = open?.newestDay.get() as { day: number } | undefined
    if (open === undefined || device === undefined || newest === undefined) return undefined
    return { open, device, newestDay: newest.day }
  }

  private open(): Open | undefined {
    if (this.opened !== undefined) return this.opened
    if (!existsSync(this.file)) return undefined
    const db = openDatabase(this.file, { durability: 'NORMAL', readOnly: true })
    const made = db.prepare("SELECT count(*) AS n FROM sqlite_master WHERE name = 'block_by_day'").get() as {
      n: number
    }
    if (made.n === 0) {
      db.close()
      return undefined
    }
    this.opened = {
      db,
      device: db.prepare('SELECT n, first_day AS firstDay, quantities FROM device WHERE id = ?'),
      newestDay: db.prepare(NEWEST_DAY),
      between: db.prepare(BLOCKS_OF_DAYS),
      backwards: db.prepare(BLOCKS_BACKWARDS),
    }
    return this.opened
  }
}

/** The rows from `first` to before `end` with a value in any column: a regular series keeps a time for every step. */
function rowsWithValues(columns: readonly (readonly (Value | null)[])[], first: number, end: number): number[] {
  const rows: number[] = []
  for (let i = first; i < end; i++) {
    for (const column of columns) {
      if (column[i] === null) continue
      rows.push(i)
      break
    }
  }
  return rows
}
