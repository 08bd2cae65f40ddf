import { ByteReader, ByteWriter } from '../../store/history/bytes.ts'
import { type Exchange, emptyTape, type MeterSize, type Tape, writtenDown } from './tape.ts'

/** Both registers of one meter. */
export interface MeterTapes {
  readonly volume: Tape
  readonly reverseVolume: Tape
}

export const emptyTapes = (size: MeterSize): MeterTapes => ({
  volume: emptyTape(size),
  reverseVolume: emptyTape(size),
})

/** First byte of what is packed: another layout gets another one. */
const LAYOUT = 2
/** Registers that were written down at exchanges lay among the readings. */
const LAYOUT_WITH_WRITTEN = 1
const SECOND_MS = 1000
/** A packed number takes at most so many bytes. */
const MOST_BYTES = 8
/** Varints below this are one byte. */
const ONE_BYTE = 0x80
/** Numbers of a tape besides its readings and exchanges. */
const HEAD = 8

/**
 * A tape as bytes. Meters read at a steady rhythm, in whole seconds: of times the change of the interval is kept, of
 * registers the difference, and ten days of hourly readings take some 600 bytes.
 */
export function packTapes({ volume, reverseVolume }: MeterTapes, writer: ByteWriter = new ByteWriter()): Uint8Array {
  writer.length = 0
  writer.reserve(2)
  writer.u8(LAYOUT)
  writer.u8(volume.size === 'bulk' ? 1 : 0)
  packTape(writer, volume)
  packTape(writer, reverseVolume)
  return new Uint8Array(writer.view())
}

/** @throws Error where the bytes are of another layout */
export function unpackTapes(bytes: Uint8Array): MeterTapes {
  const reader = new ByteReader(bytes)
  const layout = reader.u8()
  if (layout !== LAYOUT && layout !== LAYOUT_WITH_WRITTEN) throw new Error(`tapes of layout ${layout} cannot be read`)
  const size = reader.u8() === 1 ? 'bulk' : 'household'
  const tapes = { volume: unpackTape(reader, size), reverseVolume: unpackTape(reader, size) }
  if (layout === LAYOUT_WITH_WRITTEN) for (const tape of [tapes.volume, tapes.reverseVolume]) takeOutWritten(tape)
  return tapes
}

/** But not one that the tape begins with, from which the next difference is taken (`forget`). */
function takeOutWritten({ at, litres, exchanges, from }: Tape): void {
  const written = new Map(exchanges.flatMap(writtenDown).filter(([time]) => time >= from))
  for (let i = at.length - 1; i >= 0; i--)
    if (written.get(at[i] as number) === litres[i]) {
      at.splice(i, 1)
      litres.splice(i, 1)
    }
}

function packTape(writer: ByteWriter, { at, litres, exchanges, from }: Tape): void {
  writer.reserve((HEAD + 2 * at.length + 3 * exchanges.length) * MOST_BYTES)
  writer.varint(exchanges.length)
  for (const exchange of exchanges) {
    writer.varint(exchange.at)
    writer.varint(exchange.lastLitres === null ? 0 : exchange.lastLitres + 1)
    writer.varint(exchange.firstLitres === null ? 0 : exchange.firstLitres + 1)
  }
  writer.varint(from)
  writer.varint(at.length)
  if (at.length === 0) return
  const unit = at.every((time) => time % SECOND_MS === 0) ? SECOND_MS : 1
  writer.varint(unit)
  let [time, interval, register] = [(at[0] as number) / unit, 0, litres[0] as number]
  writer.varint(time)
  writer.zigzag(register)
  for (let i = 1; i < at.length; i++) {
    const step = (at[i] as number) / unit - time
    writer.zigzag(step - interval)
    writer.zigzag((litres[i] as number) - register)
    interval = step
    time += step
    register = litres[i] as number
  }
}

function unpackTape(reader: ByteReader, size: MeterSize): Tape {
  const exchanges: Exchange[] = []
  for (let left = reader.varint(); left > 0; left--) {
    const at = reader.varint()
    const [last, first] = [reader.varint(), reader.varint()]
    exchanges.push({ at, lastLitres: last === 0 ? null : last - 1, firstLitres: first === 0 ? null : first - 1 })
  }
  const from = reader.varint()
  const length = reader.varint()
  const at = new Array<number>(length)
  const litres = new Array<number>(length)
  if (length === 0) return { size, at, litres, exchanges, from }
  const unit = reader.varint()
  let [time, interval, register] = [reader.varint(), 0, reader.zigzag()]
  at[0] = time * unit
  litres[0] = register
  // Nearly all of these are one byte: read here, a tape is unpacked four times as fast, and it is with every message.
  const { bytes } = reader
  for (let i = 1; i < length; i++) {
    const change = bytes[reader.at] as number
    if (change < ONE_BYTE) {
      reader.at++
      interval += (change >>> 1) ^ -(change & 1)
    } else interval += reader.zigzag()
    const more = bytes[reader.at] as number
    if (more < ONE_BYTE) {
      reader.at++
      register += (more >>> 1) ^ -(more & 1)
    } else register += reader.zigzag()
    time += interval
    at[i] = time * unit
    litres[i] = register
  }
  return { size, at, litres, exchanges, from }
}
