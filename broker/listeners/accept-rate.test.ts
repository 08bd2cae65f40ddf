import { describe, expect, it } from 'vitest'
import { AcceptQueue, AcceptRate, type Arrival } from './accept-rate.ts'

const from = (subscriber: string, id = '', urgent = false): Arrival => ({ subscriber, id, urgent })

/** Everybody who is let in from `now` on, one millisecond after the other, as `[ms, who]`. */
function letIn(queue: AcceptQueue<string>, now: number, ms: number): [number, string][] {
  const entered: [number, string][] = []
  for (let at = now; at < now + ms; at++)
    for (let next = queue.take(at); next !== undefined; next = queue.take(at)) entered.push([at - now, next.item])
  return entered
}

describe('who is let in after a restart', () => {
  it('lets 297,000 meters in within two minutes, so many a second and no more', () => {
    const queue = new AcceptQueue<string>(4000, 0)
    for (let i = 0; i < 297_000; i++) queue.push('meter', from(`address ${i % 300}`), 0)
    const firstSecond = letIn(queue, 0, 1000)
    expect(firstSecond.length).toBeGreaterThan(3990)
    expect(firstSecond.length).toBeLessThan(4100)
    expect(letIn(queue, 1000, 119_000).length + firstSecond.length).toBe(297_000)
  })

  it('does not make up for an idle hour with a burst', () => {
    const queue = new AcceptQueue<string>(1000, 0)
    const hour = 3_600_000
    for (let i = 0; i < 1000; i++) queue.push('meter', from('a'), hour)
    expect(letIn(queue, hour, 1).length).toBe(20)
  })

  it('lets a smoke detector in before ten thousand meters that came first', () => {
    const queue = new AcceptQueue<string>(1000, 0)
    for (let i = 0; i < 10_000; i++) queue.push('meter', from('nat', `meter-${i}`), 0)
    queue.push('smoke', from('nat', 'smoke-1', true), 0)
    expect(letIn(queue, 0, 1)[0]).toEqual([0, 'smoke'])
  })

  it('keeps one turn of four for meters, however many claim to be fire devices', () => {
    const queue = new AcceptQueue<string>(0, 0)
    for (let i = 0; i < 1000; i++) queue.push('claims', from(`address ${i}`, `smoke-${i}`, true), 0)
    for (let i = 0; i < 1000; i++) queue.push('meter', from('nat', `meter-${i}`), 0)
    const first = letIn(queue, 0, 1).slice(0, 400)
    expect(first.filter(([, who]) => who === 'meter').length).toBe(100)
  })

  it('gives a stranger who names one fire device a thousand times one place in its line', () => {
    const queue = new AcceptQueue<string>(0, 0)
    for (let i = 0; i < 1000; i++) queue.push('stranger', from(`bot ${i}`, 'smoke-1', true), 0)
    queue.push('smoke-2', from('home', 'smoke-2', true), 0)
    expect([queue.waitingUrgent, queue.waitingOrdinary]).toEqual([2, 999])
    expect(letIn(queue, 0, 1).slice(0, 2)).toContainEqual([0, 'smoke-2'])
  })

  it('lets a fire device try again after its first turn', () => {
    const queue = new AcceptQueue<string>(0, 0)
    queue.push('first', from('home', 'smoke-1', true), 0)
    queue.take(0)
    queue.push('second', from('home', 'smoke-1', true), 1)
    expect(queue.waitingUrgent).toBe(1)
  })

  it('goes round the addresses: one with thousands in line does not keep the others out', () => {
    const queue = new AcceptQueue<string>(0, 0)
    for (let i = 0; i < 5000; i++) queue.push('attacker', from('attacker'), 0)
    for (const home of ['a', 'b', 'c']) queue.push(home, from(home), 0)
    const first = letIn(queue, 0, 1).slice(0, 4)
    expect(first.map(([, who]) => who)).toEqual(['attacker', 'a', 'b', 'c'])
  })

  it('keeps the order of those who come from one address', () => {
    const queue = new AcceptQueue<string>(0, 0)
    for (const who of ['1', '2', '3']) queue.push(who, from('a'), 0)
    expect(letIn(queue, 0, 1).map(([, who]) => who)).toEqual(['1', '2', '3'])
  })
})

describe('one turn of the event loop', () => {
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

  it('lets in a few, then looks at the network, until nobody waits', async () => {
    const served: number[] = []
    const rate = new AcceptRate<number>({
      rate: 0,
      perTurn: 2,
      clock: () => 0,
      serve: (item) => served.push(item),
      isGone: () => false,
      isCrowded: () => false,
    })
    for (let i = 1; i <= 5; i++) rate.arrive(i, from('a'))
    expect(served).toEqual([])
    await turn()
    expect(served).toEqual([1, 2])
    expect(rate.isBusy).toBe(true)
    await turn()
    expect(served).toEqual([1, 2, 3, 4])
    await turn()
    expect(served).toEqual([1, 2, 3, 4, 5])
    expect(rate.waiting).toEqual({ urgent: 0, ordinary: 0 })
  })

  it('lets in one meter and three fire devices at most while connections stream in, to see who stands behind', async () => {
    const served: string[] = []
    let crowded = true
    const rate = new AcceptRate<string>({
      rate: 0,
      perTurn: 8,
      clock: () => 0,
      serve: (item) => served.push(item),
      isGone: () => false,
      isCrowded: () => crowded,
    })
    for (let i = 0; i < 20; i++) rate.arrive('meter', from('a'))
    for (let i = 0; i < 5; i++) rate.arrive('smoke', from('a', `smoke-${i}`, true))
    await turn()
    expect(served.splice(0)).toEqual(['smoke', 'smoke', 'smoke', 'meter'])
    await turn()
    expect(served.splice(0)).toEqual(['smoke', 'smoke', 'meter'])
    crowded = false
    await turn()
    expect(served).toEqual(new Array(8).fill('meter'))
  })

  it('gives the turn of one who has hung up to the next, and says how long the longest waited', async () => {
    let now = 0
    const served: string[] = []
    const rate = new AcceptRate<string>({
      rate: 0,
      perTurn: 1,
      clock: () => now,
      serve: (item) => served.push(item),
      isGone: (item) => item === 'gone',
      isCrowded: () => false,
    })
    rate.arrive('gone', from('a'))
    rate.arrive('here', from('a'))
    now = 700
    await turn()
    expect(served).toEqual(['here'])
    expect([rate.gone, rate.takeLongestWait(), rate.takeLongestWait()]).toEqual([1, 700, 0])
  })

  it('lets nobody in once it has stopped', async () => {
    const served: string[] = []
    const rate = new AcceptRate<string>({
      rate: 0,
      perTurn: 8,
      clock: () => 0,
      serve: (item) => served.push(item),
      isGone: () => false,
      isCrowded: () => false,
    })
    rate.arrive('late', from('a'))
    rate.stop()
    await turn()
    expect(served).toEqual([])
  })
})
