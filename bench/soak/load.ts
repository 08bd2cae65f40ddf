import { connect } from 'node:net'
import { connectAsync } from 'mqtt'
import { Device } from '../herd/device.ts'
import { between, randomOf } from '../random.ts'
import { CREW, dayOf, type Member, memberId, memberIds, TELEMETRY } from './world.ts'

/** The devices of the soak, in a process of their own: meters that come and go, sensors that stay, and mischief. */
export interface LoadOrder {
  readonly port: number
  readonly secret: string
  /** Meters that connect, upload and leave, a second. */
  readonly uploadsPerSecond: number
  readonly seed: number
}

/** Messages handed over and acknowledged, by device; a meter's message is a day. */
export interface Handed {
  readonly sent: Readonly<Record<string, number>>
  readonly acked: Readonly<Record<string, number>>
}

export interface LoadProgress {
  readonly connects: number
  readonly uploads: number
  readonly messages: number
  readonly mischief: number
  /** Connections that ended, or were refused, without the load wanting it, by what was heard. */
  readonly troubles: Readonly<Record<string, number>>
}

export type LoadMessage =
  | { readonly type: 'progress'; readonly progress: LoadProgress }
  | { readonly type: 'result'; readonly handed: Handed; readonly progress: LoadProgress }

const KEEP_ALIVE_S = 60
const PINGS_EVERY_S = 45
const PRESSURE_EVERY_MS = 10_000
const HEARTBEAT_EVERY_MS = 60_000
const MISCHIEF_EVERY_MS = 1000
/** One meter of so many is cut off instead of saying goodbye, and one stays for a while. */
const CUT_ONE_IN = 10
const STAYS_ONE_IN = 10
const STAY_MS = 20_000
/** One sensor loses its network in so many milliseconds, and comes back by itself. */
const LOSS_EVERY_MS = 2000
/** What an upload may take, and what the end may take. */
const VISIT_LIMIT_MS = 20_000
const DRAIN_MS = 20_000
const TICK_MS = 20
const PROGRESS_EVERY_MS = 1000

const tell = (message: LoadMessage): void => {
  process.send?.(message)
}

class Load {
  private readonly order: LoadOrder
  private readonly random: () => number
  private readonly sent: Record<string, number> = {}
  private readonly acked: Record<string, number> = {}
  private readonly residents: Device[] = []
  private readonly visitors = new Set<Device>()
  private readonly busy = new Set<string>()
  private readonly timers: NodeJS.Timeout[] = []
  private readonly troubles: Record<string, number> = {}
  private nextMeter = 0
  private nextMischief = 0
  private connects = 0
  private uploads = 0
  private messages = 0

  constructor(order: LoadOrder) {
    this.order = order
    this.random = randomOf(order.seed)
  }

