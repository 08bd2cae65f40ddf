/** Packets of MQTT 3.1.1 encoded by hand: what is measured is the broker, not a library. */

const CONNECT = 0x10
/** QoS 1, not retained. */
const PUBLISH = 0x32
const DUPLICATE = 0x08
/** User name, password and clean session. */
const CONNECT_FLAGS = 0xc2
const PROTOCOL_LEVEL = 4

/** Client id and user name are the device id. @param keepAliveS 0: none */
export function connectPacket(id: string, secret: string, keepAliveS = 0): Buffer {
  const head = [PROTOCOL_LEVEL, CONNECT_FLAGS, ...uint16(keepAliveS)]
  return packet(CONNECT, field('MQTT'), head, field(id), field(id), field(secret))
}

export const publishPacket = (
  topic: string,
  identifier: number,
  payload: Uint8Array | string,
  duplicate = false,
): Buffer => packet(duplicate ? PUBLISH | DUPLICATE : PUBLISH, field(topic), uint16(identifier), Buffer.from(payload))

/** Where a publish of this topic and length holds its packet identifier. */
export const identifierAt = (publish: Buffer, topic: string): number =>
  publish.indexOf(field(topic)) + 2 + Buffer.byteLength(topic)

/** First byte, body; the remaining length is put between. */
export function packet(first: number, ...parts: readonly (Uint8Array | readonly number[])[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)))
  return Buffer.concat([Buffer.from([first, ...remainingLength(body.length)]), body])
}

/** A length-prefixed text. */
export const field = (value: string): Buffer =>
  Buffer.concat([Buffer.from(uint16(Buffer.byteLength(value))), Buffer.from(value)])

const uint16 = (n: number): readonly number[] => [n >> 8, n & 0xff]

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
