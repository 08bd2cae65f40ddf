import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Incident } from '../../contract/incidents.ts'
import type { Channels, StoredChannel } from '../../store/state/channels-port.ts'
import { NO_DECISION } from '../../store/state/decisions-port.ts'
import type { Outbox } from '../../store/state/outbox-port.ts'
import { openChannels, openDecisions, openOutbox, openRegistry, openViews } from '../../store/state/sqlite.ts'
import { Figures } from '../metrics.ts'
import { announcing } from './announce.ts'
import { Courier } from './courier.ts'
import type { Letter, Outcome } from './port.ts'
import { channel, HOME_PATH, happened, messageTo, T } from './samples.ts'

/** The courier over a real state, with a clock and receivers that the test moves. */

let dir: string
let channels: Channels
let outbox: Outbox
let now: number
let logged: object[]
let delivered: { readonly to: string; readonly letter: Letter; readonly at: number }[]
let answer: (to: StoredChannel, letter: Letter) => Outcome | Promise<Outcome>
const open: { close(): Promise<void> }[] = []
const keep = <P extends { close(): Promise<void> }>(port: P): P => {
  open.push(port)
  return port
}
const file = (): string => join(dir, 'state.db')

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hydrant-courier-'))
  channels = keep(openChannels(file()))
  outbox = keep(openOutbox(file()))
  now = T
  logged = []
  delivered = []
  answer = () => ({ outcome: 'sent' })
})
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
  rmSync(dir, { recursive: true })
})

function courier(attemptMs = 10_000): Courier {
  const say = (facts: object): void => void logged.push(facts)
  return new Courier({
    channels,
    outbox,
    deliver: async (to, { letter }) => {
      delivered.push({ to: to.id, letter, at: now })
      return answer(to, letter)
    },
    publicUrl: 'https://hydrant.example.cn',
    now: () => now,
    random: () => 1,
    figures: new Figures(),
    log: { info: say, error: say },
    attemptMs,
  })
}

/** Everything that can go out now goes out. */
async function serve(it: Courier, rounds = 8): Promise<void> {
  for (let i = 0; i < rounds; i++) {
    await it.step()
    await it.idle()
  }
}

const tell = (to: StoredChannel, ...of: Partial<Incident>[]): Promise<void> =>
  outbox.put(of.map((more) => messageTo(to, more)))
const many = (count: number, more: Partial<Incident> = {}): Partial<Incident>[] =>
  Array.from({ length: count }, (_, i) => ({ id: `inc-${i}`, ...more }))