  start(): void {
    const sensors = memberIds('pressure').map((id) => this.resident(id))
    const detectors = memberIds('smoke').map((id) => this.resident(id))
    this.spread(sensors, PRESSURE_EVERY_MS, (device) => this.say(device, { pressure: between(this.random, 280, 320) }))
    this.spread(detectors, HEARTBEAT_EVERY_MS, (device) => this.say(device, { smoke: 0.02, battery: 96 }))
    this.spread(this.residents, PINGS_EVERY_S * 1000, (device) => device.ping())
    this.every(LOSS_EVERY_MS, () => {
      const lost = this.residents[between(this.random, 0, this.residents.length - 1)] as Device
      // What a resident has on its way would be forgotten by `cut`; it is not what this is about.
      if (lost.up && lost.waiting === 0) {
        lost.cut()
        lost.connect()
        this.connects += 1
      }
    })
    const began = performance.now()
    let visits = 0
    this.every(TICK_MS, () => {
      for (const due = ((performance.now() - began) / 1000) * this.order.uploadsPerSecond; visits < due; visits++)
        this.visit()
    })
    this.every(MISCHIEF_EVERY_MS, () => this.mischief())
    this.every(PROGRESS_EVERY_MS, () => tell({ type: 'progress', progress: this.progress() }))
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer)
    const giveUpAt = performance.now() + DRAIN_MS
    const isBusy = (): boolean => this.busy.size > 0 || this.residents.some((device) => device.waiting > 0)
    while (isBusy() && performance.now() < giveUpAt) await new Promise((resolve) => setTimeout(resolve, TICK_MS))
    for (const device of [...this.residents, ...this.visitors]) device.disconnect()
    tell({ type: 'result', handed: { sent: this.sent, acked: this.acked }, progress: this.progress() })
  }

  private progress(): LoadProgress {
    return {
      connects: this.connects,
      uploads: this.uploads,
      messages: this.messages,
      mischief: this.nextMischief,
      troubles: this.troubles,
    }
  }

  private resident(id: string): Device {
    const { port, secret } = this.order
    const device = new Device({
      port,
      id,
      secret,
      keepAliveS: KEEP_ALIVE_S,
      reconnect: true,
      on: { down: (_device, why) => this.trouble(why) },
    })
    this.residents.push(device)
    this.connects += 1
    device.connect()
    return device
  }

  private trouble(why: string): void {
    this.troubles[why] = (this.troubles[why] ?? 0) + 1
  }

  private every(ms: number, work: () => void): void {
    this.timers.push(setInterval(work, ms))
  }

  /** Calls `work` for each device once in `ms`, evenly spread. */
  private spread(devices: readonly Device[], ms: number, work: (device: Device) => void): void {
    const began = performance.now()
    let done = 0
    this.every(TICK_MS, () => {
      for (const due = ((performance.now() - began) / ms) * devices.length; done < due; done++)
        work(devices[done % devices.length] as Device)
    })
  }

  private count(what: Record<string, number>, id: string): void {
    what[id] = (what[id] ?? 0) + 1
  }

  private say(device: Device, values: Readonly<Record<string, number>>): void {
    this.count(this.sent, device.id)
    device.publish(TELEMETRY, JSON.stringify({ ts: Date.now(), values }), () => {
      this.count(this.acked, device.id)
      this.messages += 1
    })
  }

  /** A meter connects, hands in its next day, and leaves. */
  private visit(): void {
    const meter = this.nextMeter
    this.nextMeter = (meter + 1) % CREW.meter.count
    const id = memberId('meter', meter)
    if (this.busy.has(id)) return
    this.busy.add(id)
    this.connects += 1
    const { port, secret } = this.order
    const end = (): void => {
      clearTimeout(limit)
      this.visitors.delete(device)
      this.busy.delete(id)
    }
    const device = new Device({
      port,
      id,
      secret,
      keepAliveS: KEEP_ALIVE_S,
      reconnect: false,
      on: {
        down: (_device, why) => {
          if (device.waiting > 0) this.trouble(why)
          end()
        },
      },
    })
    this.visitors.add(device)
    const limit = setTimeout(() => {
      this.trouble('a visit took too long')
      device.cut()
    }, VISIT_LIMIT_MS)
    const day = this.acked[id] ?? 0
    // A day that was sent without an answer is sent again: it is the same day.
    this.sent[id] = Math.max(this.sent[id] ?? 0, day + 1)
    device.publish(TELEMETRY, dayOf(meter, day), () => {
      this.count(this.acked, id)
      this.uploads += 1
      this.messages += 1
      clearTimeout(limit)
      const kind = this.random()
      if (kind < 1 / CUT_ONE_IN) device.cut()
      else if (kind < 1 / CUT_ONE_IN + 1 / STAYS_ONE_IN) {
        this.busy.delete(id)
        setTimeout(() => device.disconnect(), STAY_MS).unref()
      } else device.disconnect()
    })
    device.connect()
  }

  /** One thing after the other that a broker sees in a year and must not remember. */
  private mischief(): void {
    const n = this.nextMischief++
    const rogue = memberId('rogue', n % CREW.rogue.count)
    const acts: readonly (() => void)[] = [
      () => this.once(rogue, 'not-the-secret', () => undefined),
      () => this.once(`stranger-${n}`, this.order.secret, () => undefined),
      () => this.once(rogue, this.order.secret, (device) => device.publish(TELEMETRY, '{"volume": NaN}')),
      () => this.once(rogue, this.order.secret, (device) => device.publish('v1/devices/another/telemetry', '{}')),
      () => this.once(rogue, this.order.secret, (device) => device.publish(TELEMETRY, Buffer.alloc(70_000, 0x20))),
      () => this.bytes(Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0x7f])),
      () => this.bytes(Buffer.from('POST / HTTP/1.1\r\n\r\n')),
      () => this.bytes(Buffer.alloc(0)),
      () => void this.overWebSocket(memberId('browser', n % CREW.browser.count)),
      // The same device twice at a time: the second takes over.
      () => {
        this.once(rogue, this.order.secret, () => undefined)
        this.once(rogue, this.order.secret, () => undefined)
      },
    ]
    acts[n % acts.length]?.()
  }

  /** Connects once, does something, and hangs up some seconds later. */
  private once(id: string, secret: string, act: (device: Device) => void): void {
    this.connects += 1
    const device = new Device({
      port: this.order.port,
      id,
      secret,
      keepAliveS: KEEP_ALIVE_S,
      reconnect: false,
      on: { up: act, down: () => this.visitors.delete(device) },
    })
    this.visitors.add(device)
    device.connect()
    setTimeout(() => device.disconnect(), between(this.random, 1000, 8000)).unref()
  }

  /** What knocks at every open port. The broker hangs up; so does this, in case it does not. */
  private bytes(bytes: Buffer): void {
    const socket = connect({ port: this.order.port, host: '127.0.0.1' })
    socket.on('error', () => undefined)
    if (bytes.length > 0) socket.write(bytes)
    setTimeout(() => socket.destroy(), 2 * DRAIN_MS).unref()
  }

  private async overWebSocket(id: string): Promise<void> {
    const { port, secret } = this.order
    this.connects += 1
    this.busy.add(id)
    try {
      const client = await connectAsync(
        `ws://127.0.0.1:${port}`,
        { clientId: id, username: id, password: secret, clean: false, reconnectPeriod: 0 },
        false,
      )
      client.on('error', () => undefined)
      this.count(this.sent, id)
      await client.publishAsync(TELEMETRY, JSON.stringify({ ts: Date.now(), values: { flow: 0.01 } }), { qos: 2 })
      this.count(this.acked, id)
      this.messages += 1
      await client.endAsync()
    } catch (error) {
      this.trouble(`WebSocket: ${(error as Error).message}`)
    } finally {
      this.busy.delete(id)
    }
  }
}

/** Those whose readings are counted in the end. */
export const COUNTED: readonly Member[] = ['meter', 'pressure', 'smoke', 'browser']

if (process.send !== undefined)
  process.once('message', (order: LoadOrder) => {
    const load = new Load(order)
    load.start()
    process.once('message', () => void load.stop())
  })
