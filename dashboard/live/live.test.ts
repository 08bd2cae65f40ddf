import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ActionAnswer, Snapshot } from '../../contract/live.ts'
import { hashSecret } from '../../store/identity.ts'
import { type LiveClient, next, type Rehearsal, rehearse, sampleAlarm } from '../rehearsal.ts'
import { MAX_MISSED_EVENTS } from './catch-up.ts'

let stage: Rehearsal

beforeAll(async () => {
  stage = await rehearse()
  await stage.addDevices(
    { id: 'smoke-1', kind: 'smoke-detector', lon: 115.98, lat: 36.45 },
    { id: 'meter-1', kind: 'water-meter' },
  )
  await stage.restart()
})
afterAll(() => stage.end())

/** A signed-in console that has said hello and got its snapshot. */
async function console_(
  name: string,
  role: 'viewer' | 'dispatcher' | 'water',
): Promise<{ client: LiveClient; first: Snapshot }> {
  const client = stage.connect({ headers: { cookie: await stage.signIn(name, role) } })
  const snapshot = next(client, 'snapshot')
  client.emit('hello', {})
  return { client, first: await snapshot }
}

const ask = (
  client: LiveClient,
  what: 'acknowledge' | 'comment',
  input: { alarmId: string; comment: string },
): Promise<ActionAnswer> => new Promise((resolve) => client.emit(what, input, resolve))

test('a console is given the open alarms and the counts, and then every new alarm as it happens', async () => {
  const before = await stage.raise('meter-1', 'leak')
  const { client, first } = await console_('li', 'dispatcher')
  expect(first.openAlarms.map((alarm) => alarm.id)).toContain(before.id)
  expect(first.session).toEqual({ name: 'li', role: 'dispatcher', mustSetPassword: true })
  const events = next(client, 'events')
  const changes = next(client, 'devices')
  const alarm = await stage.raise('smoke-1', 'smoke')
  const batch = await events
  expect(batch.from).toBe(first.seq)
  expect(batch.events).toMatchObject([{ type: 'alarm.raised', alarm: { id: alarm.id } }])
  const { changes: changed, counts } = await changes
  expect(changed).toMatchObject([{ id: 'smoke-1', status: 'critical', lon: 115.98 }])
  expect(counts.critical).toBe(1)
})

test('a console that was away gets exactly the events that it missed', async () => {
  const { client, first } = await console_('away', 'viewer')
  client.close()
  const missed = [await stage.raise('meter-1', 'burst'), await stage.raise('meter-1', 'reverse')]
  const token = await stage.token('away-again', 'viewer')
  const back = stage.connect({ token })
  let snapshots = 0
  back.on('snapshot', () => {
    snapshots += 1
  })
  const seen: string[] = []
  back.on('events', ({ events }) => {
    for (const event of events) if (event.type === 'alarm.raised') seen.push(event.alarm.id)
  })
  const devices = next(back, 'devices')
  back.emit('hello', { seq: first.seq, rev: first.rev })
  expect((await devices).changes.map((change) => change.id)).toContain('meter-1')
  const later = await stage.raise('meter-1', 'tamper')
  await expect.poll(() => seen).toEqual([...missed.map((alarm) => alarm.id), later.id])
  expect(snapshots).toBe(0)
})

test('also over a restart of the dashboard nothing is missed', async () => {
  const { first } = await console_('patient', 'viewer')
  const missed = await stage.raise('meter-1', 'freeze')
  await stage.restart()
  const back = stage.connect({ token: await stage.token('patient-again', 'viewer') })
  const events = next(back, 'events')
  const devices = next(back, 'devices')
  back.emit('hello', { seq: first.seq, rev: first.rev })
  expect((await events).events).toMatchObject([{ alarm: { id: missed.id } }])
  expect((await devices).changes.map((change) => change.id)).toContain('meter-1')
})

