import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify'
import type { Right } from '../../contract/roles.ts'
import { hashSecret } from '../../store/identity.ts'
import { ApiError } from '../api/errors.ts'
import type { Config } from '../config.ts'
import { sessionCookieOf } from './cookie.ts'
import { provenance } from './origin.ts'
import { type Caller, callerMay, type Sessions } from './sessions.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a caller must be allowed to do. Every route declares this or `public`; the server refuses to start otherwise. */
    right?: Right
    /** Anybody who reaches the port may ask for it. */
    public?: true
  }
  interface FastifyRequest {
    /** Who is asking; null: nobody, which only public routes meet. */
    caller: Caller | null
  }
}

export interface RouteAccess {
  readonly method: string
  readonly url: string
  readonly right: Right | 'public'
}

/** Methods that change nothing. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

const BEARER = /^Bearer ([\w-]{20,200})$/i

/**
 * Stands before every route: finds out who is asking, refuses what another site's page makes a browser send, and
 * enforces the declared right. Call before any route is registered.
 *
 * @returns the routes with their rights, complete once the server is ready
 */
export function guardRoutes(app: FastifyInstance, sessions: Sessions, config: Config): () => readonly RouteAccess[] {
  const routes: RouteOptions[] = []
  app.addHook('onRoute', (route) => {
    routes.push(route)
  })
  app.addHook('onReady', async () => {
    const open = routes.filter((route) => accessOf(route) === undefined)
    if (open.length > 0)
      throw new Error(
        `no right is declared for ${open.map((route) => `${String(route.method)} ${route.url}`).join(', ')}: give each route config.right or config.public`,
      )
  })
  app.decorateRequest('caller', null)
  app.addHook('onRequest', async (request) => {
    const { right, public: open } = request.routeOptions.config
    // Static files need nobody's name; looking one up would cost a query per file. By method, never by address: one
    // address can be written in many ways.
    if (open === true && right === undefined && SAFE.has(request.method)) return
    const outcome = await identify(request, sessions, config)
    if (!SAFE.has(request.method) && outcome.caller?.via !== 'token') refuseForeign(request, config, outcome.caller)
    request.caller = outcome.caller
    if (right === undefined) return
    if (outcome.caller === null) throw new ApiError(outcome.why)
    if (!callerMay(outcome.caller, right)) throw new ApiError('right.missing')
  })
  return () =>
    routes.flatMap((route) =>
      [route.method].flat().map((method) => ({ method, url: route.url, right: accessOf(route) ?? 'public' })),
    )
}

const accessOf = (route: RouteOptions): Right | 'public' | undefined =>
  route.config?.right ?? (route.config?.public === true ? 'public' : undefined)

type Identity =
  | { readonly caller: Caller }
  | { readonly caller: null; readonly why: 'session.none' | 'session.ended' | 'token.unknown' }

/** A bearer token goes before a cookie: whoever sends one means it. */
export async function identify(request: FastifyRequest, sessions: Sessions, config: Config): Promise<Identity> {
  const authorization = request.headers.authorization
  if (authorization !== undefined) {
    const token = BEARER.exec(authorization)?.[1]
    const caller = token === undefined ? undefined : await sessions.findToken(hashSecret(token))
    return caller === undefined ? { caller: null, why: 'token.unknown' } : { caller }
  }
  const cookie = sessionCookieOf(request, config)
  if (cookie === undefined) return { caller: null, why: 'session.none' }
  const caller = await sessions.find(hashSecret(cookie), request.ip)
  return caller === undefined ? { caller: null, why: 'session.ended' } : { caller }
}

/** With a cookie a change must be known to come from our own page; without one it must at least not be known to be foreign. */
function refuseForeign(request: FastifyRequest, config: Config, caller: Caller | null): void {
  const from = provenance(
    request.headers,
    config.publicUrl === undefined ? undefined : new URL(config.publicUrl).origin,
  )
  if (from === 'foreign' || (from === 'unknown' && caller !== null)) throw new ApiError('origin.foreign')
}

/** The caller of a route that declares a right. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) throw new ApiError('session.none')
  return request.caller
}
