import type { IncomingHttpHeaders } from 'node:http'

/**
 * Where a browser says a request comes from. `foreign` is another site's page using our user's browser (CSRF,
 * cross-site WebSocket hijacking); `unknown` is a program that is no browser, or a plain GET.
 */
export type Provenance = 'own' | 'foreign' | 'unknown'

/** `publicOrigin`: what people type where a proxy stands in front; the proxy may have rewritten `Host`. */
export function provenance(headers: IncomingHttpHeaders, publicOrigin: string | undefined): Provenance {
  const origin = headers.origin
  if (origin !== undefined) return isOwn(origin, headers.host, publicOrigin) ? 'own' : 'foreign'
  const site = headers['sec-fetch-site']
  if (site === undefined) return 'unknown'
  // `none`: typed into the address bar, which is a GET.
  return site === 'same-origin' || site === 'none' ? 'own' : 'foreign'
}

function isOwn(origin: string, host: string | undefined, publicOrigin: string | undefined): boolean {
  if (origin === publicOrigin) return true
  if (!URL.canParse(origin)) return false
  return host !== undefined && new URL(origin).host === host.toLowerCase()
}
