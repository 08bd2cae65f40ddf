import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ClientToServer } from '../../contract/live.ts'
import { ROLES, type Role, SOCKET_RIGHTS } from '../../contract/roles.ts'
import { hashSecret } from '../../store/identity.ts'
import { readConfig } from '../config.ts'
import { type LiveClient, next, type Rehearsal, rehearse } from '../rehearsal.ts'
import { guardRoutes } from './guard.ts'
import { Sessions } from './sessions.ts'

/**
 * Who may use which route and which socket event, written out a second time on purpose: a new route or event fails here
 * until somebody has said who may use it.
 */
const EVERYBODY: readonly Role[] = ROLES
const WHO_ACTS: readonly Role[] = ['dispatcher', 'water', 'fire', 'care', 'admin']
const WHO_READS_PAYLOADS: readonly Role[] = ['dispatcher', 'water', 'fire', 'admin']
const WHO_REPLAYS: readonly Role[] = ['water', 'fire', 'admin']
const WHO_ASKS_FOR_RESIDENTS: readonly Role[] = ['dispatcher', 'fire', 'care', 'admin']
const WHO_SETS_THE_WATCH: readonly Role[] = ['dispatcher', 'fire', 'admin']
const WHO_CHECKS_DUTY: readonly Role[] = ['dispatcher', 'fire', 'care', 'admin']
const WHO_CALLS_PEOPLE: readonly Role[] = ['dispatcher', 'fire', 'care', 'admin']
const WHO_LOOKS_AFTER_WATER: readonly Role[] = ['water', 'admin']
const WHO_LOOKS_AFTER_HAZARDS: readonly Role[] = ['dispatcher', 'fire', 'care', 'admin']
const WHO_CARES: readonly Role[] = ['dispatcher', 'care', 'admin']
const WHO_KEEPS_HOMES: readonly Role[] = ['fire', 'care', 'admin']
const ADMIN: readonly Role[] = ['admin']

