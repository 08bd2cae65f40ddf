import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'

/**
 * WebSocket messages in one second after which it is no console. Above what a signed-in console is disconnected for by
 * name (`client.ts`): this is for those whose messages are no requests, and for who has not said who they are.
 */
const FLOOD_PER_S = 400

/**
 * The WebSockets below the live stream. Whatever a message holds, taking it apart costs 100 µs, and one read of six-byte
 * messages holds ten thousand: three strangers kept every console waiting for three seconds. Counted here, before anybody
 * looks at them.
 */
export class BoundedWebSockets extends WebSocketServer {
  override handleUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    callback: (webSocket: WebSocket, request: IncomingMessage) => void,
  ): void {
    super.handleUpgrade(request, socket, head, (webSocket, upgraded) => {
      bound(webSocket)
      callback(webSocket, upgraded)
    })
  }
}

function bound(webSocket: WebSocket): void {
  let since = performance.now()
  let messages = 0
  webSocket.on('message', () => {
    const now = performance.now()
    if (now - since >= 1000) {
      since = now
      messages = 0
    }
    messages += 1
    if (messages <= FLOOD_PER_S) return
    // What else the read holds is still taken out of its frames, but nobody listens any more.
    webSocket.removeAllListeners('message')
    webSocket.terminate()
  })
}
