import fc from 'fast-check'
import { expect, test } from 'vitest'
import { identifier, ofDevice, windows } from './influxql.ts'

/** What InfluxQL makes of a literal: undefined where it does not end where the text does. */
function scan(text: string, quote: string): string | undefined {
  if (text[0] !== quote) return undefined
  let value = ''
  for (let i = 1; i < text.length; i++) {
    const char = text[i] as string
    if (char === quote) return i === text.length - 1 ? value : undefined
    if (char === '\n') return undefined
    if (char !== '\\') value += char
    else value += { n: '\n', '\\': '\\', "'": "'", '"': '"' }[text[++i] ?? ''] ?? '?'
  }
  return undefined
}

test('whatever a device or a bucket is called, its name ends where it ends', () => {
  const evil = fc.string({ unit: fc.constantFrom("'", '"', '\\', '\n', ' ', 'O', 'R', '1', '=', ';', '-', '水') })
  fc.assert(
    fc.property(fc.oneof(fc.string(), evil), (name) => {
      const condition = ofDevice(name, 0, 1)
      const literal = condition.slice('("device" = '.length, condition.lastIndexOf(') AND time >='))
      expect(scan(literal, "'")).toBe(name)
      expect(scan(identifier(name), '"')).toBe(name)
    }),
  )
})

test('times beyond what InfluxDB can hold end where it ends', () => {
  expect(ofDevice('m', Number.NEGATIVE_INFINITY, Number.MAX_SAFE_INTEGER)).toBe(
    '("device" = \'m\') AND time >= -9223372036854ms AND time < 9223372036854ms',
  )
})

test('a window begins where it was asked to, also in an odd second and before 1970', () => {
  expect(windows(1_732_118_400_123, 3_600_000)).toBe('time(3600000ms, 123ms)')
  expect(windows(-1, 1000)).toBe('time(1000ms, 999ms)')
})
