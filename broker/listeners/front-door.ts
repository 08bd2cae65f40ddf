import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Reason } from '../../contract/reasons.ts'
import { subscriberOf } from '../../store/subscriber.ts'
import type { CertificateWatch } from '../../store/tls/certificate-watch.ts'
import { AddressBook, type AddressLimits } from './address-book.ts'
import { Connection } from './connection.ts'
import type { PacketLimits } from './packet-rules.ts'
import { SharedPort } from './shared-port.ts'
import { certifiedAs, isSecure, TlsDoor } from './tls-door.ts'
import { WebSocketDoor } from './websocket.ts'

/** The first byte of an MQTT CONNECT, and of `GET` (ADR 3). */
const CONNECT = 0x10
const G = 0x47

/** What a stranger may send over a WebSocket beyond its CONNECT: frames, pings, the beginning of what follows. Bytes. */
const STRANGERS_SURPLUS = 8 * 1024

/** So much room beyond the most connections is kept for them: a city of meters must not have taken every place. */
const FIRE_ROOM = 1.1

/** Where the door listens. */
export interface Listener {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** Present: speaks TLS only. */
  readonly certificate?: CertificateWatch | undefined
  /** For fire and care devices only: the kernel's queue is first in, first out, and nobody else stands in this one (ADR 16). */
  readonly forFire: boolean
}

export interface FrontDoorOptions {
  readonly limits: PacketLimits
  readonly maxConnections: number
  /** Connections from one address, and how many of them may not have sent a whole CONNECT. */
  readonly perAddress: AddressLimits
  /** From accept to a whole CONNECT, the TLS handshake included, ms; a WebSocket has it once for the upgrade and once more. */
  readonly connectTimeoutMs: number
  /** How long a client may leave unread what it is sent, ms. */
  readonly drainTimeoutMs: number
  /** A client has sent a well-formed CONNECT. */
  readonly onConnect: (connection: Connection, connect: Buffer) => void
  readonly onHungUp: (connection: Connection) => void
  /** Something was turned away; `connection` where it had come so far. */
  readonly onRefused: (reason: Reason, detail: string, connection: Connection | undefined) => void
}

/** Each port takes MQTT over TCP and over WebSocket, or both over TLS. */
export class FrontDoor {
  private readonly options: FrontDoorOptions
  private readonly ports: SharedPort[] = []
  private readonly tlsDoors: TlsDoor[] = []
  private readonly webSockets: WebSocketDoor
  /** Everyone who was let in, with whom his address stands for. */
  private readonly sockets = new Map<Socket, string>()
  private readonly addresses: AddressBook<Socket>
  /** Connections that the kernel handed over since the start, those turned away at once among them. */
  acceptedTotal = 0
  /** How often a client had to wait because of what it said besides its publishes. */
  pacedTotal = 0
  /** The accepted socket below a TLS socket. */
  private readonly accepted = new WeakMap<Socket, Socket>()
  /** WebSockets that came by a port for fire devices. */
  private readonly byFirePort = new WeakSet<Socket>()

  constructor(options: FrontDoorOptions) {
    this.options = options
    this.addresses = new AddressBook(options.perAddress)
    this.webSockets = new WebSocketDoor({
      limits: options.limits,
      requestTimeoutMs: options.connectTimeoutMs,
      onStream: (stream, request) => {
        const deadline = performance.now() + options.connectTimeoutMs
        this.admit(stream, request.socket, this.byFirePort.has(request.socket), deadline)
      },
      onRefused: (detail, address) => options.onRefused('protocol.violation', `${detail}, from ${address}`, undefined),
      onTooSlow: (socket) => this.tooSlow(socket, undefined),
    })
  }

  /** Sockets that are open, also those that have not said who they are. */
  get connections(): number {
    return this.sockets.size
  }

  /** @returns the port. Rejects with the system's error, for example EADDRINUSE. */
  async listen({ host, port, certificate, forFire }: Listener): Promise<number> {
    let tls: TlsDoor | undefined
    if (certificate !== undefined) {
      const onRefused = (reason: Reason, detail: string): void => this.options.onRefused(reason, detail, undefined)
      tls = new TlsDoor({ certificate, onRefused })
      this.tlsDoors.push(tls)
    }
    const shared = new SharedPort((socket) => this.accept(socket, tls, forFire))
    this.ports.push(shared)
    return shared.listen(host, port)
  }

  /** Lets nobody in any more; who is in stays. */
  shut(): void {
    for (const port of this.ports) port.close()
  }

  /** Cuts whoever is still there. */
  close(): void {
    this.shut()
    this.webSockets.close()
    for (const tls of this.tlsDoors) tls.close()
    for (const socket of this.sockets.keys()) socket.destroy()
  }