const ROUTES: Readonly<Record<string, readonly Role[] | 'anybody'>> = {
  'POST /api/session': 'anybody',
  'GET /sign-in': 'anybody',
  'GET /healthz': 'anybody',
  'GET /readyz': 'anybody',
  // On the machine itself; from elsewhere it asks for a token: server.test.ts.
  'GET /metrics': 'anybody',
  // The console's files and the description of the API: they say what can be asked, not what is answered.
  'GET /*': 'anybody',
  'GET /docs/': 'anybody',
  'GET /docs/static/index.html': 'anybody',
  'GET /docs/static/swagger-initializer.js': 'anybody',
  'GET /docs/json': 'anybody',
  'GET /docs/yaml': 'anybody',
  'GET /docs/static/*': 'anybody',

  'GET /api/session': EVERYBODY,
  'DELETE /api/session': EVERYBODY,
  'POST /api/me/password': EVERYBODY,
  'GET /api/me/sessions': EVERYBODY,
  'DELETE /api/me/sessions': EVERYBODY,
  'DELETE /api/me/sessions/:id': EVERYBODY,
  'GET /api/alarms': EVERYBODY,
  'GET /api/alarms/:id': EVERYBODY,
  'GET /api/devices': EVERYBODY,
  'GET /api/devices/:id': EVERYBODY,
  'GET /api/devices/:id/history': EVERYBODY,
  'GET /api/devices/:id/readings': EVERYBODY,
  'GET /api/events': EVERYBODY,
  'GET /api/places': EVERYBODY,
  'GET /api/rejections': EVERYBODY,
  'GET /api/search': EVERYBODY,
  'GET /api/summary': EVERYBODY,
  'GET /tiles/:z/:x/:y(^\\d+).mvt': EVERYBODY,

  'POST /api/alarms/:id/acknowledge': WHO_ACTS,
  'POST /api/alarms/:id/comment': WHO_ACTS,
  'POST /api/alarms/:id/close': WHO_ACTS,

  'GET /api/incidents': EVERYBODY,
  'GET /api/incidents/:id': EVERYBODY,
  'GET /api/watch': EVERYBODY,
  'GET /api/duty-checks': EVERYBODY,
  'POST /api/incidents/:id/acknowledge': WHO_ACTS,
  'POST /api/incidents/:id/confirm': WHO_ACTS,
  'POST /api/incidents/:id/dispatch': WHO_ACTS,
  'POST /api/incidents/:id/arrive': WHO_ACTS,
  'POST /api/incidents/:id/call': WHO_ACTS,
  'POST /api/incidents/:id/comment': WHO_ACTS,
  'POST /api/incidents/:id/tell': WHO_ACTS,
  'POST /api/incidents/:id/close': WHO_ACTS,
  'POST /api/places/:id/reset': WHO_ACTS,
  'POST /api/watch': WHO_SETS_THE_WATCH,
  'POST /api/duty-checks': WHO_CHECKS_DUTY,
  'POST /api/duty-checks/:id/answer': WHO_CHECKS_DUTY,

  'GET /api/quarantine': WHO_READS_PAYLOADS,
  'GET /api/quarantine/:id': WHO_READS_PAYLOADS,
  'GET /api/quarantine/groups': WHO_READS_PAYLOADS,
  'GET /api/quarantine/:id/detail': WHO_READS_PAYLOADS,
  'POST /api/quarantine/replay': WHO_REPLAYS,
  'POST /api/quarantine/:id/replay': WHO_REPLAYS,

  'GET /api/alarms/:id/residents': WHO_ASKS_FOR_RESIDENTS,
  'GET /api/places/:id/residents': WHO_ASKS_FOR_RESIDENTS,
  'GET /api/residents/:id': WHO_ASKS_FOR_RESIDENTS,

  // Of whom they are told by name, ADR 18 decides: alone.test.ts.
  'GET /api/alone': WHO_CARES,
  'GET /api/alone/:deviceId': WHO_CARES,
  'PUT /api/alone/:deviceId': WHO_CARES,
  'DELETE /api/alone/:deviceId': WHO_CARES,
  'POST /api/alone/import': WHO_CARES,
  'POST /api/alone/:deviceId/away': WHO_CARES,
  'POST /api/alone/:deviceId/back': WHO_CARES,
  'POST /api/alone/:deviceId/answers': WHO_CARES,

  'GET /api/homes': EVERYBODY,
  'GET /api/homes/:id': EVERYBODY,
  'GET /api/places/:id/plan': EVERYBODY,
  'PUT /api/places/:id/plan': WHO_KEEPS_HOMES,
  'PUT /api/places/:id/plan/pins': WHO_KEEPS_HOMES,
  'POST /api/places/import': WHO_KEEPS_HOMES,
  'GET /api/places/:id/staff': WHO_CALLS_PEOPLE,
  'PUT /api/staff/:id': WHO_KEEPS_HOMES,
  'DELETE /api/staff/:id': WHO_KEEPS_HOMES,
  'POST /api/staff/import': WHO_KEEPS_HOMES,
  'GET /api/places/:id/responders': WHO_CALLS_PEOPLE,
  'GET /api/responders': WHO_CALLS_PEOPLE,
  'PUT /api/responders/:id': WHO_KEEPS_HOMES,
  'DELETE /api/responders/:id': WHO_KEEPS_HOMES,
  'POST /api/responders/import': WHO_KEEPS_HOMES,

  'GET /api/water/summary': EVERYBODY,
  'GET /api/water/zones': EVERYBODY,
  'GET /api/water/zones.csv': EVERYBODY,
  'GET /api/water/zones/:id': EVERYBODY,
  'GET /api/water/zones/:id/hours': EVERYBODY,
  'GET /api/water/zones/:id/balance': EVERYBODY,
  'GET /api/water/zones/:id/balance.csv': EVERYBODY,
  'GET /api/water/zones/:id/nights.csv': EVERYBODY,
  'GET /api/water/zones/:id/households.csv': EVERYBODY,
  'PUT /api/water/zones/:id/pipes': WHO_LOOKS_AFTER_WATER,
  'GET /api/water/first': EVERYBODY,
  'GET /api/water/meters/:id': EVERYBODY,

  'GET /api/hazards': EVERYBODY,
  'GET /api/hazards.csv': EVERYBODY,
  'GET /api/hazards/:id': EVERYBODY,
  'GET /api/hazards/:id/photographs/:photographId': EVERYBODY,
  'POST /api/hazards': WHO_LOOKS_AFTER_HAZARDS,
  'PATCH /api/hazards/:id': WHO_LOOKS_AFTER_HAZARDS,
  'POST /api/hazards/:id/claim': WHO_LOOKS_AFTER_HAZARDS,
  'POST /api/hazards/:id/photographs': WHO_LOOKS_AFTER_HAZARDS,
  'GET /api/water/plants': EVERYBODY,
  'GET /api/water/plants/:id': EVERYBODY,
  'GET /api/water/orders': EVERYBODY,
  'GET /api/water/orders/sums': EVERYBODY,
  'GET /api/water/orders.csv': EVERYBODY,
  'GET /api/water/orders/:id': EVERYBODY,
  'GET /api/water/orders/:id/photographs/:photographId': EVERYBODY,
  'POST /api/water/orders': WHO_LOOKS_AFTER_WATER,
  'POST /api/water/orders/:id/assign': WHO_LOOKS_AFTER_WATER,
  'POST /api/water/orders/:id/claim': WHO_LOOKS_AFTER_WATER,
  'POST /api/water/orders/:id/cancel': WHO_LOOKS_AFTER_WATER,
  'POST /api/water/orders/:id/comments': WHO_LOOKS_AFTER_WATER,
  'POST /api/water/orders/:id/photographs': WHO_LOOKS_AFTER_WATER,
  'POST /api/hazards/:id/verdicts': WHO_LOOKS_AFTER_HAZARDS,

  'GET /cap/feed.atom': EVERYBODY,
  'GET /cap/:file': EVERYBODY,

  'GET /api/channels': ADMIN,
  'POST /api/channels': ADMIN,
  'PATCH /api/channels/:id': ADMIN,
  'DELETE /api/channels/:id': ADMIN,
  'POST /api/channels/:id/test': ADMIN,
  'GET /api/dead-letters': ADMIN,
  'POST /api/dead-letters/:id/send-again': ADMIN,

  'GET /api/audit': ADMIN,
  'GET /api/audit.csv': ADMIN,
  'GET /api/users': ADMIN,
  'POST /api/users': ADMIN,
  'PATCH /api/users/:name': ADMIN,
  'DELETE /api/users/:name': ADMIN,
  'DELETE /api/users/:name/sessions': ADMIN,
  'POST /api/users/:name/link': ADMIN,
}

