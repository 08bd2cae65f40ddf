import { setTimeout as sleep } from 'node:timers/promises'
import { io, type Socket } from 'socket.io-client'
import type { HydrantEvent } from '../../contract/events.ts'
import type { ActionAnswer, ClientToServer, ServerToClient } from '../../contract/live.ts'
import { Device } from '../herd/device.ts'
import type { System } from '../system.ts'
import { memberId, memberIds, TELEMETRY } from './world.ts'

/** The people of the soak: a dispatcher who deals with an alarm every few seconds, a visitor who comes and goes, a program that asks. */

type Live = Socket<ServerToClient, ClientToServer>

const ALARM_EVERY_MS = 3000
/** A step of an alarm's life that is not seen after this long is missed. */
const STEP_LIMIT_MS = 15_000
const VISITOR_STAYS_MS = 20_000
const VISITOR_AWAY_MS = 2000
const ASK_EVERY_MS = 500
const KEEP_ALIVE_S = 600
const BURNS = '{"smoke":3.1,"alarm":true}'
const CLEAN = '{"smoke":0.1,"alarm":false}'

const now = (): number => performance.timeOrigin + performance.now()

export class Shift {
  private readonly system: System
  private readonly token: string
  private readonly detectors: readonly Device[]
  private readonly leave = new AbortController()
  private readonly work: Promise<unknown>[] = []
  private readonly waiting = new Map<string, (event: HydrantEvent) => void>()
  private taken: number[] = []
  /** Fires by detector: each is one alarm. */
  readonly fires = new Map<string, number>()
  /** Alarms whose life did not go on in time, and what it waited for. */
  readonly missed: string[] = []
  /** Events that the visitor did not get although they were numbered between what it got. */
  gaps = 0
  questions = 0
  readonly badAnswers = new Map<string, number>()

  constructor(system: System, token: string, secret: string) {
    this.system = system
    this.token = token
    this.detectors = memberIds('fire').map(
      (id) => new Device({ port: system.mqttPort, id, secret, keepAliveS: KEEP_ALIVE_S, reconnect: true }),
    )
  }

  async begin(): Promise<void> {
    for (const detector of this.detectors) detector.connect()
    const live = this.open()
    live.on('events', ({ events }) => {
      for (const event of events) this.heard(event)
    })
    await greeted(live)
    this.work.push(this.dealWithAlarms(live), this.visit(), this.ask())
  }

  /** Latencies from publish to the live stream since the last call, ms. */
  takeLatencies(): number[] {
    const { taken } = this
    this.taken = []
    return taken
  }

  /** Ends when the alarm in hand is over. */
  async end(): Promise<void> {
    this.leave.abort()
    await Promise.all(this.work)
    for (const detector of this.detectors) detector.disconnect()
  }

  private open(): Live {
    return io(this.system.httpUrl, { transports: ['websocket'], auth: { token: this.token } })
  }

  private pause(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: this.leave.signal }).then(
      () => undefined,
      () => undefined,
    )
  }

  private heard(event: HydrantEvent): void {
    if (!('alarm' in event)) return
    const key = `${event.type} ${event.alarm.deviceId}`
    this.waiting.get(key)?.(event)
    this.waiting.delete(key)
  }

  private next(type: HydrantEvent['type'], deviceId: string): Promise<HydrantEvent | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.missed.push(`${type} of ${deviceId}`)
        resolve(undefined)
      }, STEP_LIMIT_MS)
      this.waiting.set(`${type} ${deviceId}`, (event) => {
        clearTimeout(timer)
        resolve(event)
      })
    })
  }

  private async dealWithAlarms(live: Live): Promise<void> {
    for (let n = 0; !this.leave.signal.aborted; n++) {
      const detector = this.detectors[n % this.detectors.length] as Device
      const { id } = detector
      const raised = this.next('alarm.raised', id)
      this.fires.set(id, (this.fires.get(id) ?? 0) + 1)
      const begun = now()
      detector.publish(TELEMETRY, BURNS)
      const event = await raised
      if (event !== undefined && 'alarm' in event) {
        this.taken.push(now() - begun)
        const acknowledged = this.next('alarm.acknowledged', id)
        const answer = await new Promise<ActionAnswer>((resolve) =>
          live.emit('acknowledge', { alarmId: event.alarm.id, comment: n % 2 === 0 ? '' : '已派人查看' }, resolve),
        )
        if (!answer.ok) this.missed.push(`acknowledge of ${id}: ${answer.code}`)
        await acknowledged
      }
      const cleared = this.next('alarm.cleared', id)
      detector.publish(TELEMETRY, CLEAN)
      await cleared
      await this.pause(ALARM_EVERY_MS)
    }
    live.disconnect()
  }

  /** A browser that is closed and opened again: it says what it has and must get every event once. */
  private async visit(): Promise<void> {
    let seq: number | undefined
    let rev: number | undefined
    while (!this.leave.signal.aborted) {
      const live = this.open()
      live.on('snapshot', (snapshot) => {
        seq = snapshot.seq
        rev = snapshot.rev
      })
      live.on('events', ({ from, to, events }) => {
        if (seq !== undefined && from > seq) this.gaps += 1
        seq = Math.max(seq ?? 0, to, events.at(-1)?.seq ?? 0)
      })
      live.on('devices', (batch) => {
        rev = batch.rev
      })
      live.on('connect', () => {
        live.emit('hello', { ...(seq !== undefined && { seq }), ...(rev !== undefined && { rev }) })
        live.emit('watch', memberId('pressure', 0))
      })
      await this.pause(VISITOR_STAYS_MS)
      live.disconnect()
      await this.pause(VISITOR_AWAY_MS)
    }
  }

  private async ask(): Promise<void> {
    const headers = { authorization: `Bearer ${this.token}` }
    for (let n = 0; !this.leave.signal.aborted; n++) {
      const device = memberId('meter', n % 100)
      const year = `from=${Date.UTC(2015, 0, 1)}&to=${Date.UTC(2015, 11, 31)}`
      const paths = [
        '/api/alarms?state=all&limit=50',
        '/api/devices?limit=100',
        `/api/devices/${device}`,
        `/api/devices/${device}/readings?${year}&limit=1000`,
        '/api/summary',
        '/api/events?after=0&limit=200',
        `/api/search?q=${device}`,
        '/api/quarantine?limit=20',
        '/api/rejections',
        '/metrics',
        '/readyz',
        '/tiles/0/0/0.mvt',
      ]
      const path = paths[n % paths.length] as string
      this.questions += 1
      try {
        const answer = await fetch(`${this.system.httpUrl}${path}`, { headers })
        await answer.arrayBuffer()
        if (!answer.ok) this.bad(`${answer.status} ${path.split('?')[0]}`)
      } catch (error) {
        this.bad((error as Error).message)
      }
      await this.pause(ASK_EVERY_MS)
    }
  }

  private bad(what: string): void {
    this.badAnswers.set(what, (this.badAnswers.get(what) ?? 0) + 1)
  }
}

function greeted(live: Live): Promise<void> {
  return new Promise((resolve, reject) => {
    live.once('connect_error', reject)
    live.once('snapshot', () => resolve())
    live.on('connect', () => live.emit('hello', {}))
  })
}
