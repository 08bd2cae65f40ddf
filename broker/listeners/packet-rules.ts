import { isUtf8 } from 'node:buffer'
import type { Reason } from '../../contract/reasons.ts'

/**
 * What MQTT 3.1.1 says a server MUST close the connection for, as far as the parser behind does not see to it, and the
 * limits of ours on top. One function per packet type; a packet that breaks a rule is answered with a Violation.
 */

export interface Violation {
  readonly reason: Reason
  /** What a person reads who looks for why the device does not get through. */
  readonly detail: string
  /** Return code of the CONNACK that is sent before the connection is closed; absent: nothing is sent (MQTT-3.1.4-1). */
  readonly connack?: number
}

export interface PacketLimits {
  /** Bytes of a PUBLISH payload. */
  readonly maxPayload: number
  /** Bytes of a CONNECT, behind its fixed header. */
  readonly maxConnect: number
  /** Bytes of a topic or filter. */
  readonly maxTopic: number
  /** Filters in one SUBSCRIBE or UNSUBSCRIBE. */
  readonly maxFilters: number
}

/** Control packet types, MQTT 3.1.1 table 2.1. */
export const TYPE = {
  connect: 1,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  unsubscribe: 10,
  pingreq: 12,
  disconnect: 14,
} as const

/** What stands before the payload of a PUBLISH at most: length of the topic, topic, packet identifier. Bytes. */
export const publishOverhead = ({ maxTopic }: PacketLimits): number => 2 + maxTopic + 2

/** MQTT 3.1.1 is level 4 of `MQTT`; its predecessor 3.1, which meters in the field still speak, level 3 of `MQIsdp`. */
const LEVELS: Readonly<Record<string, number>> = { MQTT: 4, MQIsdp: 3 }
/** Table 3.1: unacceptable protocol version, identifier rejected. */
const CONNACK_VERSION = 1
const CONNACK_IDENTIFIER = 2

/** Bit of the connect flags. */
const CLEAN_SESSION = 0x02

const NUL = 0x00
const PLUS = 0x2b
const HASH = 0x23
const SLASH = 0x2f

const violation = (detail: string, reason: Reason = 'protocol.violation'): Violation =>
  Object.freeze({ reason, detail })

const V = {
  first: violation('the first packet is no CONNECT (MQTT-3.1.0-1)'),
  second: violation('a second CONNECT (MQTT-3.1.0-2)'),
  type: violation('a packet that only a server sends, or a reserved type'),
  flags: violation('reserved flags of the fixed header are not as they must be (MQTT-2.2.2-2)'),
  qos3: violation('PUBLISH with both QoS bits set (MQTT-3.3.1-4)'),
  dup0: violation('PUBLISH with QoS 0 and DUP (MQTT-3.3.1-2)'),
  short: violation('a packet that ends before its fields do'),
  long: violation('bytes behind the last field of a packet'),
  id0: violation('packet identifier 0 (MQTT-2.3.1-1)'),
  utf8: violation('a string that is not UTF-8 (MQTT-1.5.3-1)'),
  nul: violation('a string with U+0000 (MQTT-1.5.3-2)'),
  emptyTopic: violation('an empty topic (MQTT-4.7.3-1)'),
  wildcard: violation('a wildcard in the topic of a PUBLISH (MQTT-3.3.2-2)'),
  noFilter: violation('SUBSCRIBE or UNSUBSCRIBE without a filter (MQTT-3.8.3-3)'),
  wildcardPlace: violation('a wildcard that is not alone in its level, or # that is not the last (MQTT-4.7.1-2, -3)'),
  filterQos: violation('a requested QoS that is not 0, 1 or 2 (MQTT-3.8.3-4)'),
  protocol: violation('not the protocol name MQTT (MQTT-3.1.2-1)'),
  connectFlag: violation('the reserved flag of CONNECT is set (MQTT-3.1.2-3)'),
  willFlags: violation('will QoS or will retain without a will, or will QoS 3 (MQTT-3.1.2-13, -14, -15)'),
  password: violation('a password without a user name (MQTT-3.1.2-22)'),
  noClientId: Object.freeze({
    ...violation('no client id in a session that is to be kept (MQTT-3.1.3-8)'),
    connack: CONNACK_IDENTIFIER,
  }),
  length: violation('a remaining length of more than four bytes (MQTT-2.2.3)'),
} as const satisfies Record<string, Violation>

export const MALFORMED_LENGTH = V.length

