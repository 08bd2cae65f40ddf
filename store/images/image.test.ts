import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ImageFolder } from './folder.ts'
import { type Image, readImage } from './image.ts'

const text = (value: string): Buffer => Buffer.from(value, 'latin1')
/** What nobody but the home needs to know. */
const SECRET = 'GPS 36.45N 115.98E'

const pngChunk = (name: string, data: Buffer): Buffer => {
  const frame = Buffer.alloc(12 + data.length)
  frame.writeUInt32BE(data.length)
  frame.write(name, 4, 'latin1')
  data.copy(frame, 8)
  frame.writeUInt32BE(crc32(frame.subarray(4, 8 + data.length)), 8 + data.length)
  return frame
}
const png = (...extra: Buffer[]): Buffer => {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(3)
  header.writeUInt32BE(2, 4)
  header.set([8, 2], 8)
  return Buffer.concat([
    text('\x89PNG\r\n\x1a\n'),
    pngChunk('IHDR', header),
    ...extra,
    pngChunk('IDAT', deflateSync(Buffer.alloc(2 * 10))),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

const segment = (marker: number, data: Buffer): Buffer => {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(data.length + 2, 2)
  return Buffer.concat([head, data])
}
const FRAME = segment(0xc0, Buffer.from([8, 0, 2, 0, 3, 1, 1, 0x11, 0]))
/** Coded pixels with a stuffed FF and a restart in them. */
const SCAN = Buffer.concat([
  segment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])),
  Buffer.from([1, 0xff, 0, 2, 0xff, 0xd0, 3]),
])
const END = Buffer.from([0xff, 0xd9])
const jpeg = (...before: Buffer[]): Buffer => Buffer.concat([Buffer.from([0xff, 0xd8]), ...before, FRAME, SCAN, END])
/** An Exif segment of a camera: little endian, orientation 6 (on its side), then everything else. */
const EXIF = segment(
  0xe1,
  Buffer.concat([
    text('Exif\0\0II*\0\x08\0\0\0\x02\0'),
    text('\x0f\x01\x02\0\x04\0\0\0abc\0'),
    text('\x12\x01\x03\0\x01\0\0\0\x06\0\0\0'),
    text(`\0\0\0\0${SECRET}`),
  ]),
)

const webpChunk = (name: string, data: Buffer): Buffer => {
  const head = Buffer.alloc(8)
  head.write(name, 'latin1')
  head.writeUInt32LE(data.length, 4)
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)])
}
const webp = (...chunks: Buffer[]): Buffer => {
  const body = Buffer.concat([text('WEBP'), ...chunks])
  const head = Buffer.alloc(8)
  head.write('RIFF')
  head.writeUInt32LE(body.length, 4)
  return Buffer.concat([head, body])
}
const LOSSLESS = webpChunk('VP8L', Buffer.from([0x2f, 2, 0x40, 0, 0, 9, 9]))

const svg = (root: string, inside = '<rect width="3" height="2"/>'): Buffer =>
  Buffer.from(`<?xml version="1.0"?>\n<!-- 二楼 <svg> -->\n<!DOCTYPE svg>\n<svg ${root}>${inside}</svg>\n`)

const must = (bytes: Uint8Array): Image => {
  const read = readImage(bytes)
  if (!read.ok) throw new Error(read.fault)
  return read.image
}
const faultOf = (bytes: Uint8Array): string => {
  const read = readImage(bytes)
  return read.ok ? 'fine' : read.fault
}

