import { writeBlock } from './block.ts'
import { type NewBlock, ROW_FULL } from './block-store.ts'
import { ByteWriter } from './bytes.ts'
import { mergeMessages, splitReadings } from './merge.ts'
import type { HistoryMessage } from './port.ts'
import { MAX_SPAN_MS } from './schema.ts'

const scratch = new ByteWriter()

/**
 * Messages as blocks, several messages of a device as one set of readings. A block's body lies in memory that the next
 * one uses again: store it before asking for the next.
 */
export function* newBlocks(messages: readonly HistoryMessage[]): Generator<NewBlock> {
  for (const { deviceId, readings } of mergeMessages(messages)) {
    for (const piece of splitReadings(readings, ROW_FULL, MAX_SPAN_MS)) {
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
