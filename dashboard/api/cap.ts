import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Incident } from '../../contract/incidents.ts'
import { publicPath } from '../../contract/public-place.ts'
import { type CapContext, capAlert, newestCapMessage } from '../cap/alert.ts'
import { capFeed, type FeedEntry } from '../cap/feed.ts'
import type { Desk } from '../desk.ts'
import { positionOf } from '../incidents/incident-detail.ts'
import { ApiError } from './errors.ts'

const SUFFIX = '.xml'

/**
 * Incidents for machines: CAP 1.2 and an Atom index. A program reads them with a bearer token; there is no public address,
 * since the scope of every alert is Restricted.
 */
export const capRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    const { views } = desk.stores
    const config = { right: 'read' } as const
    const tags = ['incidents']
    const base = (request: FastifyRequest): string => desk.config.publicUrl ?? `${request.protocol}://${request.host}`
    const placeOf = ({ placeId, premisesId }: Incident): CapContext['place'] =>
      publicPath(desk.places.upwards(placeId ?? premisesId).toReversed())
    const xml = (reply: FastifyReply, type: string): FastifyReply =>
      reply.header('cache-control', 'no-store').type(`${type}; charset=utf-8`)

    app.get(
      '/cap/feed.atom',
      {
        config,
        schema: {
          summary: 'What is current, as an Atom index of CAP alerts',
          tags,
          produces: ['application/atom+xml'],
        },
      },
      async (request, reply) => {
        const entries = await Promise.all(
          (await views.openIncidents()).map(async (incident): Promise<FeedEntry | undefined> => {
            const message = newestCapMessage(await views.eventsOfIncident(incident.id))
            return message === undefined ? undefined : { ...message, place: placeOf(incident) }
          }),
        )
        xml(reply, 'application/atom+xml')
        return capFeed(
          entries.filter((entry) => entry !== undefined),
          base(request),
          desk.now(),
        )
      },
    )

    app.get(
      '/cap/:file',
      {
        config,
        schema: {
          summary: 'The newest CAP 1.2 message of an incident: ID.xml',
          tags,
          params: z.object({ file: z.string().max(250) }),
          produces: ['application/cap+xml'],
        },
      },
      async (request, reply) => {
        const { file } = request.params
        const id = file.endsWith(SUFFIX) ? file.slice(0, -SUFFIX.length) : undefined
        const message = id === undefined ? undefined : newestCapMessage(await views.eventsOfIncident(id))
        if (message === undefined) throw new ApiError('cap.unknown')
        const { incident } = message.event
        const { publicUrl } = desk.config
        xml(reply, 'application/cap+xml')
        return capAlert(message, {
          sender: publicUrl === undefined ? 'hydrant.local' : new URL(publicUrl).hostname,
          place: placeOf(incident),
          position: positionOf(desk, incident) ?? undefined,
          web: publicUrl === undefined ? undefined : `${publicUrl}/incidents/${encodeURIComponent(incident.id)}`,
        })
      },
    )
  }
