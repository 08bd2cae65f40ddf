import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { hashPassword, hashSecret } from '../../store/identity.ts'
import { type LiveClient, next, type Rehearsal, rehearse } from '../rehearsal.ts'

const HOUR_MS = 3_600_000
const PASSWORD = 'correct horse battery'
/** Made once: scrypt is slow on purpose. */
const HASHED = hashPassword(PASSWORD)

let stage: Rehearsal
/** The dashboard's clock; moves only where a test moves it. */
let aheadMs = 0
let stoppedAt: number | undefined
beforeAll(async () => {
  stage = await rehearse({ now: () => stoppedAt ?? Date.now() + aheadMs })
})
afterAll(() => stage.end())
beforeEach(() => {
  aheadMs = 0
  stoppedAt = undefined
})

const clients: LiveClient[] = []
afterEach(() => {
  for (const client of clients.splice(0)) client.close()
})

const own = (cookie: string): Record<string, string> => ({ cookie, origin: stage.dashboard.url })
const codeOf = async (answer: Response): Promise<string> =>
  ((await answer.json()) as { error: { code: string } }).error.code
const hashOf = (cookie: string): Uint8Array => hashSecret(cookie.split('=')[1] ?? '')
const send = (method: string, path: string, headers: Record<string, string>, body?: unknown): Promise<Response> =>
  fetch(stage.dashboard.url + path, {
    method,
    redirect: 'manual',
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
const cookiesIn = (answer: Response): Record<string, string> =>
  Object.fromEntries(answer.headers.getSetCookie().map((one) => one.split(';')[0]?.split('=') ?? []))
const auditOf = async (actor: string): Promise<string[]> =>
  (await stage.stores.accounts.auditEntries({ actor, limit: 100 })).items.map((entry) => entry.action)

async function consoleOf(cookie: string): Promise<LiveClient> {
  const client = stage.connect({ headers: { cookie } })
  clients.push(client)
  const snapshot = next(client, 'snapshot')
  client.emit('hello', {})
  await snapshot
  return client
}
const addUser = async (name: string): Promise<void> =>
  stage.stores.accounts.addUser({
    name,
    role: 'dispatcher',
    passwordHash: await HASHED,
    createdAt: 0,
  })

describe('sessions', () => {
  test('a person sees where they are signed in and ends one session; its console closes, the others stay', async () => {
    const here = await stage.signIn('anna', 'dispatcher')
    const there = await stage.stores.accounts
    const lost = 'lost-phone'
    await there.addSession(hashSecret(lost), 'anna', Date.now(), Date.now() + HOUR_MS, {
      address: '203.0.113.9',
      agent: 'Phone',
      byLink: false,
    })
    const phone = await consoleOf(`hydrant=${lost}`)
    const desk = await consoleOf(here)
    const { items } = (await (await stage.get('/api/me/sessions', own(here))).json()) as {
      items: { id: string; current: boolean; address: string; agent: string }[]
    }
    expect(items).toHaveLength(2)
    expect(items.find((one) => one.current)?.address).toBe('127.0.0.1')
    const other = items.find((one) => !one.current)
    expect(other).toMatchObject({ address: '203.0.113.9', agent: 'Phone' })
    expect(JSON.stringify(items)).not.toContain(Buffer.from(hashSecret(lost)).toString('hex'))
    const bye = next(phone, 'bye')
    expect((await send('DELETE', `/api/me/sessions/${other?.id}`, own(here))).status).toBe(204)
    expect(await bye).toEqual({ code: 'session.revoked' })
    expect((await stage.get('/api/session', own(`hydrant=${lost}`))).status).toBe(401)
    expect(desk.connected).toBe(true)
    const stranger = await stage.signIn('bo', 'admin')
    const answer = await send('DELETE', `/api/me/sessions/${items[0]?.id}`, own(stranger))
    expect(await codeOf(answer)).toBe('session.unknown')
  })

  test('signing out everywhere closes every console of that person and of nobody else', async () => {
    const first = await stage.signIn('carl', 'viewer')
    const watcher = await consoleOf(await stage.signIn('dora', 'viewer'))
    const client = await consoleOf(first)
    const bye = next(client, 'bye')
    const answer = await send('DELETE', '/api/me/sessions', own(first))
    expect(answer.status).toBe(204)
    expect(answer.headers.getSetCookie().join()).toContain('hydrant=;')
    await bye
    expect((await stage.get('/api/session', own(first))).status).toBe(401)
    expect(watcher.connected).toBe(true)
    expect(await auditOf('carl')).toEqual(['session.end', 'session.open'])
  })

  test.each([
    ['removed', (name: string) => stage.stores.accounts.removeUser(name)],
    ['disabled', (name: string) => stage.stores.accounts.changeUser(name, { disabled: true }, { keepAdmin: false })],
    ['signed out', (name: string) => stage.stores.accounts.removeSessions(name)],
  ])('who is %s behind the dashboard’s back loses the console and every route', async (how, change) => {
    const name = `eva-${how}`
    const cookie = await stage.signIn(name, 'dispatcher')
    const client = await consoleOf(cookie)
    const bye = next(client, 'bye')
    const gone = new Promise((resolve) => client.once('disconnect', resolve))
    await change(name)
    expect(await codeOf(await stage.get('/api/session', own(cookie)))).toBe('session.ended')
    expect(await bye).toEqual({ code: 'session.revoked' })
    await gone
  })

  test('also when it was done at the command line, by another process', async () => {
    const cookie = await stage.signIn('egon', 'dispatcher')
    const client = await consoleOf(cookie)
    const bye = next(client, 'bye')
    const hydrant = join(import.meta.dirname, '..', '..', 'cli', 'hydrant.ts')
    await promisify(execFile)(process.execPath, [hydrant, 'user', 'disable', 'egon'], {
      env: { ...process.env, HYDRANT_DATA_DIR: stage.dataDir },
    })
    expect(await bye).toEqual({ code: 'session.revoked' })
    expect((await stage.get('/api/session', own(cookie))).status).toBe(401)
  })

  test('a removed token loses its socket too', async () => {
    const client = stage.connect({ token: await stage.token('grafana', 'viewer') })
    clients.push(client)
    await new Promise((resolve) => client.once('connect', () => resolve(undefined)))
    const bye = next(client, 'bye')
    await stage.stores.accounts.removeToken('grafana')
    expect(await bye).toEqual({ code: 'session.revoked' })
  })

  test('a changed role holds at once: for the next route, the next socket event, and on the screen', async () => {
    const alarm = await stage.raise('smoke-9', 'smoke')
    const cookie = await stage.signIn('fred', 'dispatcher')
    const client = await consoleOf(cookie)
    const told = next(client, 'session')
    await stage.stores.accounts.changeUser('fred', { role: 'viewer' }, { keepAdmin: false })
    const answer = await new Promise((resolve) =>
      client.emit('acknowledge', { alarmId: alarm.id, comment: '' }, resolve),
    )
    expect(answer).toMatchObject({ ok: false, code: 'right.missing' })
    expect((await send('POST', `/api/alarms/${alarm.id}/acknowledge`, own(cookie), {})).status).toBe(403)
    expect(await told).toMatchObject({ name: 'fred', role: 'viewer' })
    expect(client.connected).toBe(true)
  })

  test('a session that nobody used for a shift is over, also when the dashboard was restarted meanwhile', async () => {
    const cookie = await stage.signIn('gina', 'viewer')
    const busy = await stage.signIn('hugo', 'viewer')
    aheadMs = 11 * HOUR_MS
    expect((await stage.get('/api/session', own(busy))).status).toBe(200)
    await stage.restart()
    aheadMs = 13 * HOUR_MS
    expect(await codeOf(await stage.get('/api/session', own(cookie)))).toBe('session.ended')
    expect((await stage.get('/api/session', own(busy))).status).toBe(200)
  })

  test('an open console counts as use; after a week everybody signs in anew, and the console says so', async () => {
    const cookie = await stage.signIn('ines', 'viewer')
    const client = await consoleOf(cookie)
    const used = async (): Promise<number> =>
      (await stage.stores.accounts.sessions('ines', Date.now()))[0]?.lastUsedAt ?? 0
    aheadMs = 2 * HOUR_MS
    await expect.poll(used).toBeGreaterThan(Date.now() + HOUR_MS)
    const bye = next(client, 'bye')
    aheadMs = 169 * HOUR_MS
    expect(await bye).toEqual({ code: 'session.expired' })
  })

  test('signing in makes a new session each time: one that somebody planted is worth nothing', async () => {
    await addUser('jana')
    const planted = 'P'.repeat(43)
    const body = { name: 'jana', password: PASSWORD }
    const answer = await send('POST', '/api/session', own(`hydrant=${planted}`), body)
    expect(answer.status).toBe(200)
    const first = cookiesIn(answer).hydrant ?? ''
    expect(first).not.toBe(planted)
    expect((await stage.get('/api/session', own(`hydrant=${planted}`))).status).toBe(401)
    const again = await send('POST', '/api/session', own(`hydrant=${first}`), body)
    expect(cookiesIn(again).hydrant).not.toBe(first)
    expect((await stage.get('/api/session', own(`hydrant=${first}`))).status).toBe(401)
  })

  test('a link that somebody sends to a dispatcher does not put them into another session', async () => {
    const dispatcher = await stage.signIn('karl', 'dispatcher')
    const link = `/sign-in?token=${await stage.link('mallory', 'viewer')}`
    const answer = await stage.get(link, { cookie: dispatcher })
    expect(answer.status).toBe(409)
    expect(answer.headers.getSetCookie()).toEqual([])
    expect((await stage.get('/api/session', own(dispatcher))).status).toBe(200)
    expect((await stage.get(link)).status).toBe(303)
  })

  test('who forgot the password sets a new one after a link, once; a thief of the session cannot', async () => {
    await addUser('lena')
    const token = 'T'.repeat(43)
    await stage.stores.accounts.addLink(hashSecret(token), 'lena', Date.now() + HOUR_MS)
    const cookie = `hydrant=${cookiesIn(await stage.get(`/sign-in?token=${token}`)).hydrant}`
    expect((await send('POST', '/api/me/password', own(cookie), { password: 'a new long one' })).status).toBe(204)
    const second = await send('POST', '/api/me/password', own(cookie), { password: 'and another one' })
    expect(await codeOf(second)).toBe('password.wrong')
  })
})

test('whoever silences their bell is in the audit with what waited, once', async () => {
  const client = await consoleOf(await stage.signIn('moritz', 'viewer'))
  for (let i = 0; i < 3; i++) client.emit('muted', { alarmIds: ['a-1'], incidentIds: ['i-1'] })
  client.emit('muted', { alarmIds: 'x' } as never)
  await expect.poll(() => auditOf('moritz')).toContain('bell.mute')
  const { items } = await stage.stores.accounts.auditEntries({ action: 'bell.mute', limit: 10 })
  expect(items).toMatchObject([{ actor: 'moritz', target: 'i-1', detail: '{"waiting":["i-1","a-1"],"number":2}' }])
})

describe('administration', () => {
  test('an administrator adds a colleague, changes their role, disables and removes them; all of it is in the audit', async () => {
    const admin = own(await stage.signIn('root', 'admin'))
    const added = await send('POST', '/api/users', admin, { name: ' 李梅 ', role: 'viewer' })
    expect(added.status).toBe(201)
    const { path } = (await added.json()) as { path: string }
    const opened = await stage.get(path)
    const theirs = own(`hydrant=${cookiesIn(opened).hydrant}`)
    const users = async () =>
      ((await (await stage.get('/api/users', admin)).json()) as { items: { name: string }[] }).items
    expect((await users()).find((user) => user.name === '李梅')).toMatchObject({ role: 'viewer', sessions: 1 })
    const at = `/api/users/${encodeURIComponent('李梅')}`
    expect(await (await send('PATCH', at, admin, { role: 'care' })).json()).toMatchObject({ role: 'care' })
    expect(await (await stage.get('/api/session', theirs)).json()).toMatchObject({ role: 'care' })
    expect((await send('DELETE', `${at}/sessions`, admin)).status).toBe(204)
    expect((await stage.get('/api/session', theirs)).status).toBe(401)
    const link = (await (await send('POST', `${at}/link`, admin)).json()) as { path: string }
    expect((await send('PATCH', at, admin, { disabled: true })).status).toBe(200)
    expect((await stage.get(link.path)).status).toBe(410)
    expect(await codeOf(await send('POST', `${at}/link`, admin))).toBe('user.disabled')
    expect((await send('DELETE', at, admin)).status).toBe(204)
    expect((await auditOf('root')).toReversed()).toEqual([
      'session.open',
      'user.add',
      'user.role',
      'session.end',
      'user.link',
      'user.disable',
      'user.remove',
    ])
  })

  test('names that cannot be are refused in words, and nobody can take the last administrator away', async () => {
    const fresh = await rehearse()
    try {
      const cookie = await fresh.signIn('only', 'admin')
      const headers = { cookie, origin: fresh.dashboard.url, 'content-type': 'application/json' }
      const ask = (method: string, path: string, body?: unknown): Promise<Response> =>
        fetch(fresh.dashboard.url + path, { method, headers, body: JSON.stringify(body ?? {}) })
      for (const name of ['', '-x', 'a\u0000b', '\u202egnp', 'x'.repeat(65)])
        expect((await ask('POST', '/api/users', { name, role: 'viewer' })).status).toBe(400)
      expect((await ask('POST', '/api/users', { name: 'x', role: 'root' })).status).toBe(400)
      expect(await codeOf(await ask('POST', '/api/users', { name: 'only', role: 'admin' }))).toBe('user.exists')
      expect(await codeOf(await ask('PATCH', '/api/users/only', { role: 'viewer' }))).toBe('user.last-admin')
      expect(await codeOf(await ask('DELETE', '/api/users/only'))).toBe('user.last-admin')
      expect(await codeOf(await ask('PATCH', '/api/users/nobody', { role: 'viewer' }))).toBe('user.unknown')
      expect((await ask('PATCH', '/api/users/only', {})).status).toBe(400)
    } finally {
      await fresh.end()
    }
  })
})

describe('the sign-in', () => {
  const signIn = (headers: Record<string, string>, name: string, password: string): Promise<Response> =>
    stage.post('/api/session', { name, password }, headers)

  test('unknown, disabled, without a password and wrong are answered alike', async () => {
    await addUser('mona')
    await stage.stores.accounts.changeUser('mona', { disabled: true }, { keepAdmin: false })
    await stage.stores.accounts.addUser({ name: 'new', role: 'viewer', passwordHash: null, createdAt: 0 })
    const answers = await Promise.all(
      [
        ['mona', PASSWORD],
        ['new', ''.padEnd(12, 'x')],
        ['nobody', PASSWORD],
      ].map(async ([name = '', password = '']) => {
        const answer = await signIn({}, name, password)
        return { status: answer.status, body: await answer.text() }
      }),
    )
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(answers[0]?.status).toBe(401)
  })

  test('whoever fails for anna again and again is turned away; anna at her usual console is not', async () => {
    await addUser('nora')
    const first = await signIn({}, 'nora', PASSWORD)
    const { 'hydrant-device': device } = cookiesIn(first)
    stoppedAt = Date.now()
    for (let i = 0; i < 5; i++) expect((await signIn({}, 'nora', 'wrong')).status).toBe(401)
    const turnedAway = await signIn({}, 'nora', PASSWORD)
    expect(turnedAway.status).toBe(429)
    expect(Number(turnedAway.headers.get('retry-after'))).toBeGreaterThan(0)
    const usual = { cookie: `hydrant-device=${device}` }
    expect((await signIn(usual, 'nora', PASSWORD)).status).toBe(200)
    expect((await signIn({ cookie: 'hydrant-device=forged' }, 'nora', PASSWORD)).status).toBe(429)
    expect((await signIn(usual, 'somebody', 'x')).status).toBe(401)
  })

  test('refused sign-ins are in the audit, without what was typed into the wrong field', async () => {
    await addUser('olga')
    const wait = await rehearse()
    try {
      const { accounts } = wait.stores
      await accounts.addUser({ name: 'olga', role: 'viewer', passwordHash: null, createdAt: 0 })
      await wait.post('/api/session', { name: 'olga', password: 'nope' })
      await wait.post('/api/session', { name: 'my secret password', password: 'x' })
      const { items } = await accounts.auditEntries({ action: 'session.refused', limit: 10 })
      expect(items.map((entry) => entry.target)).toEqual(['', 'olga'])
      expect(JSON.stringify(items)).toContain('127.0.0.1')
      expect(JSON.stringify(items)).not.toContain('secret')
    } finally {
      await wait.end()
    }
  })

  test('a name typed on another keyboard is the same name', async () => {
    await addUser('zoé'.normalize('NFC'))
    expect((await signIn({}, ` ${'zoé'.normalize('NFD')} `, PASSWORD)).status).toBe(200)
  })
})

test('the hash of a session is what the state holds, never the cookie', async () => {
  const cookie = await stage.signIn('petra', 'viewer')
  expect(await stage.stores.accounts.session(hashOf(cookie), Date.now())).toMatchObject({ name: 'petra' })
  expect(await stage.stores.accounts.session(Buffer.from(cookie.split('=')[1] ?? ''), Date.now())).toBeUndefined()
})
