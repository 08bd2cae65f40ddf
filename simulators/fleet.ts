import { connect, type MqttClient } from 'mqtt'
import type { Behaviour, Influence, Telemetry } from './devices/device.ts'
import { conditionAt, nextReportAt } from './devices/schedule.ts'

/** The only place where the demo's devices touch the world: one MQTT connection each, QoS 1. */

interface FleetMember {
  readonly id: string
  readonly secret: string
  readonly behaviour: Behaviour
}

export interface FleetOptions {
  readonly host: string
  readonly port: number
  readonly members: readonly FleetMember[]
  readonly influences: readonly Influence[]
}

export interface FleetFigures {
  readonly devices: number
  readonly connected: number
  readonly published: number
  readonly acknowledged: number
  /** Reports left out because the device had too many unacknowledged ones, as a device with a full buffer does. */
  readonly leftOut: number
  /** Why connections were refused or broke, and how often. */
  readonly errors: ReadonlyMap<string, number>
}

/** 2,300 devices are connected in 4 s, in step with what a start-up leaves of two cores. */
const CONNECTS_PER_SECOND = 575
const TICK_MS = 100
/** A report is due within one tick; whoever waits longer than two publishes is not in a hurry. */
const UNACKNOWLEDGED_LIMIT = 6
/** Longer than any rhythm: a device that reports needs no pings. */
const KEEPALIVE_S = 120
const CONNECT_TIMEOUT_MS = 15_000
const RECONNECT_FIRST_MS = 500
const RECONNECT_LONGEST_MS = 20_000
const STOP_TIMEOUT_MS = 2000

interface Device extends FleetMember {
  influences: Influence[]
  client: MqttClient | undefined
  sentBacklog: boolean
  unacknowledged: number
  /** When it speaks next; 0 while it speaks. An older plan that is still in the table is void. */
  planned: number
  retryMs: number
}

export class Fleet {
  private readonly options: FleetOptions
  private readonly devices: readonly Device[]
  private readonly byId: ReadonlyMap<string, Device>
  /** Devices by the tick in which they speak next. */
  private readonly due = new Map<number, Device[]>()
  private timer: NodeJS.Timeout | undefined
  private lastTick = 0
  private nextToConnect = 0
  private connected = 0
  private published = 0
  private acknowledged = 0
  private leftOut = 0
  private readonly errors = new Map<string, number>()

  constructor(options: FleetOptions) {
    this.options = options
    this.devices = options.members.map((member) => ({
      ...member,
      influences: [],
      client: undefined,
      sentBacklog: false,
      unacknowledged: 0,
      planned: 0,
      retryMs: 0,
    }))
    this.byId = new Map(this.devices.map((device) => [device.id, device]))
    this.addInfluences(options.influences)
  }

  /** Begins to connect the devices, in the order of the members; returns at once. */
  start(): void {
    this.lastTick = Math.floor(Date.now() / TICK_MS)
    this.timer = setInterval(() => this.tick(Date.now()), TICK_MS)
  }

  addInfluences(influences: readonly Influence[]): void {
    const now = Date.now()
    for (const influence of influences) {
      const device = this.byId.get(influence.deviceId)
      if (device === undefined || influence.to <= now) continue
      device.influences = [...device.influences.filter((known) => known.to > now), influence]
      if (device.planned > influence.from && influence.from > now) this.plan(device, influence.from)
    }
  }

  figures(): FleetFigures {
    return {
      devices: this.devices.length,
      connected: this.connected,
      published: this.published,
      acknowledged: this.acknowledged,
      leftOut: this.leftOut,
      errors: this.errors,
    }
  }

