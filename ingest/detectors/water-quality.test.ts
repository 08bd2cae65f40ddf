import { describe, expect, it } from 'vitest'
import type { DetectionLimits } from '../../contract/detection-limits.ts'
import type { Kind } from '../../contract/kinds.ts'
import { deviceOf, MINUTE, Rehearsal, T0 } from './rehearsal.ts'

const at = (kind: Kind, limits?: DetectionLimits): Rehearsal =>
  new Rehearsal({ ...deviceOf(kind), ...(limits === undefined ? {} : { limits }) })

describe('water that leaves the plant', () => {
  it('is outside its limits by the third reading in a row, since the first', () => {
    const cell = at('quality-sensor')
    expect(cell.send(T0, { turbidity: 1.2 })).toEqual([])
    expect(cell.send(T0 + MINUTE, { turbidity: 1.3 })).toEqual([])
    expect(cell.send(T0 + 2 * MINUTE, { turbidity: 1.4 })).toMatchObject([
      { type: 'waterQuality', active: true, since: T0, value: 1.4, threshold: 1, unit: 'NTU' },
    ])
    expect(cell.said.at(-1)?.reason).toBe('Turbidity 1.4 NTU (at most 1, GB 5749-2022)')
    expect(cell.said.at(-1)?.reasonZh).toBe('浊度1.4 NTU(不应高于1,GB 5749-2022)')
  })
  it('of which one value in a quarter of an hour is measured is so by the second', () => {
    const cell = at('quality-sensor')
    cell.send(T0, { chlorine: 0.2 })
    expect(cell.send(T0 + 15 * MINUTE, { chlorine: 0.25 })).toMatchObject([
      { active: true, value: 0.25, threshold: 0.3 },
    ])
  })
  it('is not by a bubble in the cell', () => {
    const cell = at('quality-sensor')
    for (let i = 0; i < 60; i++) cell.send(T0 + i * MINUTE, { turbidity: i % 3 === 0 ? 0.3 : 6 })
    expect(cell.said).toEqual([])
  })
  it('is over when the value is clearly back, and rings once for a value that swings about the limit', () => {
    const cell = at('quality-sensor')
    for (let i = 0; i < 30; i++) cell.send(T0 + i * MINUTE, { turbidity: i < 3 || i % 2 === 0 ? 1.01 : 0.99 })
    expect(cell.alarms.get('waterQuality')).toMatchObject({ active: true, raised: 1 })
    expect(cell.send(T0 + 30 * MINUTE, { turbidity: 0.9 })).toMatchObject([{ active: false }])
    expect(cell.stored()).toBe('{}')
  })
  it('is held against both limits of pH and chlorine', () => {
    for (const [values, limit] of [
      [{ ph: 6.2 }, 6.5],
      [{ ph: 8.8 }, 8.5],
      [{ chlorine: 2.4 }, 2],
    ] as const) {
      const cell = at('quality-sensor')
      for (let i = 0; i < 3; i++) cell.send(T0 + i * MINUTE, values)
      expect(cell.alarms.get('waterQuality')?.last.threshold).toBe(limit)
    }
  })
  it('is held against what was set for its plant', () => {
    const cell = at('quality-sensor', { 'quality.turbidity': 0.5 })
    for (let i = 0; i < 3; i++) cell.send(T0 + i * MINUTE, { turbidity: 0.6 })
    expect(cell.alarms.get('waterQuality')?.last).toMatchObject({
      threshold: 0.5,
      reason: 'Turbidity 0.6 NTU (at most 0.5)',
    })
  })
  it('in a late upload is told as past', () => {
    const cell = at('quality-sensor')
    expect(cell.series(T0, MINUTE, { turbidity: [2, 2, 2, 0.3] })).toMatchObject([{ active: false, missed: true }])
  })
})

describe('a tank and an outlet', () => {
  it('are judged only where somebody has said what is low and high', () => {
    const tank = at('level-sensor')
    for (let i = 0; i < 5; i++) tank.send(T0 + i * MINUTE, { level: 0 })
    expect(tank.said).toEqual([])
    const limited = at('level-sensor', { 'plant.levelLow': 1, 'plant.levelHigh': 4 })
    for (let i = 0; i < 3; i++) limited.send(T0 + i * MINUTE, { level: 4.1 })
    expect(limited.alarms.get('tankLevel')?.last).toMatchObject({ active: true, threshold: 4, unit: 'm' })
    for (let i = 3; i < 6; i++) limited.send(T0 + i * MINUTE, { level: 2 })
    expect(limited.alarms.get('tankLevel')?.active).toBe(false)
    const outlet = at('pressure-sensor', { 'plant.pressureLow': 280 })
    for (let i = 0; i < 3; i++) outlet.send(T0 + i * MINUTE, { pressure: 210 })
    expect(outlet.alarms.get('lowPressure')?.last).toMatchObject({ value: 210, threshold: 280 })
  })
})
