import { readJpeg } from './jpeg.ts'
import { readPng } from './png.ts'
import { readSvg } from './svg.ts'
import { readWebp } from './webp.ts'

/** What the first bytes of a file say it is, whatever its name and its sender say. */
export type MediaType = 'image/png' | 'image/jpeg' | 'image/webp' | 'image/svg+xml'

export interface Image {
  readonly mediaType: MediaType
  /** Pixels; of a drawing its own units. */
  readonly width: number
  readonly height: number
  /** The picture without what else was in the file: where and when it was taken, by whom, with what. */
  readonly bytes: Uint8Array
}

/**
 * unknown    no PNG, JPEG, WebP or SVG
 * damaged    it begins as one, and is not whole
 * too-large  more pixels than a browser of a control room should have to hold
 * program    a drawing with a program in it
 */
export type ImageFault = 'unknown' | 'damaged' | 'too-large' | 'program'

export type ImageRead =
  | { readonly ok: true; readonly image: Image }
  | { readonly ok: false; readonly fault: ImageFault }

/** A telephone's camera makes up to 50 million; 64 million are 256 MB in a browser's memory. */
const MOST_PIXELS = 64e6
/** What browsers draw at most in one direction (Chromium's Skia). */
const LONGEST_SIDE = 65_535

const FORMATS: readonly ((bytes: Uint8Array) => Image | ImageFault)[] = [readPng, readJpeg, readWebp, readSvg]

/** Reads an image that somebody sent. Looks at its structure, not at its pixels. */
export function readImage(bytes: Uint8Array): ImageRead {
  for (const read of FORMATS) {
    const image = read(bytes)
    if (image === 'unknown') continue
    if (typeof image === 'string') return { ok: false, fault: image }
    const { width, height, mediaType } = image
    if (width < 1 || height < 1) return { ok: false, fault: 'damaged' }
    const pixels = mediaType === 'image/svg+xml' ? 0 : width * height
    if (Math.max(width, height) > LONGEST_SIDE || pixels > MOST_PIXELS) return { ok: false, fault: 'too-large' }
    return { ok: true, image }
  }
  return { ok: false, fault: 'unknown' }
}
