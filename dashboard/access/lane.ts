import { isIPv6 } from 'node:net'

/** A /64 is what one household gets: whoever has it has 2^64 addresses to try passwords from (RFC 6177). */
const NETWORK_GROUPS = 4
const GROUPS = 8

/** Where a sign-in comes from, as far as one guesser can be told from another: an IPv4 address or an IPv6 network. */
export function laneOfAddress(address: string): string {
  if (!isIPv6(address)) return address
  const plain = address.replace(/%.*$/, '')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1]
  if (mapped !== undefined) return mapped
  const [head = '', tail] = plain.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: Math.max(0, GROUPS - left.length - right.length) }, () => '0')
  const groups = [...left, ...(tail === undefined ? [] : zeros), ...right]
  return groups
    .slice(0, NETWORK_GROUPS)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
