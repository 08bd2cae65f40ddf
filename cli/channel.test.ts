import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stateFile } from '../store/files.ts'
import type { Channels } from '../store/state/channels-port.ts'
import type { Outbox } from '../store/state/outbox-port.ts'
import { openChannels, openOutbox } from '../store/state/sqlite.ts'
import { hydrant as typeHydrant } from './hydrant-under-test.ts'

let data: string
let channels: Channels
let outbox: Outbox
beforeAll(() => {
  data = mkdtempSync(join(tmpdir(), 'hydrant-cli-'))
  channels = openChannels(stateFile(data))
  outbox = openOutbox(stateFile(data))
})
afterAll(async () => {
  for (const one of [channels, outbox]) await one.close()
  rmSync(data, { recursive: true })
})

const hydrant = (args: readonly string[], input = '') =>
  typeHydrant(['channel', ...args], { env: { HYDRANT_DATA_DIR: data }, input })

test('a bot is added with its key from standard input, which is never printed', async () => {
  const rule = ['--kinds', 'fire', '--on', 'confirmed,escalated', '--from-step', '1', '--shift', '18:00-06:00']
  const added = await hydrant(['add', 'wecom', '消防大队群', '--secrets', '-', ...rule], 'key=wecom-key-123456\n')
  expect(added).toMatchObject({ code: 0, err: '' })
  expect(await channels.list()).toMatchObject([
    {
      kind: 'wecom',
      secrets: { key: 'wecom-key-123456' },
      rules: [
        { kinds: ['fire'], occasions: ['confirmed', 'escalated'], fromStep: 1, shift: { from: '18:00', days: [] } },
      ],
    },
  ])
  const listed = await hydrant(['list', '--json'])
  expect(added.out + listed.out).not.toContain('wecom-key-123456')
  expect(JSON.parse(listed.out)).toMatchObject([{ name: '消防大队群', secrets: ['key'] }])
})

test('what cannot be used is told in sentences, without a stack', async () => {
  const refused = await hydrant(['add', 'webhook', 'x', '--set', 'url=http://10.1.1.1/x', '--set', 'colour=red'])
  expect(refused.code).toBe(2)
  expect(refused.err).toMatch(/^The settings: .*colour.*\.\n?$/)
  expect(refused.err).not.toContain('    at ')
})

test('a test says what came of it; a dead letter is sent again', async () => {
  const [channel] = await channels.list()
  const tried = hydrant(['test', '消防大队群'])
  const waiting = await (async () => {
    for (;;) {
      const [message] = await outbox.waiting(channel?.id ?? '', 1)
      if (message !== undefined) return message
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })()
  await outbox.settle([{ id: waiting.id, result: 'gave-up', error: 'errcode 93000: invalid' }], 1, {
    channelId: channel?.id ?? '',
  })
  expect(await tried).toMatchObject({ code: 1, err: 'The test was not delivered: errcode 93000: invalid.\n' })
  expect((await hydrant(['dead'])).out).toContain('errcode 93000')
  expect((await hydrant(['send-again', waiting.id])).out).toBe('1 message waits to be sent again.\n')
  expect(await outbox.find(waiting.id)).toMatchObject({ state: 'waiting', attempts: 0 })
})
