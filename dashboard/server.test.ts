import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hashPassword } from '../store/identity.ts'
import { type Rehearsal, rehearse } from './rehearsal.ts'

let stage: Rehearsal
let web: string

beforeAll(async () => {
  web = await mkdtemp(join(tmpdir(), 'hydrant-web-'))
  await mkdir(join(web, 'assets'))
  await writeFile(join(web, 'index.html'), '<!doctype html><title>Hydrant</title>')
  await writeFile(join(web, 'assets', 'main-abc123.js'), 'export {}')
  stage = await rehearse({ webRoot: web, patienceMs: 400 })
  await stage.addDevices(
    { id: 'smoke-1', kind: 'smoke-detector', name: '厨房 <img src=x onerror=alert(1)>', lon: 115.98, lat: 36.45 },
    { id: 'meter-1', kind: 'water-meter', name: '一号表' },
  )
  await stage.restart()
})
afterAll(() => stage.end())

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const json = (answer: Response): Promise<Record<string, never>> => answer.json() as Promise<Record<string, never>>
const errorOf = async (answer: Response): Promise<{ code: string; message: string; todo?: string }> =>
  ((await answer.json()) as { error: { code: string; message: string; todo?: string } }).error

test('a one-time link signs in once, and the second visitor is told how to get a new one, in both languages', async () => {
  const token = await stage.link('first', 'admin')
  const answer = await stage.get(`/sign-in?token=${token}`)
  expect(answer.status).toBe(303)
  expect(answer.headers.get('location')).toBe('/')
  const cookie = answer.headers.getSetCookie()[0] ?? ''
  expect(cookie).toMatch(/^hydrant=[\w-]{43}; /)
  expect(cookie).toContain('HttpOnly')
  expect(cookie).toContain('SameSite=Strict')
  expect(cookie).toContain('Path=/')
  const mine = { cookie: cookie.split(';')[0] ?? '' }
  expect(await json(await stage.get('/api/session', mine))).toEqual({
    name: 'first',
    role: 'admin',
    mustSetPassword: true,
  })
  const again = await stage.get(`/sign-in?token=${token}`)
  expect(again.status).toBe(410)
  const page = await again.text()
  expect(page).toContain('npm run hydrant -- user link admin')
  expect(page).toContain('登录链接已失效')
  expect(page).toContain('used up')
  expect((await stage.get(`/sign-in?token=${token}`, mine)).headers.get('location')).toBe('/')
})

test('a link preview that only asks for the head does not use the link up', async () => {
  const token = await stage.link('previewed', 'viewer')
  await fetch(`${stage.dashboard.url}/sign-in?token=${token}`, { method: 'HEAD', redirect: 'manual' })
  expect((await stage.get(`/sign-in?token=${token}`)).status).toBe(303)
})

test('name and password sign in; a wrong one does not say which of the two was wrong', async () => {
  const passwordHash = await hashPassword('correct horse battery')
  await stage.stores.accounts.addUser({ name: 'wang', role: 'dispatcher', passwordHash, createdAt: 0 })
  const wrong = await errorOf(await stage.post('/api/session', { name: 'wang', password: 'guess' }))
  const unknown = await errorOf(await stage.post('/api/session', { name: 'nobody', password: 'guess' }))
  expect(wrong.code).toBe('login.wrong')
  expect(unknown).toEqual(wrong)
  const answer = await stage.post('/api/session', { name: 'wang', password: 'correct horse battery' })
  expect(answer.status).toBe(200)
  expect(await answer.json()).toEqual({ name: 'wang', role: 'dispatcher', mustSetPassword: false })
})

test('a person sets a password after the link and needs it to change it', async () => {
  const cookie = await stage.signIn('zhao', 'viewer')
  const own = { cookie, origin: stage.dashboard.url }
  const short = await errorOf(await stage.post('/api/me/password', { password: 'short' }, own))
  expect(short.message).toContain('password')
  expect(short.message).toContain('at least 10 characters')
  expect((await stage.post('/api/me/password', { password: 'long enough now' }, own)).status).toBe(204)
  expect((await stage.post('/api/me/password', { password: 'another long one' }, own)).status).toBe(403)
  const change = { password: 'another long one', current: 'long enough now' }
  expect((await stage.post('/api/me/password', change, own)).status).toBe(204)
})

