import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  BadFrame,
  command,
  decodeFrame,
  encodeFrame,
  type Gb26875Frame,
  LARGEST_ADDRESS,
  MOST_DATA_BYTES,
} from './frame.ts'

interface Example {
  name: string
  hex: string
}
const examples: Example[] = JSON.parse(
  readFileSync(new URL('../../../shared/data/frames/gb26875.json', import.meta.url), 'utf8'),
)
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase()

const byte = fc.integer({ min: 0, max: 255 })
const frames: fc.Arbitrary<Gb26875Frame> = fc.record({
  command: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 128, max: 255 })),
  sequence: fc.integer({ min: 0, max: 65535 }),
  version: fc.record({ main: byte, user: byte }),
  time: fc.record({ second: byte, minute: byte, hour: byte, day: byte, month: byte, year: byte }),
  source: fc.integer({ min: 0, max: LARGEST_ADDRESS }),
  destination: fc.integer({ min: 0, max: LARGEST_ADDRESS }),
  data: fc.uint8Array({ maxLength: MOST_DATA_BYTES }),
})

function reasonOf(bytes: Uint8Array): string {
  try {
    decodeFrame(bytes)
  } catch (error) {
    if (error instanceof BadFrame) return error.reason
    throw error
  }
  return 'good'
}

describe('a GB/T 26875.3 frame', () => {
  it.each(examples)('$name is read and written again byte for byte', ({ hex }) => {
    expect(hexOf(encodeFrame(decodeFrame(bytesOf(hex))))).toBe(hex)
  })

  it('names its device and its centre', () => {
    const frame = decodeFrame(bytesOf(examples[0]?.hex ?? ''))
    expect(frame).toMatchObject({ command: command.send, sequence: 1, source: 889, destination: 88888 })
    expect(frame.time).toEqual({ second: 32, minute: 58, hour: 9, day: 26, month: 9, year: 12 })
  })

  it('comes back as it was sent, with addresses of 48 bits exact', () => {
    fc.assert(
      fc.property(frames, (frame) => {
        expect(decodeFrame(encodeFrame(frame))).toEqual(frame)
      }),
    )
  })

  it('with one byte changed is read differently or refused, and nothing but a refusal is thrown', () => {
    fc.assert(
      fc.property(frames, fc.nat(), fc.integer({ min: 1, max: 255 }), (frame, place, flip) => {
        const bytes = encodeFrame(frame)
        const at = place % bytes.length
        bytes[at] = (bytes[at] ?? 0) ^ flip
        // One changed byte always changes the sum: nothing of it may pass.
        expect(reasonOf(bytes)).not.toBe('good')
      }),
    )
  })

  it('is refused with the reason that a person can look up', () => {
    const good = bytesOf(examples[2]?.hex ?? '')
    const changed = (at: number, value: number) => Uint8Array.from(good).fill(value, at, at + 1)
    expect(reasonOf(changed(0, 0x41))).toBe('start')
    expect(reasonOf(changed(25, 0x05))).toBe('length')
    expect(reasonOf(good.subarray(0, 20))).toBe('length')
    expect(reasonOf(changed(good.length - 1, 0x24))).toBe('end')
    expect(reasonOf(changed(28, 0x07))).toBe('checksum')
    expect(reasonOf(encodeFrame({ ...decodeFrame(good), command: 7 }))).toBe('command')
  })
})
