import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** Passes connections on, until they are cut, or lie there as half-open ones do: neither end hears of the other. */
export class TcpProxy {
  private readonly server: Server
  private readonly pairs = new Set<readonly [Socket, Socket]>()
  port = 0

  constructor(target: number) {
    this.server = createServer((near) => {
      const far = connect({ host: '127.0.0.1', port: target })
      const pair = [near, far] as const
      this.pairs.add(pair)
      near.pipe(far)
      far.pipe(near)
      for (const end of pair) {
        end.on('error', () => undefined)
        end.once('close', () => {
          this.pairs.delete(pair)
          near.destroy()
          far.destroy()
        })
      }
    })
  }

  async listen(): Promise<void> {
    this.server.listen(0, '127.0.0.1')
    await once(this.server, 'listening')
    this.port = (this.server.address() as AddressInfo).port
  }

  /** Ends every connection without a goodbye. @returns how many */
  cut(): number {
    const { size } = this.pairs
    for (const [near, far] of this.pairs) {
      near.resetAndDestroy()
      far.resetAndDestroy()
    }
    return size
  }

  /** From now on nothing comes through any of the connections, and nobody is told. @returns how many */
  goSilent(): number {
    for (const [near, far] of this.pairs) {
      near.unpipe(far)
      far.unpipe(near)
      near.pause()
      far.pause()
    }
    return this.pairs.size
  }

  async close(): Promise<void> {
    this.server.close()
    this.cut()
    await once(this.server, 'close')
  }
}