describe('the courier', () => {
  test('takes a message to its channel, with the link, and notes it', async () => {
    const hook = channel('webhook')
    await channels.put(hook)
    await tell(hook, {})
    await serve(courier())
    expect(delivered).toMatchObject([{ to: 'webhook', letter: { urgent: true } }])
    expect(delivered[0]?.letter.notices[0].url).toBe('https://hydrant.example.cn/incidents/inc-1')
    expect(await outbox.ofIncident('inc-1')).toMatchObject([{ state: 'sent', sentAt: T, attempts: 1 }])
  })

  test('a channel that does not answer holds up nobody else, and no fire behind it', async () => {
    const [dead, good] = [channel('webhook', {}, { id: 'dead', name: 'dead' }), channel('wecom')]
    for (const one of [dead, good]) await channels.put(one)
    const stuck: ((outcome: Outcome) => void)[] = []
    answer = (to) => (to.id === 'dead' ? new Promise((resolve) => stuck.push(resolve)) : { outcome: 'sent' })
    await tell(dead, {}, { id: 'inc-2', kind: 'water' })
    await tell(good, {})
    const it = courier(60_000)
    await it.step()
    await tell(dead, { id: 'inc-3' })
    await it.step()
    expect(delivered.map(({ to, letter }) => [to, letter.notices[0].incident?.id])).toEqual([
      ['dead', 'inc-1'],
      ['dead', 'inc-2'],
      ['wecom', 'inc-1'],
      ['dead', 'inc-3'],
    ])
    for (const resolve of stuck) resolve({ outcome: 'sent' })
    await it.idle()
  })

  test('an adapter that never comes back is given up when its time is over', async () => {
    const hook = channel('webhook')
    await channels.put(hook)
    await tell(hook, {})
    answer = () => new Promise(() => undefined)
    await serve(courier(20), 1)
    expect(await outbox.ofIncident('inc-1')).toMatchObject([
      { state: 'waiting', attempts: 1, lastError: 'no answer in time' },
    ])
  })

  test('a channel that fails rests longer and longer, and everything goes out when it is back', async () => {
    const hook = channel('webhook')
    await channels.put(hook)
    await tell(hook, { kind: 'care' }, { kind: 'care', id: 'inc-2' })
    answer = () => ({ outcome: 'retry', error: 'the receiver answered 500' })
    const it = courier()
    for (; now < T + 60_000; now += 500) await serve(it, 1)
    const tries = delivered.map(({ at }) => (at - T) / 1000)
    expect(tries).toEqual([0, 1, 3, 7, 15, 31])
    answer = () => ({ outcome: 'sent' })
    now = T + 63_000
    await serve(it)
    expect([await outbox.waiting('webhook', 10), delivered.length]).toEqual([[], 8])
    expect(new Set(delivered.map(({ letter }) => letter.id)).size).toBe(2)
  })

  test('what the receiver asks for is kept: nothing before Retry-After has passed', async () => {
    const bot = channel('wecom')
    await channels.put(bot)
    await tell(bot, {})
    answer = () => ({ outcome: 'retry', error: 'errcode 45009', afterMs: 60_000 })
    const it = courier()
    await serve(it)
    await tell(bot, { id: 'inc-2' })
    now += 59_000
    await serve(it)
    expect(delivered).toHaveLength(1)
    answer = () => ({ outcome: 'sent' })
    now += 2000
    await serve(it)
    expect(delivered).toHaveLength(3)
  })

  test('after its time a message is a dead letter, on its incident, and can be sent again', async () => {
    const hook = channel('webhook', { giveUpMinutes: 5 })
    await channels.put(hook)
    await tell(hook, {})
    answer = () => ({ outcome: 'retry', error: 'no answer' })
    const it = courier()
    for (; now < T + 400_000; now += 5000) await serve(it, 1)
    const events = await keep(openViews(file())).eventsOfIncident('inc-1')
    expect(events.map(({ type }) => type)).toEqual(['message.failed', 'message.gave-up'])
    const [dead] = (await outbox.deadLetters({ limit: 10 })).items
    expect(dead).toMatchObject({ state: 'gave-up', lastError: 'not delivered within 5 minutes (no answer)' })
    answer = () => ({ outcome: 'sent' })
    await outbox.sendAgain(dead?.id ?? '', now)
    await serve(it)
    expect(await outbox.ofIncident('inc-1')).toMatchObject([{ state: 'sent', id: dead?.id }])
  })

  test('what only a person can put right is given up at once; put right, the next message goes', async () => {
    const bot = channel('dingtalk')
    await channels.put(bot)
    await tell(bot, {})
    answer = () => ({ outcome: 'refused', error: 'errcode 310000' })
    const it = courier()
    await serve(it)
    expect(await outbox.ofIncident('inc-1')).toMatchObject([{ state: 'gave-up', attempts: 1 }])
    expect(delivered).toHaveLength(1)
  })

  test('a receiver that wants no more disables its channel, loudly; what waited is not lost without a word', async () => {
    const hook = channel('webhook')
    await channels.put(hook)
    await tell(hook, { kind: 'care' }, { kind: 'care', id: 'inc-2' })
    answer = () => ({ outcome: 'gone', error: 'the receiver answered 410: it wants no more' })
    await serve(courier())
    expect(await channels.find('webhook')).toMatchObject({
      disabled: true,
      disabledWhy: expect.stringContaining('410'),
    })
    expect(delivered).toHaveLength(1)
    expect(await outbox.ofIncident('inc-2')).toMatchObject([{ state: 'gave-up', lastError: 'the channel is disabled' }])
    expect(logged.length).toBeGreaterThan(0)
  })

  test('a channel that is put right while it rests is tried at once', async () => {
    const hook = channel('webhook')
    await channels.put(hook)
    await tell(hook, { kind: 'care' })
    answer = () => ({ outcome: 'retry', error: 'no answer' })
    const it = courier()
    await serve(it)
    answer = () => ({ outcome: 'sent' })
    await serve(it)
    expect(delivered).toHaveLength(1)
    await channels.put({ ...hook, settings: { ...hook.settings, url: 'http://127.0.0.1:10/' } })
    await serve(it)
    expect(delivered).toHaveLength(2)
  })

  test('this machine’s clock is set back: no fire waits until it has caught up', async () => {
    const bot = channel('wecom')
    await channels.put(bot)
    const it = courier()
    // As many letters as a minute has, and a receiver that wants to be left alone.
    await tell(bot, ...many(20))
    for (let i = 0; i < 30; i++) {
      now += 3000
      await serve(it, 2)
    }
    answer = () => ({ outcome: 'retry', error: 'errcode 45009', afterMs: 60_000 })
    await tell(bot, { id: 'barred' })
    await serve(it)
    answer = () => ({ outcome: 'sent' })
    now -= 3_600_000
    const before = delivered.length
    await serve(it)
    await tell(bot, { id: 'after' })
    await serve(it)
    expect(delivered.slice(before).flatMap(({ letter }) => letter.notices.map(({ incident }) => incident?.id))).toEqual(
      expect.arrayContaining(['barred', 'after']),
    )
  })

  test('a bot’s digests wait where a fire passes, over a restart too; each message has its fate', async () => {
    const bot = channel('wecom')
    await channels.put(bot)
    await tell(bot, ...many(40, { kind: 'care' }))
    await serve(courier(), 40)
    // Forty lines do not fit into 4,096 bytes: the others go in the next letter.
    expect(delivered).toHaveLength(2)
    expect(delivered.reduce((sum, { letter }) => sum + letter.notices.length, 0)).toBe(40)
    for (let i = 0; i < 12; i++) {
      await tell(bot, { id: `one-${i}`, kind: 'care' })
      await serve(courier(), 3)
    }
    expect(delivered).toHaveLength(8)
    await tell(bot, { id: 'fire' })
    await serve(courier())
    expect(delivered).toHaveLength(9)
    expect(delivered[8]?.letter).toMatchObject({ urgent: true, notices: [{ incident: { id: 'fire' } }] })
    now += 63_000
    await serve(courier())
    expect((await outbox.ofIncident('one-11'))[0]?.state).toBe('sent')
    expect(await outbox.waiting('wecom', 10)).toEqual([])
  })

  test('a public screen never goes back to an earlier state of an incident', async () => {
    const screen = channel('mqtt')
    await channels.put(screen)
    await outbox.put([
      messageTo(screen, {}, 'incident.opened'),
      messageTo(screen, { state: 'closed', closedAt: T + 1 }, 'incident.closed'),
    ])
    let broken = true
    answer = () => (broken ? { outcome: 'retry', error: 'away' } : { outcome: 'sent' })
    const it = courier()
    await serve(it)
    broken = false
    now += 2000
    await serve(it)
    expect(delivered.map(({ letter }) => letter.notices[0].incident?.state)).toEqual(['verified', 'verified', 'closed'])
  })
})

