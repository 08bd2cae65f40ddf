import { expect, test } from 'vitest'
import { FairQueue } from './fair-queue.ts'

/** Work that ends when it is told to; notes the order in which it was started. */
function bench(atOnce: number) {
  const queue = new FairQueue(atOnce)
  const started: string[] = []
  const ends: (() => void)[] = []
  const add = (key: string, known = false): Promise<void> =>
    queue.run({ key, known }, () => {
      started.push(key)
      return new Promise<void>((resolve) => ends.push(resolve))
    })
  const endOne = async (): Promise<void> => {
    ends.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { started, add, endOne }
}

test('never more than two at a time, whoever asks', async () => {
  const { started, add, endOne } = bench(2)
  const all = ['a', 'b', 'c', 'd'].map((key) => add(key))
  expect(started).toEqual(['a', 'b'])
  await endOne()
  expect(started).toEqual(['a', 'b', 'c'])
  for (let i = 0; i < 3; i++) await endOne()
  await Promise.all(all)
  expect(started).toHaveLength(4)
})

test('who queues fifty waits behind who queues one', async () => {
  const { started, add, endOne } = bench(1)
  for (let i = 0; i < 50; i++) void add('guesser')
  void add('anna')
  await endOne()
  await endOne()
  expect(started).toEqual(['guesser', 'guesser', 'anna'])
})

test('a known browser goes before a crowd of strangers', async () => {
  const { started, add, endOne } = bench(1)
  for (let i = 0; i < 200; i++) void add(`stranger-${i}`)
  void add('desk', true)
  await endOne()
  expect(started).toEqual(['stranger-0', 'desk'])
})

test('work that fails makes room like work that ends', async () => {
  const queue = new FairQueue(1)
  const lane = { key: 'a', known: false }
  await expect(queue.run(lane, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await queue.run(lane, async () => 'next')).toBe('next')
})
