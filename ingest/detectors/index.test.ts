import { describe, expect, it } from 'vitest'
import { ALARM_TYPE_NAMES } from '../../contract/alarms.ts'
import { KIND_NAMES } from '../../contract/kinds.ts'
import { FLAGS } from '../../contract/quantities.ts'
import { DETECTORS } from './index.ts'
import { deviceOf, HOUR, MINUTE, Rehearsal, readingsOf, T0 } from './rehearsal.ts'

describe('the list of detectors', () => {
  it('has every name once: it is the key of a stored state', () => {
    expect(new Set(DETECTORS.map(({ name }) => name)).size).toBe(DETECTORS.length)
  })

  it('has one detector per alarm type, or two would clear each other', () => {
    const message = {
      smoke: 9,
      co: 9000,
      gas: 90,
      residualCurrent: 900,
      alarm: true,
      pressed: true,
      battery: 1,
      flags: FLAGS,
      temperature: 90,
      pressure: 10,
      level: 0.1,
      turbidity: 9,
    }
    const raised = new Set<string>()
    for (const kind of KIND_NAMES) {
      const limits = { 'plant.levelLow': 1, 'plant.pressureLow': 200 }
      const device = new Rehearsal({ ...deviceOf(kind), limits })
      for (const at of [T0, T0 + MINUTE, T0 + 2 * MINUTE]) {
        const types = device.send(at, message).map(({ type }) => type)
        expect(new Set(types).size).toBe(types.length)
        for (const type of types) raised.add(type)
      }
    }
    // Silence and what cannot be read are judged by ingest itself.
    const elsewhere = ['silent', 'unreadable', 'implausible']
    // Of whoever is watched only: alone.test.ts.
    elsewhere.push('noUse', 'overUse')
    // After some days: recurring-flow.test.ts.
    elsewhere.push('intermittentLeak')
    // After six hours: water.test.ts.
    elsewhere.push('undersized')
    // Of zones, by their accounts: water/.
    elsewhere.push('zoneLoss')
    expect([...raised, ...elsewhere].sort()).toEqual(ALARM_TYPE_NAMES.toSorted())
  })

  it('takes any kind of device without a word about nothing', () => {
    for (const kind of KIND_NAMES) {
      const device = new Rehearsal(deviceOf(kind))
      expect(device.send(T0, { rssi: -80, battery: 90, open: false, flags: [], valve: 'open', level: 2 })).toEqual([])
      expect(device.stored()).toBe('{}')
    }
  })

  it('gives back the same state and the same nothing when a message does not concern it', () => {
    const input = {
      type: 'readings',
      device: deviceOf('water-meter'),
      readings: readingsOf([T0], { rssi: [-80] }),
      arrivedAt: T0,
    } as const
    for (const { initial, step } of DETECTORS) {
      const first = step(initial, input)
      expect(first.state).toBe(initial)
      expect(step(initial, input)).toBe(first)
    }
  })

  it('remembers little more than a kilobyte of a meter after a month', () => {
    const meter = new Rehearsal(deviceOf('water-meter'))
    let litres = 8_123_456
    for (let hour = 0; hour < 24 * 30; hour++) {
      litres += 13 + (hour % 24 > 6 ? 17 : 0)
      meter.send(T0 + hour * HOUR, { volume: litres / 1000, temperature: 4, battery: 8, flags: ['leak'] })
    }
    expect(meter.stored().length).toBeLessThan(1200)
  })
})
