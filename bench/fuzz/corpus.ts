import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const FIXTURES = join(import.meta.dirname, '../../contract/fixtures')

export interface Seed {
  /** Last part of the topic that it belongs on: `telemetry`, `raw/cjt188`, `gateway`. */
  readonly form: string
  readonly bytes: Uint8Array
}

/** The contract's good and bad payloads: what the mutations start from. */
export function payloadSeeds(): readonly Seed[] {
  return ['good', 'bad'].flatMap((folder) =>
    readdirSync(join(FIXTURES, folder)).map((name): Seed => {
      const fixture = JSON.parse(readFileSync(join(FIXTURES, folder, name), 'utf8')) as {
        form?: string
        json?: unknown
        text?: string
        hex?: string
      }
      const bytes =
        fixture.hex === undefined
          ? Buffer.from(fixture.text ?? JSON.stringify(fixture.json))
          : Buffer.from(fixture.hex, 'hex')
      return { form: fixture.form ?? 'telemetry', bytes }
    }),
  )
}

const field = (text: string): Buffer => {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])
}

/** Bodies below 16 KiB: two bytes of remaining length are enough. */
const packet = (first: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts)
  const length = body.length < 128 ? [body.length] : [(body.length & 0x7f) | 0x80, body.length >> 7]
  return Buffer.concat([Buffer.from([first, ...length]), body])
}

export const connectPacket = (id: string, secret: string): Buffer =>
  packet(0x10, field('MQTT'), Buffer.from([4, 0xc2, 0, 60]), field(id), field(id), field(secret))

export const publishPacket = (topic: string, payload: Uint8Array, id: number): Buffer =>
  packet(0x32, field(topic), Buffer.from([id >> 8, id & 0xff]), payload)

/** One well-formed packet of every type that a client may send. */
export function packetSeeds(id: string): readonly Uint8Array[] {
  const commands = `v1/devices/${id}/rpc/request/+`
  return [
    connectPacket(id, 'not the secret'),
    packet(0x10, field('MQTT'), Buffer.from([4, 0xee, 0, 60]), ...['w', 'v1/x', 'bye', 'w', 'p'].map(field)),
    publishPacket('v1/devices/me/telemetry', Buffer.from('{"volume":1.5}'), 7),
    packet(0x34, field('v1/devices/me/attributes'), Buffer.from([0, 8]), Buffer.from('{"firmware":"1"}')),
    packet(0x62, Buffer.from([0, 8])),
    packet(0x40, Buffer.from([0, 9])),
    packet(0x50, Buffer.from([0, 9])),
    packet(0x70, Buffer.from([0, 9])),
    packet(0x82, Buffer.from([0, 1]), field(commands), Buffer.from([1])),
    packet(0xa2, Buffer.from([0, 2]), field(commands)),
    packet(0xc0),
    packet(0xe0),
  ]
}
