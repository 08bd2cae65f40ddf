import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DEFAULT_RULES } from '../../contract/channels.ts'
import type { Channels, StoredChannel } from './channels-port.ts'
import { type Decisions, NO_DECISION } from './decisions-port.ts'
import { DuplicateName } from './duplicate-name.ts'
import type { NewMessage, Outbox } from './outbox-port.ts'
import { Bench, type StateUnderTest } from './state-under-test.ts'
import type { Views } from './views-port.ts'

const channel = (id: string, more: Partial<StoredChannel> = {}): StoredChannel => ({
  id,
  kind: 'webhook',
  name: id,
  settings: { url: 'https://example.cn/hook' },
  secrets: { signingSecret: 'whsec_x' },
  rules: DEFAULT_RULES,
  disabled: false,
  disabledWhy: null,
  createdAt: 1000,
  ...more,
})

const message = (id: string, more: Partial<NewMessage> = {}): NewMessage => ({
  id,
  incidentId: 'i-1',
  channelId: 'c-1',
  channelName: 'Fire brigade',
  occasion: 'confirmed',
  step: 0,
  urgent: false,
  at: 1000,
  incident: null,
  ...more,
})

/** What every store of channels and of their messages must hold. */
export function outboxSuite(name: string, make: () => StateUnderTest): void {
  const bench = new Bench(make)
  describe(`channels and their outbox (${name})`, () => {
    let decisions: Decisions
    let channels: Channels
    let outbox: Outbox
    let views: Views
    beforeEach(() => {
      decisions = bench.keep(bench.state.decisions())
      channels = bench.keep(bench.state.channels())
      outbox = bench.keep(bench.state.outbox())
      views = bench.keep(bench.state.views())
    })
    afterEach(() => bench.clear())

    const decide = (...messages: NewMessage[]): Promise<number> => decisions.commit({ ...NO_DECISION, messages })
    const ids = async (channelId = 'c-1'): Promise<string[]> =>
      (await outbox.waiting(channelId, 10)).map(({ id }) => id)

    test('whoever follows the channels learns of every change', async () => {
      const before = await channels.revision()
      await channels.put(channel('c-1'))
      await channels.put(channel('c-1', { name: '消防大队', disabled: true, disabledWhy: '410' }))
      expect(await channels.find('c-1')).toEqual(
        channel('c-1', { name: '消防大队', disabled: true, disabledWhy: '410' }),
      )
      await expect(channels.put(channel('c-2', { name: '消防大队' }))).rejects.toBeInstanceOf(DuplicateName)
      expect((await channels.list()).map(({ id }) => id)).toEqual(['c-1'])
      expect(await channels.remove('c-1')).toBe(true)
      expect(await channels.remove('c-1')).toBe(false)
      expect(await channels.revision()).toBe(before + 3)
    })

    test('the same decision made again tells nobody twice', async () => {
      await decide(message('m-1'), message('m-2'))
      await decide(message('m-1'))
      expect(await ids()).toEqual(['m-1', 'm-2'])
    })

    test('a fire goes before what waited longer, and what failed lets others try first', async () => {
      await decide(message('a'), message('b'), message('fire', { urgent: true }))
      expect(await ids()).toEqual(['fire', 'a', 'b'])
      await outbox.settle([{ id: 'a', result: 'failed', error: 'no answer' }], 2000, { channelId: 'c-1' })
      expect(await ids()).toEqual(['fire', 'b', 'a'])
      expect(await outbox.waitingChannels()).toEqual([{ channelId: 'c-1', count: 3, oldestAt: 1000 }])
      expect(await outbox.lettersSince('c-1', 1999)).toEqual([2000])
      expect(await outbox.lettersSince('c-1', 2000)).toEqual([])
    })

    test('the fate of a message is an event of its incident: the first failure, and the end', async () => {
      await decide(message('m-1'), message('test', { incidentId: '', occasion: 'test' }))
      const letter = { channelId: 'c-1' }
      for (const at of [2000, 3000]) await outbox.settle([{ id: 'm-1', result: 'failed', error: '500' }], at, letter)
      const both = ['m-1', 'test'].map((id) => ({ id, result: 'sent', error: null }) as const)
      await outbox.settle(both, 4000, letter)
      await outbox.settle(both, 5000, letter)
      const events = await views.eventsOfIncident('i-1')
      expect(events).toMatchObject([
        { type: 'message.failed', at: 2000, message: { id: 'm-1', attempts: 1, lastError: '500', state: 'waiting' } },
        {
          type: 'message.sent',
          at: 4000,
          message: { id: 'm-1', attempts: 3, sentAt: 4000, channelName: 'Fire brigade' },
        },
      ])
      expect(await views.lastEventSeq()).toBe(2)
      expect(await outbox.ofIncident('i-1')).toMatchObject([{ id: 'm-1', state: 'sent', attempts: 3 }])
      expect(await outbox.find('test')).toMatchObject({ state: 'sent' })
    })

    test('a dead letter is kept, and waits again when somebody says so', async () => {
      await decide(message('m-1'), message('m-2'))
      const before = await outbox.revision()
      await outbox.settle([{ id: 'm-1', result: 'gave-up', error: 'the channel was removed' }], 2000)
      expect(await outbox.deadLetters({ limit: 10 })).toMatchObject({ total: 1, items: [{ id: 'm-1', attempts: 0 }] })
      expect(await outbox.deadLetterCounts()).toEqual(new Map([['c-1', 1]]))
      expect(await outbox.sendAgain('m-2', 3000)).toBe(false)
      expect(await outbox.sendAgain('m-1', 3000)).toBe(true)
      expect(await outbox.revision()).toBeGreaterThan(before)
      expect(await outbox.find('m-1')).toMatchObject({ state: 'waiting', queuedAt: 3000, createdAt: 1000 })
    })

    test('dead letters are read page by page, the newest first', async () => {
      await decide(...['a', 'b', 'c'].map((id) => message(id)))
      await outbox.settle(
        ['a', 'b', 'c'].map((id) => ({ id, result: 'gave-up', error: 'x' }) as const),
        2000,
      )
      const first = await outbox.deadLetters({ limit: 2 })
      expect(first.items.map(({ id }) => id)).toEqual(['c', 'b'])
      const second = await outbox.deadLetters({ limit: 2, cursor: first.next ?? '' })
      expect([second.items.map(({ id }) => id), second.next]).toEqual([['a'], null])
    })
  })
}
