import { Device } from './device.ts'

/** A part of the herd, in a process of its own: meters that stay connected, publish now and then, and come back. */
interface HerdOrder {
  readonly port: number
  readonly secret: string
  /** Numbers of its devices: from … to − 1. */
  readonly from: number
  readonly to: number
  /** Source addresses, in turn. */
  readonly addresses: readonly string[]
  readonly publishEveryS: number
}

/** Times are ms since 1970 with fractions: all processes share the machine's clock. */
export type ToHerd =
  | { readonly type: 'order'; readonly order: HerdOrder }
  /** The broker has been killed: from now on it is noted who is back when. */
  | { readonly type: 'killed' }
  | { readonly type: 'finish' }

export type FromHerd =
  | { readonly type: 'connected' }
  | {
      readonly type: 'back'
      readonly upAt: readonly number[]
      readonly tries: number
      /** Failed tries by what was heard. */
      readonly failures: Readonly<Record<string, number>>
    }
  | {
      readonly type: 'said'
      readonly acked: Readonly<Record<string, number>>
      readonly sent: Readonly<Record<string, number>>
    }

export const herdId = (n: number): string => `herd-meter-${String(n).padStart(6, '0')}`

const TELEMETRY = 'v1/devices/me/telemetry'
const KEEP_ALIVE_S = 120
const PINGS_EVERY_S = 90
/** Connections that one process begins before the ones before are through: so the broker is busy, and nobody waits long. */
const CONNECTING_AT_ONCE = 200
const TICK_MS = 20
const DRAIN_MS = 20_000

const now = (): number => performance.timeOrigin + performance.now()
const tell = (message: FromHerd): void => {
  process.send?.(message)
}

class Herd {
  private readonly order: HerdOrder
  private readonly devices: Device[]
  private readonly timers: NodeJS.Timeout[] = []
  private readonly acked: Record<string, number> = {}
  private readonly sent: Record<string, number> = {}
  private connecting = 0
  private begun = 0
  private up = 0
  private upAt: Map<Device, number> | undefined
  private tries = 0
  private failures: Record<string, number> = {}
  private volume = 0
  /** No two readings of a device have the same time: they would be one. */
  private readonly lastAt = new Map<Device, number>()

  constructor(order: HerdOrder) {
    this.order = order
    const { port, secret, from, to, addresses } = order
    const on = {
      up: (device: Device) => this.entered(device),
      down: (device: Device, why: string) => this.left(device, why),
    }
    this.devices = Array.from({ length: to - from }, (_, i) => {
      const localAddress = addresses[i % addresses.length]
      const id = herdId(from + i)
      return new Device({
        port,
        id,
        secret,
        keepAliveS: KEEP_ALIVE_S,
        reconnect: true,
        on,
        ...(localAddress && { localAddress }),
      })
    })
  }

  start(): void {
    this.beginMore()
    this.spread(this.order.publishEveryS, (device) => this.say(device))
    this.spread(PINGS_EVERY_S, (device) => device.ping())
  }

  killed(): void {
    this.upAt = new Map()
    this.failures = {}
    this.tries = this.devices.reduce((sum, device) => sum + device.tries, 0)
  }

  async finish(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer)
    const giveUpAt = now() + DRAIN_MS
    while (this.devices.some((device) => device.waiting > 0) && now() < giveUpAt)
      await new Promise((resolve) => setTimeout(resolve, TICK_MS))
    for (const device of this.devices) device.disconnect()
    tell({ type: 'said', acked: this.acked, sent: this.sent })
  }

  private beginMore(): void {
    while (this.connecting < CONNECTING_AT_ONCE && this.begun < this.devices.length) {
      this.connecting += 1
      this.devices[this.begun++]?.connect()
    }
  }

  private entered(device: Device): void {
    this.up += 1
    if (this.upAt === undefined) {
      this.connecting -= 1
      this.beginMore()
      if (this.up === this.devices.length) tell({ type: 'connected' })
      return
    }
    this.upAt.set(device, now())
    // It was away: it tells how it stands.
    this.say(device)
    if (this.up < this.devices.length) return
    const tries = this.devices.reduce((sum, each) => sum + each.tries, 0) - this.tries
    tell({ type: 'back', upAt: [...this.upAt.values()], tries, failures: this.failures })
  }

  private left(device: Device, why: string): void {
    if (device.wasUp) this.up -= 1
    else this.failures[why] = (this.failures[why] ?? 0) + 1
  }

  private say(device: Device): void {
    this.volume += 1
    const at = Math.max(Math.floor(now()), (this.lastAt.get(device) ?? 0) + 1)
    this.lastAt.set(device, at)
    this.sent[device.id] = (this.sent[device.id] ?? 0) + 1
    device.publish(TELEMETRY, `{"ts":${at},"values":{"volume":${this.volume / 1000}}}`, () => {
      this.acked[device.id] = (this.acked[device.id] ?? 0) + 1
    })
  }

  /** Calls `work` for each device once in so many seconds, evenly spread. */
  private spread(seconds: number, work: (device: Device) => void): void {
    const began = now()
    let done = 0
    this.timers.push(
      setInterval(() => {
        for (const due = ((now() - began) / 1000 / seconds) * this.devices.length; done < due; done++) {
          const device = this.devices[done % this.devices.length] as Device
          if (device.up) work(device)
        }
      }, TICK_MS),
    )
  }
}

if (process.send !== undefined) {
  let herd: Herd | undefined
  process.on('message', (message: ToHerd) => {
    if (message.type === 'order') {
      herd = new Herd(message.order)
      herd.start()
    } else if (message.type === 'killed') herd?.killed()
    else void herd?.finish()
  })
}
