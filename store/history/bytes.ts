/** Integers up to here survive zigzag (× 2) inside a double's 53 bits. */
export const MAX_PACKED_INTEGER = 2 ** 51

/** Above this, shifting would lose bits: JavaScript's bit operations work on 32. */
const SHIFTABLE = 2 ** 31
const FIRST_SIZE = 4096

/** Growing buffer for packed columns. Integers are LEB128 varints: seven bits a byte, low ones first. */
export class ByteWriter {
  length = 0
  private bytes = Buffer.allocUnsafeSlow(FIRST_SIZE)

  /** Makes sure that `more` bytes fit, so that the writes below need no check each. */
  reserve(more: number): void {
    const need = this.length + more
    if (need <= this.bytes.length) return
    const bigger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, need))
    this.bytes.copy(bigger, 0, 0, this.length)
    this.bytes = bigger
  }

  /** One byte; room must have been reserved, as for all below. */
  u8(value: number): void {
    this.bytes[this.length++] = value
  }

  /** A whole number from 0 to 2^53 − 1; takes at most 8 bytes. */
  varint(value: number): void {
    let rest = value
    while (rest >= SHIFTABLE) {
      this.bytes[this.length++] = (rest % 128) | 0x80
      rest = Math.floor(rest / 128)
    }
    while (rest >= 0x80) {
      this.bytes[this.length++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.bytes[this.length++] = rest
  }

  /** A whole number of either sign: small ones of both signs become small varints. */
  zigzag(value: number): void {
    this.varint(value < 0 ? -value * 2 - 1 : value * 2)
  }

  f32(value: number): void {
    this.length = this.bytes.writeFloatLE(value, this.length)
  }

  f64(value: number): void {
    this.length = this.bytes.writeDoubleLE(value, this.length)
  }

  text(value: string): void {
    const size = Buffer.byteLength(value)
    this.reserve(size + 8)
    this.varint(size)
    this.length += this.bytes.write(value, this.length)
  }

  /** Puts the length of everything behind `from` in front of it. */
  prefixLength(from: number): void {
    const end = this.length
    this.reserve(8)
    this.varint(end - from)
    const size = this.length - end
    const prefix = Buffer.from(this.bytes.subarray(end, this.length))
    this.bytes.copyWithin(from + size, from, end)
    prefix.copy(this.bytes, from)
  }

  /** What has been written, in place: the next write changes it. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.length)
  }
}

/** Reads what ByteWriter wrote. Reading past the end throws instead of making values up. */
export class ByteReader {
  at: number
  readonly bytes: Buffer

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.at = at
  }

  u8(): number {
    const value = this.bytes[this.at++]
    if (value === undefined) throw new RangeError('a packed row of the history ends too early')
    return value
  }

  varint(): number {
    let byte = this.u8()
    if (byte < 0x80) return byte
    let value = byte & 0x7f
    let scale = 128
    do {
      byte = this.u8()
      value += (byte & 0x7f) * scale
      scale *= 128
    } while (byte >= 0x80)
    return value
  }

  zigzag(): number {
    const value = this.varint()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  f32(): number {
    const value = this.bytes.readFloatLE(this.at)
    this.at += 4
    return value
  }

  f64(): number {
    const value = this.bytes.readDoubleLE(this.at)
    this.at += 8
    return value
  }

  text(): string {
    const size = this.varint()
    const value = this.bytes.toString('utf8', this.at, this.at + size)
    this.at += size
    return value
  }
}
