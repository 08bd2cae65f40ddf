import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Accounts } from './port.ts'
import { Bench, type StateUnderTest } from './state-under-test.ts'

/** What every store of accounts must hold. */
export function accountsSuite(name: string, make: () => StateUnderTest): void {
  const bench = new Bench(make)
  describe(`accounts (${name})`, () => {
    let accounts: Accounts
    const hash = (n: number): Uint8Array => new Uint8Array(32).fill(n)
    beforeEach(() => {
      accounts = bench.keep(bench.state.accounts())
    })
    afterEach(() => bench.clear())
    const add = (name: string): Promise<void> =>
      accounts.addUser({ name, role: 'dispatcher', passwordHash: null, createdAt: 1 })

    test('a user is added once and gets a password later', async () => {
      await add('李雷')
      await expect(add('李雷')).rejects.toMatchObject({ name: 'DuplicateName' })
      expect(await accounts.users()).toEqual([{ name: '李雷', role: 'dispatcher', hasPassword: false, createdAt: 1 }])
      await accounts.setPassword('李雷', 'scrypt$…')
      expect(await accounts.user('李雷')).toMatchObject({ hasPassword: true, passwordHash: 'scrypt$…' })
      expect(await accounts.user('nobody')).toBeUndefined()
      await expect(accounts.setPassword('nobody', 'x')).rejects.toThrow('nobody')
    })

    test('a sign-in link works once, and not after its time', async () => {
      await add('li')
      await accounts.addLink(hash(1), 'li', 1000)
      await accounts.addLink(hash(2), 'li', 1000)
      expect(await accounts.redeemLink(hash(9), 10)).toBeUndefined()
      expect(await accounts.redeemLink(hash(1), 999)).toBe('li')
      expect(await accounts.redeemLink(hash(1), 999)).toBeUndefined()
      expect(await accounts.redeemLink(hash(2), 1000)).toBeUndefined()
    })

    test('a session ends by signing out, by its time, and when the user is removed', async () => {
      await add('li')
      for (const n of [1, 2, 3]) await accounts.addSession(hash(n), 'li', 1, n === 2 ? 50 : 1000)
      expect(await accounts.session(hash(1), 10)).toMatchObject({ name: 'li', role: 'dispatcher', hasPassword: false })
      await accounts.removeSession(hash(1))
      expect(await accounts.session(hash(1), 10)).toBeUndefined()
      expect(await accounts.session(hash(2), 50)).toBeUndefined()
      await accounts.addLink(hash(4), 'li', 1000)
      expect(await accounts.removeUser('li')).toBe(true)
      expect(await accounts.removeUser('li')).toBe(false)
      expect(await accounts.session(hash(3), 10)).toBeUndefined()
      expect(await accounts.redeemLink(hash(4), 10)).toBeUndefined()
    })

    test('whoever changes a password is signed out everywhere else, and old links are dead', async () => {
      for (const name of ['li', 'wang']) await add(name)
      for (const n of [1, 2, 3]) await accounts.addSession(hash(n), n === 3 ? 'wang' : 'li', 1, 1000)
      for (const n of [4, 5]) await accounts.addLink(hash(n), n === 5 ? 'wang' : 'li', 1000)
      await accounts.removeSessions('li', hash(1))
      expect(await accounts.session(hash(1), 10)).toMatchObject({ name: 'li' })
      expect(await accounts.session(hash(2), 10)).toBeUndefined()
      expect(await accounts.session(hash(3), 10)).toMatchObject({ name: 'wang' })
      expect(await accounts.redeemLink(hash(4), 10)).toBeUndefined()
      expect(await accounts.redeemLink(hash(5), 10)).toBe('wang')
    })

    test('a token for the API is known by its hash until it is removed', async () => {
      const token = { name: 'grafana', role: 'viewer', tokenHash: hash(5), createdAt: 7 } as const
      await accounts.addToken(token)
      await expect(accounts.addToken({ ...token, tokenHash: hash(6) })).rejects.toMatchObject({ name: 'DuplicateName' })
      expect(await accounts.token(hash(5))).toEqual({ name: 'grafana', role: 'viewer' })
      expect(await accounts.token(hash(6))).toBeUndefined()
      expect(await accounts.tokens()).toEqual([{ name: 'grafana', role: 'viewer', createdAt: 7 }])
      expect(await accounts.removeToken('grafana')).toBe(true)
      expect(await accounts.removeToken('grafana')).toBe(false)
      expect(await accounts.token(hash(5))).toBeUndefined()
    })
  })
}