describe('an image that somebody sends', () => {
  test('is what its bytes say, with its true size', () => {
    expect(must(png())).toMatchObject({ mediaType: 'image/png', width: 3, height: 2 })
    expect(must(jpeg())).toMatchObject({ mediaType: 'image/jpeg', width: 3, height: 2 })
    expect(must(webp(LOSSLESS))).toMatchObject({ mediaType: 'image/webp', width: 3, height: 2 })
    const lossy = webpChunk('VP8 ', Buffer.from([0, 0, 0, 0x9d, 0x01, 0x2a, 3, 0, 2, 0]))
    expect(must(webp(lossy))).toMatchObject({ width: 3, height: 2 })
    expect(must(svg('width="30mm" height="2cm"'))).toMatchObject({ mediaType: 'image/svg+xml', width: 113, height: 76 })
    expect(must(svg('viewBox="0 0 1200 800" width="100%"'))).toMatchObject({ width: 1200, height: 800 })
  })

  test('says no more where it was taken, nor what its maker wrote into it; the picture itself is untouched', () => {
    const secret = text(SECRET)
    const named = png(
      pngChunk('eXIf', secret),
      pngChunk('tEXt', secret),
      pngChunk('iTXt', secret),
      pngChunk('prVt', secret),
    )
    expect(Buffer.from(must(named).bytes)).toEqual(png())

    const photograph = Buffer.concat([
      jpeg(
        segment(0xe0, text('JFIF\0\x01\x01\0\0\x01\0\x01\0\0')),
        segment(0xe1, Buffer.concat([text('http://ns.adobe.com/xap/1.0/\0'), secret])),
        segment(0xe2, Buffer.concat([text('MPF\0'), secret])),
        segment(0xed, secret),
        segment(0xfe, secret),
      ),
      // A telephone's second picture, behind the first.
      jpeg(EXIF),
    ])
    expect(Buffer.from(must(photograph).bytes)).toEqual(jpeg(segment(0xe0, text('JFIF\0\x01\x01\0\0\x01\0\x01\0\0'))))

    const flags = (value: number): Buffer => webpChunk('VP8X', Buffer.from([value, 0, 0, 0, 2, 0, 0, 1, 0, 0]))
    const located = webp(flags(0x2c), LOSSLESS, webpChunk('EXIF', secret), webpChunk('XMP ', secret))
    expect(Buffer.from(must(located).bytes)).toEqual(webp(flags(0x20), LOSSLESS))
  })

  test('that a telephone took on its side stays upright, with its colours', () => {
    const colours = segment(0xe2, text('ICC_PROFILE\0\x01\x01colours'))
    const image = must(jpeg(EXIF, colours))
    expect(image).toMatchObject({ width: 2, height: 3 })
    const kept = Buffer.from(image.bytes)
    expect(kept.includes(SECRET)).toBe(false)
    expect(kept.includes('colours')).toBe(true)
    // Read again it is the same picture: nothing is lost each time.
    expect(must(kept)).toEqual({ ...image, bytes: kept })
  })

  test('is refused when it is something else, broken, too large or a program', () => {
    for (const other of ['', 'GIF89a', '%PDF-1.7', '<html><svg></svg></html>', 'MZ', '\xff\xd8'])
      expect(faultOf(text(other))).toBe('unknown')
    for (const whole of [png(), jpeg(), webp(LOSSLESS), svg('width="3" height="2"')])
      expect(faultOf(whole.subarray(0, whole.length - 9))).toBe('damaged')
    const huge = png()
    huge.writeUInt32BE(60_000, 16)
    huge.writeUInt32BE(60_000, 20)
    expect(faultOf(huge)).toBe('too-large')
    expect(faultOf(svg(''))).toBe('damaged')
    for (const program of [
      '<script>alert(1)</script>',
      '<svg:script href="x"/>',
      '<g onload="x()"/>',
      '<a href="javascript:x()"/>',
    ])
      expect(faultOf(svg('width="3" height="2"', program))).toBe('program')
    expect(faultOf(text('<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg width="3" height="2">&a;</svg>'))).not.toBe('fine')
  })

  test('never stops the reader, whatever its bytes', () => {
    const seeds = [png(), jpeg(EXIF), webp(LOSSLESS), svg('width="3" height="2"')]
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.array(fc.tuple(fc.nat(200), fc.nat(255))),
        fc.nat(200),
        (seed, edits, cut) => {
          const bytes = Buffer.from(seed.subarray(0, Math.max(1, seed.length - (cut % seed.length))))
          for (const [at, value] of edits) bytes[at % bytes.length] = value
          readImage(bytes)
        },
      ),
      { numRuns: 500 },
    )
    const comments = text(`${'<!---->'.repeat(100_000)}x`)
    expect(faultOf(comments)).toBe('unknown')
  })
})

describe('the folder of images', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hydrant-images-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('keeps each image once, for its owner only, and gives back what was put', async () => {
    const images = new ImageFolder(folder)
    const id = await images.put(png(), 'image/png')
    expect(await images.put(png(), 'image/png')).toBe(id)
    expect(Buffer.from(await images.read(id))).toEqual(png())
    const path = join(folder, id.slice(0, 2), id)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(join(folder, id.slice(0, 2)))).toEqual([id])
    expect(readFileSync(path)).toEqual(png())
  })

  test('never gives out a damaged image, one that is gone, nor any other file', async () => {
    const images = new ImageFolder(folder)
    const id = await images.put(png(), 'image/png')
    truncateSync(join(folder, id.slice(0, 2), id), 20)
    await expect(images.read(id)).rejects.toThrow('is damaged')
    // Sent again, it is whole again.
    await images.put(png(), 'image/png')
    expect(Buffer.from(await images.read(id))).toEqual(png())
    await expect(images.read(`${'0'.repeat(64)}.png`)).rejects.toThrow('is missing')
    await expect(images.read('../state.db')).rejects.toThrow("is no image's id")
  })
})