/** What the low four bits of the first byte must be; PUBLISH has its own meaning for them. Absent: not for a server. */
const FLAGS: readonly (number | undefined)[] = (() => {
  const flags: (number | undefined)[] = new Array(16).fill(undefined)
  for (const type of [TYPE.connect, TYPE.puback, TYPE.pubrec, TYPE.pubcomp, TYPE.pingreq, TYPE.disconnect])
    flags[type] = 0
  for (const type of [TYPE.pubrel, TYPE.subscribe, TYPE.unsubscribe]) flags[type] = 2
  return flags
})()

/**
 * What can be said of a packet by its first byte alone, before its length is known. `connected`: a CONNECT has come.
 */
export function checkFirstByte(byte: number, connected: boolean): Violation | undefined {
  const type = byte >> 4
  if (!connected && type !== TYPE.connect) return V.first
  if (type === TYPE.publish) {
    const qos = (byte >> 1) & 3
    if (qos === 3) return V.qos3
    return qos === 0 && (byte & 8) !== 0 ? V.dup0 : undefined
  }
  if (type === TYPE.connect && connected) return V.second
  const flags = FLAGS[type]
  if (flags === undefined) return V.type
  return (byte & 15) === flags ? undefined : V.flags
}

/** What can be said by the fixed header: this is asked before a byte of the packet is kept. */
export function checkLength(byte: number, length: number, limits: PacketLimits): Violation | undefined {
  switch (byte >> 4) {
    case TYPE.connect:
      return length > limits.maxConnect ? connectTooLarge(limits) : undefined
    case TYPE.publish:
      return length > limits.maxPayload + publishOverhead(limits) ? tooLarge(length, limits) : undefined
    case TYPE.puback:
    case TYPE.pubrec:
    case TYPE.pubrel:
    case TYPE.pubcomp:
      return length === 2 ? undefined : length < 2 ? V.short : V.long
    case TYPE.subscribe:
    case TYPE.unsubscribe:
      return length > 2 + limits.maxFilters * (2 + limits.maxTopic + 1) ? tooManyFilters(limits) : undefined
    default:
      return length === 0 ? undefined : V.long
  }
}

/** A whole packet: `bytes[start]` is its first byte, its variable header and payload are `bytes[body … end)`. */
export function checkPacket(
  bytes: Uint8Array,
  start: number,
  body: number,
  end: number,
  limits: PacketLimits,
): Violation | undefined {
  const first = bytes[start] as number
  switch (first >> 4) {
    case TYPE.publish:
      return checkPublish(bytes, first, body, end, limits)
    case TYPE.connect:
      return checkConnect(bytes, body, end)
    case TYPE.subscribe:
      return checkFilters(bytes, body, end, 1, limits)
    case TYPE.unsubscribe:
      return checkFilters(bytes, body, end, 0, limits)
    case TYPE.pingreq:
    case TYPE.disconnect:
      return undefined
    default:
      return isZero(bytes, body) ? V.id0 : undefined
  }
}

function checkPublish(
  bytes: Uint8Array,
  first: number,
  body: number,
  end: number,
  limits: PacketLimits,
): Violation | undefined {
  if (end - body < 2) return V.short
  const length = ((bytes[body] as number) << 8) | (bytes[body + 1] as number)
  if (length > limits.maxTopic) return topicTooLong(limits)
  if (length === 0) return V.emptyTopic
  let at = body + 2
  const topicEnd = at + length
  if (topicEnd > end) return V.short
  // A loop of our own: forty bytes are looked at faster than a native call is made.
  let ascii = true
  for (; at < topicEnd; at++) {
    const byte = bytes[at] as number
    if (byte === HASH || byte === PLUS) return V.wildcard
    if (byte === NUL) return V.nul
    if (byte > 0x7f) ascii = false
  }
  if (!ascii && !isUtf8(bytes.subarray(body + 2, topicEnd))) return V.utf8
  if ((first & 6) !== 0) {
    if (at + 2 > end) return V.short
    if (isZero(bytes, at)) return V.id0
    at += 2
  }
  return end - at > limits.maxPayload ? tooLarge(end - at, limits) : undefined
}

