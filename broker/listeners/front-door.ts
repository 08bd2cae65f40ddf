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

export interface FrontDoorOptions {
  readonly limits: PacketLimits
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** A second listener that speaks TLS only. */
  readonly secure?: { readonly host: string; readonly port: number; readonly certificate: CertificateWatch } | undefined
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

/** One port for MQTT over TCP and over WebSocket, and a second one for both over TLS. */
export class FrontDoor {
  private readonly options: FrontDoorOptions
  private readonly port: SharedPort
  private readonly securePort: SharedPort | undefined
  private readonly tls: TlsDoor | undefined
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

  constructor(options: FrontDoorOptions) {
    this.options = options
    this.addresses = new AddressBook(options.perAddress)
    this.port = new SharedPort((socket) => this.accept(socket, undefined))
    if (options.secure !== undefined) {
      const tls = new TlsDoor({
        certificate: options.secure.certificate,
        onRefused: (reason, detail) => options.onRefused(reason, detail, undefined),
      })
      this.tls = tls
      this.securePort = new SharedPort((socket) => this.accept(socket, tls))
    }
    this.webSockets = new WebSocketDoor({
      limits: options.limits,
      requestTimeoutMs: options.connectTimeoutMs,
      onStream: (stream, request) => {
        const deadline = performance.now() + options.connectTimeoutMs
        this.admit(stream, request.socket, deadline)
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
  listen(): Promise<number> {
    return this.port.listen(this.options.host, this.options.port)
  }

  /** The same for the TLS listener; undefined where there is none. */
  async listenSecure(): Promise<number | undefined> {
    const { secure } = this.options
    return secure === undefined ? undefined : this.securePort?.listen(secure.host, secure.port)
  }

  /** Lets nobody in any more; who is in stays. */
  shut(): void {
    this.port.close()
    this.securePort?.close()
  }

  /** Cuts whoever is still there. */
  close(): void {
    this.shut()
    this.webSockets.close()
    this.tls?.close()
    for (const socket of this.sockets.keys()) socket.destroy()
  }

  private accept(socket: Socket, tls: TlsDoor | undefined): void {
    this.acceptedTotal += 1
    if (this.sockets.size >= this.options.maxConnections) {
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
    if (tls === undefined) this.greet(socket, deadline, hear)
    else
      tls.secure(socket, (secured) => {
        this.accepted.set(secured, socket)
        this.greet(secured, deadline, hear)
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
  private greet(socket: Socket, deadline: number, onHeard: () => void): void {
    socket.once('data', (chunk: Buffer) => {
      onHeard()
      if (chunk[0] === CONNECT) this.admit(socket, socket, deadline, chunk)
      else if (chunk[0] === G) {
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
  private admit(source: Duplex, socket: Socket, deadline: number, first?: Buffer): void {
    let slow: NodeJS.Timeout | undefined
    const connection = new Connection({
      source,
      transport:
        source === socket ? (isSecure(socket) ? 'tls' : 'tcp') : isSecure(socket) ? 'secure-websocket' : 'websocket',
      address: socket.remoteAddress ?? '',
      certifiedAs: certifiedAs(socket),
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
