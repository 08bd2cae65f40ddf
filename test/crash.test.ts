import { expect, test } from 'vitest'
import { crash, isGood } from '../bench/crash.ts'

/** Starting and killing real processes on two busy cores. */
const PATIENCE_MS = 120_000
/** One of each role. */
const KILLS = 3

test(
  'kill -9 of broker, ingest and dashboard under load loses no acknowledged reading and doubles no alarm',
  async () => {
    const result = await crash({
      kills: KILLS,
      seed: 2,
      devices: 0,
      roles: ['broker', 'ingest', 'dashboard'],
      say: () => undefined,
    })
    expect(result).toMatchObject({
      lost: 0,
      invented: 0,
      duplicateAlarms: 0,
      missedAlarms: 0,
      miscountedAlarms: 0,
      otherAlarms: 0,
      apiMissing: 0,
      apiAgrees: true,
    })
    expect(isGood(result)).toBe(true)
    // The load was one: readings were acknowledged, fires burnt, and a killed broker made devices send again.
    expect(result.acked).toBeGreaterThan(0)
    expect(result.episodes).toBeGreaterThan(0)
    expect(result.resent).toBeGreaterThan(0)
  },
  PATIENCE_MS,
)
