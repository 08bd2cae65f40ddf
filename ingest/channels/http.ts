import { lookup as lookUp } from 'node:dns'
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/** What of an answer is read: enough for an error code, too little to fill memory. Bytes. */
const LONGEST_ANSWER = 16 * 1024
/** A receiver may ask for this much patience at most; then it is asked again. */
const LONGEST_WAIT_MS = 900_000

/**
 * Where nothing of ours listens, but a cloud's keys lie (169.254.169.254; Alibaba's 100.100.100.200), or everybody at once,
 * and what leads there from IPv6 (RFC 6052). An administrator chooses
 * the address; who answers for its name may be somebody else, so what counts is the address that the name leads to.
 */
const NEVER = new BlockList()
NEVER.addSubnet('169.254.0.0', 16, 'ipv4')
NEVER.addAddress('100.100.100.200', 'ipv4')
NEVER.addSubnet('224.0.0.0', 4, 'ipv4')
NEVER.addSubnet('0.0.0.0', 8, 'ipv4')
NEVER.addSubnet('fe80::', 10, 'ipv6')
NEVER.addSubnet('ff00::', 8, 'ipv6')
NEVER.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6')
NEVER.addAddress('64:ff9b::6464:64c8', 'ipv6')
NEVER.addAddress('::', 'ipv6')
NEVER.addAddress('fd00:ec2::254', 'ipv6')

const isForbidden = (address: string): boolean => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return NEVER.check(mapped, 'ipv4')
  return NEVER.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

const checkedLookup: LookupFunction = (hostname, options, callback) => {
  lookUp(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, '', 0)
    const allowed = addresses.filter(({ address }) => !isForbidden(address))
    const [first] = allowed
    if (first === undefined) return callback(new Error(`${hostname} leads to an address that is never sent to`), '', 0)
    return options.all === true ? callback(null, allowed) : callback(null, first.address, first.family)
  })
}

export interface Answer {
  readonly status: number
  readonly body: string
  /** How long the receiver wants to be left alone, ms. */
  readonly retryAfterMs: number | undefined
}

/**
 * One request, one answer: no redirect is followed, no connection kept. Rejects where none comes before `signal` aborts.
 */
export function send(
  url: string,
  options: {
    readonly method: string
    readonly headers: Readonly<Record<string, string>>
    readonly body: string | undefined
    readonly signal: AbortSignal
    readonly now: () => number
  },
): Promise<Answer> {
  const { method, headers, body, signal, now } = options
  const target = new URL(url)
  const host = target.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0 && isForbidden(host)) return Promise.reject(new Error(`${host} is never sent to`))
  const ask = target.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const request = ask(target, {
      method,
      agent: false,
      lookup: checkedLookup,
      signal,
      headers: {
        'user-agent': 'Hydrant',
        ...headers,
        ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      },
    })
    request.once('error', reject)
    request.once('response', (response) => {
      read(response)
        .then((text) =>
          resolve({
            status: response.statusCode ?? 0,
            body: text,
            retryAfterMs: retryAfter(response.headers['retry-after'], now()),
          }),
        )
        .catch(reject)
    })
    request.end(body)
  })
}

async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= LONGEST_ANSWER) break
  }
  return Buffer.concat(chunks).subarray(0, LONGEST_ANSWER).toString()
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now
  return Number.isNaN(ms) ? undefined : Math.min(LONGEST_WAIT_MS, Math.max(0, ms))
}

const MULTIPLE_CHOICES = 300
export const isSuccess = ({ status }: Answer): boolean => status >= 200 && status < MULTIPLE_CHOICES
