import { setTimeout as sleep } from 'node:timers/promises'
import { hashPassword, passwordMatches } from '../../store/identity.ts'
import type { Accounts } from '../../store/state/accounts-port.ts'
import { ApiError } from '../api/errors.ts'
import { FairQueue } from './fair-queue.ts'
import type { Lane, LoginThrottle } from './throttle.ts'

/** scrypt takes a quarter of a second of one core and 32 MiB: two at once leave the rest of the process its share. */
const AT_ONCE = 2
/** Checks that one lane may have waiting, so that it cannot make everybody else wait. */
const PER_LANE = 5
/** Checks that may wait in all, known browsers not counted: the memory of an attack from everywhere. */
const WAITING_STRANGERS = 500

/** Checks a person's password, never faster for an unknown name, and slows guessing down. */
export class PasswordCheck {
  private readonly accounts: Pick<Accounts, 'user'>
  private readonly throttle: LoginThrottle
  private readonly now: () => number
  private readonly waitingIn = new Map<string, number>()
  private strangers = 0
  private readonly queue = new FairQueue(AT_ONCE)
  /** Of a password nobody has: what an unknown name is checked against. */
  private nobody: Promise<string> | undefined

  constructor(accounts: Pick<Accounts, 'user'>, throttle: LoginThrottle, now: () => number) {
    this.accounts = accounts
    this.throttle = throttle
    this.now = now
  }

  /** Resolves whether it is right; throws ApiError where the lane has to wait. */
  async isRight(lane: Lane, name: string, password: string): Promise<boolean> {
    const waitMs = this.throttle.waitMs(lane, name, this.now())
    if (waitMs > 0) {
      const seconds = Math.ceil(waitMs / 1000)
      throw new ApiError('login.wait', `Too many wrong passwords from here. Wait ${seconds} s.`, {
        headers: { 'retry-after': String(seconds) },
      })
    }
    return this.inLane(lane, async () => {
      const delayMs = this.throttle.delayMs(lane, name, this.now())
      if (delayMs > 0) await sleep(delayMs)
      const right = await this.queue.run(lane, () => this.compare(name, password))
      if (right) this.throttle.succeeded(lane, name)
      else this.throttle.failed(lane, name, this.now())
      return right
    })
  }

  /** A password as it is stored; takes its turn like a check. */
  hash(lane: Lane, password: string): Promise<string> {
    return this.inLane(lane, () => this.queue.run(lane, () => hashPassword(password)))
  }

  private async inLane<T>(lane: Lane, work: () => Promise<T>): Promise<T> {
    const waiting = this.waitingIn.get(lane.key) ?? 0
    if (waiting >= PER_LANE || (!lane.known && this.strangers >= WAITING_STRANGERS)) throw new ApiError('login.busy')
    this.waitingIn.set(lane.key, waiting + 1)
    if (!lane.known) this.strangers += 1
    try {
      return await work()
    } finally {
      if (!lane.known) this.strangers -= 1
      const left = (this.waitingIn.get(lane.key) ?? 1) - 1
      if (left === 0) this.waitingIn.delete(lane.key)
      else this.waitingIn.set(lane.key, left)
    }
  }

  private async compare(name: string, password: string): Promise<boolean> {
    const user = await this.accounts.user(name)
    this.nobody ??= hashPassword('')
    const matches = await passwordMatches(password, user?.passwordHash ?? (await this.nobody))
    // Asked again: who was disabled while the hash was computed stays out.
    const now = await this.accounts.user(name)
    return matches && user?.passwordHash != null && now?.disabled === false && now.passwordHash === user.passwordHash
  }
}