  /** Says goodbye for every device; what does not answer is cut off. */
  async stop(): Promise<void> {
    clearInterval(this.timer)
    const clients = this.devices.flatMap((device) => device.client ?? [])
    const farewells = Promise.all(clients.map((client) => client.endAsync().catch(() => undefined)))
    let timer: NodeJS.Timeout | undefined
    const tooLong = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOP_TIMEOUT_MS)
    })
    await Promise.race([farewells, tooLong])
    clearTimeout(timer)
    for (const client of clients) client.end(true)
  }

  private tick(now: number): void {
    const share = Math.ceil((CONNECTS_PER_SECOND * TICK_MS) / 1000)
    for (let i = 0; i < share && this.nextToConnect < this.devices.length; i++) {
      const device = this.devices[this.nextToConnect++]!
      this.connect(device)
    }
    const tick = Math.floor(now / TICK_MS)
    // After a pause (a laptop asleep) what was due in between is due now, once.
    while (this.lastTick < tick) {
      const devices = this.due.get(++this.lastTick)
      if (devices === undefined) continue
      this.due.delete(this.lastTick)
      for (const device of devices) if (device.planned > 0 && device.planned <= now) this.speak(device, now)
    }
  }

  private plan(device: Device, at: number): void {
    device.planned = at
    // Never before its time, and never in a tick that has passed.
    const tick = Math.max(Math.ceil(at / TICK_MS), this.lastTick + 1)
    const devices = this.due.get(tick)
    if (devices === undefined) this.due.set(tick, [device])
    else devices.push(device)
  }

  private speak(device: Device, now: number): void {
    device.planned = 0
    const condition = conditionAt(device.influences, now)
    if (condition.offline === true) this.breakOff(device)
    else if (device.client === undefined) this.connect(device)
    else if (device.client.connected) this.publish(device, { ts: now, values: device.behaviour.report(now, condition) })
    this.plan(device, nextReportAt(device.behaviour, device.influences, now, Math.random()))
  }

  private publish(device: Device, telemetry: Telemetry): void {
    const { client } = device
    if (client === undefined) return
    if (device.unacknowledged >= UNACKNOWLEDGED_LIMIT) {
      this.leftOut++
      return
    }
    device.unacknowledged++
    this.published++
    client.publish('v1/devices/me/telemetry', JSON.stringify(telemetry), { qos: 1 }, (error) => {
      // A connection that was cut off has no say about its successor.
      if (device.client === client) device.unacknowledged--
      if (error == null) this.acknowledged++
      else this.count(error)
    })
  }

  private connect(device: Device): void {
    device.retryMs = RECONNECT_FIRST_MS
    const client = connect({
      protocol: 'mqtt',
      host: this.options.host,
      port: this.options.port,
      clientId: device.id,
      username: device.id,
      password: device.secret,
      clean: true,
      keepalive: KEEPALIVE_S,
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectPeriod: RECONNECT_FIRST_MS * (1 + Math.random()),
      // The broker may not have read the registry yet when the first devices come.
      reconnectOnConnackError: true,
    })
    device.client = client
    let open = false
    client.on('connect', () => {
      open = true
      this.connected++
      device.retryMs = RECONNECT_FIRST_MS
      client.options.reconnectPeriod = RECONNECT_FIRST_MS * (1 + Math.random())
      const now = Date.now()
      if (!device.sentBacklog) {
        device.sentBacklog = true
        for (const telemetry of device.behaviour.backlog?.(now) ?? []) this.publish(device, telemetry)
      }
      if (device.planned === 0 || device.planned > now) {
        this.speak(device, now)
        // Everybody came within seconds; from here on they speak all through the minute.
        this.plan(device, now + (device.planned - now) * Math.random())
      }
    })
    client.on('close', () => {
      if (open) this.connected--
      open = false
      // Doubled and scattered, so that a broker that comes back is not met by everybody at once.
      device.retryMs = Math.min(RECONNECT_LONGEST_MS, device.retryMs * 2)
      client.options.reconnectPeriod = device.retryMs * (0.5 + Math.random())
    })
    client.on('error', (error) => this.count(error))
  }

  private breakOff(device: Device): void {
    device.client?.end(true)
    device.client = undefined
    device.unacknowledged = 0
  }

  private count(error: Error): void {
    const what = 'code' in error && typeof error.code === 'string' ? error.code : error.message
    this.errors.set(what, (this.errors.get(what) ?? 0) + 1)
  }
}
