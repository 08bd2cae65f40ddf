import type { Socket } from 'node:net'
import { expect } from 'vitest'
import { field, packet, SECRET, uint16 } from '../test-bench.ts'

/** MQTT 3.1.1 by hand, for the walk through the specification: bytes out, packets in. */

/** Bits of the connect flags, MQTT 3.1.1 §3.1.2.3. */
export const FLAG = {
  reserved: 1,
  clean: 2,
  will: 4,
  willQos1: 8,
  willQos3: 24,
  willRetain: 32,
  password: 64,
  user: 128,
}
const SIGNED = FLAG.user | FLAG.password

export interface ConnectFields {
  readonly name?: string | Uint8Array
  readonly level?: number
  readonly flags?: number
  readonly keepaliveS?: number
  /** What follows the variable header; absent: client id, user name and secret of `id`. */
  readonly payload?: readonly Uint8Array[]
  readonly id?: string
  /** First byte. */
  readonly first?: number
}

/** A CONNECT that is right but for what is given. */
export function connect(fields: ConnectFields = {}): Buffer {
  const { name = 'MQTT', level = 4, flags = SIGNED | FLAG.clean, keepaliveS = 0, id = 'meter-1', first = 0x10 } = fields
  const payload = fields.payload ?? [field(id), field(id), field(SECRET)]
  return packet(first, field(name), [level, flags, ...uint16(keepaliveS)], ...payload)
}

/** One whose session is kept. */
export const connectKept = (id = 'meter-1'): Buffer => connect({ id, flags: SIGNED })

export const publish = (topic: string | Uint8Array, payload = 'x', qos = 1, id = 1, bits = 0): Buffer =>
  packet(0x30 | (qos << 1) | bits, field(topic), qos > 0 ? uint16(id) : [], Buffer.from(payload))

export const subscribe = (id: number, ...filters: (readonly [string | Uint8Array, number])[]): Buffer =>
  packet(0x82, uint16(id), ...filters.map(([filter, qos]) => Buffer.concat([field(filter), Buffer.from([qos])])))

export const unsubscribe = (id: number, ...filters: (string | Uint8Array)[]): Buffer =>
  packet(0xa2, uint16(id), ...filters.map(field))

/** PUBACK, PUBREC, PUBREL, PUBCOMP by their first byte. */
export const answer = (first: number, id: number): Buffer => packet(first, uint16(id))

export const PINGREQ = packet(0xc0)
export const DISCONNECT = packet(0xe0)

/** A packet that came: first byte, and what is behind the fixed header. */
interface Came {
  readonly first: number
  readonly body: Buffer
}

/** A socket that gathers the packets which come, and remembers that it was closed. */
export class RawClient {
  readonly socket: Socket
  closed = false
  private bytes: Buffer = Buffer.alloc(0)

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => {
      this.bytes = Buffer.concat([this.bytes, chunk])
    })
    socket.on('close', () => {
      this.closed = true
    })
  }

  send(...packets: Uint8Array[]): this {
    this.socket.write(Buffer.concat(packets))
    return this
  }

  /** All that has come, in hexadecimal. */
  get hex(): string {
    return this.bytes.toString('hex')
  }

  get packets(): Came[] {
    const packets: Came[] = []
    for (let at = 0; at + 2 <= this.bytes.length; ) {
      let body = at + 1
      let length = 0
      for (let shift = 0; ; shift += 7) {
        const byte = this.bytes[body++] ?? 0
        length |= (byte & 0x7f) << shift
        if (byte < 0x80) break
      }
      if (body + length > this.bytes.length) break
      packets.push({ first: this.bytes[at] ?? 0, body: this.bytes.subarray(body, body + length) })
      at = body + length
    }
    return packets
  }

  /** Waits for `count` packets, and gives them as hexadecimal of first byte and body. */
  async got(count: number): Promise<string[]> {
    await expect.poll(() => this.packets.length, { timeout: 5000, interval: 2 }).toBeGreaterThanOrEqual(count)
    return this.packets.map(({ first, body }) => first.toString(16).padStart(2, '0') + body.toString('hex'))
  }

  async ended(): Promise<void> {
    await expect.poll(() => this.closed, { timeout: 5000, interval: 2 }).toBe(true)
  }
}
