import type { Image, ImageFault } from './image.ts'

/** WebP (RFC 9649): a RIFF container of chunks, each name, length (little endian) and data, padded to even. */
const HEAD = 12
const CHUNK_HEAD = 8
const KEPT = new Set(['VP8X', 'VP8 ', 'VP8L', 'ALPH', 'ANIM', 'ANMF', 'ICCP'])
/** In VP8X's first byte: there are Exif and XMP chunks. */
const SAYS_METADATA = 0x08 | 0x04
const VP8L_SIGNATURE = 0x2f
/** Width and height of a lossless picture: 14 bits each, less one. */
const FOURTEEN_BITS = 0x3fff

export function readWebp(bytes: Uint8Array): Image | ImageFault {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, HEAD) !== 'WEBP') return 'unknown'
  const whole = file.readUInt32LE(4) + CHUNK_HEAD
  if (whole > file.length) return 'damaged'
  const kept: Buffer[] = []
  let size: { readonly width: number; readonly height: number } | undefined
  for (let at = HEAD; at + CHUNK_HEAD <= whole; ) {
    const name = file.toString('latin1', at, at + 4)
    const length = file.readUInt32LE(at + 4)
    const end = at + CHUNK_HEAD + length + (length % 2)
    if (end > whole) return 'damaged'
    if (KEPT.has(name)) {
      const chunk = Buffer.from(file.subarray(at, end))
      size ??= sizeOf(name, chunk.subarray(CHUNK_HEAD))
      if (name === 'VP8X' && length > 0) chunk[CHUNK_HEAD] = (chunk[CHUNK_HEAD] as number) & ~SAYS_METADATA
      kept.push(chunk)
    }
    at = end
  }
  if (size === undefined) return 'damaged'
  const body = Buffer.concat(kept)
  const head = Buffer.from(file.subarray(0, HEAD))
  head.writeUInt32LE(body.length + 4, 4)
  return { mediaType: 'image/webp', ...size, bytes: Buffer.concat([head, body]) }
}

function sizeOf(name: string, data: Buffer): { readonly width: number; readonly height: number } | undefined {
  if (name === 'VP8X' && data.length >= 10)
    return { width: data.readUIntLE(4, 3) + 1, height: data.readUIntLE(7, 3) + 1 }
  // RFC 6386 §9.1: a frame tag of three bytes, the start code 9D 01 2A, then 14 bits each.
  if (name === 'VP8 ' && data.length >= 10 && data.readUIntBE(3, 3) === 0x9d012a)
    return { width: data.readUInt16LE(6) & FOURTEEN_BITS, height: data.readUInt16LE(8) & FOURTEEN_BITS }
  if (name === 'VP8L' && data.length >= 5 && data[0] === VP8L_SIGNATURE) {
    const bits = data.readUInt32LE(1)
    return { width: (bits & FOURTEEN_BITS) + 1, height: ((bits >>> 14) & FOURTEEN_BITS) + 1 }
  }
  return undefined
}
