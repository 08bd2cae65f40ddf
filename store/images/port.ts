import type { MediaType } from './image.ts'

/**
 * Floor plans and photographs. An image is known by what it is: the same bytes are the same image. Nothing is ever
 * removed: the state refers to them, and so does the history of a hazard.
 */
export interface Images {
  /** On disk when it resolves. @returns its id, 64 hexadecimal digits and an ending. */
  put(bytes: Uint8Array, mediaType: MediaType): Promise<string>
  /** @throws ImageMissing where it is not there or not what was put */
  read(id: string): Promise<Uint8Array>
}

/** The image that the state speaks of is gone or damaged. */
export class ImageMissing extends Error {
  override name = 'ImageMissing'
}

const ENDINGS: Record<MediaType, string> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/svg+xml': 'svg',
}

export const imageId = (sha256: string, mediaType: MediaType): string => `${sha256}.${ENDINGS[mediaType]}`

/** Undefined for what is no image's id: nothing else ever becomes part of a path. */
export function mediaTypeOf(id: string): MediaType | undefined {
  const ending = /^[0-9a-f]{64}\.(\w+)$/.exec(id)?.[1]
  return (Object.keys(ENDINGS) as MediaType[]).find((type) => ENDINGS[type] === ending)
}
