import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform } from 'fastify-type-provider-zod'
import { RIGHTS, type Right } from '../../contract/roles.ts'

const DESCRIPTION = `Times are milliseconds since 1970 UTC, positions WGS-84 degrees.

Programs send \`Authorization: Bearer TOKEN\`; \`npm run hydrant -- token add NAME --role viewer|dispatcher|admin\` makes one.
Every error is \`{"error": {"code", "message", "todo"}}\`; the code is stable, the sentence is for a person.`

/** The OpenAPI document: before the routes, so that it sees them. */
export async function describeRoutes(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Hydrant', version: '1', description: DESCRIPTION },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer' },
          session: { type: 'apiKey', in: 'cookie', name: 'hydrant' },
        },
      },
    },
    transform: (document) => {
      const { schema, url } = jsonSchemaTransform(document)
      const right = document.route.config?.right
      return { url, schema: right === undefined ? schema : { ...schema, ...needs(right) } }
    },
  })
}

const needs = (right: Right): { security: Record<string, string[]>[] } =>
  RIGHTS.includes(right) ? { security: [{ token: [] }, { session: [] }] } : { security: [] }

/** The name, instead of the framework's logo. */
const LOGO = {
  type: 'image/svg+xml',
  content: Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="150" height="40"><text x="0" y="28" fill="#fff" font-family="sans-serif" font-size="26" font-weight="700">Hydrant</text></svg>',
  ),
}

/** The page that shows it, at /docs. Public: it says what can be asked, not what is answered. */
export async function serveDocs(app: FastifyInstance): Promise<void> {
  await app.register(async (docs) => {
    docs.addHook('onRoute', (route) => {
      route.config = { ...route.config, public: true }
      route.schema = { ...route.schema, hide: true }
    })
    await docs.register(swaggerUi, {
      routePrefix: '/docs',
      logo: LOGO,
      theme: { title: 'Hydrant API' },
      uiConfig: { docExpansion: 'list', deepLinking: true },
    })
  })
}
