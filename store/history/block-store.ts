import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Readings } from '../../contract/readings.ts'
import { transaction } from '../sqlite.ts'
import { BlockView, packBlock } from './block.ts'
import { mergeReadings, splitReadings } from './merge.ts'
import { BLOCKS_BACKWARDS, BLOCKS_OF_DAYS, type BlockRow, dayOf, MAX_SPAN_MS, NEWEST_DAY } from './schema.ts'

/**
 * A row takes up small messages until it holds this many times. Rewriting 256 readings costs 10 µs and saves a sensor
 * that reports every 10 s a row (40 bytes of keys) per reading.
 */
export const ROW_FULL = 256
/** A message of this many times has a row of its own: half a day of quarter-hours needs no company to be compact. */
const OWN_ROW = 48
/** Devices whose newest block is remembered; beyond, all are forgotten and looked up again. About 200 bytes each. */
const MAX_REMEMBERED = 1_000_000

/** A block on its way into the store. */
export interface NewBlock {
  readonly deviceId: string
  readonly start: number
  readonly end: number
  readonly count: number
  /** Bits of its quantities. */
  readonly quantities: number
  readonly body: Uint8Array
}

interface Tail {
  id: number
  start: number
  count: number
}

interface KnownDevice {
  readonly n: number
  firstDay: number
  quantities: number
  /** End of its newest block: what starts later overlaps nothing. −Infinity: it has none. */
  newestEnd: number
  /** Its newest block; undefined where it must be looked up first. */
  tail: Tail | undefined
}

/** Places blocks so that those of one device never overlap in time: what a reader finds is already merged. One writer. */
export class BlockStore {
  private readonly db: DatabaseSync
  private readonly known = new Map<string, KnownDevice>()
  private readonly statements: Record<
    | 'device'
    | 'addDevice'
    | 'changeDevice'
    | 'newestDay'
    | 'backwards'
    | 'block'
    | 'overlapping'
    | 'insert'
    | 'update'
    | 'remove',
    StatementSync
  >

  constructor(db: DatabaseSync) {
    this.db = db
    this.statements = {
      device: db.prepare('SELECT n, first_day AS firstDay, quantities FROM device WHERE id = ?'),
      addDevice: db.prepare('INSERT INTO device (id, first_day, quantities) VALUES (?, ?, ?)'),
      changeDevice: db.prepare('UPDATE device SET first_day = ?, quantities = ? WHERE n = ?'),
      newestDay: db.prepare(NEWEST_DAY),
      backwards: db.prepare(`${BLOCKS_BACKWARDS} LIMIT 1`),
      block: db.prepare('SELECT id, start_at AS start, end_at AS "end", count, body FROM block WHERE id = ?'),
      overlapping: db.prepare(BLOCKS_OF_DAYS),
      insert: db.prepare('INSERT INTO block (device, start_at, end_at, count, body) VALUES (?, ?, ?, ?, ?)'),
      update: db.prepare('UPDATE block SET end_at = ?, count = ?, body = ? WHERE id = ?'),
      remove: db.prepare('DELETE FROM block WHERE id = ?'),
    }
  }

  /** Stores the blocks, later ones over earlier ones, in one transaction. */
  write(blocks: Iterable<NewBlock>): void {
    if (this.known.size > MAX_REMEMBERED) this.known.clear()
    try {
      transaction(this.db, () => {
        for (const block of blocks) this.place(block)
      })
    } catch (error) {
      // What is remembered may speak of rows that were rolled back.
      this.known.clear()
      throw error
    }
  }

  private place(block: NewBlock): void {
    const device = this.device(block)
    if (block.start <= device.newestEnd) {
      this.mergeIn(device, block)
      return
    }
    const tail = block.count < OWN_ROW ? this.tailOf(device) : undefined
    if (tail !== undefined && fits(tail, block)) {
      const row = this.statements.block.get(tail.id) as unknown as BlockRow
      const merged = mergeReadings([readingsOf(row), readingsOf(block)])
      this.statements.update.run(block.end, merged.at.length, packBlock(merged), tail.id)
      tail.count = merged.at.length
    } else {
      device.tail = { id: this.insert(device.n, block), start: block.start, count: block.count }
    }
    device.newestEnd = block.end
  }

