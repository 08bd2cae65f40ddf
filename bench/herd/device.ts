import { connect, type Socket } from 'node:net'
import { connectPacket, publishPacket } from '../load/packets.ts'

/**
 * One MQTT 3.1.1 device on a bare socket, a few hundred bytes each: ten thousand of them must fit beside the broker that
 * is measured. It behaves as an ordinary client library does: it connects again with growing pauses, and sends a publish
 * again until it has the PUBACK for it.
 */
export interface DeviceOptions {
  readonly port: number
  readonly id: string
  readonly secret: string
  /** Source address: one address has too few ports for a herd. */
  readonly localAddress?: string
  readonly keepAliveS: number
  /** false: connects once, and stays away when that has ended. */
  readonly reconnect: boolean
  /** First and longest pause before it connects again, ms; absent: as an ordinary client library. */
  readonly pauses?: readonly [first: number, longest: number]
  readonly on?: DeviceListener
}

/** One listener for all devices of a load, so that none has closures of its own. */
interface DeviceListener {
  /** CONNACK 0. */
  up?(device: Device): void
  /** The connection has ended, or was never there. `why` is an error code, `CONNACK n`, or `closed`. */
  down?(device: Device, why: string): void
}

interface Unacknowledged {
  readonly topic: string
  readonly payload: Uint8Array | string
  readonly done: (() => void) | undefined
  /** The connection it was last sent on. */
  sentOn: Socket | undefined
}

/**
 * As Eclipse Paho does: after 1 s, then twice as long each time. Without jitter, so that all come in the same moment: the
 * hardest case for a broker. (Paho's longest is 120 s, mqtt.js tries every second.)
 */
const PAUSES_MS = [1000, 30_000] as const
/** mqtt.js' and Paho's time for TCP and CONNACK together. */
const CONNECT_TIMEOUT_MS = 30_000
const MAX_ID = 65_535
const TYPE = { connack: 2, puback: 4 } as const
const PINGREQ = Buffer.from([0xc0, 0])
const DISCONNECT = Buffer.from([0xe0, 0])

export class Device {
  readonly id: string
  readonly options: DeviceOptions
  /** CONNACK 0 has come, and the connection stands. */
  up = false
  /** In `down`: whether the connection that ended had been up. */
  wasUp = false
  /** Connections that were tried, the successful ones too. */
  tries = 0
  /** When the last of them began, ms since 1970. */
  triedAt = 0
  private socket: Socket | undefined
  private partial: Buffer | undefined
  private readonly unacknowledged = new Map<number, Unacknowledged>()
  private nextId = 1
  private pauseMs: number
  private timer: NodeJS.Timeout | undefined
  private closing = false

  constructor(options: DeviceOptions) {
    this.options = options
    this.id = options.id
    this.pauseMs = this.pauses[0]
  }

  private get pauses(): readonly [number, number] {
    return this.options.pauses ?? PAUSES_MS
  }

  get waiting(): number {
    return this.unacknowledged.size
  }

  connect(): void {
    this.closing = false
    clearTimeout(this.timer)
    this.tries += 1
    this.triedAt = performance.timeOrigin + performance.now()
    const { port, localAddress } = this.options
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, ...(localAddress && { localAddress }) })
    this.socket = socket
    this.partial = undefined
    let why = 'closed'
    this.timer = setTimeout(() => {
      why = 'timeout'
      socket.destroy()
    }, CONNECT_TIMEOUT_MS)
    socket.on('error', (error: NodeJS.ErrnoException) => {
      why = error.code ?? error.message
    })
    socket.on('data', (bytes) => {
      const refused = this.receive(socket, bytes)
      if (refused !== undefined) why = refused
    })
    socket.on('close', () => {
      if (this.socket === socket) this.ended(why)
    })
    socket.write(connectPacket(this.id, this.options.secret, this.options.keepAliveS))
  }

  /** `done` is called once, with the PUBACK, however often it had to be sent. */
  publish(topic: string, payload: Uint8Array | string, done?: () => void): void {
    let id = this.nextId
    while (this.unacknowledged.has(id)) id = id === MAX_ID ? 1 : id + 1
    this.nextId = id === MAX_ID ? 1 : id + 1
    const publish: Unacknowledged = { topic, payload, done, sentOn: undefined }
    this.unacknowledged.set(id, publish)
    if (this.up) this.send(id, publish)
  }

  /** Does not wait for its next try to connect: there is something to tell. */
  hurry(): void {
    if (!this.up && (this.socket === undefined || this.socket.destroyed)) this.connect()
  }

  ping(): void {
    if (this.up) this.socket?.write(PINGREQ)
  }

  /** Says goodbye; what is not acknowledged is forgotten. */
  disconnect(): void {
    this.leave()
    this.socket?.end(DISCONNECT)
  }

  /** Cuts the connection as a lost network does: with a reset. */
  cut(): void {
    this.leave()
    this.socket?.resetAndDestroy()
  }

  private leave(): void {
    this.closing = true
    this.up = false
    this.unacknowledged.clear()
    clearTimeout(this.timer)
  }

  private ended(why: string): void {
    this.wasUp = this.up
    this.up = false
    clearTimeout(this.timer)
    this.options.on?.down?.(this, why)
    if (this.closing || !this.options.reconnect) return
    this.timer = setTimeout(() => this.connect(), this.pauseMs)
    this.pauseMs = Math.min(this.pauses[1], this.pauseMs * 2)
  }

  private receive(socket: Socket, chunk: Buffer): string | undefined {
    let bytes = this.partial === undefined ? chunk : Buffer.concat([this.partial, chunk])
    this.partial = undefined
    while (bytes.length >= 2) {
      // The broker sends nothing longer than 127 bytes to these devices.
      const end = 2 + (bytes[1] as number)
      if (bytes.length < end) break
      const type = (bytes[0] as number) >> 4
      if (type === TYPE.connack) {
        const code = bytes[3] as number
        if (code !== 0) return `CONNACK ${code}`
        this.entered(socket)
      } else if (type === TYPE.puback) {
        const id = bytes.readUInt16BE(2)
        const publish = this.unacknowledged.get(id)
        this.unacknowledged.delete(id)
        publish?.done?.()
      }
      bytes = bytes.subarray(end)
    }
    // A copy: what lies in the socket's read buffer would keep 64 KiB for three bytes.
    if (bytes.length > 0) this.partial = Buffer.from(bytes)
    return undefined
  }

  private entered(socket: Socket): void {
    clearTimeout(this.timer)
    this.up = true
    this.pauseMs = this.pauses[0]
    for (const [id, publish] of this.unacknowledged) if (publish.sentOn !== socket) this.send(id, publish)
    this.options.on?.up?.(this)
  }

  private send(id: number, publish: Unacknowledged): void {
    const again = publish.sentOn !== undefined
    publish.sentOn = this.socket
    this.socket?.write(publishPacket(publish.topic, id, publish.payload, again))
  }
}
