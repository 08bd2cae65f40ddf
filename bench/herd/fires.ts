import { setTimeout as sleep } from 'node:timers/promises'
import { io, type Socket } from 'socket.io-client'
import type { ClientToServer, ServerToClient } from '../../contract/live.ts'
import type { System } from '../system.ts'
import { Device } from './device.ts'

/**
 * Smoke detectors that ring one after the other, and the live stream that a console sees. Every second one is connected
 * all the time; the others sleep, as detectors on a battery and a mobile network do, and connect when they have an alarm.
 */
export const fireId = (n: number): string => `herd-smoke-${String(n).padStart(4, '0')}`

/** One alarm. Times are ms since 1970 with fractions. */
export interface Fire {
  readonly id: string
  readonly sleeper: boolean
  readonly begunAt: number
  /** When the try to connect began that came through; undefined where it was connected. */
  triedAt: number | undefined
  seenAt: number | undefined
}

const TELEMETRY = 'v1/devices/me/telemetry'
const BURNS = '{"smoke":3.1,"alarm":true}'
const KEEP_ALIVE_S = 600
/** With an alarm to tell, a detector does not wait as a meter does. */
const PAUSES_MS = [100, 200] as const
const LAST_LIMIT_MS = 15_000
const LOOKS_EVERY_MS = 20

const now = (): number => performance.timeOrigin + performance.now()

export class Fires {
  private readonly system: System
  private readonly detectors: readonly Device[]
  private readonly byId = new Map<string, Fire>()
  private live: Socket<ServerToClient, ClientToServer> | undefined
  /** `alarm.raised` by device: more than one for a fire is a duplicate. */
  readonly raised = new Map<string, number>()
  private next = 0

  constructor(system: System, port: number, secret: string, count: number) {
    this.system = system
    this.detectors = Array.from(
      { length: count },
      (_, n) =>
        new Device({
          port,
          id: fireId(n),
          secret,
          keepAliveS: KEEP_ALIVE_S,
          reconnect: true,
          pauses: PAUSES_MS,
          on: { up: (device) => this.entered(device) },
        }),
    )
  }

  async begin(token: string): Promise<void> {
    const live: Socket<ServerToClient, ClientToServer> = io(this.system.httpUrl, {
      transports: ['websocket'],
      auth: { token },
    })
    this.live = live
    live.on('events', ({ events }) => {
      const at = now()
      for (const event of events) {
        if (event.type !== 'alarm.raised' || event.alarm.deviceId === null) continue
        const id = event.alarm.deviceId
        this.raised.set(id, (this.raised.get(id) ?? 0) + 1)
        const fire = this.byId.get(id)
        if (fire !== undefined) fire.seenAt ??= at
      }
    })
    await new Promise<void>((resolve, reject) => {
      live.once('connect_error', reject)
      live.once('snapshot', () => resolve())
      live.once('connect', () => live.emit('hello', {}))
    })
    const residents = this.detectors.filter((_, n) => !isSleeper(n))
    for (const detector of residents) detector.connect()
    while (residents.some((detector) => !detector.up)) await sleep(LOOKS_EVERY_MS)
  }

  /** One alarm every `everyMs` until `until` fires or every detector has rung; resolves when the last is seen. */
  async burn(everyMs: number, until: AbortSignal): Promise<readonly Fire[]> {
    const lit: Fire[] = []
    while (!until.aborted && this.next < this.detectors.length) {
      const n = this.next++
      const detector = this.detectors[n] as Device
      const fire: Fire = {
        id: detector.id,
        sleeper: isSleeper(n),
        begunAt: now(),
        triedAt: undefined,
        seenAt: undefined,
      }
      lit.push(fire)
      this.byId.set(detector.id, fire)
      detector.publish(TELEMETRY, BURNS)
      detector.hurry()
      await sleep(everyMs * (0.5 + Math.random()), undefined, { signal: until }).catch(() => undefined)
    }
    const giveUpAt = now() + LAST_LIMIT_MS
    while (lit.some((fire) => fire.seenAt === undefined) && now() < giveUpAt) await sleep(LOOKS_EVERY_MS)
    return lit
  }

  private entered({ id, triedAt }: Device): void {
    const fire = this.byId.get(id)
    if (fire !== undefined) fire.triedAt ??= triedAt
  }

  end(): void {
    this.live?.disconnect()
    for (const detector of this.detectors) detector.disconnect()
  }
}

const isSleeper = (n: number): boolean => n % 2 === 1
