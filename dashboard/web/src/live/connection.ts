import { io, type Socket } from 'socket.io-client'
import type { Session } from '../../../../contract/api.ts'
import type { ActionAnswer, ClientToServer, ServerToClient } from '../../../../contract/live.ts'
import {
  applyDevices,
  applyEvents,
  applyPulse,
  applySnapshot,
  type ConsoleState,
  EMPTY,
} from '../store/console-state.ts'
import type { Ring } from '../store/rings.ts'
import type { Store } from '../store/store.ts'

/** The pulse comes every 5 s; three missed ones are a dead line, long before TCP notices. */
const SILENCE_MS = 15_000
const CHECK_MS = 1000
/** An answer to something a person did, before the console says that it does not know. */
const ACTION_PATIENCE_MS = 8000

export type DeviceChanges = Parameters<ServerToClient['devices']>[0]['changes']

/** The socket: turns what the server says into changes of the store, and asks again for what was missed. */
export class Connection {
  private readonly socket: Socket<ServerToClient, ClientToServer>
  private readonly store: Store<ConsoleState>
  private readonly onChanges: (changes: DeviceChanges | 'all') => void
  private lastHeard = Date.now()
  /** How many parts of the screen show each device. */
  private readonly watching = new Map<string, number>()
  private asking = false

  constructor(store: Store<ConsoleState>, onChanges: (changes: DeviceChanges | 'all') => void) {
    this.store = store
    this.onChanges = onChanges
    this.socket = io({
      autoConnect: false,
      transports: ['websocket'],
      reconnectionDelay: 300,
      reconnectionDelayMax: 3000,
      randomizationFactor: 0.3,
    })
    this.listen()
    setInterval(() => this.checkSilence(), CHECK_MS)
  }

  start(): void {
    this.socket.connect()
  }

  stop(): void {
    this.socket.disconnect()
    this.store.update((state) => ({ ...EMPTY, session: null, places: state.places }))
  }

  watch(deviceId: string): void {
    const shown = this.watching.get(deviceId) ?? 0
    this.watching.set(deviceId, shown + 1)
    if (shown === 0 && this.socket.connected) this.socket.emit('watch', deviceId)
  }

  unwatch(deviceId: string): void {
    const shown = (this.watching.get(deviceId) ?? 1) - 1
    if (shown > 0) {
      this.watching.set(deviceId, shown)
      return
    }
    this.watching.delete(deviceId)
    if (this.socket.connected) this.socket.emit('unwatch', deviceId)
    this.store.update((state) => {
      const watched = new Map(state.watched)
      return watched.delete(deviceId) ? { ...state, watched } : state
    })
  }

  acknowledge(alarmId: string, comment: string): Promise<ActionAnswer> {
    return this.act((socket) => socket.emitWithAck('acknowledge', { alarmId, comment }))
  }

  comment(alarmId: string, comment: string): Promise<ActionAnswer> {
    return this.act((socket) => socket.emitWithAck('comment', { alarmId, comment }))
  }

  acknowledgeIncident(incidentId: string, comment: string): Promise<ActionAnswer> {
    return this.act((socket) => socket.emitWithAck('acknowledgeIncident', { incidentId, comment }))
  }

  /** For the audit and the other consoles; kept until the line is back, because it happened. */
  muted(rings: readonly Ring[]): void {
    this.socket.emit('muted', {
      alarmIds: rings.flatMap(({ alarm }) => (alarm === null ? [] : [alarm.id])),
      incidentIds: rings.flatMap(({ incident }) => (incident === null ? [] : [incident.id])),
    })
  }

  private async act(
    send: (socket: ReturnType<typeof this.socket.timeout>) => Promise<ActionAnswer>,
  ): Promise<ActionAnswer> {
    // Never queued for later: an acknowledgement that arrives after an hour means something else.
    if (!this.socket.connected) return { ok: false, code: 'offline', message: '' }
    try {
      return await send(this.socket.timeout(ACTION_PATIENCE_MS))
    } catch {
      return { ok: false, code: 'no-answer', message: '' }
    }
  }

  private hello(): void {
    const { ready, seq, rev } = this.store.get()
    this.asking = true
    this.socket.emit('hello', ready ? { seq, rev } : {})
    for (const id of this.watching.keys()) this.socket.emit('watch', id)
  }

  private listen(): void {
    const { socket, store } = this
    socket.on('connect', () => {
      this.lastHeard = Date.now()
      this.hello()
    })
    socket.on('disconnect', () => this.lost())
    socket.on('connect_error', (error) => {
      this.lost()
      // The server refuses the handshake of someone who is not signed in; whether so, the session route knows.
      if (socket.active) return
      void this.askSession(error)
    })
    socket.on('snapshot', (snapshot) => {
      this.heard()
      this.asking = false
      store.update((state) => applySnapshot(state, snapshot, Date.now()))
      this.onChanges('all')
    })
    socket.on('events', (batch) => {
      this.heard()
      let gap = false
      store.update((state) => {
        const applied = applyEvents(state, batch, Date.now())
        gap = applied.gap
        return applied.state
      })
      if (!gap) this.asking = false
      else if (!this.asking) this.hello()
    })
    socket.on('devices', (batch) => {
      this.heard()
      store.update((state) => applyDevices(state, batch, Date.now()))
      this.onChanges(batch.changes)
    })
    socket.on('device', (watched) => {
      this.heard()
      if (!this.watching.has(watched.id)) return
      store.update((state) => ({ ...state, watched: new Map(state.watched).set(watched.id, watched) }))
    })
    socket.on('pulse', (pulse) => {
      this.heard()
      store.update((state) => applyPulse(state, pulse, Date.now()))
    })
    socket.on('session', (session) => {
      this.heard()
      store.update((state) => ({ ...state, session }))
    })
    socket.on('bye', () => this.stop())
  }

  private heard(): void {
    this.lastHeard = Date.now()
  }

  private lost(): void {
    this.asking = false
    this.store.update((state) =>
      state.link === 'lost' ? state : { ...state, link: state.ready ? 'lost' : 'connecting' },
    )
  }

  private checkSilence(): void {
    if (!this.socket.connected || Date.now() - this.lastHeard < SILENCE_MS) return
    this.lost()
    // A line that looks alive but is dead: start a new one.
    this.lastHeard = Date.now()
    this.socket.disconnect().connect()
  }

  private async askSession(error: Error): Promise<void> {
    const response = await fetch('/api/session', { credentials: 'same-origin' }).catch(() => undefined)
    if (response?.status === 401) return this.stop()
    const session = response?.ok ? ((await response.json()) as Session) : undefined
    if (session === undefined) console.warn('live connection refused', error.message)
    setTimeout(() => this.socket.connect(), SILENCE_MS / 5)
  }
}