/** MQTT 3.1.1 §3.1; also 3.1 (`MQIsdp`). Of another level only the beginning is looked at: it may be laid out otherwise. */
function checkConnect(bytes: Uint8Array, body: number, end: number): Violation | undefined {
  let at = field(bytes, body, end)
  if (at < 0) return V.short
  const name = Buffer.from(bytes.buffer, bytes.byteOffset + body + 2, at - body - 2).toString('latin1')
  if (!Object.hasOwn(LEVELS, name)) return V.protocol
  if (at + 4 > end) return V.short
  const level = bytes[at] as number
  if (level !== LEVELS[name]) return unknownLevel(name, level)
  const flags = bytes[at + 1] as number
  if ((flags & 0x01) !== 0) return V.connectFlag
  const hasWill = (flags & 0x04) !== 0
  const willQos = (flags >> 3) & 3
  if (willQos === 3 || (!hasWill && (flags & 0x38) !== 0)) return V.willFlags
  const hasName = (flags & 0x80) !== 0
  const hasPassword = (flags & 0x40) !== 0
  if (hasPassword && !hasName) return V.password
  at += 4
  const isNameless = isZero(bytes, at)
  // Client id, will topic, user name are strings; will payload and password are bytes.
  const strings = [true, hasWill ? true : undefined, hasWill ? false : undefined, hasName ? true : undefined]
  for (const isString of [...strings, hasPassword ? false : undefined]) {
    if (isString === undefined) continue
    const next = field(bytes, at, end)
    if (next < 0) return V.short
    const bad = isString ? checkString(bytes, at + 2, next) : undefined
    if (bad !== undefined) return bad
    at = next
  }
  if (at !== end) return V.long
  return isNameless && (flags & CLEAN_SESSION) === 0 ? V.noClientId : undefined
}

/** SUBSCRIBE (each filter followed by a QoS byte) and UNSUBSCRIBE (none). */
function checkFilters(
  bytes: Uint8Array,
  body: number,
  end: number,
  qosBytes: 0 | 1,
  limits: PacketLimits,
): Violation | undefined {
  if (end - body < 2) return V.short
  if (isZero(bytes, body)) return V.id0
  let filters = 0
  for (let at = body + 2; at < end; filters++) {
    const next = field(bytes, at, end)
    if (next < 0 || next + qosBytes > end) return V.short
    const length = next - at - 2
    if (length === 0) return V.emptyTopic
    if (length > limits.maxTopic) return topicTooLong(limits)
    const bad = checkString(bytes, at + 2, next)
    if (bad !== undefined) return bad
    if (!wildcardsStandRight(bytes, at + 2, next)) return V.wildcardPlace
    if (qosBytes === 1 && (bytes[next] as number) > 2) return V.filterQos
    at = next + qosBytes
  }
  if (filters === 0) return V.noFilter
  return filters > limits.maxFilters ? tooManyFilters(limits) : undefined
}

/** `+` and `#` fill their level, and `#` is the last. `$share/…` has no meaning of its own in this version. */
function wildcardsStandRight(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const byte = bytes[at]
    if (byte !== PLUS && byte !== HASH) continue
    if (at > from && bytes[at - 1] !== SLASH) return false
    if (at + 1 < to && (byte === HASH || bytes[at + 1] !== SLASH)) return false
  }
  return true
}

/** Offset behind the length-prefixed field that begins at `at`, -1 where it does not end in time. */
function field(bytes: Uint8Array, at: number, end: number): number {
  if (at + 2 > end) return -1
  const next = at + 2 + (((bytes[at] as number) << 8) | (bytes[at + 1] as number))
  return next > end ? -1 : next
}

function checkString(bytes: Uint8Array, from: number, to: number): Violation | undefined {
  const text = bytes.subarray(from, to)
  if (text.includes(NUL)) return V.nul
  return isUtf8(text) ? undefined : V.utf8
}

const isZero = (bytes: Uint8Array, at: number): boolean => bytes[at] === 0 && bytes[at + 1] === 0

const tooLarge = (size: number, limits: PacketLimits): Violation =>
  violation(`${size} bytes, the limit is ${limits.maxPayload}`, 'limit.packet-size')
const connectTooLarge = ({ maxConnect }: PacketLimits): Violation =>
  violation(`a CONNECT of more than ${maxConnect} bytes`, 'limit.packet-size')
const topicTooLong = ({ maxTopic }: PacketLimits): Violation =>
  violation(`a topic of more than ${maxTopic} bytes`, 'limit.topic-length')
const tooManyFilters = ({ maxFilters }: PacketLimits): Violation =>
  violation(`more than ${maxFilters} filters in one packet`, 'limit.filters')
/** MQTT-3.1.2-2: a server that does not speak this level says so before it closes. */
const unknownLevel = (name: string, level: number): Violation => ({
  ...violation(`${name} level ${level}, not 3.1.1 (MQTT-3.1.2-2)`, 'protocol.version'),
  connack: CONNACK_VERSION,
})
