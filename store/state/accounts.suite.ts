import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Accounts } from './accounts-port.ts'
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
      expect(await accounts.users()).toEqual([
        { name: '李雷', role: 'dispatcher', hasPassword: false, disabled: false, createdAt: 1 },
      ])
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

    test('what a person sees of their sessions tells them apart, and one can be ended without the others', async () => {
      for (const name of ['li', 'wang']) await add(name)
      const origin = { address: '10.0.0.7', agent: 'Firefox', byLink: true }
      await accounts.addSession(hash(1), 'li', 10, 1000, origin)
      await accounts.addSession(hash(2), 'li', 20, 1000)
      await accounts.addSession(hash(3), 'wang', 20, 1000)
      const known = { userName: 'li', createdAt: 10, lastUsedAt: 10, expiresAt: 1000, ...origin }
      expect((await accounts.session(hash(1), 30))?.session).toMatchObject(known)
      await accounts.touchSessions([hash(1)], 30, '10.0.0.8')
      const mine = await accounts.sessions('li', 40)
      expect(mine.map(({ lastUsedAt, address }) => [lastUsedAt, address])).toEqual([
        [30, '10.0.0.8'],
        [20, ''],
      ])
      const id = mine[1]?.id ?? ''
      expect(await accounts.endSession('wang', id)).toBe(false)
      expect(await accounts.endSession('li', id)).toBe(true)
      expect(await accounts.session(hash(2), 40)).toBeUndefined()
      expect(await accounts.session(hash(1), 40)).toBeDefined()
    })

    test('setting a password makes a session that came by a link an ordinary one', async () => {
      await add('li')
      await accounts.addSession(hash(1), 'li', 1, 1000, { address: '', agent: '', byLink: true })
      await accounts.setPassword('li', 'scrypt$…')
      expect((await accounts.session(hash(1), 10))?.session.byLink).toBe(false)
    })

    test('a disabled user is out at once and stays out until enabled, with nothing of before', async () => {
      await add('li')
      await accounts.addSession(hash(1), 'li', 1, 1000)
      await accounts.addLink(hash(2), 'li', 1000)
      await accounts.addKnownDevice(hash(3), 'li', 5)
      expect(await accounts.changeUser('li', { disabled: true }, { keepAdmin: false })).toBe(true)
      await accounts.addSession(hash(4), 'li', 1, 1000)
      await accounts.addLink(hash(5), 'li', 1000)
      for (const n of [1, 4]) expect(await accounts.session(hash(n), 10)).toBeUndefined()
      expect(await accounts.linkOwner(hash(5), 10)).toBeUndefined()
      for (const n of [2, 5]) expect(await accounts.redeemLink(hash(n), 10)).toBeUndefined()
      expect(await accounts.isKnownDevice(hash(3), 0, 'li')).toBe(false)
      await accounts.changeUser('li', { disabled: false, role: 'water' }, { keepAdmin: false })
      expect(await accounts.user('li')).toMatchObject({ disabled: false, role: 'water' })
      expect(await accounts.changeUser('nobody', { disabled: true }, { keepAdmin: false })).toBe(false)
    })

    test('the last administrator cannot be taken away from the console', async () => {
      await accounts.addUser({ name: 'root', role: 'admin', passwordHash: null, createdAt: 1 })
      const keep = { keepAdmin: true }
      await expect(accounts.changeUser('root', { role: 'viewer' }, keep)).rejects.toMatchObject({ name: 'LastAdmin' })
      await expect(accounts.changeUser('root', { disabled: true }, keep)).rejects.toMatchObject({ name: 'LastAdmin' })
      await expect(accounts.removeUser('root', keep)).rejects.toMatchObject({ name: 'LastAdmin' })
      expect(await accounts.user('root')).toMatchObject({ role: 'admin', disabled: false })
      await accounts.addUser({ name: 'second', role: 'admin', passwordHash: null, createdAt: 1 })
      expect(await accounts.changeUser('root', { role: 'viewer' }, keep)).toBe(true)
    })

    test('whatever takes rights away is noticed by whoever asks for the revision; signing in is not', async () => {
      const other = bench.keep(bench.state.accounts())
      await add('li')
      const token = { name: 'grafana', role: 'viewer', tokenHash: hash(9), createdAt: 7 } as const
      await accounts.addToken(token)
      const still = await other.accessRevision()
      for (const n of [1, 2, 3]) await accounts.addSession(hash(n), 'li', 1, 1000)
      await accounts.touchSessions([hash(1)], 5)
      expect(await other.accessRevision()).toBe(still)
      let last = still
      for (const change of [
        () => accounts.removeSession(hash(1)),
        () => accounts.removeSessions('li', hash(2)),
        () => accounts.changeUser('li', { role: 'viewer' }, { keepAdmin: false }),
        () => accounts.changeUser('li', { disabled: true }, { keepAdmin: false }),
        () => accounts.setPassword('li', 'x'),
        () => accounts.removeUser('li'),
        () => accounts.removeToken('grafana'),
      ]) {
        await change()
        const now = await other.accessRevision()
        expect(now, String(change)).toBeGreaterThan(last)
        last = now
      }
    })

    test('a browser that was used before is known as that person’s, for a time, and only the newest ten are', async () => {
      await add('li')
      for (let n = 1; n <= 12; n++) await accounts.addKnownDevice(hash(n), 'li', n)
      await accounts.addKnownDevice(hash(12), 'wang', 20)
      expect(await accounts.isKnownDevice(hash(12), 0, 'li')).toBe(true)
      expect(await accounts.isKnownDevice(hash(12), 0, 'wang')).toBe(true)
      expect(await accounts.isKnownDevice(hash(11), 0, 'wang')).toBe(false)
      expect(await accounts.isKnownDevice(hash(3), 0, 'li')).toBe(true)
      expect(await accounts.isKnownDevice(hash(3), 0)).toBe(true)
      expect(await accounts.isKnownDevice(hash(99), 0)).toBe(false)
      expect(await accounts.isKnownDevice(hash(3), 3, 'li')).toBe(false)
      expect(await accounts.isKnownDevice(hash(2), 0, 'li')).toBe(false)
    })

    test('a person’s hundred and first session ends the one that was not used for longest', async () => {
      await add('li')
      for (let n = 1; n <= 101; n++) await accounts.addSession(hash(n), 'li', n, 1000)
      expect(await accounts.session(hash(1), 500)).toBeUndefined()
      expect(await accounts.sessions('li', 500)).toHaveLength(100)
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
