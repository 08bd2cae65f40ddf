import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Config } from '../config.ts'

/**
 * No inline script or style, nothing from elsewhere. `blob:`: MapLibre decodes images, and starts its worker, from
 * blobs. Swagger UI's page keeps to it too: its scripts and style are files.
 */
const POLICY: Readonly<Record<string, string>> = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' data: blob:",
  'font-src': "'self'",
  'connect-src': "'self'",
  'media-src': "'self'",
  'worker-src': "'self' blob:",
  'manifest-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'self'",
  'frame-ancestors': "'none'",
}

const render = (policy: Readonly<Record<string, string>>): string =>
  Object.entries(policy)
    .map(([directive, sources]) => `${directive} ${sources}`)
    .join('; ')

const CONTENT_SECURITY_POLICY = render(POLICY)

/** The policy for a page with one known style in its head: allowed by its hash, not by `unsafe-inline`. */
export const policyForStyle = (style: string): string =>
  render({ ...POLICY, 'style-src': `'sha256-${createHash('sha256').update(style).digest('base64')}'` })

/** Two years, in seconds: what browsers' preload lists ask for. */
const HSTS_S = 63_072_000

export function addSecurityHeaders(app: FastifyInstance, config: Config): void {
  const headers = {
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    // A one-time link must not travel on as a Referer.
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=()',
  }
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(headers)
    // A browser would keep every other program of the machine from speaking http under the name localhost.
    if (config.secureCookie && request.hostname !== 'localhost')
      reply.header('strict-transport-security', `max-age=${HSTS_S}`)
    // What the API says is true now and for this caller only. By the route, because an address can be written in many ways.
    if (request.routeOptions.url?.startsWith('/api/') !== false) reply.header('cache-control', 'no-store')
  })
}
