import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { createWebSocketStream, type RawData, WebSocketServer } from 'ws'
import { MAX_FIXED_HEADER } from './packet-guard.ts'
import { type PacketLimits, publishOverhead } from './packet-rules.ts'

/** The subprotocols of MQTT 3.1.1 §6 and of 3.1. */
const SUBPROTOCOLS = ['mqtt', 'mqttv3.1']
/** Pieces that a message may come in. Each costs a buffer, also one of a single byte. */
const MAX_FRAGMENTS = 1024
/** An upgrade request is a few hundred bytes. */
const MAX_REQUEST_HEADER = 8 * 1024

export interface WebSocketDoorOptions {
  /** One WebSocket message may hold no more bytes than one PUBLISH. */
  readonly limits: PacketLimits
  /** Time for the upgrade request, ms. */
  readonly requestTimeoutMs: number
  readonly onStream: (stream: Duplex, request: IncomingMessage) => void
  readonly onRefused: (detail: string, address: string) => void
  /** The upgrade request has not come in time; the socket is to be cut off. */
  readonly onTooSlow: (socket: Duplex) => void
}

/** Messages without a byte that a client may send. Each costs as much as a PINGREQ and fills no buffer that could be full. */
const MAX_EMPTY = 16

class EmptyMessages extends Error {
  readonly code = 'WS_ERR_EMPTY_MESSAGES'
}

/** MQTT travels in binary frames; anything else ends the connection. */
class TextFrame extends Error {
  readonly code = 'WS_ERR_TEXT_FRAME'
}

/** MQTT in WebSocket messages, on sockets that the front door hands over because they began with an HTTP request. */
export class WebSocketDoor {
  private readonly options: WebSocketDoorOptions
  private readonly http: Server
  private readonly webSockets: WebSocketServer
  /** Of sockets whose upgrade request is awaited. Node's own time-outs run only in a server that listens itself. */
  private readonly deadlines = new WeakMap<Duplex, NodeJS.Timeout>()

  constructor(options: WebSocketDoorOptions) {
    this.options = options
    this.webSockets = new WebSocketServer({
      noServer: true,
      // Compression would let a small message grow to any size behind the length check.
      perMessageDeflate: false,
      // `ws` holds a whole message before it hands it on: this bounds what an unknown client can make it hold.
      maxPayload: options.limits.maxPayload + publishOverhead(options.limits) + MAX_FIXED_HEADER,
      maxFragments: MAX_FRAGMENTS,
      maxBufferedChunks: MAX_FRAGMENTS,
      handleProtocols: (offered) => SUBPROTOCOLS.find((name) => offered.has(name)) ?? false,
    })
    this.http = createServer({ maxHeaderSize: MAX_REQUEST_HEADER }, (_request, response) => {
      response.writeHead(426, { Connection: 'close', Upgrade: 'websocket', 'Content-Type': 'text/plain' })
      response.end('This port speaks MQTT: over TCP, or over WebSocket with the subprotocol "mqtt".\n')
    })
    this.http.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy())
      const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
      if (!SUBPROTOCOLS.some((name) => offered.includes(name))) {
        options.onRefused('WebSocket without the subprotocol mqtt', request.socket.remoteAddress ?? '')
        // Destroyed, not only ended: a client that leaves its side open must not keep the socket.
        socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n', () => socket.destroy())
        return
      }
      this.webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        clearTimeout(this.deadlines.get(socket))
        let empty = 0
        const look = (data: RawData, isBinary: boolean): void => {
          // Destroyed first: what the stream is handed after that goes nowhere.
          if (!isBinary) stream.destroy(new TextFrame('a WebSocket text frame (MQTT-6.0.0-1)'))
          else if ((data as Buffer).length === 0 && ++empty > MAX_EMPTY) {
            // One read holds ten thousand of them, and `ws` goes through all of it.
            webSocket.removeAllListeners('message')
            stream.destroy(new EmptyMessages('WebSocket messages with nothing in them'))
          }
        }
        webSocket.on('message', look)
        const stream = createWebSocketStream(webSocket, { decodeStrings: false })
        options.onStream(stream, request)
      })
    })
    this.http.on('clientError', (_error, socket) => socket.destroy())
  }

  /** Takes a socket that is paused and whose first bytes have been put back. */
  take(socket: Duplex): void {
    const { requestTimeoutMs, onTooSlow } = this.options
    const deadline = setTimeout(() => onTooSlow(socket), requestTimeoutMs)
    this.deadlines.set(socket, deadline)
    socket.once('close', () => clearTimeout(deadline))
    this.http.emit('connection', socket)
    socket.resume()
  }

  close(): void {
    this.http.closeAllConnections()
    this.http.close()
    for (const webSocket of this.webSockets.clients) webSocket.terminate()
    this.webSockets.close()
  }
}
