import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { ApiError } from '../api/errors.ts'
import type { Desk } from '../desk.ts'
import type { Tile } from './tile-maker.ts'

/** Smaller ones fit in one packet anyway. Bytes. */
const WORTH_COMPRESSING = 1400

const compress = promisify(gzip)
const number = z.coerce.number().int()

/** The fleet on the map. (The counties' outlines under it are a file of the console.) */
export const tileRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    /** A tile is compressed once; it is gone from here when the tile is. */
    const compressed = new WeakMap<Tile, Promise<Uint8Array>>()
    const smaller = (tile: Tile): Promise<Uint8Array> => {
      const known = compressed.get(tile)
      if (known !== undefined) return known
      const made = compress(tile.bytes, { level: constants.Z_BEST_SPEED })
      compressed.set(tile, made)
      return made
    }

    app.get(
      '/tiles/:z/:x/:y(^\\d+).mvt',
      {
        config: { right: 'read' },
        schema: {
          summary: 'Mapbox vector tile of the fleet',
          description:
            'Layer `devices`: points with id, kind, group and status. Layer `density`, where a tile has more than 4,000 devices: cells with count.',
          tags: ['map'],
          params: z.object({ z: number, x: number, y: number }),
          produces: ['application/vnd.mapbox-vector-tile'],
        },
      },
      async (request, reply) => {
        const { z: zoom, x, y } = request.params
        const tile = desk.tiles.tile(zoom, x, y)
        if (tile === undefined) throw new ApiError('tile.outside')
        reply.headers({ 'cache-control': 'private, no-cache', etag: tile.etag, vary: 'accept-encoding' })
        if (request.headers['if-none-match'] === tile.etag) return reply.code(304).send()
        reply.type('application/vnd.mapbox-vector-tile')
        const zipped =
          tile.bytes.length > WORTH_COMPRESSING && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
        if (zipped) reply.header('content-encoding', 'gzip')
        return reply.send(Buffer.from(zipped ? await smaller(tile) : tile.bytes))
      },
    )
  }
