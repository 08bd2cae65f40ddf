/** The two packets that a publisher of MQTT 3.1.1 needs, encoded by hand: what is measured is the broker, not a library. */

const CONNECT = 0x10
/** QoS 1, not a duplicate, not retained. */
const PUBLISH = 0x32
/** User name, password and clean session. */
const CONNECT_FLAGS = 0xc2
const PROTOCOL_LEVEL = 4

/** Client id and user name are the device id. @param keepAliveS 0: none */
export function connectPacket(id: string, secret: string, keepAliveS = 0): Buffer {
  const head = Buffer.from([PROTOCOL_LEVEL, CONNECT_FLAGS])
  return packet(CONNECT, Buffer.concat([text('MQTT'), head, uint16(keepAliveS), text(id), text(id), text(secret)]))
}

export const publishPacket = (topic: string, identifier: number, payload: Uint8Array | string): Buffer =>
  packet(PUBLISH, Buffer.concat([text(topic), uint16(identifier), Buffer.from(payload)]))

/** Where a publish of this topic and length holds its packet identifier. */
export const identifierAt = (publish: Buffer, topic: string): number =>
  publish.indexOf(text(topic)) + 2 + Buffer.byteLength(topic)

const packet = (header: number, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from([header, ...remainingLength(body.length)]), body])
const uint16 = (n: number): Buffer => Buffer.from([n >> 8, n & 0xff])
const text = (value: string): Buffer => Buffer.concat([uint16(Buffer.byteLength(value)), Buffer.from(value)])

function remainingLength(length: number): number[] {
  const bytes: number[] = []
  let rest = length
  do {
    const more = rest > 0x7f ? 0x80 : 0
    bytes.push((rest & 0x7f) | more)
    rest >>= 7
  } while (rest > 0)
  return bytes
}
