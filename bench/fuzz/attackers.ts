import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connectPacket, publishPacket } from '../load/packets.ts'
import { between, oneOf } from '../random.ts'
import { packetSeeds, payloadSeeds } from './corpus.ts'
import { mutate } from './mutate.ts'

/** A connection that is neither answered nor closed after this long has been asked enough. */
const PATIENCE_MS = 200
/** Payloads on their way at once; a device that is held back for its rate goes on when it may. */
const WINDOW = 16

export interface Attack {
  readonly port: number
  readonly random: () => number
  readonly until: () => boolean
  /** One input more has been sent. */
  readonly sent: () => void
}

export interface Credential {
  readonly id: string
  readonly secret: string
}

/** Mutated packets on connection after connection, half of them by a device that has shown who it is. */
export async function mutatePackets(attack: Attack, device: Credential): Promise<void> {
  const { random } = attack
  const seeds = packetSeeds(device.id)
  while (!attack.until()) {
    const socket = await dial(attack.port)
    if (socket === undefined) continue
    if (random() < 0.5) socket.write(connectPacket(device.id, device.secret))
    for (let packets = between(random, 1, 8); packets > 0 && socket.writable; packets--) {
      const bytes = mutate(random, oneOf(random, seeds), seeds)
      // Cut anywhere: a packet's header may come in two reads.
      const cut = between(random, 0, bytes.length)
      socket.write(bytes.subarray(0, cut))
      socket.write(bytes.subarray(cut))
      attack.sent()
    }
    await ended(socket)
  }
}

/** HTTP upgrades and WebSocket frames that are not quite right, on the same port. */
export async function mutateFrames(attack: Attack, device: Credential): Promise<void> {
  const { random } = attack
  const upgrade = Buffer.from(
    'GET /mqtt HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n',
  )
  const frames = packetSeeds(device.id).map((packet) =>
    Buffer.concat([Buffer.from([0x82, 0x80 | Math.min(packet.length, 125), 0, 0, 0, 0]), packet.subarray(0, 125)]),
  )
  while (!attack.until()) {
    const socket = await dial(attack.port)
    if (socket === undefined) continue
    socket.write(random() < 0.3 ? mutate(random, upgrade, frames) : upgrade)
    for (let count = between(random, 1, 5); count > 0 && socket.writable; count--) {
      socket.write(mutate(random, oneOf(random, frames), [...frames, upgrade]))
      attack.sent()
    }
    await ended(socket)
  }
}

/** Mutated payloads of a registered device, each acknowledged. @returns how many were acknowledged */
export async function mutatePayloads(attack: Attack, device: Credential, forms: readonly string[]): Promise<number> {
  const { random } = attack
  const seeds = payloadSeeds().filter(({ form }) => forms.includes(form))
  const bytes = seeds.map((seed) => seed.bytes)
  let acknowledged = 0
  while (!attack.until()) {
    const socket = await dial(attack.port)
    if (socket === undefined) continue
    socket.write(connectPacket(device.id, device.secret))
    let waiting = 0
    let got = Buffer.alloc(0)
    let wake = (): void => undefined
    socket.on('data', (chunk: Buffer) => {
      got = Buffer.concat([got, chunk])
      // CONNACK and PUBACK are both four bytes.
      for (; got.length >= 4; got = got.subarray(4))
        if (got[0] === 0x40) {
          acknowledged++
          waiting--
        }
      wake()
    })
    socket.once('close', () => wake())
    for (let id = 1; !attack.until() && !socket.destroyed; id = (id % 60_000) + 1) {
      const seed = oneOf(random, seeds)
      const topic = seed.form === 'gateway' ? 'v1/gateway/telemetry' : `v1/devices/me/${seed.form}`
      socket.write(publishPacket(topic, id, mutate(random, seed.bytes, bytes).subarray(0, 16_000)))
      attack.sent()
      waiting++
      while (waiting >= WINDOW && !socket.destroyed)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    }
    while (waiting > 0 && !socket.destroyed)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    socket.destroy()
  }
  return acknowledged
}

async function dial(port: number): Promise<Socket | undefined> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  socket.on('error', () => undefined)
  try {
    await once(socket, 'connect')
    return socket
  } catch {
    return undefined
  }
}

async function ended(socket: Socket): Promise<void> {
  socket.resume()
  if (!socket.destroyed)
    await new Promise<void>((resolve) => {
      socket.setTimeout(PATIENCE_MS, resolve)
      socket.once('close', () => resolve())
    })
  socket.destroy()
}
