import type { FastifyReply } from 'fastify'
import { type Image, type MediaType, readImage } from '../../store/images/image.ts'
import { ImageMissing } from '../../store/images/port.ts'
import type { Desk } from '../desk.ts'
import { ApiError } from './errors.ts'

/** What a browser calls the pictures that are understood; what they are, their bytes say. */
export const PICTURE_TYPES = [
  'image/png',
  'image/jpeg',
  'image/webp',
  'image/svg+xml',
  'application/octet-stream',
] as const

/**
 * A drawing opened on its own is a document: nothing in it may run or fetch anything, and it may do nothing in the
 * console's name. Its styles are its own.
 */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'none'; sandbox"

/** Checks a picture that was sent, and keeps it. @returns it, without where it was taken, and its id */
export async function keepPicture(
  desk: Desk,
  bytes: Uint8Array,
  allowed: { readonly largest: number; readonly drawings: boolean },
): Promise<{ readonly image: Image; readonly id: string }> {
  if (bytes.length > allowed.largest) throw new ApiError('image.too-large')
  const read = readImage(bytes)
  if (!read.ok) throw new ApiError(`image.${read.fault}`)
  if (!allowed.drawings && read.image.mediaType === 'image/svg+xml') throw new ApiError('image.unknown')
  if (desk.disk.engaged) throw new ApiError('disk.nearly-full')
  return { image: read.image, id: await desk.images.put(read.image.bytes, read.image.mediaType) }
}

/** @param cached how long, in the words of Cache-Control: a picture is told to whoever may see it only */
export async function sendPicture(
  desk: Desk,
  reply: FastifyReply,
  picture: { readonly id: string; readonly mediaType: MediaType; readonly cached: string },
): Promise<FastifyReply> {
  let bytes: Uint8Array
  try {
    bytes = await desk.images.read(picture.id)
  } catch (error) {
    if (!(error instanceof ImageMissing)) throw error
    desk.log.error(error.message)
    throw new ApiError('image.missing')
  }
  return reply
    .type(picture.mediaType)
    .header('content-security-policy', POLICY)
    .header('content-disposition', picture.mediaType === 'image/svg+xml' ? 'attachment; filename="plan.svg"' : 'inline')
    .header('cache-control', `private, ${picture.cached}`)
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
}
