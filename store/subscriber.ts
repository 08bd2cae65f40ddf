import { isIPv6 } from 'node:net'

/** Hextets of an IPv6 address that name a network; the other half is the subscriber's to choose (RFC 6177). */
const NETWORK_HEXTETS = 4
const HEXTETS = 8
const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/**
 * Whom an address stands for when connections or tries are counted: an IPv4 address itself, of IPv6 the /64, because
 * whoever has one has all 2⁶⁴ of its addresses.
 */
export function subscriberOf(address: string): string {
  const mapped = MAPPED_IPV4.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? []
  const front = head === '' ? [] : head.split(':')
  const back = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, HEXTETS - front.length - back.length)
  const hextets = [...front, ...new Array<string>(zeros).fill('0'), ...back]
  return `${hextets
    .slice(0, NETWORK_HEXTETS)
    .map((hextet) => Number.parseInt(hextet, 16).toString(16))
    .join(':')}::/64`
}