  private accept(socket: Socket, tls: TlsDoor | undefined, forFire: boolean): void {
    this.acceptedTotal += 1
    if (this.sockets.size >= this.options.maxConnections * (forFire ? FIRE_ROOM : 1)) {
      this.options.onRefused('limit.connections', `from ${socket.remoteAddress ?? ''}`, undefined)
      socket.destroy()
      return
    }
    const address = socket.remoteAddress ?? ''
    const subscriber = subscriberOf(address)
    const { admitted, evicted } = this.addresses.enter(subscriber, socket, performance.now())
    if (!admitted) {
      this.options.onRefused('limit.address', `from ${address}`, undefined)
      socket.destroy()
      return
    }
    if (evicted !== undefined) {
      this.options.onRefused('limit.strangers', `from ${address}`, undefined)
      evicted.destroy()
    }
    this.enter(socket, subscriber)
    const deadline = performance.now() + this.options.connectTimeoutMs
    const silent = setTimeout(() => this.tooSlow(socket, undefined), this.options.connectTimeoutMs)
    const gone = (): void => clearTimeout(silent)
    socket.once('close', gone)
    const hear = (): void => {
      clearTimeout(silent)
      socket.off('close', gone)
    }
    if (tls === undefined) this.greet(socket, forFire, deadline, hear)
    else
      tls.secure(socket, (secured) => {
        this.accepted.set(secured, socket)
        this.greet(secured, forFire, deadline, hear)
      })
  }

  /** Apart from `accept`: what its closures see is kept as long as the socket, and the deadline's is not needed so long. */
  private enter(socket: Socket, subscriber: string): void {
    this.sockets.set(socket, subscriber)
    socket.on('close', () => {
      this.sockets.delete(socket)
      this.addresses.leave(subscriber, socket)
    })
    socket.on('error', ignore)
  }

  /** The first byte says what the client speaks. `onHeard` is called when it has come. */
  private greet(socket: Socket, forFire: boolean, deadline: number, onHeard: () => void): void {
    socket.once('data', (chunk: Buffer) => {
      onHeard()
      if (chunk[0] === CONNECT) this.admit(socket, socket, forFire, deadline, chunk)
      else if (chunk[0] === G) {
        if (forFire) this.byFirePort.add(socket)
        socket.pause()
        socket.unshift(chunk)
        this.webSockets.take(socket)
      } else {
        this.options.onRefused(
          'protocol.violation',
          `neither MQTT nor HTTP, from ${socket.remoteAddress ?? ''}`,
          undefined,
        )
        socket.destroy()
      }
    })
  }

  /** `source` is the socket itself, or the stream of the WebSocket on it. */
  private admit(source: Duplex, socket: Socket, byFirePort: boolean, deadline: number, first?: Buffer): void {
    let slow: NodeJS.Timeout | undefined
    const connection = new Connection({
      source,
      transport:
        source === socket ? (isSecure(socket) ? 'tls' : 'tcp') : isSecure(socket) ? 'secure-websocket' : 'websocket',
      address: socket.remoteAddress ?? '',
      certifiedAs: certifiedAs(socket),
      byFirePort,
      limits: this.options.limits,
      drainTimeoutMs: this.options.drainTimeoutMs,
      onConnect: (ready, connect) => {
        clearTimeout(slow)
        this.introduced(socket)
        this.options.onConnect(ready, connect)
      },
      onHungUp: this.options.onHungUp,
      onPaced: this.onPaced,
      onRefused: (from, reason, detail) => this.options.onRefused(reason, detail, from),
    })
    connection.on('error', ignore)
    if (first !== undefined) connection.receive(first)
    // As a rule the first read holds the whole CONNECT, and no timer is needed.
    if (connection.sawConnect || connection.destroyed) return
    slow = setTimeout(() => this.tooSlow(source, connection), deadline - performance.now())
    connection.once('close', () => clearTimeout(slow))
    if (source !== socket) this.watchStranger(connection, source, socket)
  }

  /**
   * `ws` hands a message on when it is whole, and a message may hold a whole PUBLISH: ten thousand strangers that each
   * begin one would make it hold 790 MB.
   */
  private watchStranger(connection: Connection, stream: Duplex, socket: Socket): void {
    let bytes = 0
    const judge = (): void => {
      // A stream that `ws` has ended says why when its socket has closed.
      if (!connection.sawConnect && !stream.destroyed)
        connection.refuse('limit.packet-size', 'no CONNECT in what came first')
    }
    const count = (chunk: Buffer): void => {
      bytes += chunk.length
      if (connection.sawConnect || connection.destroyed) socket.off('data', count)
      // A turn later: what this chunk completes has come through by then.
      else if (bytes > this.options.limits.maxConnect + STRANGERS_SURPLUS) setImmediate(judge)
    }
    socket.on('data', count)
  }

  /** One for all: there are ten thousand connections. */
  private readonly onPaced = (): void => {
    this.pacedTotal += 1
  }

  /** It has sent a whole CONNECT. */
  private introduced(socket: Socket): void {
    const accepted = this.accepted.get(socket) ?? socket
    this.addresses.introduced(this.sockets.get(accepted) ?? '', accepted)
  }

  private tooSlow(source: Duplex, connection: Connection | undefined): void {
    const detail = `no CONNECT within ${this.options.connectTimeoutMs / 1000} s`
    if (connection !== undefined) connection.refuse('limit.connect-time', detail)
    else {
      this.options.onRefused('limit.connect-time', detail, undefined)
      source.destroy()
    }
  }
}

/** What ends a connection is seen by its `close`. */
const ignore = (): void => {}