test('changing the password signs out whoever else is in under that name', async () => {
  const cookie = await stage.signIn('sun', 'viewer')
  const own = { cookie, origin: stage.dashboard.url }
  const first = { password: 'long enough now' }
  expect((await stage.post('/api/me/password', first, own)).status).toBe(204)
  const elsewhere = await stage.post('/api/session', { name: 'sun', ...first })
  const thief = (elsewhere.headers.getSetCookie()[0] ?? '').split(';')[0] ?? ''
  expect((await stage.get('/api/session', { cookie: thief })).status).toBe(200)
  const change = { password: 'another long one', current: first.password }
  expect((await stage.post('/api/me/password', change, own)).status).toBe(204)
  expect((await stage.get('/api/session', { cookie })).status).toBe(200)
  expect((await errorOf(await stage.get('/api/session', { cookie: thief }))).code).toBe('session.ended')
})

test('signing out ends the session on the server, not only in the browser', async () => {
  const cookie = await stage.signIn('leaver', 'viewer')
  const answer = await fetch(`${stage.dashboard.url}/api/session`, {
    method: 'DELETE',
    headers: { cookie, origin: stage.dashboard.url },
  })
  expect(answer.status).toBe(204)
  expect((await errorOf(await stage.get('/api/session', { cookie }))).code).toBe('session.ended')
})

test('every route has a right, and those without a sign-in are exactly these', async () => {
  const open = stage.dashboard.routes.filter((route) => route.right === 'public' && route.method !== 'HEAD')
  const names = open.map((route) => `${route.method} ${route.url}`).filter((name) => !name.includes(' /docs'))
  expect(names.sort()).toEqual([
    'GET /*',
    'GET /healthz',
    'GET /metrics',
    'GET /readyz',
    'GET /sign-in',
    'POST /api/session',
  ])
})

test('no route answers anybody who is not signed in, whatever its address', async () => {
  const guarded = stage.dashboard.routes.filter((route) => route.right !== 'public')
  expect(guarded.length).toBeGreaterThan(20)
  for (const { method, url } of guarded) {
    const path = url.replace(/\(.*?\)/g, '').replace(/:\w+/g, '1')
    const answer = await fetch(stage.dashboard.url + path, { method })
    expect(`${method} ${path} ${answer.status}`).toBe(`${method} ${path} 401`)
  }
})

test('a viewer sees alarms but cannot acknowledge them', async () => {
  const alarm = await stage.raise('smoke-1', 'smoke')
  const viewer = bearer(await stage.token('looker', 'viewer'))
  expect((await stage.get(`/api/alarms/${alarm.id}`, viewer)).status).toBe(200)
  const answer = await stage.post(`/api/alarms/${alarm.id}/acknowledge`, {}, viewer)
  expect(answer.status).toBe(403)
  expect((await errorOf(answer)).code).toBe('right.missing')
  expect((await stage.stores.views.alarm(alarm.id))?.state).toBe('ACTIVE_UNACK')
})

test('a dispatcher acknowledges and gets the alarm as ingest decided it, with its story', async () => {
  const alarm = await stage.raise('smoke-1', 'heat')
  const cookie = await stage.signIn('li', 'dispatcher')
  const own = { cookie, origin: stage.dashboard.url }
  const answer = await stage.post(`/api/alarms/${alarm.id}/acknowledge`, { comment: '已派人' }, own)
  const { alarm: after, timeline } = (await answer.json()) as {
    alarm: { state: string; ackBy: string }
    timeline: { type: string }[]
  }
  expect(after).toMatchObject({ state: 'ACTIVE_ACK', ackBy: 'li' })
  expect(timeline.map((event) => event.type)).toEqual(['alarm.raised', 'alarm.acknowledged'])
})

test('what ingest refuses comes back with its reason', async () => {
  const alarm = await stage.raise('smoke-1', 'co')
  const token = bearer(await stage.token('desk', 'dispatcher'))
  const answer = await stage.post(`/api/alarms/${alarm.id}/close`, { disposition: 'real' }, token)
  expect(answer.status).toBe(409)
  expect(await errorOf(answer)).toMatchObject({ code: 'alarm.still-active', message: 'The condition still holds.' })
})

test('a freshly raised alarm is in the list of active ones at once', async () => {
  const token = bearer(await stage.token('poller', 'viewer'))
  const alarm = await stage.raise('meter-1', 'leak')
  const { items } = (await (await stage.get('/api/alarms?state=active', token)).json()) as { items: { id: string }[] }
  expect(items.map((item) => item.id)).toContain(alarm.id)
})

test('a request from another site’s page is refused although the browser sends the cookie along', async () => {
  const alarm = await stage.raise('smoke-1', 'gas')
  const cookie = await stage.signIn('target', 'dispatcher')
  const path = `/api/alarms/${alarm.id}/acknowledge`
  for (const headers of [
    { cookie, origin: 'https://evil.example' },
    { cookie, 'sec-fetch-site': 'cross-site' },
    { cookie, origin: 'null' },
    { cookie },
  ]) {
    const answer = await stage.post(path, {}, headers)
    expect((await errorOf(answer)).code).toBe('origin.foreign')
  }
  expect((await stage.stores.views.alarm(alarm.id))?.state).toBe('ACTIVE_UNACK')
})

