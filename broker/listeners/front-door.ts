import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Reason } from '../../contract/reasons.ts'
import { Connection, type Transport } from './connection.ts'
import type { PacketLimits } from './packet-rules.ts'
import { WebSocketDoor } from './websocket.ts'

/** The first byte of an MQTT CONNECT, and of `GET` (ADR 3). */
const CONNECT = 0x10
const G = 0x47

/** Connections that the kernel keeps while the event loop is busy: the herd after a restart. */
const BACKLOG = 4096
/** Half-open connections of clients without an MQTT keep-alive are found by TCP. */
const TCP_KEEPALIVE_MS = 60_000

export interface FrontDoorOptions {
  readonly limits: PacketLimits
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  readonly maxConnections: number
  /** From accept to a whole CONNECT, ms; a WebSocket has it once for the upgrade and once more. */
  readonly connectTimeoutMs: number
  /** A client has sent a well-formed CONNECT. */
  readonly onConnect: (connection: Connection) => void
  readonly onHungUp: (connection: Connection) => void
  /** Something was turned away; `connection` where it had come so far. */
  readonly onRefused: (reason: Reason, detail: string, connection: Connection | undefined) => void
}

/** One port for MQTT over TCP and over WebSocket. */
export class FrontDoor {
  private readonly options: FrontDoorOptions
  private readonly server: Server
  private readonly webSockets: WebSocketDoor
  private readonly sockets = new Set<Socket>()

  constructor(options: FrontDoorOptions) {
    this.options = options
    this.server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: TCP_KEEPALIVE_MS })
    this.server.on('connection', (socket) => this.accept(socket))
    this.webSockets = new WebSocketDoor({
      limits: options.limits,
      requestTimeoutMs: options.connectTimeoutMs,
      onStream: (stream, request) => {
        const deadline = performance.now() + options.connectTimeoutMs
        this.admit(stream, 'websocket', request.socket.remoteAddress ?? '', deadline)
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
  async listen(): Promise<number> {
    this.server.listen({ host: this.options.host, port: this.options.port, backlog: BACKLOG })
    await once(this.server, 'listening')
    const address = this.server.address()
    return typeof address === 'object' && address !== null ? address.port : this.options.port
  }

  /** Lets nobody in any more; who is in stays. */
  shut(): void {
    this.server.close()
  }

  /** Cuts whoever is still there. */
  close(): void {
    this.shut()
    this.webSockets.close()
    for (const socket of this.sockets) socket.destroy()
  }

  private accept(socket: Socket): void {
    if (this.sockets.size >= this.options.maxConnections) {
      this.options.onRefused('limit.connections', `from ${socket.remoteAddress ?? ''}`, undefined)
      socket.destroy()
      return
    }
    this.sockets.add(socket)
    socket.on('close', () => this.sockets.delete(socket))
    socket.on('error', ignore)
    const deadline = performance.now() + this.options.connectTimeoutMs
    const silent = setTimeout(() => this.tooSlow(socket, undefined), this.options.connectTimeoutMs)
    const gone = (): void => clearTimeout(silent)
    socket.once('close', gone)
    socket.once('data', (chunk: Buffer) => {
      clearTimeout(silent)
      socket.off('close', gone)
      if (chunk[0] === CONNECT) this.admit(socket, 'tcp', socket.remoteAddress ?? '', deadline, chunk)
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

  private admit(source: Duplex, transport: Transport, address: string, deadline: number, first?: Buffer): void {
    let slow: NodeJS.Timeout | undefined
    const connection = new Connection({
      source,
      transport,
      address,
      limits: this.options.limits,
      onConnect: (ready) => {
        clearTimeout(slow)
        this.options.onConnect(ready)
      },
      onHungUp: this.options.onHungUp,
      onRefused: (from, reason, detail) => this.options.onRefused(reason, detail, from),
    })
    connection.on('error', ignore)
    if (first !== undefined) connection.receive(first)
    // As a rule the first read holds the whole CONNECT, and no timer is needed.
    if (connection.sawConnect || connection.destroyed) return
    slow = setTimeout(() => this.tooSlow(source, connection), deadline - performance.now())
    connection.once('close', () => clearTimeout(slow))
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
