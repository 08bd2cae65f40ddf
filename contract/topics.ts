/**
 * The topic space of contract version 1 (a superset of ThingsBoard's device API). Everything that is not listed here is
 * refused: comparison is exact, never by prefix.
 */

/** 1–64 of `A-Z a-z 0-9 . _ -`. */
const DEVICE_ID = /^[A-Za-z0-9._-]{1,64}$/
/** `me` is the connected device itself; the others are names that every JavaScript object already has. */
const RESERVED = new Set(['me', '__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', 'valueOf'])

/** A codec's name as it stands in a `raw/{codec}` topic. */
const CODEC = /^[a-z0-9-]{1,32}$/
/** Request numbers are decimal and short enough to stay exact in a double. */
const REQUEST = /^[0-9]{1,15}$/

/** Whether `id` may name a device. Source: device contract, "Topics". */
export const isDeviceId = (id: string): boolean => DEVICE_ID.test(id) && !RESERVED.has(id) && !(id in Object.prototype)

/** What a publish from a device is, as its topic says. `arg` is the codec of `raw`, the request number of `rpcResponse`. */
export type UpTopic =
  | { readonly type: 'telemetry' | 'attributes' | 'gateway'; readonly arg: '' }
  | { readonly type: 'raw' | 'rpcResponse'; readonly arg: string }

const TELEMETRY: UpTopic = { type: 'telemetry', arg: '' }
const ATTRIBUTES: UpTopic = { type: 'attributes', arg: '' }
const GATEWAY: UpTopic = { type: 'gateway', arg: '' }

export const GATEWAY_TOPIC = 'v1/gateway/telemetry'

/**
 * What `topic` means when the connected device `deviceId` publishes on it, or undefined where it may not: another
 * device's topic, a command topic, anything outside the contract. The registry decides whether a device is a gateway;
 * that check is the caller's.
 */
export function parseUpTopic(topic: string, deviceId: string): UpTopic | undefined {
  if (topic === GATEWAY_TOPIC) return GATEWAY
  if (!topic.startsWith('v1/devices/')) return undefined
  let rest: string
  if (topic.startsWith('me/', 11)) rest = topic.slice(14)
  else if (topic.startsWith(deviceId, 11) && topic.charCodeAt(11 + deviceId.length) === 47 /* / */)
    rest = topic.slice(12 + deviceId.length)
  else return undefined
  if (rest === 'telemetry') return TELEMETRY
  if (rest === 'attributes') return ATTRIBUTES
  if (rest.startsWith('raw/')) {
    const codec = rest.slice(4)
    return CODEC.test(codec) ? { type: 'raw', arg: codec } : undefined
  }
  if (rest.startsWith('rpc/response/')) {
    const n = rest.slice(13)
    return REQUEST.test(n) ? { type: 'rpcResponse', arg: n } : undefined
  }
  return undefined
}

/** The one filter `deviceId` may subscribe to; `me` is accepted in its place. */
export const commandFilter = (deviceId: string): string => `v1/devices/${deviceId}/rpc/request/+`

/** Whether the connected device may subscribe to `filter`: its own commands only, compared exactly. */
export const maySubscribe = (filter: string, deviceId: string): boolean =>
  filter === commandFilter(deviceId) || filter === commandFilter('me')

/** The topic a command number `n` goes down on. */
export const commandTopic = (deviceId: string, n: number): string => `v1/devices/${deviceId}/rpc/request/${n}`
