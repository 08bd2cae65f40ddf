import { setTimeout as sleep } from 'node:timers/promises'
import { io, type Socket } from 'socket.io-client'
import type { Alarm } from '../../contract/alarms.ts'
import type { ClientToServer, ServerToClient } from '../../contract/live.ts'
import { applyEvents, applySnapshot, type ConsoleState, EMPTY } from '../../dashboard/web/src/store/console-state.ts'
import { eventually } from '../eventually.ts'
import { type Fault, promises } from './fault.ts'
import { TcpProxy } from './tcp-proxy.ts'
import { underLoad } from './under-load.ts'

/** Many fires at once: a storm. */
const STORM = { meters: 8, gateways: 1, children: 2, detectors: 40 } as const
const CUT_EVERY_MS = 700
const STEP_MS = 10_000

/**
 * A console without its screen: the state and the rules are the real console's; the socket asks by number for what it
 * missed, as `dashboard/web/src/live/connection.ts` does.
 */
class Console {
  state: ConsoleState = EMPTY
  connections = 0
  snapshots = 0
  /** Batches that did not begin where the state ended, and events that came twice. */
  gaps = 0
  private asking = false
  private readonly socket: Socket<ServerToClient, ClientToServer>

  constructor(url: string, token: string) {
    this.socket = io(url, {
      transports: ['websocket'],
      auth: { token },
      reconnectionDelay: 100,
      reconnectionDelayMax: 300,
    })
    this.socket.on('connect', () => {
      this.connections++
      this.hello()
    })
    this.socket.on('disconnect', () => {
      this.asking = false
    })
    this.socket.on('snapshot', (snapshot) => {
      this.snapshots++
      this.asking = false
      this.state = applySnapshot(this.state, snapshot, Date.now())
    })
    this.socket.on('events', (batch) => {
      const { state, gap } = applyEvents(this.state, batch, Date.now())
      this.state = state
      if (!gap) this.asking = false
      else {
        this.gaps++
        if (!this.asking) this.hello()
      }
    })
  }

  close(): void {
    this.socket.disconnect()
  }

  private hello(): void {
    this.asking = true
    const { ready, seq, rev } = this.state
    this.socket.emit('hello', ready ? { seq, rev } : {})
  }
}

const brief = (alarms: Iterable<Alarm>): string =>
  JSON.stringify([...alarms].map(({ id, state, count, lastAt }) => [id, state, count, lastAt]).sort())

export const DISPATCHER_PATH: Fault = {
  name: 'dispatcher',
  number: 12,
  about: 'a console that loses its connection again and again in a storm of alarms',
  run: (context) => {
    let steady: Console | undefined
    let shaky: Console | undefined
    let proxy: TcpProxy | undefined
    return underLoad(
      context,
      { size: STORM },
      {
        inject: async ({ system, token, load: { views } }) => {
          proxy = new TcpProxy(system.httpPort)
          await proxy.listen()
          steady = new Console(system.httpUrl, token)
          shaky = new Console(`http://127.0.0.1:${proxy.port}`, token)
          await eventually(
            async () => shaky?.state.ready,
            (ready) => ready === true,
            STEP_MS,
          )
          const first = await views.lastEventSeq()
          let cuts = 0
          for (const until = performance.now() + context.seconds * 2000; performance.now() < until; cuts++) {
            await sleep(CUT_EVERY_MS)
            proxy.cut()
          }
          return {
            injected: `the console’s connection was cut ${cuts} times`,
            events: (await views.lastEventSeq()) - first,
          }
        },
        after: async ({ ask, load: { views } }) => {
          const last = await views.lastEventSeq()
          const isThere = (one: Console | undefined): boolean => (one?.state.seq ?? 0) >= last
          await eventually(async () => isThere(steady) && isThere(shaky), Boolean, STEP_MS)
          const { items } = (await ask('/api/alarms?state=open&limit=1000')) as { items: readonly Alarm[] }
          const truth = brief(items)
          const figures = {
            connections: shaky?.connections,
            snapshots: shaky?.snapshots,
            gapsNoticed: shaky?.gaps,
            openAlarms: items.length,
            broken: promises({
              'the console that was cut off does not know the newest event': isThere(shaky),
              'the console that was cut off shows other alarms than the API':
                brief(shaky?.state.alarms.values() ?? []) === truth,
              'the console that was not cut off shows other alarms than the API':
                brief(steady?.state.alarms.values() ?? []) === truth,
            }),
          }
          steady?.close()
          shaky?.close()
          await proxy?.close()
          return figures
        },
      },
    )
  },
}
