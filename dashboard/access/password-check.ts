import { setTimeout as sleep } from 'node:timers/promises'
import { hashPassword, passwordMatches } from '../../store/identity.ts'
import type { Accounts } from '../../store/state/port.ts'
import { ApiError } from '../api/errors.ts'
import type { LoginThrottle } from './throttle.ts'

/** scrypt takes a quarter of a second of one core and 32 MiB: two at once leave the rest of the process its share. */
const AT_ONCE = 2
/** Checks that one address may have waiting, so that it cannot make everybody else wait. */
const PER_ADDRESS = 5

/** Checks a person's password, never faster for an unknown name, and slows guessing down. */
export class PasswordCheck {
  private readonly accounts: Pick<Accounts, 'user'>
  private readonly throttle: LoginThrottle
  private readonly now: () => number
  private readonly waitingOf = new Map<string, number>()
  private running = 0
  private readonly queue: (() => void)[] = []
  /** Of a password nobody has: what an unknown name is checked against. */
  private nobody: Promise<string> | undefined

  constructor(accounts: Pick<Accounts, 'user'>, throttle: LoginThrottle, now: () => number) {
    this.accounts = accounts
    this.throttle = throttle
    this.now = now
  }

  /** Resolves whether it is right; throws ApiError where the address has to wait. */
  async isRight(address: string, name: string, password: string): Promise<boolean> {
    const waitMs = this.throttle.waitMs(address, this.now())
    if (waitMs > 0) {
      const seconds = Math.ceil(waitMs / 1000)
      throw new ApiError('login.wait', `Too many wrong passwords from this address. Wait ${seconds} s.`, {
        headers: { 'retry-after': String(seconds) },
      })
    }
    const waiting = this.waitingOf.get(address) ?? 0
    if (waiting >= PER_ADDRESS) throw new ApiError('login.busy')
    this.waitingOf.set(address, waiting + 1)
    try {
      const delayMs = this.throttle.delayMs(name, this.now())
      if (delayMs > 0) await sleep(delayMs)
      const right = await this.compare(name, password)
      if (right) this.throttle.succeeded(address, name)
      else this.throttle.failed(address, name, this.now())
      return right
    } finally {
      const left = (this.waitingOf.get(address) ?? 1) - 1
      if (left === 0) this.waitingOf.delete(address)
      else this.waitingOf.set(address, left)
    }
  }

  private async compare(name: string, password: string): Promise<boolean> {
    if (this.running >= AT_ONCE) await new Promise<void>((resolve) => this.queue.push(resolve))
    this.running += 1
    try {
      const hash = (await this.accounts.user(name))?.passwordHash ?? null
      this.nobody ??= hashPassword('')
      const matches = await passwordMatches(password, hash ?? (await this.nobody))
      return matches && hash !== null
    } finally {
      this.running -= 1
      this.queue.shift()?.()
    }
  }
}
