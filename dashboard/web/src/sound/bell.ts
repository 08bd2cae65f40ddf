import type { ConsoleState } from '../store/console-state.ts'
import { ringing } from '../store/queue.ts'
import { createStore, immediately, type Store } from '../store/store.ts'
import { MUTE_MS, type Mute, shouldRing } from './ringing.ts'

export interface BellState {
  /** The person has clicked "enable sound" and the browser lets us. */
  readonly enabled: boolean
  readonly failed: boolean
  readonly ringing: boolean
  readonly mute: Mute | null
}

/** Set for as long as the browser's tab lives. */
const ENABLED_BEFORE = 'hydrant.sound'

/** Two tones in turn, as a siren: pitch and pace that carry through a room without being shrill. Hz, seconds. */
const HIGH_HZ = 960
const LOW_HZ = 720
const TONE_S = 0.28
const TONES = 4
const REST_MS = 900
const CYCLE_MS = TONES * TONE_S * 1000 + REST_MS
const LOUDNESS = 0.35
const FADE_S = 0.015
const CHECK_MS = 500

/** Sounds made by the browser itself: no file to load when it matters. */
export class Bell {
  readonly store: Store<BellState> = createStore<BellState>(
    { enabled: false, failed: false, ringing: false, mute: null },
    immediately,
  )
  private readonly alarms: Store<ConsoleState>
  private readonly onMuted: (alarmIds: readonly string[]) => void
  private context: AudioContext | undefined
  private lastCycle = 0

  /** @param onMuted told of the alarms that waited when a person silenced them */
  constructor(alarms: Store<ConsoleState>, onMuted: (alarmIds: readonly string[]) => void) {
    this.alarms = alarms
    this.onMuted = onMuted
    if (sessionStorage.getItem(ENABLED_BEFORE) !== null) this.enableAgain()
    alarms.onChange(() => this.look())
    setInterval(() => this.look(), CHECK_MS)
  }

  /** Must be called from a click: browsers stay silent else. */
  async enable(): Promise<void> {
    try {
      this.context ??= new AudioContext()
      await this.context.resume()
      sessionStorage.setItem(ENABLED_BEFORE, 'yes')
      this.store.update((state) => ({ ...state, enabled: true, failed: false }))
      this.tone(this.context.currentTime, LOW_HZ)
      this.look()
    } catch {
      this.store.update((state) => ({ ...state, failed: true }))
    }
  }

  /** After a reload: at once where the browser allows it, else with the first click or key. */
  private enableAgain(): void {
    this.context = new AudioContext()
    const start = (): void => {
      document.removeEventListener('pointerdown', start)
      document.removeEventListener('keydown', start)
      if (!this.store.get().enabled) void this.enable()
    }
    if (this.context.state === 'running') {
      start()
      return
    }
    document.addEventListener('pointerdown', start)
    document.addEventListener('keydown', start)
  }

  mute(): void {
    const waiting = this.waiting()
    this.store.update((state) => ({ ...state, mute: { until: Date.now() + MUTE_MS, alarms: new Set(waiting) } }))
    if (waiting.length > 0) this.onMuted(waiting)
    this.look()
  }

  unmute(): void {
    this.store.update((state) => ({ ...state, mute: null }))
    this.look()
  }

  private waiting(): readonly string[] {
    return ringing(this.alarms.get().alarms).map((alarm) => alarm.id)
  }

  private look(): void {
    const waiting = this.waiting()
    const { mute, ringing: was } = this.store.get()
    const now = Date.now()
    const rings = shouldRing(waiting, mute, now)
    // The browser or the sound device has taken the sound away: say so instead of ringing into the void.
    if (this.store.get().enabled && this.context?.state !== 'running')
      this.store.update((state) => ({ ...state, enabled: false }))
    const over = mute !== null && now >= mute.until
    if (rings !== was || over)
      this.store.update((state) => ({ ...state, ringing: rings, mute: over ? null : state.mute }))
    if (rings && now - this.lastCycle >= CYCLE_MS) {
      this.lastCycle = now
      this.siren()
    }
  }

  private siren(): void {
    if (!this.context || !this.store.get().enabled) return
    const start = this.context.currentTime
    for (let i = 0; i < TONES; i++) this.tone(start + i * TONE_S, i % 2 === 0 ? HIGH_HZ : LOW_HZ)
  }

  private tone(at: number, hz: number): void {
    if (!this.context) return
    const oscillator = this.context.createOscillator()
    const gain = this.context.createGain()
    oscillator.type = 'triangle'
    oscillator.frequency.value = hz
    gain.gain.setValueAtTime(0, at)
    gain.gain.linearRampToValueAtTime(LOUDNESS, at + FADE_S)
    gain.gain.setValueAtTime(LOUDNESS, at + TONE_S - FADE_S)
    gain.gain.linearRampToValueAtTime(0, at + TONE_S)
    oscillator.connect(gain).connect(this.context.destination)
    oscillator.start(at)
    oscillator.stop(at + TONE_S)
    oscillator.onended = () => {
      oscillator.disconnect()
      gain.disconnect()
    }
  }
}
