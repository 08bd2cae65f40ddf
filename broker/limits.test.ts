import { describe, expect, test } from 'vitest'
import { RateLimits, TokenBucket } from './limits.ts'

const METER = { rate: 1, burst: 20, messageBytes: 1000, gatewayMost: 1000 }
const SMALL = 10
/** How many of `offered` messages pass at one moment. */
const passing = (allowance: ReturnType<RateLimits['of']>, offered: number, now = 0, size = SMALL): number =>
  Array.from({ length: offered }, () => allowance?.take(now, size)).filter(Boolean).length

describe('the allowance of a device', () => {
  test('a burst passes at once, then one message a second', () => {
    const bucket = new TokenBucket({ rate: 1, burst: 20 }, 0)
    expect(Array.from({ length: 25 }, () => bucket.take(0)).filter(Boolean)).toHaveLength(20)
    expect(bucket.waitMs(0)).toBe(1000)
    expect(bucket.take(999)).toBe(false)
    expect(bucket.take(1000)).toBe(true)
    expect(bucket.take(1000)).toBe(false)
  })

  test('a night of silence saves up one burst and no more', () => {
    const bucket = new TokenBucket({ rate: 1, burst: 20 }, 0)
    const morning = 8 * 3_600_000
    expect(Array.from({ length: 25 }, () => bucket.take(morning)).filter(Boolean)).toHaveLength(20)
  })

  test('credit ends, and is paid back before anything else', () => {
    const allowance = new RateLimits({ ...METER, burst: 2 }).of('meter-1', 'bulk', 1, 0)
    expect([1, 2, 3, 4, 5].map(() => allowance?.borrow(0, SMALL))).toEqual([true, true, true, true, false])
    expect(allowance?.waitMs(0, SMALL)).toBe(3000)
    expect(allowance?.take(2999, SMALL)).toBe(false)
    expect(allowance?.take(3000, SMALL)).toBe(true)
  })

  test('a clock that stands still or goes back gives nothing', () => {
    const bucket = new TokenBucket({ rate: 1, burst: 1 }, 5000)
    expect(bucket.take(5000)).toBe(true)
    expect(bucket.take(4000)).toBe(false)
    expect(bucket.take(5500)).toBe(false)
    expect(bucket.take(6000)).toBe(true)
  })

  test('few messages, but large ones, are held back by their bytes', () => {
    const allowance = new RateLimits(METER).of('meter-1', 'bulk', 1, 0)
    expect(passing(allowance, 5, 0, 8000)).toBe(2)
    expect(allowance?.waitMs(0, 8000)).toBe(4000)
    expect(passing(allowance, 5, 4000, 8000)).toBe(1)
  })

  test('a message larger than the whole byte allowance passes when nothing was sent for long, and is paid back', () => {
    const allowance = new RateLimits(METER).of('meter-1', 'bulk', 1, 0)
    expect(allowance?.take(0, 40_000)).toBe(true)
    expect(allowance?.waitMs(0, SMALL)).toBe(20_010)
    expect(allowance?.take(20_010, 40_000)).toBe(false)
    expect(allowance?.take(60_000, 40_000)).toBe(true)
  })

  test('belongs to the device and not to its connection, until it is full again', () => {
    const limits = new RateLimits({ ...METER, burst: 2 })
    const allowance = limits.of('meter-1', 'bulk', 1, 0)
    allowance?.take(0, SMALL)
    limits.sweep(500)
    expect(limits.of('meter-1', 'bulk', 1, 500)).toBe(allowance)
    limits.sweep(2000)
    expect(limits.of('meter-1', 'bulk', 1, 2000)).not.toBe(allowance)
  })

  test('a gateway may send for each of its devices', () => {
    const allowance = new RateLimits({ ...METER, burst: 2 }).of('gw-1', 'bulk', 5, 0)
    expect(passing(allowance, 12)).toBe(10)
    expect(allowance?.waitMs(0, SMALL)).toBe(200)
  })

  test('but a gateway with many is bounded, in messages and in bytes', () => {
    const limits = new RateLimits({ ...METER, gatewayMost: 10 })
    expect(passing(limits.of('gw-1', 'bulk', 5000, 0), 1000)).toBe(200)
    expect(passing(limits.of('gw-2', 'bulk', 5000, 0), 1000, 0, 10_000)).toBe(20)
  })

  test('a detector behind a gateway has at least the allowance of one that is connected itself', () => {
    const limits = new RateLimits({ ...METER, gatewayMost: 1 })
    expect(passing(limits.of('gw-1', 'urgent', 2, 0), 5000)).toBe(passing(limits.of('smoke-1', 'urgent', 1, 0), 5000))
  })

  test('a rate of 0 means no limit, of bytes neither', () => {
    expect(new RateLimits({ ...METER, rate: 0 }).of('meter-1', 'bulk', 1, 0)).toBeUndefined()
    expect(passing(new RateLimits({ ...METER, messageBytes: 0 }).of('meter-1', 'bulk', 1, 0), 5, 0, 1e9)).toBe(5)
  })
})
