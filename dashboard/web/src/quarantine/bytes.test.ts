import { expect, test } from 'vitest'
import { asHex, asText, bytesOf } from './bytes.ts'

const HEX = '30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66'
const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

test('a payload is shown as text with the wrong part set off, also behind Chinese', () => {
  expect(asText(encode('{"水":NaN}'), { from: 7, to: 10 })).toEqual(['{"水":', 'NaN', '}'])
  expect(asText(encode('{}'), null)).toEqual(['{}', '', ''])
})

test('what is no text is shown in hex only, and a range that halves a character marks nothing wrongly', () => {
  expect(asText(Uint8Array.of(0x68, 0xff), null)).toBeNull()
  expect(asText(Uint8Array.of(0x68, 0x00), null)).toBeNull()
  expect(asText(encode('水'), { from: 1, to: 2 })).toBeNull()
})

test('hex stands in rows of sixteen with the characters beside it', () => {
  const rows = asHex(encode('0123456789abcdef\n'), { from: 16, to: 17 })
  expect(rows).toEqual([
    { offset: '0000', hex: [HEX, '', ''], chars: ['0123456789abcdef', '', ''] },
    { offset: '0010', hex: ['', '0a', ''], chars: ['', '·', ''] },
  ])
  expect(bytesOf(btoa('\u0000\u00ff'))).toEqual(Uint8Array.of(0, 255))
})
