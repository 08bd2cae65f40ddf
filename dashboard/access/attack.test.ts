import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Alarm } from '../../contract/alarms.ts'
import { type LiveClient, next, type Rehearsal, rehearse } from '../rehearsal.ts'

/** What somebody tries who is not one of us, or is one and wants more. */

let stage: Rehearsal
let cookie: string
let port: number
/** The dashboard's clock stands still at this time, where a test needs it. */
let stoppedAt: number | undefined
beforeAll(async () => {
  stage = await rehearse({ patienceMs: 50, now: () => stoppedAt ?? Date.now() })
  await stage.addDevices({ id: 'smoke-1', kind: 'smoke-detector' })
  await stage.restart()
  cookie = await stage.signIn('victim', 'admin')
  port = Number(new URL(stage.dashboard.url).port)
})
afterAll(() => stage.end())

const codeOf = async (answer: Response): Promise<string> =>
  ((await answer.json()) as { error: { code: string } }).error.code

/** A request written by hand: `fetch` tidies addresses and headers up. */
function raw(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body = '',
): Promise<{ status: number; headers: Record<string, unknown>; text: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }))
    })
    request.on('error', reject)
    request.end(body)
  })
}

describe('from another site’s page', () => {
  const TYPES = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', '']

  let alarm: Alarm
  beforeAll(async () => {
    alarm = await stage.raise('smoke-1', 'smoke')
  })

  test.each(TYPES)('a form of type "%s" changes nothing', async (type) => {
    const body = '{"comment":"x"}'
    for (const origin of [
      'https://evil.example',
      'null',
      `http://127.0.0.1:${port + 1}`,
      'http://127.0.0.1.evil.example',
    ]) {
      const headers = { cookie, origin, host: `127.0.0.1:${port}`, ...(type === '' ? {} : { 'content-type': type }) }
      const { status, text } = await raw('POST', `/api/alarms/${alarm.id}/acknowledge`, headers, body)
      expect(status).toBe(403)
      expect(text).toContain('origin.foreign')
    }
    expect((await stage.stores.views.alarm(alarm.id))?.state).toBe('ACTIVE_UNACK')
  })

  test('nobody is signed in as somebody else, however the address is written', async () => {
    const headers = { origin: 'https://evil.example', 'content-type': 'application/json' }
    for (const path of [
      '/api/session',
      '/%61pi/session',
      '/api/%73ession',
      '/api//session',
      '/./api/session',
      '/api/session/',
      '/API/session',
    ]) {
      const { status, headers: answered } = await raw('POST', path, headers, '{"name":"x","password":"y"}')
      expect([403, 404]).toContain(status)
      expect(answered['set-cookie']).toBeUndefined()
    }
  })

  test.each(['polling', 'websocket'] as const)('no live connection over %s', async (transport) => {
    const client = io(stage.dashboard.url, {
      transports: [transport],
      reconnection: false,
      forceNew: true,
      extraHeaders: { cookie, origin: 'https://evil.example' },
    })
    await new Promise((resolve, reject) => {
      client.once('connect_error', resolve)
      client.once('connect', reject)
    })
    client.close()
  })

  test('an own polling connection cannot be spoken into by another site either', async () => {
    const own = { cookie, origin: stage.dashboard.url }
    const opened = await raw('GET', '/socket.io/?EIO=4&transport=polling', own)
    expect(opened.status).toBe(200)
    expect(opened.headers['cache-control']).toBe('no-store')
    expect(opened.headers['access-control-allow-origin']).toBeUndefined()
    const { sid } = JSON.parse(opened.text.slice(1)) as { sid: string }
    const at = `/socket.io/?EIO=4&transport=polling&sid=${sid}`
    const foreign = { ...own, origin: 'https://evil.example' }
    expect((await raw('POST', at, foreign, '40')).status).toBe(400)
    expect((await raw('GET', at, foreign)).status).toBe(400)
    expect((await raw('POST', at, own, '40')).status).toBe(200)
  })
})

