import { createHmac, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { Aedes } from 'aedes'
import { afterEach, describe, expect, test } from 'vitest'
import type { Incident } from '../../contract/incidents.ts'
import type { Notice } from '../../contract/notice.ts'
import { noticeSchema } from '../../contract/notice.ts'
import type { StoredChannel } from '../../store/state/channels-port.ts'
import { deliver } from './adapters.ts'
import type { Letter, Outcome } from './port.ts'
import { type HttpReceiver, httpReceiver, type Received, type Scripted, smtpReceiver } from './receivers.ts'
import { channel, messageTo, T } from './samples.ts'
import { words } from './wording.ts'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})
const keep = async <R extends { close(): Promise<void> }>(made: Promise<R>): Promise<R> => {
  const one = await made
  open.push(one)
  return one
}
const receiver = (judge?: (received: Received) => Scripted | undefined): Promise<HttpReceiver> =>
  keep(httpReceiver(judge))

function letterTo(to: StoredChannel, more: Partial<Incident> = {}): Letter {
  const { id, occasion, step, at, incident } = messageTo(to, more)
  const notice: Notice = { version: 1, id, occasion, step, at, incident, url: null }
  return { id, notices: [notice], urgent: true, ...words(notice, 'zh', 4096) }
}

const send = (to: StoredChannel, timeoutMs = 5000): Promise<Outcome> =>
  deliver(to, { letter: letterTo(to), now: () => T, signal: AbortSignal.timeout(timeoutMs) })

