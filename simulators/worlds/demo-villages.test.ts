import { describe, expect, it } from 'vitest'
import { bulkMeter } from '../devices/bulk-meter.ts'
import { BACKLOG_DAYS, waterMeter } from '../devices/water-meter.ts'
import { city } from './city.ts'
import { demoVillages, villageLosses, villageScenes } from './demo-villages.ts'
import { DAY_MS, HOUR_MS } from './household.ts'

const START = Date.parse('2026-11-20T09:00:00+08:00')
const SEED = 371_500
const world = city(SEED)
const villages = demoVillages(world, SEED)
const { draws, truth } = villageScenes(villages, START)
const losses = villageLosses(START)

const volumes = (series: unknown): readonly number[] => (series as { values: { volume: number[] } }).values.volume
const nightLoss = (villageId: string, daysAgo: number): number => {
  const village = villages.find(({ place }) => place.id === villageId)!
  const from = START - daysAgo * DAY_MS - 8 * HOUR_MS
  const ran = (of: (at: number) => unknown): number => (of(from + 4 * HOUR_MS) as number) - (of(from) as number)
  const bulk = bulkMeter(village, losses, draws)
  const homes = village.households.map((home) =>
    waterMeter(
      home.seed,
      draws.filter(({ deviceId }) => deviceId === home.id),
      'nothing',
    ),
  )
  const used = homes.reduce((sum, home) => sum + ran((at) => home.report(at, {}).volume), 0)
  return (ran((at) => bulk.report(at, {}).volume) - used) / 4
}

describe('the demo’s villages', () => {
  it('are ten with a bulk meter and fifty households each, two whole counties', () => {
    expect(villages).toHaveLength(10)
    for (const { households } of villages) expect(households).toHaveLength(50)
    const ids = new Set([...world.meters, ...villages.map(({ bulkMeter: meter }) => meter)].map(({ id }) => id))
    for (const { deviceId } of truth) expect(ids.has(deviceId)).toBe(true)
  })

  it('lose at night what weeps, one of them 1.2 m³/h more for four nights, and one no more than before since its repair', () => {
    expect(nightLoss('village-371502-2', 6)).toBeLessThan(0.15)
    expect(nightLoss('village-371502-2', 1)).toBeGreaterThan(1.2)
    expect(nightLoss('village-371502-2', 1)).toBeLessThan(1.35)
    expect(nightLoss('village-371521-2', 10)).toBeGreaterThan(0.7)
    expect(nightLoss('village-371521-2', 3)).toBeLessThan(0.15)
    for (const { place } of villages) expect(nightLoss(place.id, 20)).toBeGreaterThan(0)
  })

  it('have four weeks behind them when the demo starts: every full hour once, and registers that never run backwards', () => {
    const village = villages[1]!
    const [weeks, yesterday] = waterMeter(village.households[0]!.seed, [], 'weeks').backlog!(START)
    const [inlet] = bulkMeter(village, losses, draws).backlog!(START)
    expect(volumes(inlet)).toHaveLength(BACKLOG_DAYS * 24 + 1)
    expect(volumes(weeks)).toHaveLength((BACKLOG_DAYS - 1) * 24)
    expect((weeks as { ts: number }).ts + volumes(weeks).length * HOUR_MS).toBe((yesterday as { ts: number }).ts)
    for (const series of [inlet, weeks, yesterday])
      for (const [i, volume] of volumes(series).entries())
        expect(volume).toBeGreaterThanOrEqual(volumes(series)[i - 1] ?? 0)
  })
})
