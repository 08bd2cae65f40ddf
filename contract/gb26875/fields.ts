import type { FrameTime } from './frame.ts'

/** How one field of an information object lies in the bytes (GB/T 26875.3 §8.2): low byte first, no alignment. */
export interface Field<V> {
  /** Bytes it takes at `at`, which may be past the end: a field of its own length is then as short as it can be. */
  size(bytes: Uint8Array, at: number): number
  read(bytes: Uint8Array, at: number): V
  /** @throws RangeError when the value does not fit its place */
  write(value: V): Uint8Array
}

const MOST_IN_BYTE = 0xff
const MOST_IN_WORD = 0xffff
const WORD_SIGN = 0x8000

const low = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0

function whole(value: number, from: number, to: number): number {
  if (Number.isInteger(value) && value >= from && value <= to) return value
  throw new RangeError(`a field holds a whole number from ${from} to ${to}, not ${value}`)
}

export const byte: Field<number> = {
  size: () => 1,
  read: low,
  write: (value) => Uint8Array.of(whole(value, 0, MOST_IN_BYTE)),
}

const unsigned = (bytes: Uint8Array, at: number): number => low(bytes, at) + low(bytes, at + 1) * 256
const word16 = (value: number): Uint8Array => Uint8Array.of(value & MOST_IN_BYTE, (value >> 8) & MOST_IN_BYTE)

export const word: Field<number> = {
  size: () => 2,
  read: unsigned,
  write: (value) => word16(whole(value, 0, MOST_IN_WORD)),
}

/** Two's complement: an analogue value may be below zero (−40 °C). */
export const signedWord: Field<number> = {
  size: () => 2,
  read: (bytes, at) => {
    const value = unsigned(bytes, at)
    return value >= WORD_SIGN ? value - MOST_IN_WORD - 1 : value
  },
  write: (value) => word16(whole(value, -WORD_SIGN, WORD_SIGN - 1) & MOST_IN_WORD),
}

/** Bytes of a time: second, minute, hour, day, month, year − 2000. */
export const CLOCK_BYTES = 6

export const clock: Field<FrameTime> = {
  size: () => CLOCK_BYTES,
  read: (bytes, at) => ({
    second: low(bytes, at),
    minute: low(bytes, at + 1),
    hour: low(bytes, at + 2),
    day: low(bytes, at + 3),
    month: low(bytes, at + 4),
    year: low(bytes, at + 5),
  }),
  write: ({ second, minute, hour, day, month, year }) =>
    Uint8Array.from([second, minute, hour, day, month, year], (part) => whole(part, 0, MOST_IN_BYTE)),
}

/** A text of fixed length, as its bytes: what stands behind its end comes back as it was. See text.ts. */
export const fixedText = (size: number): Field<Uint8Array> => ({
  size: () => size,
  read: (bytes, at) => bytes.slice(at, at + size),
  write: (value) => {
    if (value.length === size) return value
    throw new RangeError(`the text has ${value.length} bytes, not ${size}`)
  },
})

/** A text with its length in front, as its bytes. */
export const countedText: Field<Uint8Array> = {
  size: (bytes, at) => 1 + low(bytes, at),
  read: (bytes, at) => bytes.slice(at + 1, at + 1 + low(bytes, at)),
  write: (value) => Uint8Array.of(whole(value.length, 0, MOST_IN_BYTE), ...value),
}
