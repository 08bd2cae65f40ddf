import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { numbered } from '../crash/fleet.ts'
import { eventually } from '../eventually.ts'
import { connectPacket, publishPacket } from '../load/packets.ts'
import { percentile } from '../percentile.ts'
import { type Fault, promises } from './fault.ts'
import { TcpProxy } from './tcp-proxy.ts'
import { type Stage, underLoad } from './under-load.ts'

/** Clients that are slow, stand still, are gone without a word, or never read: nobody else may notice. */

const EACH = 10
const KEEP_ALIVE_S = 2
/** One and a half keep-alives (MQTT-3.1.2-24), and a look of the broker at them. */
const GONE_AFTER_MS = KEEP_ALIVE_S * 1500 + 3000
const TRICKLE_MS = 50
/** Twenty requests each time: asked more often, the question would be the load. */
const ASK_EVERY_MS = 500
/** Of each device that never reads what it is answered. */
const UNREAD_PUBLISHES = 300
const TOPIC = 'v1/devices/me/telemetry'
const READING = '{"volume":1}'
/** Somebody who does not read can hold up everybody for up to a minute where a server lets him; a busy machine cannot. */
const PUBACK_LIMIT_MS = 1000

const slow = numbered('slow', EACH)
const stalled = numbered('stalled', EACH)
const halfOpen = numbered('half-open', EACH)
const unread = numbered('unread', EACH)

async function connected(port: number, id: string, secret: string, keepAlive: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port })
  socket.on('error', () => undefined)
  socket.write(connectPacket(id, secret, keepAlive))
  await once(socket, 'data')
  return socket
}

export const BAD_CLIENTS: Fault = {
  name: 'clients',
  number: 7,
  about: 'clients that trickle, stop in the middle of a packet, vanish without a word, and never read',
  run: (context) =>
    underLoad(
      context,
      {
        devices: [...slow, ...stalled, ...halfOpen, ...unread].map((id) => ({ id, kind: 'water-meter' as const })),
      },
      { inject: (stage) => inject(stage, context.seconds) },
    ),
}

async function inject({ system, load, secrets, ask }: Stage, seconds: number) {
  const secretOf = (id: string): string => secrets.get(id) ?? ''
  const sockets: Socket[] = []
  const proxy = new TcpProxy(system.mqttPort)
  await proxy.listen()
  const isOn = async (id: string): Promise<boolean> =>
    ((await ask(`/api/devices/${id}`)) as { connected?: boolean }).connected === true
  const countOn = async (ids: readonly string[]): Promise<number> =>
    (await Promise.all(ids.map(isOn))).filter(Boolean).length
  const before = percentile(load.pubackTimes(), 0.99) ?? 0
  const from = performance.now()
  let trickled = 0
  try {
    // A byte every 50 ms: nothing in it is wrong, so it is served.
    const trickling = Promise.all(
      slow.map(async (id) => {
        const socket = await connected(system.mqttPort, id, secretOf(id), 0)
        sockets.push(socket)
        const packet = publishPacket(TOPIC, 1, READING)
        const puback = once(socket, 'data')
        for (const byte of packet) {
          socket.write(Buffer.from([byte]))
          await sleep(TRICKLE_MS)
        }
        await puback
        trickled++
      }),
    )
    for (const id of stalled) {
      const socket = await connected(system.mqttPort, id, secretOf(id), KEEP_ALIVE_S)
      socket.write(publishPacket(TOPIC, 1, READING).subarray(0, 10))
      sockets.push(socket)
    }
    for (const id of halfOpen) sockets.push(await connected(proxy.port, id, secretOf(id), KEEP_ALIVE_S))
    const wereOn = await eventually(
      () => countOn(halfOpen),
      (count) => count === EACH,
      GONE_AFTER_MS,
      ASK_EVERY_MS,
    )
    proxy.goSilent()
    for (const id of unread) {
      const socket = await connected(system.mqttPort, id, secretOf(id), 0)
      socket.pause()
      for (let n = 1; n <= UNREAD_PUBLISHES; n++) socket.write(publishPacket(TOPIC, n, READING))
      sockets.push(socket)
    }
    await Promise.race([trickling, sleep(TRICKLE_MS * 100 * 2)])
    await sleep(Math.max(seconds * 1000, GONE_AFTER_MS))
    const stillOn = await eventually(
      () => countOn([...halfOpen, ...stalled]),
      (count) => count === 0,
      GONE_AFTER_MS,
      ASK_EVERY_MS,
    )
    const during = percentile(load.pubackTimes(from), 0.99) ?? Number.POSITIVE_INFINITY
    return {
      injected: `${EACH} clients each that send a byte every ${TRICKLE_MS} ms, stop inside a packet, go silent, and never read`,
      pubackP99MsBefore: before,
      pubackP99MsMeanwhile: during,
      broken: promises({
        [`${EACH - trickled} slow clients were not served`]: trickled === EACH,
        'the half-open clients were never seen as connected': wereOn === EACH,
        [`${stillOn} clients that are gone still count as connected`]: stillOn === 0,
        [`others waited: PUBACK p99 went from ${before} to ${during} ms`]: during <= PUBACK_LIMIT_MS,
      }),
    }
  } finally {
    for (const socket of sockets) socket.destroy()
    await proxy.close()
  }
}