describe('with a cookie or an address that is not what it says', () => {
  test('forged, doubled and overlong cookies open nothing', async () => {
    const real = cookie.split('=')[1] ?? ''
    for (const forged of [
      'hydrant=',
      'hydrant=%00',
      `hydrant=${real.slice(0, -1)}`,
      `hydrant=${real}x`,
      `hydrant=${'A'.repeat(4000)}`,
      `hydrant.sid=${real}`,
      `__proto__=${real}`,
      `hydrant=j%3A%7B%7D`,
    ])
      expect((await raw('GET', '/api/session', { cookie: forged })).status).toBe(401)
    for (const authorization of ['Bearer', 'Bearer null', `Basic ${real}`, `Bearer ${real}`, 'Bearer ../../etc/passwd'])
      expect((await raw('GET', '/api/session', { authorization, cookie })).status).toBe(401)
  })

  test('nobody’s word about their own address is believed without a trusted proxy', async () => {
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ name: 'x', password: 'y' })
    const codes: number[] = []
    stoppedAt = Date.now()
    for (let i = 0; i < 7; i++)
      codes.push(
        (
          await raw(
            'POST',
            '/api/session',
            { ...headers, 'x-forwarded-for': `203.0.113.${i}`, forwarded: `for=203.0.113.${i}` },
            body,
          )
        ).status,
      )
    expect(codes).toEqual([401, 401, 401, 401, 401, 429, 429])
    stoppedAt = undefined
    const fresh = await stage.signIn('proxied', 'viewer')
    await raw('GET', '/api/session', { cookie: fresh, 'x-forwarded-for': '203.0.113.9' })
    expect((await stage.stores.accounts.sessions('proxied', Date.now()))[0]?.address).toBe('127.0.0.1')
  })

  test('no file outside the console, and no page of the API, by any spelling of its address', async () => {
    for (const path of [
      '/../package.json',
      '/..%2f..%2fpackage.json',
      '/%2e%2e/%2e%2e/package.json',
      '/assets/..%5c..%5c..%5cpackage.json',
      '/docs/static/..%2f..%2f..%2fpackage.json',
      '//api/alarms',
      '/api/alarms%00',
      '/api/alarms;x',
      '/%61pi/alarms',
      '/api/%2e%2e/api/alarms',
      '/api/alarms/%2e%2e/users',
    ]) {
      const { status, text } = await raw('GET', path)
      expect(`${path} ${status >= 400}`).toBe(`${path} true`)
      expect(text).not.toContain('"dependencies"')
      expect(text).not.toContain('"items"')
    }
    const spelled = await raw('GET', '/%61pi/session', { cookie })
    expect([spelled.status, spelled.headers['cache-control']]).toEqual([200, 'no-store'])
  })
})

