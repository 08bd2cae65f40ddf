import type { Readings } from '../../contract/readings.ts'
import { writeBlock } from './block.ts'
import { type NewBlock, ROW_FULL } from './block-store.ts'
import { ByteWriter } from './bytes.ts'
import { mergeReadings, splitReadings, tidyReadings } from './merge.ts'
import { MAX_SPAN_MS } from './schema.ts'

const scratch = new ByteWriter()

/**
 * Messages as blocks, several messages of a device as one set of readings. A block's body lies in memory that the next
 * one uses again: store it before asking for the next.
 */
export function* newBlocks(
  messages: readonly { readonly deviceId: string; readonly readings: Readings }[],
): Generator<NewBlock> {
  const byDevice = new Map<string, Readings[]>()
  for (const { deviceId, readings } of messages) {
    const tidy = tidyReadings(readings)
    if (tidy === undefined) continue
    const before = byDevice.get(deviceId)
    if (before === undefined) byDevice.set(deviceId, [tidy])
    else before.push(tidy)
  }
  for (const [deviceId, parts] of byDevice) {
    for (const piece of splitReadings(mergeReadings(parts), ROW_FULL, MAX_SPAN_MS)) {
      scratch.length = 0
      const quantities = writeBlock(scratch, piece)
      yield {
        deviceId,
        start: piece.at[0] as number,
        end: piece.at[piece.at.length - 1] as number,
        count: piece.at.length,
        quantities,
        body: scratch.view(),
      }
    }
  }
}
