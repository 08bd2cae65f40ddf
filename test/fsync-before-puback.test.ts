import { beforeAll, describe, expect, it } from 'vitest'
import { hasStrace, type TracedOrder, traceBroker } from '../bench/faults/traced-broker.ts'

/** The broker as it runs for users, its system calls as the kernel saw them. */

/** A broker that stops at every system call, on two busy cores. */
const PATIENCE_MS = 120_000

const isCi = process.env.CI === 'true'
const straceIsThere = await hasStrace()

describe.skipIf(!straceIsThere && !isCi)('a PUBACK, seen with strace', () => {
  let order: TracedOrder

  beforeAll(async () => {
    if (!straceIsThere) throw new Error('strace is missing: install Debian’s package strace')
    order = await traceBroker()
  }, PATIENCE_MS)

  it('is written after the fsync of the journal that holds the record has returned, for every publish', () => {
    expect(order.violations).toEqual([])
    expect(order.pubacks).toBeGreaterThan(0)
    expect(order.acknowledged).toHaveLength(order.pubacks)
    expect(order.published).toBe(order.pubacks)
  })

  it('is held back like that in the urgent and in the bulk lane', () => {
    expect(order.lanes.urgent).toBeGreaterThan(0)
    expect(order.lanes.bulk).toBeGreaterThan(0)
    expect((order.lanes.urgent ?? 0) + (order.lanes.bulk ?? 0)).toBe(order.pubacks)
  })

  it('shares its fsync with others that came meanwhile', () => {
    expect(order.syncs).toBeLessThan(order.pubacks)
  })

  it('would be found too early if the broker did not wait for the fsync', () => {
    const { calls, judge } = order
    const withoutSyncs = calls.filter(({ name }) => name !== 'fsync' && name !== 'fdatasync')
    expect(judge(withoutSyncs).violations).toHaveLength(order.pubacks)
  })
})