describe('with too much', () => {
  const own = (): Record<string, string> => ({
    cookie,
    origin: stage.dashboard.url,
    'content-type': 'application/json',
  })

  test('a body that is too large, too deep or poisoned is refused, and the process is none the worse', async () => {
    expect((await raw('POST', '/api/users', own(), JSON.stringify({ name: 'x'.repeat(70_000) }))).status).toBe(413)
    const deep = '['.repeat(20_000) + ']'.repeat(20_000)
    expect((await raw('POST', '/api/users', own(), deep)).status).toBe(400)
    for (const body of [
      '{"name":"poison","role":"viewer","__proto__":{"role":"admin"}}',
      '{"name":"poison","role":"viewer","constructor":{"prototype":{"role":"admin"}}}',
      '{"__proto__":{"name":"poison","role":"admin"}}',
    ])
      expect((await raw('POST', '/api/users', own(), body)).status).toBe(400)
    expect(({} as { role?: string }).role).toBeUndefined()
    expect(await stage.stores.accounts.user('poison')).toBeUndefined()
  })

  test('a body that never comes holds nobody else up', async () => {
    const slow = connect(port, '127.0.0.1')
    slow.write(
      `POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50000\r\n\r\n{`,
    )
    expect((await stage.get('/healthz')).status).toBe(200)
    slow.destroy()
  })

  test('limits and cursors of any size are refused or harmless', async () => {
    for (const query of ['limit=1e9', 'limit=-1', 'limit=0', 'limit=1.5', 'limit=NaN', 'limit=1&limit=2'])
      expect(`${query} ${(await stage.get(`/api/alarms?${query}`, { cookie })).status}`).toBe(`${query} 400`)
    for (const cursor of ['9'.repeat(400), '1~'.repeat(500), "1~' OR 1=1 --", '-1~x', '\u0000'])
      expect((await stage.get(`/api/alarms?cursor=${encodeURIComponent(cursor)}`, { cookie })).status).toBe(200)
    expect((await stage.get(`/api/alarms?cursor=${'x'.repeat(100_000)}`, { cookie })).status).toBeGreaterThanOrEqual(
      400,
    )
  })

  const connected = (client: LiveClient): Promise<string> =>
    new Promise((resolve) => {
      client.once('connect', () => resolve('in'))
      client.once('connect_error', (error) => resolve(error.message))
    })

  test('one session has twenty consoles, not two hundred; others still get in', async () => {
    const token = await stage.token('hoarder', 'viewer')
    const clients = Array.from({ length: 25 }, () => stage.connect({ token }))
    const outcomes = await Promise.all(clients.map(connected))
    expect(outcomes.filter((outcome) => outcome === 'in')).toHaveLength(20)
    expect(outcomes.filter((outcome) => outcome === 'limit.sockets')).toHaveLength(5)
    const other = stage.connect({ headers: { cookie } })
    expect(await connected(other)).toBe('in')
    for (const client of [...clients, other]) client.close()
  })

  test('who never says who they are is shown out, and meanwhile keeps no dispatcher out', async () => {
    const strangers = Array.from(
      { length: 210 },
      () => new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`),
    )
    const ends = await Promise.all(
      strangers.map(
        (socket) =>
          new Promise<string>((resolve) => {
            socket.onmessage = () => resolve('waiting')
            socket.onerror = () => resolve('refused')
          }),
      ),
    )
    expect(ends.filter((end) => end === 'refused').length).toBeGreaterThanOrEqual(10)
    const client = stage.connect({ headers: { cookie } })
    expect(await connected(client)).toBe('in')
    client.close()
    const gone = strangers.map(
      (socket) =>
        new Promise<void>((resolve) => {
          if (socket.readyState === WebSocket.CLOSED) resolve()
          socket.onclose = () => resolve()
        }),
    )
    for (const socket of strangers) socket.close()
    await Promise.all(gone)
  })

  test('a console that asks without end is slowed, then cut off', async () => {
    const client = stage.connect({ token: await stage.token('flooder', 'viewer') })
    expect(await connected(client)).toBe('in')
    const answers: unknown[] = []
    const gone = new Promise((resolve) => client.once('disconnect', resolve))
    const ask = client as unknown as { emit(name: string, ...args: unknown[]): void }
    for (let i = 0; i < 1000; i++) ask.emit('comment', {}, (answer: unknown) => answers.push(answer))
    await gone
    expect(answers.length).toBeLessThanOrEqual(200)
  })

  test('a message larger than any comment ends the connection, a binary one is not understood', async () => {
    const client = stage.connect({ headers: { cookie } })
    expect(await connected(client)).toBe('in')
    const greeted = next(client, 'snapshot')
    client.emit('hello', { seq: Buffer.alloc(10) } as never)
    expect(await greeted).toBeDefined()
    const gone = new Promise((resolve) => client.once('disconnect', resolve))
    client.emit('watch', 'x'.repeat(20_000))
    await gone
    const again = stage.connect({ headers: { cookie } })
    expect(await connected(again)).toBe('in')
    again.close()
  })
})

test('an answer of the API is never kept by a browser, framed, sniffed, or read by another origin', async () => {
  const answer = await stage.get('/api/session', { cookie })
  const header = (name: string): string => answer.headers.get(name) ?? ''
  expect(header('cache-control')).toBe('no-store')
  expect(header('x-content-type-options')).toBe('nosniff')
  expect(header('x-frame-options')).toBe('DENY')
  expect(header('content-security-policy')).toContain("frame-ancestors 'none'")
  expect(header('cross-origin-opener-policy')).toBe('same-origin')
  expect(header('cross-origin-resource-policy')).toBe('same-origin')
  expect(header('referrer-policy')).toBe('same-origin')
  expect(header('permissions-policy')).toContain('geolocation=()')
  expect(header('access-control-allow-origin')).toBe('')
  expect(header('server')).toBe('')
  expect(await codeOf(await stage.get('/api/none', { cookie }))).toBe('route.unknown')
})

test('over TLS the cookies are the host’s own and the browser is told to stay on TLS', async () => {
  const tls = await rehearse({ env: { HYDRANT_PUBLIC_URL: 'https://hydrant.example.cn' } })
  try {
    const answer = await tls.get(`/sign-in?token=${await tls.link('li', 'viewer')}`)
    expect(answer.headers.get('strict-transport-security')).toMatch(/max-age=\d{8}/)
    const cookies = answer.headers.getSetCookie()
    expect(cookies.map((one) => one.split('=')[0])).toEqual(['__Host-hydrant', '__Host-hydrant-device'])
    for (const one of cookies) {
      for (const word of ['Secure', 'HttpOnly', 'SameSite=Strict', 'Path=/']) expect(one).toContain(word)
      expect(one).not.toContain('Domain')
    }
    const planted = { cookie: (cookies[0] ?? '').split(';')[0]?.replace('__Host-', '') ?? '' }
    expect((await tls.get('/api/session', planted)).status).toBe(401)
  } finally {
    await tls.end()
  }
})
