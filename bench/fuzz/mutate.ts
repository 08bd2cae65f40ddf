import { between, oneOf } from '../random.ts'

/** Bytes at which decoders and parsers change their mind: ends of ranges, signs, separators of JSON and of UTF-8. */
const TELLING = [
  0x00, 0x01, 0x7f, 0x80, 0xff, 0x22, 0x2c, 0x2d, 0x5b, 0x5d, 0x65, 0x7b, 0x7d, 0xc0, 0xed, 0xfe,
] as const
/** Texts that number parsers, objects and dates trip over. */
const WORDS = [
  '1e999',
  '-0',
  'null',
  '__proto__',
  'constructor',
  '{}',
  '[]',
  '"ts"',
  '1e308',
  '9007199254740993',
  '\\ud800',
]
/** Edits of one input: few, so that most of it still makes sense to what reads it. */
const MOST_EDITS = 6
/** What a repeat or a splice takes at most, bytes. */
const MOST_COPIED = 200

/** `input` with some edits that a bad cable, a bad firmware or an attacker would make. Same `random`, same bytes. */
export function mutate(random: () => number, input: Uint8Array, others: readonly Uint8Array[]): Buffer {
  let bytes: Buffer = Buffer.from(input)
  for (let edits = between(random, 1, MOST_EDITS); edits > 0; edits--) bytes = edit(random, bytes, others)
  return bytes
}

function edit(random: () => number, bytes: Buffer, others: readonly Uint8Array[]): Buffer {
  const at = between(random, 0, bytes.length)
  const to = Math.min(bytes.length, at + between(random, 0, MOST_COPIED))
  const around = (...middle: readonly Uint8Array[]): Buffer =>
    Buffer.concat([bytes.subarray(0, at), ...middle, bytes.subarray(to)])
  switch (between(random, 0, 6)) {
    case 0:
      if (at < bytes.length) bytes[at] = (bytes[at] as number) ^ (1 << between(random, 0, 7))
      return bytes
    case 1:
      if (at < bytes.length) bytes[at] = oneOf(random, TELLING)
      return bytes
    case 2:
      return bytes.subarray(0, at)
    case 3:
      return around()
    case 4:
      return Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)])
    case 5: {
      const other = oneOf(random, others)
      const from = between(random, 0, other.length)
      return around(other.subarray(from, from + between(random, 0, MOST_COPIED)))
    }
    default:
      return around(Buffer.from(oneOf(random, WORDS)))
  }
}
