import type { Image, ImageFault } from './image.ts'

/** JPEG (ITU-T T.81 annex B): segments of a marker and a length, and scans of coded pixels between them. */
const SOI = 0xd8
const EOI = 0xd9
const SOS = 0xda
const COM = 0xfe
const APP0 = 0xe0
const APP1 = 0xe1
const APP2 = 0xe2
const APP14 = 0xee
const APP15 = 0xef

/** Start of frame: C0 to CF but for the tables DHT, JPG and DAC. */
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
/** Within coded pixels: a stuffed FF, or a restart. */
const isCoded = (marker: number): boolean => marker === 0 || (marker >= 0xd0 && marker <= 0xd7)

/**
 * Everything that an application wrote into the file is left out (Exif with its position, XMP, IPTC, previews, comments),
 * but for what the picture needs to look right: the colour profile, Adobe's colour transform, and which way is up.
 */
export function readJpeg(bytes: Uint8Array): Image | ImageFault {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (file.length < 4 || file[0] !== 0xff || file[1] !== SOI || file[2] !== 0xff) return 'unknown'
  const kept: Buffer[] = []
  let width = 0
  let height = 0
  let orientation = 1
  for (let at = 2; at + 1 < file.length; ) {
    if (file[at] !== 0xff) return 'damaged'
    const marker = file[at + 1] as number
    if (marker === 0xff) {
      // Any number of FF may stand before a marker.
      at += 1
      continue
    }
    if (marker === EOI) {
      if (width === 0) return 'damaged'
      // Behind the end telephones put further pictures, with positions of their own.
      const start = [Buffer.from([0xff, SOI]), ...(orientation === 1 ? [] : [orientationOnly(orientation)])]
      return {
        mediaType: 'image/jpeg',
        ...(orientation > 4 ? { width: height, height: width } : { width, height }),
        bytes: Buffer.concat([...start, ...kept, Buffer.from([0xff, EOI])]),
      }
    }
    if (at + 4 > file.length) return 'damaged'
    let end = at + 2 + file.readUInt16BE(at + 2)
    if (end > file.length || end < at + 4) return 'damaged'
    const data = file.subarray(at + 4, end)
    if (isFrame(marker)) {
      if (data.length < 5) return 'damaged'
      height = data.readUInt16BE(1)
      width = data.readUInt16BE(3)
    }
    if (marker === APP1) orientation = orientationOf(data) ?? orientation
    if (marker === SOS)
      while (end + 1 < file.length && (file[end] !== 0xff || isCoded(file[end + 1] as number))) end += 1
    if (isPicture(marker, data)) kept.push(file.subarray(at, end))
    at = end
  }
  return 'damaged'
}

function isPicture(marker: number, data: Buffer): boolean {
  const begins = (text: string): boolean => data.toString('latin1', 0, text.length) === text
  if (marker === APP0) return begins('JFIF\0')
  if (marker === APP2) return begins('ICC_PROFILE\0')
  if (marker === APP14) return begins('Adobe')
  return marker !== COM && !(marker >= APP1 && marker <= APP15)
}

const EXIF = Buffer.from('Exif\0\0', 'latin1')
/** Tag of Exif 2.3, table 4: 1 is upright, 5 to 8 lie on their side. */
const ORIENTATION = 0x0112
const ENTRY_LENGTH = 12

/** From an Exif segment's data (TIFF 6.0 within it); undefined where it does not say. */
function orientationOf(data: Buffer): number | undefined {
  if (!data.subarray(0, EXIF.length).equals(EXIF)) return undefined
  const tiff = data.subarray(EXIF.length)
  if (tiff.length < 8) return undefined
  const little = tiff.toString('latin1', 0, 2) === 'II'
  const word = (at: number): number =>
    at + 2 > tiff.length ? 0 : little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at)
  const first = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4)
  for (let i = 0; i < word(first); i++) {
    const entry = first + 2 + i * ENTRY_LENGTH
    if (entry + ENTRY_LENGTH > tiff.length) return undefined
    if (word(entry) !== ORIENTATION) continue
    const value = word(entry + 8)
    return value >= 1 && value <= 8 ? value : undefined
  }
  return undefined
}

/** An Exif segment that says nothing else: without it a photograph taken upright would lie on its side. */
function orientationOnly(orientation: number): Buffer {
  const tiff = Buffer.from('MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0', 'latin1')
  tiff.writeUInt16BE(orientation, 18)
  const head = Buffer.from([0xff, APP1, 0, 2 + EXIF.length + tiff.length])
  return Buffer.concat([head, EXIF, tiff])
}
