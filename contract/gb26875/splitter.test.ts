import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeFrame, type Gb26875Frame, LONGEST_FRAME_BYTES, MOST_DATA_BYTES } from './frame.ts'
import { FrameSplitter, type Piece } from './splitter.ts'

const START = 0x40
const END = 0x23
const frame = (sequence: number, data: Uint8Array = Uint8Array.of(2, 0)): Gb26875Frame => ({
  command: 2,
  sequence,
  version: { main: 1, user: 1 },
  time: { second: 1, minute: 2, hour: 3, day: 4, month: 5, year: 26 },
  source: 889,
  destination: 88888,
  data,
})
const bytesOf = (sequence: number, data?: Uint8Array): Buffer => Buffer.from(encodeFrame(frame(sequence, data)))
/** What came of it in words: the number of a frame, or why it is denied and for which. */
const words = (pieces: readonly Piece[]): (number | string)[] =>
  pieces.map((piece) =>
    piece.kind === 'frame' ? piece.frame.sequence : `${piece.bad.reason} ${piece.bad.header?.sequence}`,
  )
const inOne = (...parts: readonly Uint8Array[]): (number | string)[] => {
  const splitter = new FrameSplitter()
  return words([...splitter.push(Buffer.concat(parts)), ...splitter.settle()])
}
const changed = (bytes: Buffer, at: number, value: number): Buffer => {
  const other = Buffer.from(bytes)
  other[at < 0 ? bytes.length + at : at] = value
  return other
}

describe('frames in a TCP stream', () => {
  test('are found where the network glued them together', () => {
    expect(inOne(bytesOf(1), bytesOf(2), bytesOf(3))).toEqual([1, 2, 3])
  })

  test('are found byte by byte, and nothing is said before a frame is whole', () => {
    const splitter = new FrameSplitter()
    const seen = [...bytesOf(1)].map((byte) => words(splitter.push(Uint8Array.of(byte))))
    expect(seen.slice(0, -1).flat()).toEqual([])
    expect(seen.at(-1)).toEqual([1])
  })

  test('a damaged one is denied once and by its sequence; those around it are whole', () => {
    const bad = bytesOf(2)
    expect(inOne(bytesOf(1), changed(bad, 28, 9), bytesOf(3))).toEqual([1, 'checksum 2', 3])
    expect(inOne(bytesOf(1), changed(bad, -1, 9), bytesOf(3))).toEqual([1, 'end 2', 3])
    expect(inOne(bytesOf(1), changed(bad, 25, 9), bytesOf(3))).toEqual([1, 'length 2', 3])
    expect(inOne(bytesOf(1), changed(bad, 0, 9), bytesOf(3))).toEqual([1, 'start 2', 3])
    expect(inOne(bytesOf(1), changed(bad, 1, 9), bytesOf(3))).toEqual([1, 'start 2', 3])
    expect(inOne(changed(bytesOf(1), 28, 9), changed(bad, 28, 9), bytesOf(3))).toEqual(['checksum 1', 'checksum 2', 3])
    expect(inOne(changed(bytesOf(1), 25, 9), changed(bad, 28, 9), bytesOf(3))).toEqual(['length 1', 'checksum 2', 3])
  })

  test('one with more data than allowed is denied, whatever it goes on with', () => {
    const long = Buffer.concat([changed(changed(bytesOf(7), 24, 1), 25, 4).subarray(0, 27), Buffer.alloc(1025, 5)])
    expect(inOne(long, Buffer.from([9, END, END]), bytesOf(8))).toEqual(['length 7', 8])
  })

  test('one that lost bytes on the way costs itself only', () => {
    expect(inOne(bytesOf(1).subarray(0, 20), bytesOf(2), bytesOf(3)).filter(Number.isInteger)).toEqual([2, 3])
    expect(inOne(bytesOf(1).subarray(12), bytesOf(2)).filter(Number.isInteger)).toEqual([2])
  })

  test('a length that was damaged upwards does not hold back the fire behind it', () => {
    const splitter = new FrameSplitter()
    const pieces = splitter.push(Buffer.concat([changed(bytesOf(1), 25, 3), bytesOf(2)]))
    expect(words(pieces)).toEqual([])
    expect(splitter.isUndecided).toBe(true)
    expect(words(splitter.settle())).toEqual(['length 1', 2])
    expect(splitter.isUndecided).toBe(false)
    splitter.push(changed(bytesOf(3), 25, 9))
    expect(splitter.isUndecided).toBe(true)
    splitter.settle()
    expect(words(splitter.push(changed(bytesOf(4), 25, 9)))).toEqual(['length 4'])
  })

  test('a frame that is still on its way is waited for', () => {
    const splitter = new FrameSplitter()
    splitter.push(bytesOf(1).subarray(0, 29))
    expect(splitter.settle()).toEqual([])
    expect(words(splitter.push(bytesOf(1).subarray(29)))).toEqual([1])
  })

  test('garbage is reported once, again when it comes again, and as far as it can be read', () => {
    const splitter = new FrameSplitter()
    const garbage = Buffer.from('GET / HTTP/1.1\r\n\r\n')
    for (let n = 0; n < 3; n += 1) expect(splitter.push(garbage)).toEqual([])
    expect(words(splitter.settle())).toEqual([`start ${garbage.readUInt16LE(2)}`])
    expect(splitter.settle()).toEqual([])
    splitter.push(changed(bytesOf(5), 0, 9))
    expect(words(splitter.settle())).toEqual(['start 5'])
  })

  const dense = fc.uint8Array({ maxLength: 80 }).map((bytes) => bytes.map((byte) => (byte < 100 ? START : byte)))
  const item = fc.oneof(
    fc.record({ garbage: fc.oneof(dense, fc.uint8Array({ maxLength: 200 })) }),
    fc.record({ data: fc.uint8Array({ maxLength: MOST_DATA_BYTES }) }),
  )
  const cuts = fc.array(fc.integer({ min: 1, max: 1500 }), { minLength: 1, maxLength: 40 })

  test('none is lost and none is invented, whatever stands between them and wherever the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 12 }), cuts, (items, sizes) => {
        let n = 0
        const sent: number[] = []
        const stream = Buffer.concat(
          items.map((one) => {
            if ('garbage' in one) return Buffer.from(one.garbage)
            sent.push(n)
            n += 1
            return bytesOf(n - 1, one.data)
          }),
        )
        const splitter = new FrameSplitter()
        const pieces: Piece[] = []
        for (let at = 0, i = 0; at < stream.length; i += 1) {
          const size = sizes[i % sizes.length] ?? 1
          pieces.push(...splitter.push(stream.subarray(at, at + size)))
          expect(splitter.waitingBytes).toBeLessThanOrEqual(LONGEST_FRAME_BYTES)
          at += size
        }
        for (let more = splitter.settle(); more.length > 0; more = splitter.settle()) pieces.push(...more)
        expect(pieces.flatMap((piece) => (piece.kind === 'frame' ? [piece.frame.sequence] : []))).toEqual(sent)
        for (const piece of pieces) if (piece.kind === 'frame') expect(encodeFrame(piece.frame)).toEqual(piece.bytes)
      }),
    )
  })

  test('a megabyte that begins a frame at every byte is gone through once, and little of it is kept', () => {
    const splitter = new FrameSplitter()
    const pieces = splitter.push(new Uint8Array(1024 * 1024).fill(START))
    expect(pieces.every((piece) => piece.kind === 'bad')).toBe(true)
    expect(splitter.waitingBytes).toBeLessThanOrEqual(LONGEST_FRAME_BYTES)
  })
})