describe('a decision with an incident in it', () => {
  test('is stored with its messages, in one transaction; one without costs nothing', async () => {
    const registry = keep(openRegistry(file()))
    await registry.putPlaces(HOME_PATH)
    await channels.put(channel('webhook'))
    const stored = keep(openDecisions(file()))
    const figures = new Figures()
    const decisions = announcing(stored, { channels, registry, figures, log: { error: (facts) => logged.push(facts) } })
    expect(await decisions.commit(NO_DECISION)).toBe(0)
    const event = happened('incident.opened')
    await decisions.commit({ ...NO_DECISION, events: [event, happened('incident.joined')] })
    await decisions.commit({ ...NO_DECISION, events: [event] })
    const messages = await outbox.waiting('webhook', 10)
    expect(messages.map(({ incident }) => incident?.place.map(({ name }) => name))).toEqual([
      ['东昌府区', '幸福养老院', '3层'],
    ])
    expect(messages[0]?.incident).toMatchObject({ lon: 115.98, lat: 36.45, alarmTypes: ['smoke', 'heat'] })
    expect(await stored.openAlarms()).toEqual(await decisions.openAlarms())
  })

  test('that opens a fire and confirms it tells of it once', async () => {
    const registry = keep(openRegistry(file()))
    await channels.put(channel('webhook'))
    const deps = { channels, registry, figures: new Figures(), log: { error: () => undefined } }
    const decisions = announcing(keep(openDecisions(file())), deps)
    const opened = happened('incident.opened', { verification: 'pre-alarm', confirmedAt: null })
    await decisions.commit({ ...NO_DECISION, events: [opened, happened('incident.confirmed')] })
    expect(await outbox.waiting('webhook', 10)).toMatchObject([{ occasion: 'confirmed' }])
  })

  test('is stored also where nobody can find out whom to tell: that is counted and said aloud', async () => {
    const registry = { pathOfPlace: () => Promise.reject(new Error('no')) }
    await channels.put(channel('webhook'))
    const figures = new Figures()
    const log = { error: (facts: object) => void logged.push(facts) }
    const decisions = announcing(keep(openDecisions(file())), { channels, registry, figures, log })
    expect(await decisions.commit({ ...NO_DECISION, events: [happened('incident.opened')] })).toBe(1)
    expect([figures.read().channel_announce_failures_total, logged.length]).toEqual([1, 1])
  })
})