  /** Late data, retries and re-packed messages: rewrites what overlaps, and leaves alone what would stay as it is. */
  private mergeIn(device: KnownDevice, block: NewBlock): void {
    const from = block.start - MAX_SPAN_MS
    const near = this.statements.overlapping.all(
      Math.max(dayOf(from), device.firstDay),
      dayOf(block.end),
      device.n,
      block.end + 1,
      from,
    ) as unknown as BlockRow[]
    const old = near.filter((row) => row.end >= block.start)
    if (old.length === 0) {
      // It falls into a gap: the block before it may take it up.
      const before = near[near.length - 1]
      if (before !== undefined && block.count < OWN_ROW && fits(before, block)) old.push(before)
    }
    if (old.length === 0) {
      this.insert(device.n, block)
      return
    }
    const merged = mergeReadings([...old.map(readingsOf), readingsOf(block)])
    const pieces = splitReadings(merged, ROW_FULL, MAX_SPAN_MS).map(asBlock)
    const [first] = old
    const [piece] = pieces
    if (old.length === 1 && pieces.length === 1 && first?.start === piece?.start) {
      if (first === undefined || piece === undefined || same(first.body, piece.body)) return
      this.statements.update.run(piece.end, piece.count, piece.body, first.id)
    } else {
      for (const row of old) this.statements.remove.run(row.id)
      for (const each of pieces) this.insert(device.n, each)
    }
    if (old.some((row) => row.end === device.newestEnd) || block.end > device.newestEnd) device.tail = undefined
    device.newestEnd = Math.max(device.newestEnd, block.end)
  }

  private insert(device: number, block: Omit<NewBlock, 'deviceId' | 'quantities'>): number {
    const { lastInsertRowid } = this.statements.insert.run(device, block.start, block.end, block.count, block.body)
    return Number(lastInsertRowid)
  }

  private device(block: NewBlock): KnownDevice {
    const day = dayOf(block.start)
    let device = this.known.get(block.deviceId)
    if (device === undefined) {
      device = this.lookUp(block.deviceId)
      if (device === undefined) {
        const { lastInsertRowid } = this.statements.addDevice.run(block.deviceId, day, block.quantities)
        device = {
          n: Number(lastInsertRowid),
          firstDay: day,
          quantities: block.quantities,
          newestEnd: Number.NEGATIVE_INFINITY,
          tail: undefined,
        }
      }
      this.known.set(block.deviceId, device)
    }
    if (day < device.firstDay || (block.quantities & ~device.quantities) !== 0) {
      device.firstDay = Math.min(device.firstDay, day)
      device.quantities |= block.quantities
      this.statements.changeDevice.run(device.firstDay, device.quantities, device.n)
    }
    return device
  }

  private lookUp(deviceId: string): KnownDevice | undefined {
    const row = this.statements.device.get(deviceId) as { n: number; firstDay: number; quantities: number } | undefined
    if (row === undefined) return undefined
    const newest = this.newestBlock(row.n, row.firstDay)
    return {
      ...row,
      newestEnd: newest?.end ?? Number.NEGATIVE_INFINITY,
      tail: newest === undefined ? undefined : { id: newest.id, start: newest.start, count: newest.count },
    }
  }

  private tailOf(device: KnownDevice): Tail | undefined {
    if (device.tail === undefined && device.newestEnd !== Number.NEGATIVE_INFINITY) {
      const newest = this.newestBlock(device.n, device.firstDay)
      if (newest !== undefined) device.tail = { id: newest.id, start: newest.start, count: newest.count }
    }
    return device.tail
  }

  private newestBlock(n: number, firstDay: number): BlockRow | undefined {
    const newestDay = (this.statements.newestDay.get() as { day: number } | undefined)?.day
    if (newestDay === undefined) return undefined
    const any = this.statements.backwards.get(newestDay, firstDay, n) as { day: number } | undefined
    if (any === undefined) return undefined
    const ofDay = this.statements.overlapping.all(
      any.day,
      any.day,
      n,
      Number.MAX_SAFE_INTEGER,
      Number.MIN_SAFE_INTEGER,
    ) as unknown as BlockRow[]
    return ofDay[ofDay.length - 1]
  }
}

/** Whether `block` may join the row before it. */
const fits = (row: Pick<BlockRow, 'start' | 'count'>, block: NewBlock): boolean =>
  row.count + block.count <= ROW_FULL && block.end - row.start <= MAX_SPAN_MS

const readingsOf = (block: Pick<BlockRow, 'start' | 'count' | 'body'>): Readings =>
  new BlockView(block.body, block.start, block.count).readings()

const asBlock = (readings: Readings): Omit<NewBlock, 'deviceId' | 'quantities'> => ({
  start: readings.at[0] as number,
  end: readings.at[readings.at.length - 1] as number,
  count: readings.at.length,
  body: packBlock(readings),
})

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0