const EVENTS: Readonly<Record<keyof ClientToServer, readonly Role[]>> = {
  hello: EVERYBODY,
  watch: EVERYBODY,
  unwatch: EVERYBODY,
  acknowledge: WHO_ACTS,
  comment: WHO_ACTS,
  acknowledgeIncident: WHO_ACTS,
  muted: EVERYBODY,
}

/** Nobody, and who was somebody a moment ago. */
const NOBODY = ['nobody', 'a revoked session', 'a revoked token', 'a disabled user', 'a forged cookie'] as const

let stage: Rehearsal
let headersOf: Map<Role | (typeof NOBODY)[number], Record<string, string>>
beforeAll(async () => {
  stage = await rehearse({ patienceMs: 50 })
  const { accounts } = stage.stores
  const origin = stage.dashboard.url
  headersOf = new Map()
  for (const role of ROLES) headersOf.set(role, { authorization: `Bearer ${await stage.token(`a-${role}`, role)}` })
  const ended = await stage.signIn('ended', 'admin')
  await accounts.removeSession(hashSecret(ended.split('=')[1] ?? ''))
  const gone = await stage.token('gone', 'admin')
  await accounts.removeToken('gone')
  const disabled = await stage.signIn('disabled', 'admin')
  await accounts.changeUser('disabled', { disabled: true }, { keepAdmin: false })
  headersOf.set('nobody', {})
  headersOf.set('a revoked session', { cookie: ended, origin })
  headersOf.set('a revoked token', { authorization: `Bearer ${gone}` })
  headersOf.set('a disabled user', { cookie: disabled, origin })
  headersOf.set('a forged cookie', { cookie: `hydrant=${'A'.repeat(43)}; __Host-hydrant=${'A'.repeat(43)}`, origin })
})
afterAll(() => stage.end())

