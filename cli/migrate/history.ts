import type { Kind } from '../../contract/kinds.ts'
import type { Quantity } from '../../contract/quantities.ts'
import type { Readings } from '../../contract/readings.ts'
import type { Reason } from '../../contract/reasons.ts'
import type { InfluxHistory } from '../../store/history/influx/history.ts'
import type { HistoryMessage } from '../../store/history/port.ts'
import type { SqliteHistoryReader } from '../../store/history/sqlite-reader.ts'

/** Devices that are moved, counted on both sides and ticked off together. */
const DEVICES_AT_ONCE = 100
/** Rows read from the embedded history at once: a quarter of a year in quarter-hours. */
const ROWS_AT_ONCE = 10_000
/** Rows handed to one write. */
const ROWS_IN_ONE_WRITE = 100_000

/** How far a move has come; kept on disk between two runs. */
export interface Progress {
  /** The device that was moved last, by its number in the embedded history. */
  readonly after: number
  readonly devices: number
  /** Readings of each quantity there are to move, and how many of them InfluxDB holds. */
  readonly counts: Readonly<Partial<Record<Quantity, { readonly embedded: number; readonly influx: number }>>>
  readonly refused: Readonly<Partial<Record<Reason, number>>>
}

export const NOTHING_MOVED: Progress = { after: 0, devices: 0, counts: {}, refused: {} }

/**
 * Moves what the embedded history holds into InfluxDB, device by device, each in the order of time. Yields after every few
 * devices, when InfluxDB has been asked how much of it it holds. Going on from any progress, or from nothing, is harmless:
 * writing a reading twice changes nothing. Rejects with HistoryUnavailable.
 */
export async function* migrateHistory(
  from: SqliteHistoryReader,
  to: InfluxHistory,
  kindOf: (deviceId: string) => Promise<Kind | undefined>,
  begin: Progress,
): AsyncGenerator<Progress> {
  let progress = begin
  for (;;) {
    const devices = from.devices(progress.after, DEVICES_AT_ONCE)
    const last = devices[devices.length - 1]
    if (last === undefined) return
    const moved = new Moved()
    const waiting: HistoryMessage[] = []
    const flush = async (): Promise<void> => {
      for (const { reason } of await to.write(waiting.splice(0))) moved.refuse(reason)
    }
    let rows = 0
    for (const { id } of devices) {
      const kind = await kindOf(id)
      for await (const readings of historyOf(from, id)) {
        moved.add(id, readings)
        waiting.push({ deviceId: id, ...(kind === undefined ? {} : { kind }), readings })
        rows += readings.at.length
        if (rows < ROWS_IN_ONE_WRITE) continue
        rows = 0
        await flush()
      }
    }
    await flush()
    const held = await to.count(moved.devices, moved.first, moved.last + 1)
    progress = moved.addTo(progress, last.n, held)
    yield progress
  }
}

/** A device's readings, oldest first, in pieces. */
async function* historyOf(from: SqliteHistoryReader, deviceId: string): AsyncGenerator<Readings> {
  for (let next = Number.NEGATIVE_INFINITY; ; ) {
    const { at, fields, truncated } = await from.range(deviceId, next, Number.POSITIVE_INFINITY, ROWS_AT_ONCE)
    if (at.length > 0) yield { at, fields: Array.from(fields, ([quantity, values]) => ({ quantity, values })) }
    if (!truncated) return
    next = (at[at.length - 1] as number) + 1
  }
}

/** What a few devices have had moved. */
class Moved {
  first = Number.POSITIVE_INFINITY
  last = Number.NEGATIVE_INFINITY
  private readonly counts = new Map<string, Map<Quantity, number>>()
  private readonly refused = new Map<Reason, number>()

  get devices(): readonly string[] {
    return [...this.counts.keys()]
  }

  add(deviceId: string, { at, fields }: Readings): void {
    const counts = this.counts.get(deviceId) ?? new Map<Quantity, number>()
    this.counts.set(deviceId, counts)
    for (const { quantity, values } of fields)
      counts.set(quantity, (counts.get(quantity) ?? 0) + values.filter((value) => value !== null).length)
    this.first = Math.min(this.first, at[0] as number)
    this.last = Math.max(this.last, at[at.length - 1] as number)
  }

  refuse(reason: Reason): void {
    this.refused.set(reason, (this.refused.get(reason) ?? 0) + 1)
  }

  /** @param held what InfluxDB holds of these devices: it may hold more, written since. */
  addTo(before: Progress, after: number, held: ReadonlyMap<string, ReadonlyMap<Quantity, number>>): Progress {
    const counts = { ...before.counts }
    for (const [deviceId, ofDevice] of this.counts) {
      for (const [quantity, embedded] of ofDevice) {
        const sum = counts[quantity] ?? { embedded: 0, influx: 0 }
        const influx = Math.min(embedded, held.get(deviceId)?.get(quantity) ?? 0)
        counts[quantity] = { embedded: sum.embedded + embedded, influx: sum.influx + influx }
      }
    }
    const refused = { ...before.refused }
    for (const [reason, count] of this.refused) refused[reason] = (refused[reason] ?? 0) + count
    return { after, devices: before.devices + this.counts.size, counts, refused }
  }
}
