import { describe, expect, it } from 'vitest'
import { accountOf } from '../ingest/water/judge.ts'
import { judgeInflow } from '../ingest/water/judge-inflow.ts'
import { inletMeter } from '../simulators/devices/bulk-meter.ts'
import { unmeteredVillage } from '../simulators/worlds/demo-unmetered.ts'
import type { ZoneHour } from '../store/state/water-port.ts'

/** What a newcomer sees of the demo's village of which only the inflow is measured, whenever they start it. */

const HOUR_MS = 3_600_000
const SEED = 371_500
const FIRST = Date.parse('2026-11-20T09:12:00+08:00')

interface Backlog {
  readonly ts: number
  readonly values: { readonly volume: readonly number[] }
}

/** @param start of the demo, ms since 1970 */
function judgedAt(start: number) {
  const village = unmeteredVillage(SEED, start)
  const meter = inletMeter(village.bulkMeter.seed, village, [village.burst])
  const [{ ts, values }] = meter.backlog!(start) as unknown as [Backlog]
  const first = ts / HOUR_MS
  const hours = values.volume.slice(1).map((register, i): ZoneHour => {
    const inflowL = Math.round(1000 * (register - values.volume[i]!))
    const nothing = { householdL: 0, householdKnownMs: 0, householdMeasuredMs: 0 }
    return { ...nothing, hour: first + i, inflowL, bulkMeasuredMs: HOUR_MS }
  })
  const judgement = judgeInflow(
    undefined,
    accountOf(hours, [{ zone: village.place.id, hour: first, part: 'in', change: 1 }]),
  )!
  return { village, hours, judgement }
}

describe('the demo’s village without household meters', () => {
  it('has a register that never runs backwards, and takes about as much every week', () => {
    const { hours } = judgedAt(FIRST)
    expect(Math.min(...hours.map(({ inflowL }) => inflowL))).toBeGreaterThan(300)
    const weeks = [0, 1, 2].map((week) =>
      hours.slice(168 * week, 168 * (week + 1)).reduce((sum, { inflowL }) => sum + inflowL, 0),
    )
    expect(Math.max(...weeks) / Math.min(...weeks)).toBeLessThan(1.01)
  })

  it('has its burst main found, since the hour it began, and nothing else, at whatever hour of the week it is started', () => {
    for (let hours = 0; hours < 168; hours += 11) {
      const { village, judgement } = judgedAt(FIRST + hours * HOUR_MS)
      expect(judgement.findings).toHaveLength(1)
      const [found] = judgement.findings
      expect(found).toMatchObject({ type: 'zoneLoss', active: true })
      expect(Math.abs((found?.since ?? 0) - village.burst.from)).toBeLessThanOrEqual(HOUR_MS)
      expect(Math.abs((found?.value ?? 0) - 0.75)).toBeLessThan(0.2)
      expect(judgement.nights.filter(({ verdict }) => verdict === 'quiet').length).toBeGreaterThan(10)
    }
  })
})