test('a console too far behind gets a snapshot instead of thousands of events', async () => {
  const { client, first } = await console_('sleeper', 'viewer')
  let reached = 0
  client.on('events', ({ to }) => {
    reached = to
  })
  const alarm = { ...sampleAlarm('many', 'meter-1', 'stuck') }
  const events = Array.from({ length: MAX_MISSED_EVENTS + 1 }, (_, i) => ({
    type: 'alarm.updated' as const,
    at: i,
    commandId: null,
    actor: null,
    alarm: { ...alarm, count: i + 1 },
  }))
  const last = await stage.decide({ alarms: [alarm], events })
  await expect.poll(() => reached).toBe(last)
  const back = stage.connect({ token: await stage.token('sleeper-again', 'viewer') })
  const snapshot = next(back, 'snapshot')
  back.emit('hello', { seq: first.seq, rev: first.rev })
  expect((await snapshot).seq).toBeGreaterThan(first.seq + MAX_MISSED_EVENTS)
})

test('a console whose numbers are ahead of ours (a restored backup) starts from a snapshot', async () => {
  const client = stage.connect({ token: await stage.token('restored', 'viewer') })
  const snapshot = next(client, 'snapshot')
  client.emit('hello', { seq: 1e9, rev: 1e9 })
  expect((await snapshot).seq).toBeLessThan(1e9)
})

test('a dispatcher acknowledges over the socket; everyone sees it', async () => {
  const alarm = await stage.raise('smoke-1', 'heat')
  const { client } = await console_('wang', 'dispatcher')
  const { client: other } = await console_('watcher', 'viewer')
  const seen = next(other, 'events')
  expect(await ask(client, 'acknowledge', { alarmId: alarm.id, comment: '已派人' })).toEqual({ ok: true })
  expect((await seen).events).toMatchObject([
    { type: 'alarm.acknowledged', actor: 'wang', comment: '已派人', alarm: { id: alarm.id, state: 'ACTIVE_ACK' } },
  ])
})

test('a viewer cannot acknowledge over the socket either, nor can anybody without an alarm', async () => {
  const alarm = await stage.raise('smoke-1', 'co')
  const { client } = await console_('looker', 'viewer')
  expect(await ask(client, 'acknowledge', { alarmId: alarm.id, comment: '' })).toMatchObject({
    ok: false,
    code: 'right.missing',
  })
  expect((await stage.stores.views.alarm(alarm.id))?.state).toBe('ACTIVE_UNACK')
  const { client: dispatcher } = await console_('zhou', 'dispatcher')
  expect(await ask(dispatcher, 'comment', { alarmId: 'none', comment: 'x' })).toMatchObject({ code: 'alarm.unknown' })
  const nonsense = dispatcher as unknown as { emit(name: string, ...args: unknown[]): void }
  nonsense.emit('acknowledge')
  nonsense.emit('hello', 'x', 'y')
  nonsense.emit('watch', { toString: 1 })
  expect(await ask(dispatcher, 'comment', { alarmId: alarm.id, comment: '' })).toMatchObject({
    code: 'request.invalid',
  })
})

test('nobody gets in without a session or a token, or from another site’s page', async () => {
  const refused = (client: LiveClient): Promise<string> =>
    new Promise((resolve) => client.once('connect_error', (error) => resolve(error.message)))
  expect(await refused(stage.connect({}))).toBe('session.none')
  expect(await refused(stage.connect({ token: 'x'.repeat(43) }))).toBe('token.unknown')
  const cookie = await stage.signIn('victim', 'dispatcher')
  const foreign = refused(stage.connect({ headers: { cookie, origin: 'https://evil.example' } }))
  expect(await foreign).toMatch(/websocket error|403/)
})

test('a revoked session loses its console within a second, and is told', async () => {
  const cookie = await stage.signIn('leaver', 'viewer')
  const client = stage.connect({ headers: { cookie } })
  const snapshot = next(client, 'snapshot')
  client.emit('hello', {})
  await snapshot
  const bye = next(client, 'bye')
  const ended = new Promise((resolve) => client.once('disconnect', resolve))
  await stage.stores.accounts.removeSession(hashSecret(cookie.split('=')[1] ?? ''))
  expect(await bye).toEqual({ code: 'session.revoked' })
  await ended
})

