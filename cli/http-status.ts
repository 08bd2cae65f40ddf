import { once } from 'node:events'
import { get as getPlain, type IncomingMessage } from 'node:http'
import { get as getSecure } from 'node:https'

/**
 * The status that an address of this machine answers with; rejects where nothing answers. Over https whatever certificate
 * is shown: it names the host that people type, not the loopback that is asked here.
 */
export async function statusOf(url: string, signal: AbortSignal): Promise<number> {
  const call = url.startsWith('https:')
    ? getSecure(url, { signal, rejectUnauthorized: false })
    : getPlain(url, { signal })
  const [response] = (await once(call, 'response')) as [IncomingMessage]
  response.resume()
  return response.statusCode ?? 0
}
