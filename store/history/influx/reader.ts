import type { HistoryBucket } from '../../../contract/api.ts'
import { isQuantity, QUANTITIES, type Quantity, type Value } from '../../../contract/quantities.ts'
import { bucketize } from '../buckets.ts'
import type { HistoryReader } from '../port.ts'
import { identifier, ofDevice, ofDevices, windows } from './influxql.ts'
import { MEASUREMENT, readField } from './line.ts'
import type { InfluxServer, Series } from './server.ts'
import { Table } from './table.ts'

/** What a person waits for a chart; below the 5 s that the console's requests may take. One call, however many requests. */
const READ_DEADLINE_MS = 4000
/** Rows of one answer: taking it apart holds up the thread for a few ms only. */
const MAX_PAGE = 10_000
/** More than there are kinds, so that a page never ends and begins with the same time. */
const MIN_PAGE = 32
const EVER = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const
const FROM = `FROM ${identifier(MEASUREMENT)}`

/** Reads through InfluxQL, which InfluxDB 1, 2 and 3 all answer. Rejects with HistoryUnavailable, within the deadline. */
export class InfluxHistoryReader implements HistoryReader {
  protected readonly server: InfluxServer
  private readonly deadlineMs: number

  constructor(server: InfluxServer, deadlineMs = READ_DEADLINE_MS) {
    this.server = server
    this.deadlineMs = deadlineMs
  }

  async range(
    deviceId: string,
    from: number,
    to: number,
    limit: number,
  ): Promise<{ at: readonly number[]; fields: ReadonlyMap<Quantity, readonly (Value | null)[]>; truncated: boolean }> {
    const deadline = this.deadline()
    const quantities = await this.quantities(deviceId, from, to, deadline)
    return (await this.table(quantities, deviceId, from, to, limit, deadline)).first(limit)
  }

  async buckets(
    deviceId: string,
    quantity: Quantity,
    from: number,
    to: number,
    stepMs: number,
  ): Promise<HistoryBucket[]> {
    const facts = QUANTITIES[quantity]
    if (facts.type !== 'number' || !(stepMs > 0) || !(from < to)) return []
    const deadline = this.deadline()
    const isRegister = 'register' in facts
    // What a register has counted needs every reading, see growthOf; of anything else the server's sums are enough.
    if (!isRegister && Number.isInteger(stepMs)) return this.sums(deviceId, quantity, from, to, stepMs, deadline)
    const margin = isRegister ? stepMs : 0
    const table = await this.table(
      [quantity],
      deviceId,
      from - margin,
      to + margin + 1,
      Number.POSITIVE_INFINITY,
      deadline,
    )
    const { at, fields } = table.first(Number.POSITIVE_INFINITY)
    return bucketize(at, (fields.get(quantity) ?? []) as number[], from, to, stepMs, isRegister)
  }

  async latest(deviceId: string): Promise<Map<Quantity, { value: Value; at: number }>> {
    const deadline = this.deadline()
    const latest = new Map<Quantity, { value: Value; at: number }>()
    const quantities = await this.quantities(deviceId, ...EVER, deadline)
    // A request each: asked for together they come without their times, and version 3 takes one statement at a time.
    await Promise.all(
      quantities.map(async (quantity) => {
        const select = `SELECT last(${identifier(quantity)}) ${FROM} WHERE ${ofDevice(deviceId, ...EVER)}`
        const [series] = await this.server.query(select, deadline)
        const [at, field] = series?.values[0] ?? []
        const value = readField(field, QUANTITIES[quantity].type === 'words')
        if (value !== undefined) latest.set(quantity, { value, at: at as number })
      }),
    )
    return latest
  }

  /** How many readings of each quantity each of these devices has with `from` ≤ time < `to`. */
  async count(deviceIds: readonly string[], from: number, to: number): Promise<Map<string, Map<Quantity, number>>> {
    if (deviceIds.length === 0) return new Map()
    const series = await this.server.query(
      `SELECT count(*) ${FROM} WHERE ${ofDevices(deviceIds, from, to)} GROUP BY "device"`,
      this.deadline(),
    )
    return new Map(
      series.map((one) => [
        one.tags?.device ?? '',
        new Map(Array.from(named(one, 'count'), ([quantity, count]) => [quantity, Number(count)])),
      ]),
    )
  }

  async close(): Promise<void> {
    this.server.close()
  }

  private deadline(): AbortSignal {
    return AbortSignal.timeout(this.deadlineMs)
  }

  /** Which quantities there are readings of: an answer to these by name has no empty columns. */
  private async quantities(deviceId: string, from: number, to: number, deadline: AbortSignal): Promise<Quantity[]> {
    if (!(from < to)) return []
    const [series] = await this.server.query(`SELECT last(*) ${FROM} WHERE ${ofDevice(deviceId, from, to)}`, deadline)
    return series === undefined ? [] : [...named(series, 'last').keys()]
  }

  private async sums(
    deviceId: string,
    quantity: Quantity,
    from: number,
    to: number,
    stepMs: number,
    deadline: AbortSignal,
  ): Promise<HistoryBucket[]> {
    const columns = ['min', 'max', 'mean', 'last', 'count'].map((sum) => `${sum}(${identifier(quantity)})`)
    const [series] = await this.server.query(
      `SELECT ${columns} ${FROM} WHERE ${ofDevice(deviceId, from, to)} GROUP BY ${windows(from, stepMs)} fill(none)`,
      deadline,
    )
    return (series?.values ?? []).map((row) => {
      const [time, min, max, mean, last, count] = row as [number, number, number, number, number, number]
      // A window begins on a whole ms, the bucket where it was asked for.
      return { at: time - Math.ceil(from) + from, min, max, mean, last, count, consumption: null }
    })
  }

  /** Readings with `from` ≤ time < `to`, ascending, page by page until there are more than `limit` times. */
  private async table(
    quantities: readonly Quantity[],
    deviceId: string,
    from: number,
    to: number,
    limit: number,
    deadline: AbortSignal,
  ): Promise<Table> {
    const table = new Table(quantities)
    if (quantities.length === 0) return table
    const page = Math.max(MIN_PAGE, Math.min(limit + 1, MAX_PAGE))
    for (let next = from; next < to && table.at.length <= limit; ) {
      const [series] = await this.server.query(
        `SELECT ${quantities.map(identifier)} ${FROM} WHERE ${ofDevice(deviceId, next, to)} ORDER BY time LIMIT ${page}`,
        deadline,
      )
      const rows = series?.values ?? []
      const last = rows[rows.length - 1]?.[0]
      const isCut = rows.length === page || series?.partial === true
      if (!isCut || typeof last !== 'number') {
        table.add(rows)
        break
      }
      // The last time may have another row behind the cut: it is asked for again.
      table.add(rows.filter(([time]) => time !== last))
      next = last
    }
    return table
  }
}

/** Of `last_volume`, `count_battery` …: the figure of each quantity that has one. */
function named({ columns, values }: Series, prefix: string): Map<Quantity, unknown> {
  const figures = new Map<Quantity, unknown>()
  for (const [i, column] of columns.entries()) {
    const name = column.slice(prefix.length + 1)
    const value = values[0]?.[i]
    if (isQuantity(name) && value !== null && value !== undefined) figures.set(name, value)
  }
  return figures
}
