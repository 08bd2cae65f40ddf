/** Where a try comes from. `device`: a browser that this person has signed in with before, which has its own lane. */
export interface Lane {
  readonly key: string
  readonly known: boolean
}

/** Wrong passwords in a row for one name from one lane before it has to wait. */
const FREE_TRIES = 5
/** Wrong passwords from one address for whatever names: somebody tries one password on everybody. */
const FREE_TRIES_ANY_NAME = 50
const FIRST_WAIT_MS = 1000
const LONGEST_WAIT_MS = 5 * 60_000
/** An address or name that has been quiet for this long starts afresh. */
const FORGET_MS = 30 * 60_000
/** What a wrong password for a name costs the next try for the same name, from wherever. */
const FIRST_DELAY_MS = 100
const LONGEST_DELAY_MS = 1000
/** Lanes and names remembered; the oldest is forgotten first, so that an attack cannot fill the memory. */
const REMEMBERED = 10_000

interface Failures {
  count: number
  lastAt: number
}

/**
 * Slows down guessing without giving anybody a way to lock a dispatcher out. Who fails is turned away for a growing time
 * *from where they failed*: the name at that address, and the address when it tries many names. A *name* that is being
 * guessed from many addresses is only answered more slowly, at most by a second. A browser that the person has used
 * before shares none of this with anybody: ten thousand failures from elsewhere, or from the next desk, do not touch it.
 */
export class LoginThrottle {
  private readonly byLaneAndName = new Map<string, Failures>()
  private readonly byLane = new Map<string, Failures>()
  private readonly byName = new Map<string, Failures>()

  /** How long this lane has to wait before it may try this name again, ms; 0: now. */
  waitMs(lane: Lane, name: string, now: number): number {
    const forName = waitOf(recent(this.byLaneAndName, pair(lane, name), now), FREE_TRIES, now)
    if (lane.known) return forName
    return Math.max(forName, waitOf(recent(this.byLane, lane.key, now), FREE_TRIES_ANY_NAME, now))
  }

  /** How long the answer to a try for this name is held back, ms. */
  delayMs(lane: Lane, name: string, now: number): number {
    const failures = lane.known ? undefined : recent(this.byName, name, now)
    if (failures === undefined) return 0
    return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures.count - 1))
  }

  failed(lane: Lane, name: string, now: number): void {
    remember(this.byLaneAndName, pair(lane, name), now)
    if (lane.known) return
    remember(this.byLane, lane.key, now)
    remember(this.byName, name, now)
  }

  /** What others did to this name stays: only the person's own slate is wiped. */
  succeeded(lane: Lane, name: string): void {
    this.byLaneAndName.delete(pair(lane, name))
  }

  /** Entries held, for the proof that it stays bounded. */
  get size(): number {
    return this.byLaneAndName.size + this.byLane.size + this.byName.size
  }
}

const pair = (lane: Lane, name: string): string => `${lane.key}\n${name}`

function waitOf(failures: Failures | undefined, free: number, now: number): number {
  if (failures === undefined || failures.count < free) return 0
  const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures.count - free))
  // A clock that was set back must not make it longer.
  return Math.min(wait, Math.max(0, failures.lastAt + wait - now))
}

function recent(map: Map<string, Failures>, key: string, now: number): Failures | undefined {
  const failures = map.get(key)
  if (failures === undefined || now - failures.lastAt <= FORGET_MS) return failures
  map.delete(key)
  return undefined
}

function remember(map: Map<string, Failures>, key: string, now: number): void {
  const count = (recent(map, key, now)?.count ?? 0) + 1
  map.delete(key)
  map.set(key, { count, lastAt: now })
  if (map.size > REMEMBERED) {
    const oldest = map.keys().next().value
    if (oldest !== undefined) map.delete(oldest)
  }
}
