import { setTimeout as sleep } from 'node:timers/promises'

/** The clock of a world that begins in the past: it runs faster until it has caught up with ours, and never ahead of it. */
export interface WorldClock {
  now(): number
  /** Sleeps towards `at`, for a second at most, or until `stop` is aborted. */
  towards(at: number, stop: AbortSignal): Promise<void>
  /** It shows our own time. */
  isPresent(): boolean
}

/** Longest sleep: our clock may be set meanwhile, and the world may catch up with it. */
const LONGEST_MS = 1000

export function worldClock(from: number, speed: number): WorldClock {
  const began = Date.now()
  const played = (wall: number): number => (Number.isFinite(speed) ? from + (wall - began) * speed : wall)
  const now = (): number => {
    const wall = Date.now()
    return Math.min(wall, played(wall))
  }
  const isPresent = (): boolean => {
    const wall = Date.now()
    return played(wall) >= wall
  }
  return {
    now,
    isPresent,
    towards: async (at, stop) => {
      const ahead = at - now()
      const wait = isPresent() ? ahead : ahead / speed
      await sleep(Math.min(LONGEST_MS, Math.ceil(wait)), undefined, { signal: stop }).catch(() => undefined)
    },
  }
}
