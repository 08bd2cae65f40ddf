import { isIP } from 'node:net'
import { LARGEST_ADDRESS } from '../contract/gb26875/frame.ts'
import { isKind, KIND_NAMES, KINDS, type Kind } from '../contract/kinds.ts'
import { isDeviceId } from '../contract/topics.ts'
import { IDENTITIES, type Identity } from '../store/state/registry-port.ts'

/**
 * The fields of a device as a person writes them, on the command line or in a table: each `read…` gives the value, or
 * says in a sentence what is wrong.
 */
export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: string }

const ok = <T>(value: T): Read<T> => ({ ok: true, value })
const fault = (sentence: string): Read<never> => ({ ok: false, fault: sentence })

/** A device that is heard less than once in ten years is not supervised at all. */
const LONGEST_RHYTHM_S = 10 * 366 * 86_400

/** What a spreadsheet makes of a long number: 8.61234E+14. */
const SHORTENED_NUMBER = /^\d(\.\d+)?E\+\d+$/i

export function readId(text: string): Read<string> {
  if (isDeviceId(text)) return ok(text)
  if (SHORTENED_NUMBER.test(text))
    return fault(`"${text}" is a number that a spreadsheet has shortened; format the column as text and export again`)
  return fault(
    `"${text}" cannot be a device id: use 1 to 64 of the characters A-Z a-z 0-9 . _ - (and not a reserved word such as "me")`,
  )
}

/** Also the kind's English or Chinese name. */
export function readKind(text: string): Read<Kind> {
  if (isKind(text)) return ok(text)
  const named = KIND_NAMES.find(
    (kind) => KINDS[kind].en.toLowerCase() === text.toLowerCase() || KINDS[kind].zh === text,
  )
  if (named !== undefined) return ok(named)
  return fault(`there is no kind "${text}"; the kinds are ${KIND_NAMES.join(', ')}`)
}

const IDENTITIES_ZH: Readonly<Record<Identity, string>> = { secret: '密钥', derived: '派生密钥', certificate: '证书' }

/** Also in Chinese. */
export function readIdentity(text: string): Read<Identity> {
  const found = IDENTITIES.find((identity) => identity === text.toLowerCase() || IDENTITIES_ZH[identity] === text)
  return found === undefined
    ? fault(`there is no identity "${text}"; a device shows a ${IDENTITIES.join(', ')}`)
    : ok(found)
}

export function readRhythm(text: string): Read<number> {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0 && value <= LONGEST_RHYTHM_S) return ok(value)
  return fault(`"${text}" is no rhythm: write whole seconds, for example 86400 for once a day`)
}

/** A source address of GB/T 26875.3: decimal, or hexadecimal with 0x, as makers print it. */
export function readGbAddress(text: string): Read<number> {
  const value = /^(\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : Number.NaN
  if (Number.isInteger(value) && value > 0 && value <= LARGEST_ADDRESS) return ok(value)
  return fault(
    `"${text}" is no GB/T 26875.3 address: write a whole number from 1 to ${LARGEST_ADDRESS}, for example 889`,
  )
}

const MOST_NETWORKS = 16
const IPV4_BITS = 32
const IPV6_BITS = 128

/** IP addresses and networks, separated by commas, semicolons or spaces. */
export function readNetworks(text: string): Read<readonly string[]> {
  const networks = text.split(/[,;\s]+/).filter((part) => part !== '')
  const bad = networks.find((network) => !isNetwork(network))
  if (bad !== undefined)
    return fault(`"${bad}" is no address that frames come from: write 10.1.2.3, or a network such as 10.1.2.0/24`)
  if (networks.length > MOST_NETWORKS)
    return fault(`${networks.length} addresses are too many; a network such as 10.1.0.0/16 stands for all of its own`)
  return ok(networks)
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  const family = isIP(address)
  if (family === 0 || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? IPV4_BITS : IPV6_BITS))
}
