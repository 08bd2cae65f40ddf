import { describe, expect, test } from 'vitest'
import { RateLimits, TokenBucket } from './limits.ts'

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
    const bucket = new TokenBucket({ rate: 1, burst: 2 }, 0)
    expect([1, 2, 3, 4, 5].map(() => bucket.borrow(0))).toEqual([true, true, true, true, false])
    expect(bucket.waitMs(0)).toBe(3000)
    expect(bucket.take(2999)).toBe(false)
    expect(bucket.take(3000)).toBe(true)
  })

  test('a clock that stands still or goes back gives nothing', () => {
    const bucket = new TokenBucket({ rate: 1, burst: 1 }, 5000)
    expect(bucket.take(5000)).toBe(true)
    expect(bucket.take(4000)).toBe(false)
    expect(bucket.take(5500)).toBe(false)
    expect(bucket.take(6000)).toBe(true)
  })

  test('belongs to the device and not to its connection, until it is full again', () => {
    const limits = new RateLimits({ rate: 1, burst: 2 })
    const bucket = limits.bucket('meter-1', 'bulk', 1, 0)
    bucket?.take(0)
    limits.sweep(500)
    expect(limits.bucket('meter-1', 'bulk', 1, 500)).toBe(bucket)
    limits.sweep(2000)
    expect(limits.bucket('meter-1', 'bulk', 1, 2000)).not.toBe(bucket)
  })

  test('a gateway may send for each of its devices', () => {
    const limits = new RateLimits({ rate: 1, burst: 2 })
    const bucket = limits.bucket('gw-1', 'bulk', 5, 0)
    expect(Array.from({ length: 12 }, () => bucket?.take(0)).filter(Boolean)).toHaveLength(10)
    expect(bucket?.waitMs(0)).toBe(200)
  })

  test('a rate of 0 means no limit', () => {
    expect(new RateLimits({ rate: 0, burst: 1 }).bucket('meter-1', 'bulk', 1, 0)).toBeUndefined()
  })
})
