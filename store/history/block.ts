import type { Quantity, Value } from '../../contract/quantities.ts'
import type { Field, Readings } from '../../contract/readings.ts'
import { ByteReader, ByteWriter } from './bytes.ts'
import { QUANTITY_CODES, quantityOfCode } from './quantity-codes.ts'
import { packTimes, unpackTimes } from './time-column.ts'
import { packValues, unpackValues } from './value-column.ts'

/**
 * A block: readings of one device that lie in one row, column by column,
 *   u8 format · times · u8 number of columns · (u8 quantity · varint length · values) each
 * The first time and the count stand in the row beside it.
 */
const FORMAT = 1

const scratch = new ByteWriter()

/** Readings as a block of its own memory; see writeBlock. */
export function packBlock(readings: Readings): Uint8Array {
  scratch.length = 0
  writeBlock(scratch, readings)
  return Uint8Array.from(scratch.view())
}

/**
 * Writes readings as a block. `at` must be whole milliseconds, strictly ascending and not empty.
 * @returns the bits of its quantities
 */
export function writeBlock(into: ByteWriter, readings: Readings): number {
  into.reserve(2)
  into.u8(FORMAT)
  packTimes(into, readings.at)
  into.reserve(1)
  into.u8(readings.fields.length)
  let quantities = 0
  for (const { quantity, values } of readings.fields) {
    const code = QUANTITY_CODES[quantity]
    quantities |= 1 << code
    into.reserve(1)
    into.u8(code)
    const from = into.length
    packValues(into, values)
    into.prefixLength(from)
  }
  return quantities
}

/** A stored block, opened column by column: a chart of one quantity does not unpack the others. */
export class BlockView {
  readonly at: readonly number[]
  private readonly body: Uint8Array
  private readonly offsets = new Map<Quantity, number>()

  constructor(body: Uint8Array, start: number, count: number) {
    this.body = body
    const from = new ByteReader(body)
    const format = from.u8()
    if (format !== FORMAT)
      throw new RangeError(`a packed row of the history has format ${format}: written by a newer version?`)
    this.at = unpackTimes(from, start, count)
    for (let left = from.u8(); left > 0; left--) {
      const quantity = quantityOfCode(from.u8())
      const length = from.varint()
      this.offsets.set(quantity, from.at)
      from.at += length
    }
  }

  get quantities(): Iterable<Quantity> {
    return this.offsets.keys()
  }

  /** One value per time, null where there is none; undefined when the block holds nothing of this quantity. */
  values(quantity: Quantity): (Value | null)[] | undefined {
    const offset = this.offsets.get(quantity)
    return offset === undefined ? undefined : unpackValues(new ByteReader(this.body, offset), this.at.length)
  }

  readings(): Readings {
    const fields: Field[] = []
    for (const quantity of this.quantities) fields.push({ quantity, values: this.values(quantity) ?? [] })
    return { at: this.at, fields }
  }
}
