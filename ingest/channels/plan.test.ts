import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { StoredMessage } from '../../store/state/outbox-port.ts'
import { type Load, plan, RATE_WINDOW_MS } from './plan.ts'

let next = 0
const message = (urgent: boolean, attempts = 0): StoredMessage => {
  next += 1
  return {
    n: next,
    id: `m-${next}`,
    incidentId: `i-${next}`,
    channelId: 'c',
    channelName: 'c',
    occasion: 'confirmed',
    step: 0,
    urgent,
    state: 'waiting',
    attempts,
    createdAt: 0,
    queuedAt: 0,
    sentAt: null,
    lastError: null,
    incident: null,
  }
}
const fires = (count: number, attempts = 0) => Array.from({ length: count }, () => message(true, attempts))
const others = (count: number) => Array.from({ length: count }, () => message(false))
const load = (more: Partial<Load>): Load => ({
  waiting: [],
  underWay: { urgent: 0, others: 0 },
  perMinute: 20,
  letters: [],
  restsUntil: 0,
  barredUntil: 0,
  now: 1_000_000,
  ...more,
})
const sizes = (given: Partial<Load>) => plan(load(given)).letters.map((letter) => letter.length)

describe('what a channel may send now', () => {
  test('a webhook has no limit: fires several at once, others one after the other', () => {
    expect(sizes({ waiting: [...fires(6), ...others(3)], perMinute: undefined })).toEqual([1, 1, 1, 1, 1])
    expect(sizes({ waiting: others(3), perMinute: undefined, underWay: { urgent: 0, others: 1 } })).toEqual([])
  })

  test('twelve of a bot’s twenty letters are the fires’: digests wait where a fire passes', () => {
    const letters = Array.from({ length: 8 }, (_, i) => 990_000 + i)
    expect(sizes({ waiting: [...fires(1), ...others(5)], letters })).toEqual([1])
    const waits = plan(load({ waiting: others(5), letters }))
    expect([waits.letters, waits.againAt]).toEqual([[], 990_000 + RATE_WINDOW_MS])
  })

  test('what would be too many letters is folded into one', () => {
    expect(sizes({ waiting: others(30) })).toEqual([30])
    expect(sizes({ waiting: others(3) })).toEqual([1])
    expect(sizes({ waiting: fires(40) })).toEqual([1, 1, 1, 37])
  })

  test('when the minute is nearly used up, fires go folded, at most ten seconds apart', () => {
    const letters = Array.from({ length: 14 }, (_, i) => 995_000 + i)
    const waits = plan(load({ waiting: fires(3), letters }))
    expect(waits.letters).toEqual([])
    expect(waits.againAt - 1_000_000).toBeLessThanOrEqual(10_000)
    expect(sizes({ waiting: fires(3), letters, now: waits.againAt })).toEqual([3])
  })

  test('a channel that rests is tried with a fire it has not seen, and left alone else', () => {
    const restsUntil = 1_030_000
    expect(sizes({ waiting: [...fires(1), ...fires(1, 2), ...others(1)], restsUntil })).toEqual([1])
    expect(plan(load({ waiting: fires(1, 1), restsUntil })).againAt).toBe(restsUntil)
  })

  test('Retry-After is kept, for a fire too', () => {
    const given = plan(load({ waiting: fires(1), barredUntil: 1_060_000 }))
    expect(given).toEqual({ letters: [], againAt: 1_060_000 })
  })

  test('however fires and others come: never 21 letters a minute, no fire waits longer than 11 s, nothing is lost', () => {
    const arrivals = fc.array(fc.record({ after: fc.integer({ min: 0, max: 4000 }), urgent: fc.boolean() }), {
      minLength: 1,
      maxLength: 150,
    })
    fc.assert(
      fc.property(arrivals, (coming) => {
        const sent: number[] = []
        const waited: number[] = []
        let waiting: (StoredMessage & { readonly came: number })[] = []
        let told = 0
        let now = 0
        const serve = (until: number): void => {
          for (;;) {
            const fair = waiting.toSorted((a, b) => Number(b.urgent) - Number(a.urgent) || a.n - b.n)
            const { letters, againAt } = plan(load({ waiting: fair, letters: sent, now }))
            for (const letter of letters) {
              sent.push(now)
              told += letter.length
              const gone = new Set(letter.map(({ id }) => id))
              for (const one of waiting) if (gone.has(one.id) && one.urgent) waited.push(now - one.came)
              waiting = waiting.filter(({ id }) => !gone.has(id))
              expect(sent.filter((at) => at > now - 60_000).length).toBeLessThanOrEqual(20)
            }
            if (letters.length > 0) continue
            if (againAt > until) return
            now = Math.max(now, againAt)
          }
        }
        for (const { after, urgent } of coming) {
          const at = now + after
          serve(at)
          now = Math.max(now, at)
          waiting.push({ ...message(urgent), came: now })
        }
        serve(Number.MAX_SAFE_INTEGER)
        expect([told, waiting.length]).toEqual([coming.length, 0])
        expect(Math.max(0, ...waited)).toBeLessThanOrEqual(11_000)
      }),
      { numRuns: 60 },
    )
  })
})
