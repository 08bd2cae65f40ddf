import { expect, test } from 'vitest'
import { CHANNEL_SETTINGS } from '../../../../contract/channel-settings.ts'
import { CHANNEL_KIND_NAMES } from '../../../../contract/channels.ts'
import { CHANNEL_FIELDS, entriesOf, faultyFields, saidBy } from './channel-fields.ts'

test('a form asks for every setting of every kind of channel, and begins with the defaults that hold', () => {
  for (const kind of CHANNEL_KIND_NAMES) {
    const asked = CHANNEL_FIELDS[kind].filter(({ type }) => type !== 'secret').map(({ name }) => name)
    const known = Object.keys(CHANNEL_SETTINGS[kind].settings.shape)
    // How long to go on trying is left to its default.
    expect(asked.toSorted(), kind).toEqual(known.filter((name) => name !== 'giveUpMinutes').toSorted())
    const { settings } = saidBy(kind, entriesOf(kind, null))
    for (const [name, value] of Object.entries(settings)) {
      const field = CHANNEL_FIELDS[kind].find((one) => one.name === name)
      if (field?.initial === undefined) continue
      const shape = CHANNEL_SETTINGS[kind].settings.shape as Record<string, { parse(value: unknown): unknown }>
      expect(shape[name]?.parse(undefined), `${kind} ${name}`).toEqual(value)
    }
  }
})

test('addresses and telephone numbers are taken as people write lists', () => {
  const entries = { ...entriesOf('sms', null), phones: '13800000001,13800000002; 13800000003', headers: 'X-Key: a:b' }
  expect(saidBy('sms', entries).settings).toMatchObject({
    phones: ['13800000001', '13800000002', '13800000003'],
    headers: { 'X-Key': 'a:b' },
    success: null,
  })
})

test('a secret that is set stays when it is left empty, one that was never set is missing', () => {
  const said = saidBy('wecom', entriesOf('wecom', { perMinute: 20 }))
  expect(said.secrets).toEqual({})
  expect(faultyFields('wecom', said, ['key'])).toEqual([])
  expect(faultyFields('wecom', said, [])).toEqual(['key'])
})

test('a webhook over the open Internet without TLS is marked before it is sent', () => {
  const entries = { ...entriesOf('webhook', null), url: 'http://example.org/hook' }
  expect(faultyFields('webhook', saidBy('webhook', entries), [])).toEqual(['url'])
  expect(faultyFields('webhook', saidBy('webhook', { ...entries, allowPlain: 'true' }), [])).toEqual([])
})
