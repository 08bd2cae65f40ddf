import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { Aedes } from 'aedes'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Behaviour, Influence } from './devices/device.ts'
import { Fleet } from './fleet.ts'

/** A broker that lets everybody in and remembers what it was told. */
async function listen(port = 0) {
  const broker = await Aedes.createBroker()
  const heard: { id: string; user: string; secret: string; qos: number; payload: string }[] = []
  const secrets = new Map<string, [string, string]>()
  broker.authenticate = (client, user, secret, done) => {
    secrets.set(client.id, [user ?? '', secret?.toString() ?? ''])
    done(null, true)
  }
  broker.on('publish', (packet, client) => {
    if (client === null) return
    const [user, secret] = secrets.get(client.id)!
    heard.push({ id: client.id, user, secret, qos: packet.qos, payload: packet.payload.toString() })
  })
  const server: Server = createServer(broker.handle).listen(port, '127.0.0.1')
  await once(server, 'listening')
  const close = async (): Promise<void> => {
    await new Promise<void>((resolve) => broker.close(() => resolve()))
    server.close()
    await once(server, 'close')
  }
  return { heard, close, clients: () => broker.connectedClients, port: (server.address() as AddressInfo).port }
}

const quick: Behaviour = { rhythmMs: 200, report: (_, condition) => ({ alarm: condition.pressed === true }) }
const meter: Behaviour = { ...quick, backlog: () => [{ ts: 1, step: 900_000, values: { volume: [1, 2] } }] }

describe('the fleet', () => {
  const closing: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })
  const fleetAt = (port: number, influences: readonly Influence[] = []): Fleet => {
    const fleet = new Fleet({
      host: '127.0.0.1',
      port,
      members: [
        { id: 'meter-1', secret: 'one', behaviour: meter },
        { id: 'smoke-1', secret: 'two', behaviour: quick },
      ],
      influences,
    })
    closing.push(() => fleet.stop())
    fleet.start()
    return fleet
  }

  it('lets each device come with its own identity, tell its backlog once and then its news, QoS 1', async () => {
    const broker = await listen()
    closing.push(broker.close)
    const fleet = fleetAt(broker.port)
    await vi.waitFor(() => expect(broker.heard.length).toBeGreaterThan(6), { timeout: 10_000 })
    expect(new Set(broker.heard.map(({ id, user, secret, qos }) => `${id} ${user} ${secret} ${qos}`))).toEqual(
      new Set(['meter-1 meter-1 one 1', 'smoke-1 smoke-1 two 1']),
    )
    const ofMeter = broker.heard.filter(({ id }) => id === 'meter-1')
    expect(ofMeter[0]?.payload).toContain('"step":900000')
    expect(ofMeter.filter(({ payload }) => payload.includes('step'))).toHaveLength(1)
    expect(fleet.figures().connected).toBe(2)
  })

  it('comes back by itself when the broker was restarted', async () => {
    const first = await listen()
    const fleet = fleetAt(first.port)
    await vi.waitFor(() => expect(fleet.figures().connected).toBe(2), { timeout: 10_000 })
    await first.close()
    await vi.waitFor(() => expect(fleet.figures().connected).toBe(0), { timeout: 10_000 })
    const second = await listen(first.port)
    closing.push(second.close)
    await vi.waitFor(() => expect(new Set(second.heard.map(({ id }) => id)).size).toBe(2), { timeout: 20_000 })
  })

  it('cuts off a device without power and lets it back in afterwards', async () => {
    const broker = await listen()
    closing.push(broker.close)
    const from = Date.now() + 800
    fleetAt(broker.port, [
      { deviceId: 'smoke-1', from, to: from + 1500, everyMs: 100, condition: () => ({ offline: true }) },
    ])
    await vi.waitFor(() => expect(broker.clients()).toBe(2), { timeout: 10_000 })
    await vi.waitFor(() => expect(broker.clients()).toBe(1), { timeout: 10_000 })
    await vi.waitFor(() => expect(broker.clients()).toBe(2), { timeout: 10_000 })
  })
})
