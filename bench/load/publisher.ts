import { connect, type Socket } from 'node:net'
import { connectPacket, identifierAt, publishPacket } from './packets.ts'

/**
 * One MQTT 3.1.1 publisher on a bare socket. All packets it will ever send are encoded beforehand: what is measured is
 * the broker, not this.
 */
export interface PublisherOptions {
  readonly port: number
  readonly id: string
  readonly secret: string
  /** Publishes that may wait for their PUBACK. */
  readonly window: number
  readonly stream: PublishStream
  /** Told of acknowledgements as they come. */
  readonly onAcked: (count: number) => void
  readonly onFailed: (why: string) => void
}

/** Packet identifiers are 1 … 65,535; the stream holds one publish for each and is sent round and round. */
const IDENTIFIERS = 65_535
const CONNACK_BYTES = 4
const PUBACK_BYTES = 4
const PUBACK = 0x40

/** Every publish of all publishers: they share topic and payload, and differ in the packet identifier only. */
export class PublishStream {
  readonly packets: Buffer
  readonly packetBytes: number

  constructor(topic: string, payload: Uint8Array) {
    const one = publishPacket(topic, 0, payload)
    const at = identifierAt(one, topic)
    this.packetBytes = one.length
    this.packets = Buffer.alloc(one.length * IDENTIFIERS)
    for (let i = 0; i < IDENTIFIERS; i++) {
      one.copy(this.packets, i * one.length)
      this.packets.writeUInt16BE(i + 1, i * one.length + at)
    }
  }
}

export class Publisher {
  private readonly options: PublisherOptions
  private readonly socket: Socket
  private next = 0
  private expected = 1
  private inFlight = 0
  private connackSeen = 0
  private partialAck = Buffer.alloc(PUBACK_BYTES)
  private partialLength = 0
  private running = false
  private onConnected: (() => void) | undefined
  /** Publishes handed to the socket, and acknowledged. */
  sent = 0
  acked = 0

  constructor(options: PublisherOptions) {
    this.options = options
    this.socket = connect({ port: options.port, host: '127.0.0.1', noDelay: true })
    this.socket.on('data', (bytes) => this.receive(bytes))
    this.socket.on('error', (error) => options.onFailed(error.message))
    this.socket.on('close', () => options.onFailed('the broker closed the connection'))
  }

  /** Resolves with CONNACK 0. */
  async connect(): Promise<void> {
    const { id, secret } = this.options
    this.socket.write(connectPacket(id, secret))
    await new Promise<void>((resolve) => {
      this.onConnected = resolve
    })
  }

  start(): void {
    this.running = true
    this.fill()
  }

  /** Sends no more; acknowledgements of what is on its way are still counted. */
  stop(): void {
    this.running = false
  }

  get waiting(): number {
    return this.inFlight
  }

  close(): void {
    this.socket.removeAllListeners('close')
    this.socket.destroy()
  }

  private fill(): void {
    let count = this.options.window - this.inFlight
    const { packets, packetBytes } = this.options.stream
    while (this.running && count > 0) {
      const some = Math.min(count, IDENTIFIERS - this.next)
      this.socket.write(packets.subarray(this.next * packetBytes, (this.next + some) * packetBytes))
      this.next = (this.next + some) % IDENTIFIERS
      this.inFlight += some
      this.sent += some
      count -= some
    }
  }

  private receive(chunk: Buffer): void {
    let bytes = chunk
    while (this.connackSeen < CONNACK_BYTES && bytes.length > 0) {
      if (this.connackSeen === CONNACK_BYTES - 1 && bytes[0] !== 0) {
        this.options.onFailed(`CONNACK ${bytes[0]}`)
        return
      }
      this.connackSeen += 1
      bytes = bytes.subarray(1)
      if (this.connackSeen === CONNACK_BYTES) this.onConnected?.()
    }
    let at = 0
    let count = 0
    if (this.partialLength > 0) {
      at = bytes.copy(this.partialAck, this.partialLength, 0)
      this.partialLength += at
      if (this.partialLength < PUBACK_BYTES) return
      this.check(this.partialAck, 0)
      this.partialLength = 0
      count += 1
    }
    for (; at + PUBACK_BYTES <= bytes.length; at += PUBACK_BYTES, count++) this.check(bytes, at)
    this.partialLength = bytes.copy(this.partialAck, 0, at)
    if (count === 0) return
    this.inFlight -= count
    this.acked += count
    this.options.onAcked(count)
    this.fill()
  }

  /** Acknowledgements come in the order of the publishes (MQTT-4.6.0-2). */
  private check(bytes: Buffer, at: number): void {
    const id = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)
    if (bytes[at] !== PUBACK || id !== this.expected)
      this.options.onFailed(`expected PUBACK ${this.expected}, got packet type ${bytes[at]} with identifier ${id}`)
    this.expected = id === IDENTIFIERS ? 1 : id + 1
  }
}
