import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../config.ts'

type Secure = Pick<Config, 'secureCookie'>

/**
 * `__Host-` makes the browser refuse the cookie unless it is Secure, for this host only and for every path: a
 * neighbouring subdomain cannot plant one. Browsers accept the prefix over TLS only, hence the plain name on loopback.
 */
const named = (name: string, config: Secure): string => (config.secureCookie ? `__Host-${name}` : name)
const SESSION = 'hydrant'
const DEVICE = 'hydrant-device'

/** How long a browser is remembered that nobody signs in with, ms: longer than a long leave. */
export const DEVICE_KEPT_MS = 180 * 86_400_000

export const readSessionCookie = (
  cookies: Readonly<Record<string, string | undefined>>,
  config: Secure,
): string | undefined => cookies[named(SESSION, config)]

export const sessionCookieOf = (request: FastifyRequest, config: Config): string | undefined =>
  readSessionCookie(request.cookies, config)

export function setSessionCookie(reply: FastifyReply, token: string, config: Config): void {
  reply.setCookie(named(SESSION, config), token, { ...attributes(config), maxAge: seconds(config.sessionMaxMs) })
}

export function clearSessionCookie(reply: FastifyReply, config: Config): void {
  reply.clearCookie(named(SESSION, config), attributes(config))
}

/** Says that people have signed in with this browser before; signs nobody in. */
export const deviceCookieOf = (request: FastifyRequest, config: Config): string | undefined =>
  request.cookies[named(DEVICE, config)]

export function setDeviceCookie(reply: FastifyReply, token: string, config: Config): void {
  reply.setCookie(named(DEVICE, config), token, { ...attributes(config), maxAge: seconds(DEVICE_KEPT_MS) })
}

const attributes = (config: Secure) =>
  ({ httpOnly: true, sameSite: 'strict', path: '/', secure: config.secureCookie }) as const

const seconds = (ms: number): number => Math.floor(ms / 1000)
