import { MUTE_MS } from '../../../../contract/live.ts'
import type { ConsoleState } from '../store/console-state.ts'
import { notices, type Ring, ringing, type Urgency } from '../store/rings.ts'
import { createStore, immediately, type Store } from '../store/store.ts'
import { freshNotices, type Mute, shouldRing } from './ringing.ts'

export interface BellState {
  /** The person has clicked "enable sound" and the browser lets us. */
  readonly enabled: boolean
  readonly failed: boolean
  /** What it sounds now. */
  readonly ringing: Urgency | null
  readonly mute: Mute | null
}

/** Set for as long as the browser's tab lives. */
const ENABLED_BEFORE = 'hydrant.sound'

/** Pitches and paces that carry through a room without being shrill: Hz, one after the other, and seconds. */
interface Sound {
  readonly tones: readonly number[]
  readonly toneS: number
  /** Until it begins again, ms. */
  readonly restMs: number
  readonly loudness: number
}
const HIGH_HZ = 960
const LOW_HZ = 720
const CHIME_HZ = 520
const SOUNDS: Readonly<Record<Urgency | 'notice', Sound>> = {
  // a siren
  fire: { tones: [HIGH_HZ, LOW_HZ, HIGH_HZ, LOW_HZ], toneS: 0.28, restMs: 900, loudness: 0.35 },
  // two knocks
  'pre-alarm': { tones: [LOW_HZ, LOW_HZ], toneS: 0.2, restMs: 2600, loudness: 0.25 },
  // a chime
  notice: { tones: [CHIME_HZ], toneS: 0.4, restMs: 0, loudness: 0.12 },
}
const FADE_S = 0.015
const CHECK_MS = 500
/** Notices that have sounded; older ones are no news any more. */
const SOUNDED_KEPT = 500

/** Sounds made by the browser itself: no file to load when it matters. */
export class Bell {
  readonly store: Store<BellState> = createStore<BellState>(
    { enabled: false, failed: false, ringing: null, mute: null },
    immediately,
  )
  private readonly heard: Store<ConsoleState>
  private readonly onMuted: (rings: readonly Ring[]) => void
  private readonly sounded = new Set<string>()
  private context: AudioContext | undefined
  private lastCycle = 0

  /** @param onMuted told of what waited when a person silenced it; of nothing when it may sound again */
  constructor(heard: Store<ConsoleState>, onMuted: (rings: readonly Ring[]) => void) {
    this.heard = heard
    this.onMuted = onMuted
    if (sessionStorage.getItem(ENABLED_BEFORE) !== null) this.enableAgain()
    heard.onChange(() => this.look())
    setInterval(() => this.look(), CHECK_MS)
  }

  /** Must be called from a click: browsers stay silent else. */
  async enable(): Promise<void> {
    try {
      this.context ??= new AudioContext()
      await this.context.resume()
      sessionStorage.setItem(ENABLED_BEFORE, 'yes')
      this.store.update((state) => ({ ...state, enabled: true, failed: false }))
      this.tone(this.context.currentTime, LOW_HZ, SOUNDS['pre-alarm'])
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
    const waiting = ringing(this.heard.get())
    const rings = new Set(waiting.map(({ key }) => key))
    this.store.update((state) => ({ ...state, mute: { until: Date.now() + MUTE_MS, rings } }))
    if (waiting.length > 0) this.onMuted(waiting)
    this.look()
  }

  unmute(): void {
    this.store.update((state) => ({ ...state, mute: null }))
    this.onMuted([])
    this.look()
  }

  private look(): void {
    const state = this.heard.get()
    const waiting = ringing(state)
    const { mute, ringing: was } = this.store.get()
    const now = Date.now()
    const rings = shouldRing(
      waiting.map(({ key }) => key),
      mute,
      now,
    )
    // The browser or the sound device has taken the sound away: say so instead of ringing into the void.
    if (this.store.get().enabled && this.context?.state !== 'running')
      this.store.update((before) => ({ ...before, enabled: false }))
    const over = mute !== null && now >= mute.until
    const urgency = rings ? (waiting[0]?.urgency ?? null) : null
    if (urgency !== was || over)
      this.store.update((before) => ({ ...before, ringing: urgency, mute: over ? null : before.mute }))
    if (urgency !== null) this.ring(urgency, urgency !== was, now)
    this.chime(freshNotices(notices(state.incidents), this.sounded, now + state.skewMs))
  }

  /** @param anew a pre-alarm that becomes a fire does not wait for its turn */
  private ring(urgency: Urgency, anew: boolean, now: number): void {
    const { tones, toneS, restMs } = SOUNDS[urgency]
    if (!anew && now - this.lastCycle < tones.length * toneS * 1000 + restMs) return
    this.lastCycle = now
    this.sound(SOUNDS[urgency])
  }

  /** However many are new at once, they are one chime. */
  private chime(news: readonly string[]): void {
    if (news.length === 0) return
    for (const key of news) this.sounded.add(key)
    for (const key of this.sounded) {
      if (this.sounded.size <= SOUNDED_KEPT) break
      this.sounded.delete(key)
    }
    this.sound(SOUNDS.notice)
  }

  private sound(sound: Sound): void {
    if (!this.context || !this.store.get().enabled) return
    const start = this.context.currentTime
    for (const [i, hz] of sound.tones.entries()) this.tone(start + i * sound.toneS, hz, sound)
  }

  private tone(at: number, hz: number, { toneS, loudness }: Sound): void {
    if (!this.context) return
    const oscillator = this.context.createOscillator()
    const gain = this.context.createGain()
    oscillator.type = 'triangle'
    oscillator.frequency.value = hz
    gain.gain.setValueAtTime(0, at)
    gain.gain.linearRampToValueAtTime(loudness, at + FADE_S)
    gain.gain.setValueAtTime(loudness, at + toneS - FADE_S)
    gain.gain.linearRampToValueAtTime(0, at + toneS)
    oscillator.connect(gain).connect(this.context.destination)
    oscillator.start(at)
    oscillator.stop(at + toneS)
    oscillator.onended = () => {
      oscillator.disconnect()
      gain.disconnect()
    }
  }
}
