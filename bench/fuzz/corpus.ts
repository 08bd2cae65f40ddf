import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectPacket, field, packet, publishPacket } from '../load/packets.ts'

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

/** One well-formed packet of every type that a client may send. */
export function packetSeeds(id: string): readonly Uint8Array[] {
  const commands = `v1/devices/${id}/rpc/request/+`
  return [
    connectPacket(id, 'not the secret'),
    packet(0x10, field('MQTT'), [4, 0xee, 0, 60], ...['w', 'v1/x', 'bye', 'w', 'p'].map(field)),
    publishPacket('v1/devices/me/telemetry', 7, '{"volume":1.5}'),
    packet(0x34, field('v1/devices/me/attributes'), [0, 8], Buffer.from('{"firmware":"1"}')),
    packet(0x62, [0, 8]),
    packet(0x40, [0, 9]),
    packet(0x50, [0, 9]),
    packet(0x70, [0, 9]),
    packet(0x82, [0, 1], field(commands), [1]),
    packet(0xa2, [0, 2], field(commands)),
    packet(0xc0),
    packet(0xe0),
  ]
}
