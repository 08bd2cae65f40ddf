import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Channel, channelSchema } from '../../contract/channel-settings.ts'
import type { ROLES } from '../../contract/roles.ts'
import { readXml } from '../cap/strict-xml.ts'
import { type Rehearsal, rehearse } from '../rehearsal.ts'

const KEY = 'wecom-key-0123456789'
let stage: Rehearsal
let admin: Record<string, string>
const as = async (role: (typeof ROLES)[number]) => ({ authorization: `Bearer ${await stage.token(`t-${role}`, role)}` })

beforeAll(async () => {
  stage = await rehearse()
  admin = await as('admin')
})
afterAll(() => stage.end())

const send = (method: string, path: string, body?: unknown) =>
  fetch(stage.dashboard.url + path, {
    method,
    headers: { ...admin, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
const add = (body: object) => send('POST', '/api/channels', body)
const bot = (name: string) => ({ kind: 'wecom', name, settings: {}, secrets: { key: KEY } })

describe('channels, by the API', () => {
  test('a secret goes in, and never comes out: not in an answer, not in the audit', async () => {
    const made = await add(bot('消防大队群'))
    expect(made.status).toBe(201)
    const channel = (await made.json()) as Channel
    expect(channel).toMatchObject({
      name: '消防大队群',
      secrets: ['key'],
      disabled: false,
      settings: { perMinute: 20 },
    })
    const changed = await send('PATCH', `/api/channels/${channel.id}`, { settings: { language: 'en' }, disabled: true })
    expect(channelSchema.parse(await changed.json())).toMatchObject({ disabled: true, settings: { language: 'en' } })
    const everything = [
      JSON.stringify(channel),
      await (await send('GET', '/api/channels')).text(),
      await (await send('GET', '/api/audit')).text(),
    ]
    for (const text of everything) expect(text).not.toContain(KEY)
    expect((await stage.stores.channels.find(channel.id))?.secrets).toEqual({ key: KEY })
  })

  test('who pastes the whole address of a bot means the key in it', async () => {
    const url = `https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=${KEY}`
    const { id } = (await (await add({ ...bot('pasted'), secrets: { key: url } })).json()) as Channel
    expect((await stage.stores.channels.find(id))?.secrets).toEqual({ key: KEY })
  })

  test('a webhook without a signing secret has a new one, shown once', async () => {
    const made = await add({ kind: 'webhook', name: 'hook', settings: { url: 'https://example.cn/h' } })
    const { id, signingSecret } = (await made.json()) as { id: string; signingSecret: string }
    expect(Buffer.from(signingSecret.replace('whsec_', ''), 'base64')).toHaveLength(32)
    expect(await (await send('GET', '/api/channels')).text()).not.toContain(signingSecret)
    expect((await stage.stores.channels.find(id))?.secrets).toEqual({ signingSecret })
  })

  test.each([
    [{ kind: 'webhook', name: 'x', settings: { url: 'http://10.0.0.1/h' } }, 'must be encrypted'],
    [{ kind: 'webhook', name: 'x', settings: { url: 'https://me:pw@example.cn/' } }, 'without a name and password'],
    [{ kind: 'email', name: 'x', settings: { host: 'post', from: 'a@b.cn', to: 'nobody' } }, 'Invalid email'],
    [{ kind: 'wecom', name: 'x', settings: { colour: 'red' }, secrets: { key: KEY } }, 'colour'],
    [{ kind: 'wecom', name: 'x', settings: {} }, 'key'],
    [{ kind: 'mqtt', name: 'x', settings: { url: 'mqtts://screens.example.cn', topic: 'a/#' } }, 'wildcards'],
  ])('%j is refused with a sentence', async (body, words) => {
    const refused = await add(body)
    expect(refused.status).toBe(400)
    const { error } = (await refused.json()) as { error: { code: string; message: string } }
    expect([error.code, error.message]).toEqual(['channel.invalid', expect.stringContaining(words)])
  })

  test('two channels never have one name; a removed one is gone', async () => {
    const { id } = (await (await add(bot('twice'))).json()) as Channel
    expect((await add(bot('twice'))).status).toBe(409)
    expect((await send('DELETE', `/api/channels/${id}`)).status).toBe(204)
    expect((await send('DELETE', `/api/channels/${id}`)).status).toBe(404)
  })

  test('a test goes the way of every message, and its fate is the answer', async () => {
    const { id } = (await (await add(bot('tried'))).json()) as Channel
    const { outbox } = stage.stores
    const asked = send('POST', `/api/channels/${id}/test`)
    const message = await vi.waitUntil(async () => (await outbox.waiting(id, 1))[0]?.id)
    await outbox.settle([{ id: message, result: 'gave-up', error: 'errcode 93000' }], 1, { channelId: id })
    expect(await (await asked).json()).toMatchObject({ state: 'gave-up', lastError: 'errcode 93000', occasion: 'test' })

    expect(await (await send('GET', '/api/dead-letters')).json()).toMatchObject({ total: 1, items: [{ id: message }] })
    expect(await (await send('POST', `/api/dead-letters/${message}/send-again`)).json()).toMatchObject({
      state: 'waiting',
    })
    expect((await send('POST', `/api/dead-letters/${message}/send-again`)).status).toBe(404)
  })

  test('only an administrator has to do with channels', async () => {
    const routes = stage.dashboard.routes.filter(({ url }) => /channels|dead-letters/.test(url))
    expect(routes.length).toBeGreaterThanOrEqual(7)
    expect(new Set(routes.map(({ right }) => right))).toEqual(new Set(['admin']))
  })
})

describe('CAP, by the API', () => {
  test('programs with a token read it, nobody else; what is not there is not found', async () => {
    const viewer = await as('viewer')
    const feed = await stage.get('/cap/feed.atom', viewer)
    expect([feed.status, feed.headers.get('content-type')]).toEqual([200, 'application/atom+xml; charset=utf-8'])
    expect(readXml(await feed.text()).name).toBe('feed')
    expect((await stage.get('/cap/feed.atom')).status).toBe(401)
    expect((await stage.get('/cap/inc-1.xml', viewer)).status).toBe(404)
    expect((await stage.get('/cap/inc-1', viewer)).status).toBe(404)
  })
})
