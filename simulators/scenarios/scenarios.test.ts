import { describe, expect, it } from 'vitest'
import { openingScenes } from '../demo.ts'
import { behaviourOf } from '../devices/behaviour.ts'
import { conditionAt, nextReportAt } from '../devices/schedule.ts'
import { city } from '../worlds/city.ts'
import { HOUR_MS } from '../worlds/household.ts'
import { LEAK_LITRES_PER_HOUR } from './leak.ts'
import { quietHour } from './quiet-life.ts'
import type { Scenario } from './scenario.ts'

const START = Date.UTC(2026, 5, 1, 3)
const MINUTE_MS = 60_000
const world = city(371_500)
const devices = new Map([...world.meters, ...world.sensors].map((device) => [device.id, device]))
const scene = (name: string, starts: readonly number[] = [START]): Scenario =>
  openingScenes(world, starts).find((one) => one.name === name)!

/** What the device would publish at this time. */
function reportOf(one: Scenario, deviceId: string, at: number): Record<string, unknown> {
  const behaviour = behaviourOf(devices.get(deviceId)!, one.draws, 'a day')
  const acting = one.influences.filter((influence) => influence.deviceId === deviceId)
  return behaviour.report(at, conditionAt(acting, at))
}
const first = (one: Scenario, alarm: string): string => one.truth.find((truth) => truth.alarm === alarm)!.deviceId

describe('the opening scenes', () => {
  it('have a leak, a burst, a kitchen fire and a silent home, all begun within two minutes', () => {
    const scenes = openingScenes(world, [START])
    expect(scenes.map((one) => one.name)).toEqual(['leak', 'burst', 'kitchen-fire', 'silent-home'])
    for (const one of scenes)
      for (const truth of one.truth) {
        expect(truth.from).toBeLessThan(START + 2 * MINUTE_MS)
        expect(devices.has(truth.deviceId)).toBe(true)
      }
  })

  it('let the leaking meter upload a day in which no hour stands still', () => {
    const leak = scene('leak')
    const id = first(leak, 'leak')
    const { values, step } = behaviourOf(devices.get(id)!, leak.draws, 'a day').backlog!(START)[0] as {
      values: { volume: number[] }
      step: number
    }
    expect(values.volume).toHaveLength(97)
    const anHour = HOUR_MS / step
    for (let i = anHour; i < values.volume.length; i++)
      expect(values.volume[i]! - values.volume[i - anHour]!).toBeGreaterThan(LEAK_LITRES_PER_HOUR / 1000 - 0.003)
  })

  it('push the burst meter above Q4 and keep the lost water in its register after later starts', () => {
    const burst = scene('burst')
    const id = first(burst, 'burst')
    expect(reportOf(burst, id, START + MINUTE_MS).flow).toBeGreaterThan(3.125)
    const later = scene('burst', [START, START + 5 * MINUTE_MS, START + 24 * HOUR_MS])
    const at = START + 4 * MINUTE_MS
    expect(reportOf(later, id, at).volume).toBe(reportOf(burst, id, at).volume)
    expect(later.draws).toHaveLength(2)
  })

  it('tell the fire in its order: heat, smoke, the neighbour, the call point, and then it is over', () => {
    const fire = scene('kitchen-fire')
    const [heat, smoke, neighbour, callPoint] = [...new Set(fire.truth.map((truth) => truth.deviceId))] as [
      string,
      string,
      string,
      string,
    ]
    const seconds = (s: number): number => START + (30 + s) * 1000
    const rise =
      (reportOf(fire, heat, seconds(30)).temperature as number) -
      (reportOf(fire, heat, seconds(0)).temperature as number)
    expect(rise, 'K in half a minute').toBeGreaterThan(8.3 / 2)
    expect(reportOf(fire, smoke, seconds(5)).alarm).toBe(false)
    expect(reportOf(fire, smoke, seconds(45)).alarm).toBe(true)
    expect(reportOf(fire, neighbour, seconds(45)).alarm).toBe(false)
    expect(reportOf(fire, neighbour, seconds(90)).alarm).toBe(true)
    expect(reportOf(fire, callPoint, seconds(54)).pressed).toBe(false)
    expect(reportOf(fire, callPoint, seconds(56)).pressed).toBe(true)
    for (const id of [smoke, neighbour]) expect(reportOf(fire, id, seconds(590)).alarm).toBe(false)
    expect(reportOf(fire, callPoint, seconds(590)).pressed).toBe(false)
    expect(new Set(fire.influences.map((one) => one.to))).toEqual(new Set([seconds(600)]))
  })

  it('take every device of one home off the air for ten minutes', () => {
    const silent = scene('silent-home')
    const home = world.homes.find((one) => one.devices.some((device) => device.id === silent.truth[0]!.deviceId))!
    expect(new Set(silent.truth.map((truth) => truth.deviceId))).toEqual(
      new Set(home.devices.map((device) => device.id)),
    )
    const id = home.devices[0]!.id
    const acting = silent.influences.filter((influence) => influence.deviceId === id)
    expect(conditionAt(acting, START + MINUTE_MS).offline).toBe(true)
    expect(conditionAt(acting, START + 11 * MINUTE_MS).offline).toBeUndefined()
  })
})

describe('quiet life', () => {
  it('is the same for the same hour, spares the struck devices and is far from any fire', () => {
    const hour = Math.floor(START / HOUR_MS)
    const spared = new Set(world.sensors.slice(0, 100).map((device) => device.id))
    const quiet = quietHour(world, 1, hour, spared)
    expect(quietHour(world, 1, hour, spared).truth).toEqual(quiet.truth)
    for (const influence of quiet.influences) {
      expect(spared.has(influence.deviceId)).toBe(false)
      expect(influence.to).toBeLessThanOrEqual((hour + 1) * HOUR_MS)
      expect(reportOf(quiet, influence.deviceId, influence.from).alarm ?? false).toBe(false)
    }
  })
})

describe('a device without anything to tell', () => {
  it('speaks at its rhythm, and at once when something begins', () => {
    const behaviour = behaviourOf(world.sensors[0]!, [], 'nothing')
    const influence = { deviceId: 'x', from: START + 5000, to: START + 9000, everyMs: 1000, condition: () => ({}) }
    expect(nextReportAt(behaviour, [], START, 0.5) - START).toBeCloseTo(behaviour.rhythmMs, 0)
    expect(nextReportAt(behaviour, [influence], START, 0.5)).toBe(START + 5000)
    expect(nextReportAt(behaviour, [influence], START + 5000, 0.5)).toBe(START + 6000)
    expect(nextReportAt(behaviour, [influence], START + 8500, 0.5)).toBe(START + 9000)
  })
})
