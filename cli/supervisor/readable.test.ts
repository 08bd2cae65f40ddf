import { expect, test } from 'vitest'
import { readable, Throttle } from './readable.ts'

const AT = new Date(2026, 0, 1, 8, 9, 10)

test('only what a person should know is shown, and it cannot steer the terminal', () => {
  expect(readable('broker', '{"level":30,"msg":"connected"}', AT)).toBeUndefined()
  expect(readable('broker', 'plain text', AT)).toBeUndefined()
  expect(readable('broker', '{"level":40,"msg":"a\\u001b[31mb"}', AT)).toBe('08:09:10 broker warning: a [31mb')
  expect(readable('broker', '{"level":60}', AT)).toBe('08:09:10 broker error: see the log')
})

test('a role that complains about every message is shown five times a second, the rest is counted', () => {
  const throttle = new Throttle()
  const shown = Array.from({ length: 100 }, (_, i) => throttle.pass(`line ${i}`, 1000 + i, 'broker.log')).flat()
  expect(shown).toEqual(['line 0', 'line 1', 'line 2', 'line 3', 'line 4'])
  expect(throttle.pass('next', 2000, 'broker.log')).toEqual(['… and 95 more, see broker.log', 'next'])
  expect(throttle.pass('later', 9000, 'broker.log')).toEqual(['later'])
})
