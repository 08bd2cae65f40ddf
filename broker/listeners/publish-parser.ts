import type { EventEmitter } from 'node:events'
import { TYPE } from './packet-rules.ts'

/**
 * mqtt-packet's parser takes a third of the gate's time: a list of buffers for packets that may be in pieces, thirteen
 * calls of a debug log that is off, a new string for a topic that is always the same. Behind the packet guard every packet
 * is whole and checked, so a PUBLISH can be read where it lies. Everything else goes to mqtt-packet as before.
 *
 * This sits where aedes keeps its parser (`client._parser`, not part of its published interface). Should another version
 * keep it elsewhere, `readPublishesDirectly` does nothing, and all packets take the ordinary way.
 */
interface AedesParser extends EventEmitter {
  parse(bytes: Buffer): number
}

/** What mqtt-packet makes of a PUBLISH. */
class PublishPacket {
  readonly cmd = 'publish'
  readonly retain: boolean
  readonly qos: number
  readonly dup: boolean
  readonly length: number
  readonly topic: string
  readonly payload: Buffer
  readonly messageId: number | undefined

  constructor(first: number, length: number, topic: string, messageId: number | undefined, payload: Buffer) {
    this.retain = (first & 1) !== 0
    this.qos = (first >> 1) & 3
    this.dup = (first & 8) !== 0
    this.length = length
    this.topic = topic
    this.payload = payload
    this.messageId = messageId
  }
}

/** What mqtt-packet asks of the CONNECT when it reads what comes later: only whether it was version 5, which is not let in. */
const ANY_CONNECT = Object.freeze({ protocolVersion: 4 })

/**
 * Its CONNECT is answered: nothing of it is needed any more. mqtt-packet keeps all of it, the secret among it, for as long
 * as the connection stands: 1.3 kB each.
 */
export function forgetConnect(client: object): void {
  const parser = '_parser' in client ? (client._parser as { settings?: object }) : undefined
  if (parser?.settings !== undefined) parser.settings = ANY_CONNECT
}

/** @returns whether the client has a parser to stand in for */
export function readPublishesDirectly(client: object): boolean {
  const parser = '_parser' in client ? (client._parser as Partial<AedesParser>) : undefined
  if (typeof parser?.parse !== 'function' || typeof parser.emit !== 'function') return false
  const reader = new PublishReader(parser as AedesParser)
  parser.parse = (bytes) => reader.parse(bytes)
  return true
}

class PublishReader {
  private readonly parser: AedesParser
  private readonly ordinary: (bytes: Buffer) => number
  private topic = ''
  /** The bytes of `topic`. */
  private topicBytes: Uint8Array = new Uint8Array(0)

  constructor(parser: AedesParser) {
    this.parser = parser
    this.ordinary = parser.parse.bind(parser)
  }

  /** @param bytes whole packets that the guard has let through */
  parse(bytes: Buffer): number {
    for (let at = 0; at < bytes.length; ) {
      const first = bytes[at] as number
      let body = at + 1
      let length = 0
      for (let shift = 0; ; shift += 7) {
        const byte = bytes[body++] as number
        length |= (byte & 0x7f) << shift
        if (byte < 0x80) break
      }
      const end = body + length
      if (first >> 4 === TYPE.publish) this.parser.emit('packet', this.publish(bytes, first, body, end))
      else this.ordinary(bytes.subarray(at, end))
      at = end
    }
    return 0
  }

  private publish(bytes: Buffer, first: number, body: number, end: number): PublishPacket {
    const topicEnd = body + 2 + (((bytes[body] as number) << 8) | (bytes[body + 1] as number))
    if (!this.isLastTopic(bytes, body + 2, topicEnd)) {
      this.topicBytes = Uint8Array.prototype.slice.call(bytes, body + 2, topicEnd)
      this.topic = bytes.toString('utf8', body + 2, topicEnd)
    }
    let payload = topicEnd
    let messageId: number | undefined
    if ((first & 6) !== 0) {
      messageId = ((bytes[payload] as number) << 8) | (bytes[payload + 1] as number)
      payload += 2
    }
    return new PublishPacket(first, end - body, this.topic, messageId, bytes.subarray(payload, end))
  }

  private isLastTopic(bytes: Uint8Array, from: number, to: number): boolean {
    const last = this.topicBytes
    if (last.length !== to - from) return false
    for (let i = 0; i < last.length; i++) if (last[i] !== bytes[from + i]) return false
    return true
  }
}