const routeNames = (): string[] => [
  ...new Set(
    stage.dashboard.routes.filter((route) => route.method !== 'HEAD').map((route) => `${route.method} ${route.url}`),
  ),
]

/** Asks with parameters that fit no route, so that whoever is let in changes nothing. */
async function ask(name: string, headers: Record<string, string>): Promise<{ status: number; code: string }> {
  const [method = '', url = ''] = name.split(' ')
  const path = url.replace(/\(.*?\)/g, '').replace(/:\w+/g, '1')
  const body = method === 'GET' || method === 'DELETE' ? {} : { body: '{}' }
  const answer = await fetch(stage.dashboard.url + path, {
    method,
    redirect: 'manual',
    headers: { ...headers, ...('body' in body ? { 'content-type': 'application/json' } : {}) },
    ...body,
  })
  const text = await answer.text()
  const code = text.startsWith('{"error"') ? (JSON.parse(text) as { error: { code: string } }).error.code : ''
  return { status: answer.status, code }
}

describe('routes', () => {
  test('for every route somebody has said who may use it', () => {
    expect(routeNames().filter((name) => !Object.hasOwn(ROUTES, name))).toEqual([])
  })

  test.each(ROLES)('%s is let in where they may, and nowhere else', async (role) => {
    for (const name of routeNames()) {
      const who = ROUTES[name] ?? []
      const { status, code } = await ask(name, headersOf.get(role) ?? {})
      const refused = status === 401 ? 'not signed in' : code === 'right.missing' ? 'not allowed' : 'let in'
      expect(`${name}: ${refused}`).toBe(
        `${name}: ${who === 'anybody' || who.includes(role) ? 'let in' : 'not allowed'}`,
      )
    }
  })

  test.each(NOBODY)('%s is let in nowhere', async (who) => {
    for (const name of routeNames().filter((one) => ROUTES[one] !== 'anybody')) {
      const { status } = await ask(name, headersOf.get(who) ?? {})
      expect(`${name}: ${status}`).toBe(`${name}: 401`)
    }
  })

  test('the dashboard does not start with a route that declares no right', async () => {
    const app = Fastify()
    const { accounts } = stage.stores
    guardRoutes(app, new Sessions(accounts, { idleMs: 1, maxMs: 1 }, Date.now), readConfig({}))
    app.get('/api/new', async () => 'forgotten')
    await expect(app.ready()).rejects.toThrow('no right is declared for GET /api/new')
    await app.close()
  })
})

describe('socket events', () => {
  const socketOf = async (role: Role): Promise<LiveClient> => {
    const client = stage.connect({ token: headersOf.get(role)?.authorization?.slice('Bearer '.length) ?? '' })
    await new Promise((resolve) => client.once('connect', () => resolve(undefined)))
    return client
  }
  /** What the event is answered with; '' where it is let in without a word. Events are looked at in order. */
  const codeOf = async (client: LiveClient, event: string): Promise<string> => {
    const raw = client as unknown as { emit(name: string, ...args: unknown[]): void }
    let code = ''
    raw.emit(event, {}, (given: { code?: string }) => {
      code = given.code ?? ''
    })
    await new Promise((resolve) => raw.emit('nothing', {}, resolve))
    return code
  }

  test('for every event somebody has said who may send it', () => {
    expect(Object.keys(SOCKET_RIGHTS).sort()).toEqual(Object.keys(EVENTS).sort())
  })

  test.each(ROLES)('%s is heard where they may speak, and nowhere else', async (role) => {
    const client = await socketOf(role)
    const greeted = next(client, 'snapshot')
    client.emit('hello', {})
    await greeted
    for (const event of Object.keys(EVENTS) as (keyof ClientToServer)[]) {
      const refused = (await codeOf(client, event)) === 'right.missing'
      expect(`${event}: ${refused}`).toBe(`${event}: ${!EVENTS[event].includes(role)}`)
    }
    client.close()
  })

  test('an event that nobody has declared is refused, whatever its name', async () => {
    const client = await socketOf('admin')
    for (const event of ['close', 'constructor', '__proto__', 'toString', 'subscribe'])
      expect(await codeOf(client, event)).toBe('event.unknown')
    client.close()
  })
})
