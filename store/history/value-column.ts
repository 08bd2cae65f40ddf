import type { Value } from '../../contract/quantities.ts'
import { type ByteReader, type ByteWriter, MAX_PACKED_INTEGER } from './bytes.ts'

/**
 * Values of one quantity in a block, without loss. Instruments report decimals, so a column whose every value is exactly
 * k / 10^d is stored as differences of k: a register with litre steps takes one byte a reading. What does not fit is
 * stored as it is: 4 bytes where single precision is exact, else 8.
 *
 * First byte: encoding, plus HAS_GAPS when a bitmap of what is there follows. Numbers are stored; never renumber.
 */
const HAS_GAPS = 0x80
/** 0 … 9: decimals d of a column of k / 10^d. */
const MAX_DECIMALS = 9
const FLOAT64 = 16
const FLOAT32 = 17
const BITS = 18
/** Distinct values as JSON, then an index each. */
const DICTIONARY = 19

const POWERS = Array.from({ length: MAX_DECIMALS + 1 }, (_, d) => 10 ** d)

/** At most what packing `n` values takes, texts apart (those reserve for themselves). */
const roomFor = (n: number): number => 16 + 9 * n

export function packValues(into: ByteWriter, values: readonly (Value | null)[]): void {
  const n = values.length
  let gaps = 0
  let numbers = 0
  let booleans = 0
  for (let i = 0; i < n; i++) {
    const value = values[i]
    if (value === null) gaps++
    else if (typeof value === 'number') numbers++
    else if (typeof value === 'boolean') booleans++
  }
  const there = n - gaps
  into.reserve(roomFor(n))
  const head = gaps > 0 ? HAS_GAPS : 0
  if (numbers === there) {
    const column = values as readonly (number | null)[]
    const decimals = commonDecimals(column)
    const encoding = decimals >= 0 ? decimals : isSinglePrecision(column) ? FLOAT32 : FLOAT64
    into.u8(head | encoding)
    if (gaps > 0) packBits(into, n, (i) => values[i] !== null)
    if (encoding === FLOAT64) packFloats(into, column, 8)
    else if (encoding === FLOAT32) packFloats(into, column, 4)
    else packDecimals(into, column, POWERS[encoding] as number)
    return
  }
  into.u8(head | (booleans === there ? BITS : DICTIONARY))
  if (gaps > 0) packBits(into, n, (i) => values[i] !== null)
  if (booleans === there) packBits(into, n, (i) => values[i] === true)
  else packDictionary(into, values)
}

/** Reads `count` values; null where there is none. */
export function unpackValues(from: ByteReader, count: number): (Value | null)[] {
  const head = from.u8()
  const encoding = head & ~HAS_GAPS
  const there = (head & HAS_GAPS) !== 0 ? unpackBits(from, count) : undefined
  const values = new Array<Value | null>(count).fill(null)
  if (encoding <= MAX_DECIMALS) {
    const power = POWERS[encoding] as number
    let whole = 0
    for (let i = 0; i < count; i++) {
      if (there !== undefined && there[i] === 0) continue
      whole += from.zigzag()
      values[i] = whole / power
    }
  } else if (encoding === FLOAT64 || encoding === FLOAT32) {
    for (let i = 0; i < count; i++) {
      if (there !== undefined && there[i] === 0) continue
      values[i] = encoding === FLOAT64 ? from.f64() : from.f32()
    }
  } else if (encoding === BITS) {
    const bits = unpackBits(from, count)
    for (let i = 0; i < count; i++) if (there === undefined || there[i] === 1) values[i] = bits[i] === 1
  } else if (encoding === DICTIONARY) {
    const words = Array.from({ length: from.varint() }, () => JSON.parse(from.text()) as Value)
    for (let i = 0; i < count; i++) {
      if (there !== undefined && there[i] === 0) continue
      values[i] = words[from.varint()] as Value
    }
  } else {
    throw new RangeError(`a packed row of the history has encoding ${encoding}: written by a newer version?`)
  }
  return values
}

/** The fewest decimals that give every value back exactly, or −1. What fits with d decimals also fits with more. */
function commonDecimals(values: readonly (number | null)[]): number {
  let decimals = 0
  let power = 1
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number | null
    if (value === null) continue
    // Minus zero would come back as zero.
    if (value === 0 && Object.is(value, -0)) return -1
    let whole = Math.round(value * power)
    while (whole / power !== value) {
      if (++decimals > MAX_DECIMALS) return -1
      power = POWERS[decimals] as number
      whole = Math.round(value * power)
    }
  }
  // The largest k decides whether differences stay exact; a value that fitted with fewer decimals is scaled up here.
  const limit = MAX_PACKED_INTEGER / 2 / power
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number | null
    if (value !== null && !(value <= limit && value >= -limit)) return -1
  }
  return decimals
}

function isSinglePrecision(values: readonly (number | null)[]): boolean {
  for (const value of values) if (value !== null && !Object.is(Math.fround(value), value)) return false
  return true
}

function packDecimals(into: ByteWriter, values: readonly (number | null)[], power: number): void {
  let before = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number | null
    if (value === null) continue
    const whole = Math.round(value * power)
    into.zigzag(whole - before)
    before = whole
  }
}

function packFloats(into: ByteWriter, values: readonly (number | null)[], size: 4 | 8): void {
  for (const value of values) {
    if (value === null) continue
    if (size === 4) into.f32(value)
    else into.f64(value)
  }
}

function packBits(into: ByteWriter, count: number, isSet: (i: number) => boolean): void {
  for (let i = 0; i < count; i += 8) {
    let byte = 0
    for (let bit = 0; bit < 8 && i + bit < count; bit++) if (isSet(i + bit)) byte |= 1 << bit
    into.u8(byte)
  }
}

function unpackBits(from: ByteReader, count: number): Uint8Array {
  const bits = new Uint8Array(count)
  for (let i = 0; i < count; i += 8) {
    const byte = from.u8()
    for (let bit = 0; bit < 8 && i + bit < count; bit++) bits[i + bit] = (byte >> bit) & 1
  }
  return bits
}

function packDictionary(into: ByteWriter, values: readonly (Value | null)[]): void {
  const numberOf = new Map<string, number>()
  const indexes: number[] = []
  for (const value of values) {
    if (value === null) continue
    const text = JSON.stringify(value)
    const known = numberOf.get(text)
    indexes.push(known ?? numberOf.size)
    if (known === undefined) numberOf.set(text, numberOf.size)
  }
  into.varint(numberOf.size)
  for (const text of numberOf.keys()) into.text(text)
  into.reserve(roomFor(indexes.length))
  for (const index of indexes) into.varint(index)
}
