import type { Image, ImageFault } from './image.ts'

/** PNG, third edition (W3C 2025): a signature, then chunks of length, name, data and checksum. */
const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
/** Length and name before a chunk's data, checksum after it. Bytes. */
const BEFORE = 8
const AROUND = 12
const IHDR_LENGTH = 13

/**
 * The chunks that say how the picture looks. All others are left out: texts, times and Exif say where and by whom it was
 * made, and a private one may say anything.
 */
const KEPT = new Set(
  'IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs sPLT acTL fcTL fdAT'.split(' '),
)

export function readPng(bytes: Uint8Array): Image | ImageFault {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!file.subarray(0, SIGNATURE.length).equals(SIGNATURE)) return 'unknown'
  const kept: Buffer[] = [SIGNATURE]
  let width = 0
  let height = 0
  for (let at = SIGNATURE.length; at + AROUND <= file.length; ) {
    const length = file.readUInt32BE(at)
    const name = file.toString('latin1', at + 4, at + BEFORE)
    const end = at + AROUND + length
    if (end > file.length) return 'damaged'
    if (kept.length === 1) {
      if (name !== 'IHDR' || length !== IHDR_LENGTH) return 'damaged'
      width = file.readUInt32BE(at + BEFORE)
      height = file.readUInt32BE(at + BEFORE + 4)
    }
    if (KEPT.has(name)) kept.push(file.subarray(at, end))
    // What follows the end is no part of the picture.
    if (name === 'IEND') return { mediaType: 'image/png', width, height, bytes: Buffer.concat(kept) }
    at = end
  }
  return 'damaged'
}
