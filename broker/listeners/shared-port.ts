import { once } from 'node:events'
import { type AddressInfo, createServer, type ListenOptions, type Server, type Socket } from 'node:net'

/**
 * A port that takes in a herd. The event loop accepts one connection of a listener per turn, and the kernel keeps
 * 4,096 for each (net.core.somaxconn); ten thousand meters coming back filled that, and whoever was turned away, fire
 * detectors too, tried again after TCP's 1, 3 and 7 seconds. Several listeners on the same port (SO_REUSEPORT) each have a
 * turn and a queue (ADR 16).
 */
export const LISTENERS = 16
/** Linux spreads connections over listeners; elsewhere only one of them would get any. */
const CAN_SHARE = process.platform === 'linux'
const BACKLOG = 4096
/** Half-open connections of clients without an MQTT keep-alive are found by TCP. */
const TCP_KEEPALIVE_MS = 60_000

export class SharedPort {
  private readonly servers: readonly Server[]

  constructor(onSocket: (socket: Socket) => void) {
    const options = { noDelay: true, keepAlive: true, keepAliveInitialDelay: TCP_KEEPALIVE_MS }
    this.servers = Array.from({ length: CAN_SHARE ? LISTENERS : 1 }, () => createServer(options, onSocket))
  }

  /** @returns the port. Rejects with the system's error, for example EADDRINUSE. */
  async listen(host: string, port: number): Promise<number> {
    const found = await claim(host, port)
    // An address instead of a name: nothing is looked up, and all of them listen before anybody is accepted.
    for (const server of this.servers)
      await listenOn(server, { host: found.address, port: found.port, backlog: BACKLOG, reusePort: CAN_SHARE })
    return found.port
  }

  /** Takes nobody in any more. */
  close(): void {
    for (const server of this.servers) server.close()
  }
}

/**
 * Asked alone: whoever shares a port is not told that another program has it.
 * @returns the port and the address that the host has. Rejects with the system's error.
 */
export async function claim(host: string, port: number): Promise<AddressInfo> {
  const alone = createServer()
  const found = await listenOn(alone, { host, port })
  alone.close()
  await once(alone, 'close')
  return found
}

async function listenOn(server: Server, options: ListenOptions): Promise<AddressInfo> {
  server.listen(options)
  await once(server, 'listening')
  return server.address() as AddressInfo
}
