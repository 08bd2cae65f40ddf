import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../config.ts'

/**
 * `__Host-` makes the browser refuse the cookie unless it is Secure, for this host only and for every path: a
 * neighbouring subdomain cannot plant one. Browsers accept the prefix over TLS only, hence the plain name on loopback.
 */
const cookieName = (config: Pick<Config, 'secureCookie'>): string =>
  config.secureCookie ? '__Host-hydrant' : 'hydrant'

export const readSessionCookie = (
  cookies: Readonly<Record<string, string | undefined>>,
  config: Pick<Config, 'secureCookie'>,
): string | undefined => cookies[cookieName(config)]

export const sessionCookieOf = (request: FastifyRequest, config: Config): string | undefined =>
  readSessionCookie(request.cookies, config)

export function setSessionCookie(reply: FastifyReply, token: string, config: Config): void {
  reply.setCookie(cookieName(config), token, {
    ...attributes(config),
    maxAge: Math.floor(config.sessionMaxMs / 1000),
  })
}

export function clearSessionCookie(reply: FastifyReply, config: Config): void {
  reply.clearCookie(cookieName(config), attributes(config))
}

const attributes = (config: Config) =>
  ({ httpOnly: true, sameSite: 'strict', path: '/', secure: config.secureCookie }) as const