describe('a webhook', () => {
  const to = (url: string, settings: object = {}) => channel('webhook', { url: `${url}/hook`, ...settings })

  test('is signed so that a receiver can tell who sent it, when, and that nothing was changed', async () => {
    const there = await receiver()
    const hook = to(there.url)
    expect(await send(hook)).toEqual({ outcome: 'sent' })
    const [{ headers, body, method, url }] = there.received as [Received]
    expect([method, url.pathname, headers['content-type']]).toEqual([
      'POST',
      '/hook',
      'application/json; charset=utf-8',
    ])
    const notice = noticeSchema.parse(JSON.parse(body))
    expect(headers['webhook-id']).toBe(notice.id)
    expect(headers['webhook-timestamp']).toBe(String(T / 1000))
    const key = Buffer.from((hook.secrets.signingSecret ?? '').slice('whsec_'.length), 'base64')
    const signed = `${notice.id}.${T / 1000}.${body}`
    const expected = createHmac('sha256', key).update(signed).digest()
    const [version, given = ''] = String(headers['webhook-signature']).split(',')
    expect([version, timingSafeEqual(Buffer.from(given, 'base64'), expected)]).toEqual(['v1', true])
  })

  test('what is not a success is tried again, after as long as the receiver asks for', async () => {
    const there = await receiver()
    there.answer({ status: 500 }, { status: 429, headers: { 'retry-after': '7' } }, { status: 204, body: '' })
    const hook = to(there.url)
    expect(await send(hook)).toEqual({ outcome: 'retry', error: 'the receiver answered 500' })
    expect(await send(hook)).toMatchObject({ outcome: 'retry', afterMs: 7000 })
    expect(await send(hook)).toEqual({ outcome: 'sent' })
    expect(new Set(there.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  })

  test('Retry-After may be a date', async () => {
    const there = await receiver()
    there.answer({ status: 503, headers: { 'retry-after': new Date(T + 30_000).toUTCString() } })
    expect(await send(to(there.url))).toMatchObject({ outcome: 'retry', afterMs: 30_000 })
  })

  test('410 means that the receiver wants no more', async () => {
    const there = await receiver()
    there.answer({ status: 410 })
    expect(await send(to(there.url))).toMatchObject({ outcome: 'gone' })
  })

  test('a redirect is not followed: it could lead to a machine inside', async () => {
    const inside = await receiver()
    const there = await receiver()
    there.answer({ status: 307, headers: { location: inside.url } })
    expect(await send(to(there.url))).toMatchObject({ outcome: 'retry', error: 'the receiver answered 307' })
    expect(inside.received).toEqual([])
  })

  test('one that never answers ends with the attempt’s time', async () => {
    const there = await receiver()
    there.answer('hang')
    expect(await send(to(there.url), 50)).toEqual({ outcome: 'retry', error: 'no answer in time' })
  })

  test('one that is not there is said so in a sentence', async () => {
    const there = await httpReceiver()
    await there.close()
    expect(await send(to(there.url))).toMatchObject({ outcome: 'retry', error: expect.stringMatching(/ECONNREFUSED/) })
  })

  test.each([
    'http://169.254.169.254/latest',
    'http://[fe80::1]/',
    'http://[::ffff:169.254.169.254]/',
    'http://[64:ff9b::169.254.169.254]/',
    'http://100.100.100.200/latest/meta-data',
    'http://0.0.0.0/',
  ])('never sends to %s, where a cloud keeps its keys or nothing of ours listens', async (url) => {
    expect(await send(channel('webhook', { url, allowPlain: true }))).toMatchObject({
      outcome: 'retry',
      error: expect.stringMatching(/never sent to/),
    })
  })
})

/** As the bots' servers do: HTTP 200 whatever happens. */
const codes = (errcode: number, errmsg = 'no') => ({ body: { errcode, errmsg } })

describe('a WeCom bot', () => {
  const to = (baseUrl: string) => channel('wecom', { baseUrl })

  test('gets markdown under its key', async () => {
    const there = await receiver(({ url }) =>
      url.searchParams.get('key') === 'wecom-key-0001' ? undefined : codes(93_000),
    )
    expect(await send(to(there.url))).toEqual({ outcome: 'sent' })
    const [{ url, body }] = there.received as [Received]
    expect(url.pathname).toBe('/cgi-bin/webhook/send')
    const { msgtype, markdown } = JSON.parse(body) as { msgtype: string; markdown: { content: string } }
    expect(msgtype).toBe('markdown')
    expect(markdown.content).toContain('火警(已确认)')
    expect(Buffer.byteLength(markdown.content)).toBeLessThanOrEqual(4096)
  })

  test('answers 200 with an errcode: too often waits a minute, a wrong key is a person’s business, the rest is tried again', async () => {
    const there = await receiver()
    there.answer(codes(45_009), codes(93_000), codes(-1), { body: 'oops' }, { status: 502 })
    expect(await send(to(there.url))).toMatchObject({ outcome: 'retry', afterMs: 60_000 })
    expect(await send(to(there.url))).toMatchObject({ outcome: 'refused', error: 'errcode 93000: no' })
    expect(await send(to(there.url))).toEqual({ outcome: 'retry', error: 'errcode -1: no' })
    expect(await send(to(there.url))).toMatchObject({ outcome: 'retry' })
    expect(await send(to(there.url))).toMatchObject({ outcome: 'retry', error: 'the bot’s server answered 502' })
  })

  test('an answer that repeats the key does not bring it into the log', async () => {
    const there = await receiver()
    there.answer(codes(93_000, 'invalid key wecom-key-0001'))
    expect(await send(to(there.url))).toEqual({ outcome: 'refused', error: 'errcode 93000: invalid key ***' })
  })
})

describe('a DingTalk bot', () => {
  const to = (baseUrl: string) => channel('dingtalk', { baseUrl })
  /** open.dingtalk.com: base64 of the HMAC of "timestamp\nsecret", within an hour. */
  const judge = ({ url }: Received): Scripted | undefined => {
    const timestamp = url.searchParams.get('timestamp')
    const expected = createHmac('sha256', 'SECabc+/=').update(`${timestamp}\nSECabc+/=`).digest('base64')
    return url.searchParams.get('sign') === expected && timestamp === String(T)
      ? undefined
      : codes(310_000, 'sign not match')
  }

  test('gets markdown, signed', async () => {
    const there = await receiver(judge)
    expect(await send(to(there.url))).toEqual({ outcome: 'sent' })
    const [{ url, body }] = there.received as [Received]
    expect([url.pathname, url.searchParams.get('access_token')]).toEqual(['/robot/send', 'ding-token-0001'])
    // A `+` that is not escaped is a space at the other end.
    expect(url.search).not.toMatch(/sign=[^&]*[+/]/)
    expect(JSON.parse(body)).toMatchObject({
      msgtype: 'markdown',
      markdown: { title: expect.stringContaining('火警') },
    })
  })

  test('a wrong signature is a person’s business; too often waits', async () => {
    const there = await receiver(judge)
    const wrong = { ...to(there.url), secrets: { accessToken: 'ding-token-0001', signingSecret: 'SECother' } }
    expect(await send(wrong)).toEqual({ outcome: 'refused', error: 'errcode 310000: sign not match' })
    const busy = await receiver(() => codes(130_101, 'send too fast'))
    expect(await send(to(busy.url))).toMatchObject({ outcome: 'retry', afterMs: 60_000 })
  })
})

describe('an SMS provider', () => {
  test('gets its template filled in, escaped for where it stands, once for each number', async () => {
    const there = await receiver()
    there.answer({ body: { code: 'OK' } }, { body: { code: 'BUSY' } }, { body: { code: 'OK' } })
    const to = channel('sms', {
      url: `${there.url}/send?key={{secret.token}}`,
      headers: { Authorization: 'Bearer {{secret.token}}' },
      phones: '13800000001,13800000002',
      success: '"code":"OK"',
    })
    expect(await send(to)).toMatchObject({ outcome: 'retry' })
    expect(await send(to)).toEqual({ outcome: 'sent' })
    expect(there.received.map(({ body }) => (JSON.parse(body) as { phone: string }).phone)).toEqual([
      '13800000001',
      '13800000002',
      '13800000002',
    ])
    expect(there.received[0]?.url.searchParams.get('key')).toBe('sms-token-0001')
    expect(there.received[0]?.headers.authorization).toBe('Bearer sms-token-0001')
    expect((JSON.parse(there.received[0]?.body ?? '') as { text: string }).text).toContain('火警')
  })

  test('a form is filled in as a form', async () => {
    const there = await receiver()
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
    await send(channel('sms', { url: there.url, headers, body: 'to={{phone}}&msg={{text}}' }))
    const form = new URLSearchParams(there.received[0]?.body)
    expect([form.get('to'), form.get('msg')?.includes('火警')]).toEqual(['13800000001', true])
  })
})

describe('e-mail', () => {
  test('is handed over with its delivery id, in both forms', async () => {
    const post = await keep(smtpReceiver())
    const to = { ...channel('email', { port: post.port, user: 'hydrant' }), secrets: { password: 'post-secret' } }
    expect(await send(to)).toEqual({ outcome: 'sent' })
    const [mail = ''] = post.mails
    expect(mail).toMatch(/^Message-ID: <msg_[\w-]+@example\.cn>/m)
    expect(mail).toMatch(/^To: brigade@example\.cn/m)
    expect(mail).toMatch(/text\/plain[\s\S]*text\/html/)
    expect(post.shown).toEqual(['\0hydrant\0post-secret'])
  })

  test('a server that is busy is asked again, one that refuses is a person’s business', async () => {
    const post = await keep(smtpReceiver())
    const to = channel('email', { port: post.port })
    post.refuse.set('MAIL', '451 4.7.1 try later')
    expect(await send(to)).toMatchObject({ outcome: 'retry', error: expect.stringContaining('451') })
    post.refuse.set('MAIL', '550 5.7.1 brigade@example.cn is not for you')
    const refused = await send(to)
    expect(refused).toMatchObject({ outcome: 'refused', error: expect.stringContaining('550') })
    expect(JSON.stringify(refused)).not.toContain('brigade')
    const signed = { ...channel('email', { port: post.port, user: 'hydrant' }), secrets: { password: 'wrong' } }
    post.refuse.set('AUTH', '535 5.7.8 no')
    expect(await send(signed)).toMatchObject({
      outcome: 'refused',
      error: expect.stringContaining('name and password'),
    })
  })

  test('a server that says nothing ends with the attempt’s time; one without STARTTLS gets nothing in the clear', async () => {
    const post = await keep(smtpReceiver())
    expect(await send(channel('email', { port: post.port, tls: 'starttls' }))).toMatchObject({ outcome: 'refused' })
    expect(post.mails).toEqual([])
    post.refuse.set('GREETING', '')
    expect(await send(channel('email', { port: post.port }), 50)).toMatchObject({ outcome: 'retry' })
  })
})

describe('public screens', () => {
  test('get JSON with QoS 1 that stays for the next screen; a closed incident leaves nothing behind', async () => {
    const broker = await Aedes.createBroker()
    const server = createServer(broker.handle)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    open.push({
      close: async () => {
        await new Promise<void>((resolve) => broker.close(() => resolve()))
        server.close()
      },
    })
    const published: { topic: string; qos: number; retain: boolean; payload: string }[] = []
    broker.on('publish', ({ topic, qos, retain, payload }) => {
      if (!topic.startsWith('$SYS')) published.push({ topic, qos, retain, payload: payload.toString() })
    })
    const to = channel('mqtt', { url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}` })
    expect(await send(to)).toEqual({ outcome: 'sent' })
    expect(published).toMatchObject([{ topic: 'city/screens/inc-1', qos: 1, retain: true }])
    expect(JSON.parse(published[0]?.payload ?? '')).toMatchObject({
      version: 1,
      title: expect.stringContaining('火警'),
      expiresAt: T + 14_400_000,
    })
    published.length = 0
    const over = letterTo(to, { state: 'closed', closedAt: T })
    expect(await deliver(to, { letter: over, now: () => T, signal: AbortSignal.timeout(5000) })).toEqual({
      outcome: 'sent',
    })
    expect(published).toMatchObject([{ retain: false }, { topic: 'city/screens/inc-1', retain: true, payload: '' }])
  })

  test('a broker that is not there is tried again', async () => {
    expect(await send(channel('mqtt'))).toMatchObject({ outcome: 'retry' })
  })
})

test('settings that no longer fit their kind are a person’s business, not an endless retry', async () => {
  expect(await send({ ...channel('wecom'), secrets: {} })).toMatchObject({ outcome: 'refused' })
})
