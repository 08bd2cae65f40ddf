/** Wrong passwords in a row from one address before it has to wait. */
const FREE_TRIES = 5
const FIRST_WAIT_MS = 1000
const LONGEST_WAIT_MS = 5 * 60_000
/** An address or name that has been quiet for this long starts afresh. */
const FORGET_MS = 30 * 60_000
/** What a wrong password for a name costs the next try for the same name, from wherever. */
const FIRST_DELAY_MS = 100
const LONGEST_DELAY_MS = 1000
/** Addresses and names remembered; the oldest is forgotten first, so that an attack cannot fill the memory. */
const REMEMBERED = 10_000

interface Failures {
  count: number
  lastAt: number
}

/**
 * Slows down guessing without giving anybody a way to lock a dispatcher out. An *address* that keeps failing is turned
 * away for a growing time. A *name* that is being guessed from many addresses is only answered more slowly, at most by a
 * second: the right password from another address always gets in.
 */
export class LoginThrottle {
  private readonly byAddress = new Map<string, Failures>()
  private readonly byName = new Map<string, Failures>()

  /** How long this address has to wait before it may try again, ms; 0: now. */
  waitMs(address: string, now: number): number {
    const failures = recent(this.byAddress, address, now)
    if (failures === undefined || failures.count < FREE_TRIES) return 0
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures.count - FREE_TRIES))
    return Math.max(0, failures.lastAt + wait - now)
  }

  /** How long the answer to a try for this name is held back, ms. */
  delayMs(name: string, now: number): number {
    const failures = recent(this.byName, name, now)
    if (failures === undefined) return 0
    return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures.count - 1))
  }

  failed(address: string, name: string, now: number): void {
    remember(this.byAddress, address, now)
    remember(this.byName, name, now)
  }

  succeeded(address: string, name: string): void {
    this.byAddress.delete(address)
    this.byName.delete(name)
  }
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