test('a device registered by the command line while consoles are open shows on them', async () => {
  const { client } = await console_('early', 'viewer')
  const change = next(client, 'devices')
  await stage.addDevices({ id: 'new-1', kind: 'call-point', name: '三楼', lon: 116, lat: 36.5 })
  expect((await change).changes).toEqual([
    { id: 'new-1', kind: 'call-point', name: '三楼', status: 'never', lon: 116, lat: 36.5, lastHeardAt: null },
  ])
  const gone = next(client, 'devices')
  await stage.stores.registry.remove('new-1')
  expect((await gone).changes).toMatchObject([{ id: 'new-1', lon: null, lat: null }])
})

test('a point that its panel names with its first fire is known by name when the alarm shows', async () => {
  const { client } = await console_('night', 'viewer')
  const token = await stage.token('wall', 'viewer')
  const events = next(client, 'events')
  await stage.addDevices({ id: 'p1.1-1.40.10-2', kind: 'smoke-detector', name: '三楼东病房' })
  await stage.raise('p1.1-1.40.10-2', 'smoke')
  await events
  const answer = await stage.get('/api/devices/p1.1-1.40.10-2', { authorization: `Bearer ${token}` })
  expect(await answer.json()).toMatchObject({ name: '三楼东病房', status: 'critical' })
})

test('the page of one device follows its values', async () => {
  const { client } = await console_('engineer', 'water')
  const first = next(client, 'device')
  client.emit('watch', 'meter-1')
  expect((await first).latest).toEqual([])
  const heard = next(client, 'device')
  await stage.decide({
    sightings: [
      {
        deviceId: 'meter-1',
        lastHeardAt: 50,
        connected: true,
        latest: new Map([['volume', { value: 12.345, at: 40 }]]),
      },
    ],
  })
  expect(await heard).toMatchObject({
    id: 'meter-1',
    connected: true,
    lastHeardAt: 50,
    latest: [{ quantity: 'volume', value: 12.345, at: 40 }],
  })
})

test('a console that stops reading costs no memory, and misses nothing when it reads again', async () => {
  const slow = await console_('stalled', 'viewer')
  const brisk = await console_('brisk', 'viewer')
  const numbers = (client: LiveClient): number[] => {
    const seen: number[] = []
    client.on('events', ({ events }) => {
      for (const event of events) seen.push(event.seq)
    })
    return seen
  }
  const slowSeen = numbers(slow.client)
  const briskSeen = numbers(brisk.client)
  const wire = wireOf(slow.client)
  wire.pause()
  const alarm = sampleAlarm('talk', 'meter-1', 'dry')
  const spoken = { type: 'alarm.commented' as const, at: 1, commandId: null, actor: 'li', alarm }
  // More than the kernel takes for a stalled reader (some MB), in more messages than the server holds back.
  const words = '漏'.repeat(2000)
  const skipped = () =>
    fetch(`${stage.dashboard.url}/metrics`).then(
      async (answer) => /slow_sockets_total (\d+)/.exec(await answer.text())?.[1],
    )
  let last = 0
  for (let i = 0; (await skipped()) === '0'; i++) {
    expect(i).toBeLessThan(400)
    last = await stage.decide({ events: Array.from({ length: 20 }, () => ({ ...spoken, comment: words })) })
    await expect.poll(() => briskSeen.at(-1)).toBe(last)
  }
  last = await stage.decide({ events: [{ ...spoken, comment: 'the last' }] })
  expect(slowSeen).toEqual([])
  wire.resume()
  await expect.poll(() => slowSeen.at(-1), { timeout: 20_000 }).toBe(last)
  expect(slowSeen).toEqual(briskSeen)
})

/** The TCP connection under a client. */
function wireOf(client: LiveClient): { pause(): void; resume(): void } {
  const { engine } = client.io as unknown as {
    engine: { transport: { ws: { _socket: { pause(): void; resume(): void } } } }
  }
  return engine.transport.ws._socket
}
