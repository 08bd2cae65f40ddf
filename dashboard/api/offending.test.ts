import { describe, expect, test } from 'vitest'
import { offendingRange } from './offending.ts'

const pointedAt = (reason: string, detail: string, payload: string): string | undefined => {
  const bytes = Buffer.from(payload)
  const range = offendingRange(reason, detail, bytes)
  return range === null ? undefined : bytes.subarray(range.from, range.to).toString()
}

describe('a person’s eye is led to what is wrong', () => {
  test.each([
    ['a word that is not JSON', 'payload.not-json', 'NaN is not JSON', '{"水":1,"volume":NaN}', 'NaN'],
    ['a comma too many', 'payload.not-json', 'a comma before a closing bracket', '{"volume":1,}', '}'],
    ['where it was cut off', 'payload.not-json', 'Unexpected end of JSON input', '{"alarm":tru', 'tru'],
    ['a name that stands twice', 'payload.shape', 'a name stands twice', '{"alarm":true,"alarm":false}', '"alarm"'],
    ['a name nobody knows', 'value.unknown-quantity', '"foo" is no quantity', '{"volume":1,"foo": 2}', '"foo": 2'],
    [
      'an impossible value',
      'value.out-of-bounds',
      'volume -1 m³ is outside 0',
      '{"ts":1,"volume": -1}',
      '"volume": -1',
    ],
    [
      'somebody else’s device',
      'gateway.not-your-child',
      'd9 is not registered',
      '{"d9":{"smoke":1}}',
      '"d9":{"smoke":1}',
    ],
    ['too deep a bracket', 'payload.too-deep', 'nested deeper than 8 levels at byte 8', '[[[[[[[[[1]]]]]]]]]', '['],
  ])('%s', (_, reason, detail, payload, found) => {
    expect(pointedAt(reason, detail, payload)).toBe(found)
  })

  test('the byte that is no UTF-8', () => {
    expect(offendingRange('payload.not-utf8', '', Buffer.from([0x7b, 0xe6, 0xb0, 0xb4, 0xff, 0x7d]))).toEqual({
      from: 4,
      to: 5,
    })
  })

  test('and to nothing where nobody knows', () => {
    expect(offendingRange('payload.empty', '', Buffer.alloc(0))).toBeNull()
    expect(offendingRange('raw.bad-frame', 'the checksum is wrong', Buffer.from([0x68, 0xff]))).toBeNull()
    expect(pointedAt('device.unregistered', 'the device is not in the registry', '{"volume":1}')).toBeUndefined()
  })

  test('however the bytes are broken, the range lies within them', () => {
    const payload = Buffer.from('{"a":[1,{"b":"水\\u12"}],"c":NaN}')
    for (let cut = 1; cut <= payload.length; cut++)
      for (const reason of ['payload.not-json', 'payload.not-utf8', 'payload.shape']) {
        const range = offendingRange(reason, `at byte ${cut * 2}`, payload.subarray(0, cut))
        expect(range === null || (range.from >= 0 && range.from < range.to && range.to <= cut)).toBe(true)
      }
  })
})