test('a bad query is answered with the field and what is wrong with it', async () => {
  const token = bearer(await stage.token('asker', 'viewer'))
  const limit = await errorOf(await stage.get('/api/alarms?limit=5000', token))
  expect(limit).toMatchObject({ code: 'request.invalid' })
  expect(limit.message).toMatch(/`limit` in the query.*1000/)
  const state = await errorOf(await stage.get('/api/alarms?state=burning', token))
  expect(state.message).toMatch(/`state`.*active/)
  const backwards = await stage.get('/api/devices/meter-1/history?quantity=volume&from=2&to=1', token)
  expect((await errorOf(backwards)).code).toBe('range.backwards')
  const words = await stage.get('/api/devices/meter-1/history?quantity=flags&from=1&to=2', token)
  expect((await errorOf(words)).code).toBe('quantity.not-a-number')
  const broken = await fetch(`${stage.dashboard.url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"name":',
  })
  expect(broken.status).toBe(400)
})

test('unknown addresses under /api are answered in JSON, others with the console', async () => {
  const api = await stage.get('/api/nothing')
  expect(api.status).toBe(404)
  expect((await errorOf(api)).code).toBe('route.unknown')
  expect((await errorOf(await stage.get('/api/devices/%ff'))).code).toBe('request.invalid')
  const page = await stage.get('/devices/smoke-1')
  expect(page.status).toBe(200)
  expect(page.headers.get('cache-control')).toBe('no-cache')
  expect(await page.text()).toContain('<title>Hydrant</title>')
  const asset = await stage.get('/assets/main-abc123.js')
  expect(asset.headers.get('cache-control')).toContain('immutable')
  expect((await stage.get('/assets/gone.js')).status).toBe(404)
  expect((await stage.get('/../../package.json')).status).toBe(404)
})

test('the policy for scripts and styles knows no exceptions, on any page', async () => {
  for (const path of ['/', '/docs', '/sign-in?token=x', '/api/nothing']) {
    const policy = (await stage.get(path)).headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).not.toContain('unsafe')
  }
})

test('a device name full of markup comes back as the text that it is', async () => {
  const token = bearer(await stage.token('reader', 'viewer'))
  const answer = await stage.get('/api/devices/smoke-1', token)
  expect(answer.headers.get('content-type')).toContain('application/json')
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  expect(((await answer.json()) as { name: string }).name).toBe('厨房 <img src=x onerror=alert(1)>')
})

test('the OpenAPI document lists every route of the API', async () => {
  const document = (await (await stage.get('/docs/json')).json()) as { paths: Record<string, Record<string, unknown>> }
  const listed = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  const served = stage.dashboard.routes
    .filter((route) => route.method !== 'HEAD' && !/^\/(docs|\*)/.test(route.url))
    .map((route) => `${route.method} ${route.url.replace(/\(.*?\)/g, '').replace(/:(\w+)/g, '{$1}')}`)
  expect(listed.sort()).toEqual(served.sort())
  expect((await stage.get('/docs')).status).toBe(200)
  expect((await stage.get('/docs/static/swagger-ui-bundle.js')).status).toBe(200)
})

test('Prometheus reads every role’s figures and what was refused on this machine, elsewhere only with a token', async () => {
  await stage.stores.roleMetrics.publish('broker', 1, { 'gate_accepted_total{lane="bulk"}': 7 })
  await stage.decide({
    rejections: [{ reason: 'payload.not-json', deviceId: 'meter-1', at: 1, count: 3, detail: 'NaN' }],
  })
  const text = await (await stage.get('/metrics')).text()
  expect(text).toContain('hydrant_gate_accepted_total{lane="bulk"} 7')
  expect(text).toContain('hydrant_rejected_total{reason="payload.not-json",fate="quarantined"} 3')
  expect(text).toMatch(/hydrant_devices\{status="(never|critical)"\} \d/)
  expect(text).toMatch(/# TYPE hydrant_http_request_duration_seconds histogram/)
  const proxied = { 'x-forwarded-for': '203.0.113.9' }
  expect((await stage.get('/metrics', proxied)).status).toBe(401)
  const token = bearer(await stage.token('prometheus', 'viewer'))
  expect((await stage.get('/metrics', { ...proxied, ...token })).status).toBe(200)
})

test('what was refused is listed with what it means and what to do', async () => {
  const token = bearer(await stage.token('integrator', 'viewer'))
  const { items } = (await (await stage.get('/api/rejections', token)).json()) as { items: Record<string, unknown>[] }
  expect(items[0]).toMatchObject({ reason: 'payload.not-json', fate: 'quarantined', count: 3, zh: '不是有效的 JSON' })
  expect(items[0]?.todo).toContain('NaN')
})

test('quarantined bytes can be downloaded as they came in, but not by a viewer', async () => {
  const bytes = Buffer.from([0x7b, 0x00, 0xff, 0x3c])
  await stage.decide({
    quarantine: [
      {
        at: 5,
        deviceId: 'meter-1',
        lane: 'bulk',
        journalSeq: 1,
        kind: 'telemetry',
        sender: 'meter-1',
        arg: '',
        topic: 'v1/devices/meter-1/telemetry',
        reason: 'payload.not-utf8',
        detail: 'byte 2',
        bytes,
      },
    ],
  })
  const desk = bearer(await stage.token('desk-2', 'water'))
  const { items } = (await (await stage.get('/api/quarantine', desk)).json()) as { items: { id: number }[] }
  const answer = await stage.get(`/api/quarantine/${items[0]?.id}`, desk)
  expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes)
  expect(answer.headers.get('content-disposition')).toContain('attachment')
  const viewer = bearer(await stage.token('looker-2', 'viewer'))
  expect((await stage.get('/api/quarantine', viewer)).status).toBe(403)
})

test('a device is found by a part of its id, its name or its village, whatever the case', async () => {
  await stage.stores.registry.putPlaces([
    { id: 'dc', parentId: null, kind: 'county', name: '东昌府区', lon: 115.98, lat: 36.43, contact: null },
    { id: 'v1', parentId: 'dc', kind: 'village', name: '于集村', lon: 115.9, lat: 36.4, contact: null },
  ])
  await stage.addDevices({ id: 'Meter.YJ-7', kind: 'water-meter', name: '七号 (东)', placeId: 'v1' })
  await stage.restart()
  const token = bearer(await stage.token('finder', 'viewer'))
  for (const q of ['yj-7', '七号 (', '于集', '东昌府']) {
    const answer = await stage.get(`/api/devices?q=${encodeURIComponent(q)}`, token)
    const { items } = (await answer.json()) as { items: { id: string; placePath: string[] }[] }
    expect(items.map((item) => item.id)).toEqual(['Meter.YJ-7'])
    expect(items[0]?.placePath).toEqual(['东昌府区', '于集村'])
  }
  const found = (await (await stage.get('/api/search?q=于集', token)).json()) as {
    devices: { id: string }[]
    places: { id: string; path: string[] }[]
  }
  expect(found.places.map((place) => place.id)).toEqual(['v1'])
  expect(found.devices.map((device) => device.id)).toEqual(['Meter.YJ-7'])
})

test('pages of devices follow each other without a gap', async () => {
  const token = bearer(await stage.token('pager', 'viewer'))
  const ids: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const answer: Response = await stage.get(`/api/devices?limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`, token)
    const page = (await answer.json()) as { items: { id: string }[]; next: string | null; total: number }
    expect(page.total).toBe(3)
    ids.push(...page.items.map((item) => item.id))
    cursor = page.next
  }
  expect(ids).toEqual(['Meter.YJ-7', 'meter-1', 'smoke-1'])
})

test('the summary counts every device once', async () => {
  const token = bearer(await stage.token('counter', 'viewer'))
  const summary = (await (await stage.get('/api/summary', token)).json()) as {
    devices: { total: number; byStatus: Record<string, number> }
  }
  expect(summary.devices.total).toBe(3)
  expect(Object.values(summary.devices.byStatus).reduce((sum, n) => sum + n, 0)).toBe(3)
  expect(summary.devices.byStatus.critical).toBe(1)
})

test('/readyz names what it looked at', async () => {
  const answer = await stage.get('/readyz')
  expect(answer.status).toBe(200)
  expect(await answer.json()).toMatchObject({
    ready: true,
    checks: { journal: 'ok', state: 'ok', history: 'ok' },
    roles: { broker: { fresh: false } },
  })
})

test('while ingest is down a command is stored and the person is told that it will take effect later', async () => {
  await stage.stopDeciding()
  const alarm = await stage.raise('smoke-1', 'callPoint')
  const token = bearer(await stage.token('patient', 'dispatcher'))
  const answer = await stage.post(`/api/alarms/${alarm.id}/acknowledge`, {}, token)
  expect(answer.status).toBe(504)
  expect((await errorOf(answer)).todo).toContain('Do not repeat it')
})
