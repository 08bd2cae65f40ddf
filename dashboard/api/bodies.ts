import type { FastifyInstance } from 'fastify'
import { ApiError } from './errors.ts'

/** Files as bodies of a request, for the routes of one plugin: elsewhere only JSON is understood. */
export function acceptFiles(app: FastifyInstance, mediaTypes: readonly string[]): void {
  app.addContentTypeParser([...mediaTypes], { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body)
  })
}

/** The file that was sent. @throws ApiError with `otherwise` where something else was */
export function fileOf(body: unknown, otherwise: 'image.none' | 'table.none'): Uint8Array {
  if (!Buffer.isBuffer(body) || body.length === 0) throw new ApiError(otherwise)
  return body
}
