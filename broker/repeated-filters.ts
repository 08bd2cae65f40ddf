import type { EventEmitter } from 'node:events'
import type { Client } from 'aedes'

const FAILURE = 0x80
const SUBACK = 0x90
const MAX_ONE_BYTE_LENGTH = 127

interface Subscribe {
  readonly cmd: string
  messageId?: number | undefined
  readonly subscriptions: readonly { readonly topic: string; readonly qos: number }[]
}

/**
 * A SUBSCRIBE that names a filter twice gets two return codes (MQTT-3.8.4-5, MQTT-3.9.3-1). Aedes keeps the last and
 * answers with one, so here the answer is written, and aedes is left to do the rest: what has no identifier it does not
 * acknowledge. Sits before aedes at its parser, like `readPublishesDirectly`.
 */
export function answerRepeatedFilters(client: Client, isAllowed: (filter: string) => boolean): void {
  const parser = '_parser' in client ? (client._parser as Partial<EventEmitter>) : undefined
  parser?.prependListener?.('packet', (packet: Subscribe) => {
    if (packet.cmd !== 'subscribe' || packet.messageId === undefined) return
    const { subscriptions, messageId } = packet
    if (subscriptions.length === 1) return
    if (new Set(subscriptions.map(({ topic }) => topic)).size === subscriptions.length) return
    packet.messageId = undefined
    const codes = subscriptions.map(({ topic, qos }) => (isAllowed(topic) ? qos : FAILURE))
    client.conn.write(suback(messageId, codes))
  })
}

function suback(messageId: number, codes: readonly number[]): Buffer {
  const length = 2 + codes.length
  const header = length > MAX_ONE_BYTE_LENGTH ? [(length & 0x7f) | 0x80, length >> 7] : [length]
  return Buffer.from([SUBACK, ...header, messageId >> 8, messageId & 0xff, ...codes])
}
