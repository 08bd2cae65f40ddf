import type { Readings } from '../../contract/readings.ts'
import { writeBlock } from './block.ts'
import { ROW_FULL } from './block-store.ts'
import { ByteWriter } from './bytes.ts'
import { mergeReadings, splitReadings, tidyReadings } from './merge.ts'
import { MAX_SPAN_MS } from './schema.ts'
import type { Parcel } from './sqlite-worker.ts'

const scratch = new ByteWriter()

/**
 * Messages packed for the writer's thread: packed bytes cross over in one transfer, where columns of numbers would be
 * cloned one by one. Several messages of a device become one set of readings first. Undefined when there is no reading.
 */
export function packParcel(
  messages: readonly { readonly deviceId: string; readonly readings: Readings }[],
): Parcel | undefined {
  const byDevice = new Map<string, Readings | Readings[]>()
  for (const { deviceId, readings } of messages) {
    const tidy = tidyReadings(readings)
    if (tidy === undefined) continue
    const before = byDevice.get(deviceId)
    if (before === undefined) byDevice.set(deviceId, tidy)
    else if (Array.isArray(before)) before.push(tidy)
    else byDevice.set(deviceId, [before, tidy])
  }

  const ids: string[] = []
  const starts: number[] = []
  const ends: number[] = []
  const counts: number[] = []
  const quantities: number[] = []
  const offsets: number[] = []
  scratch.length = 0
  for (const [deviceId, parts] of byDevice) {
    const readings = Array.isArray(parts) ? mergeReadings(parts) : (parts as Readings)
    for (const piece of splitReadings(readings, ROW_FULL, MAX_SPAN_MS)) {
      ids.push(deviceId)
      starts.push(piece.at[0] as number)
      ends.push(piece.at[piece.at.length - 1] as number)
      counts.push(piece.at.length)
      quantities.push(writeBlock(scratch, piece))
      offsets.push(scratch.length)
    }
  }
  if (ids.length === 0) return undefined
  return {
    ids,
    starts: Float64Array.from(starts),
    ends: Float64Array.from(ends),
    counts: Int32Array.from(counts),
    quantities: Int32Array.from(quantities),
    offsets: Int32Array.from(offsets),
    bytes: scratch.copyFrom(0),
  }
}
