import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type ParsedCsv, parseCsv, parseTime } from './csv.ts'
import { planReplay, type ReplayOptions } from './plan.ts'
import { converter } from './units.ts'

const ZONE = { zone: '+08:00' }
const START = Date.UTC(2026, 5, 1)
const plain: ReplayOptions = {
  quantity: 'flow',
  convert: (value) => value,
  speed: 1,
  shift: 'now',
  group: { readings: 1 },
  integrate: false,
  leakLitresPerHour: 0,
}
const tenSeconds = (count: number) => ({
  at: Array.from({ length: count }, (_, i) => 1_600_000_000_000 + i * 10_000),
  values: Array.from({ length: count }, (_, i) => i / 10),
})
const times = (messages: ReturnType<typeof planReplay>): { ts: number; afterMs: number }[] =>
  messages.map((message) => ({ ts: (message.telemetry as { ts: number }).ts, afterMs: message.afterMs }))

describe('reading a log', () => {
  it('reads seconds, milliseconds and ISO times, with or without a zone', () => {
    expect(parseTime('1596503593', 'Z')).toBe(1_596_503_593_000)
    expect(parseTime('1596503593.5', 'Z')).toBe(1_596_503_593_500)
    expect(parseTime('1596503593000', 'Z')).toBe(1_596_503_593_000)
    expect(parseTime('2020-07-21T09:44:00Z', '+08:00')).toBe(Date.UTC(2020, 6, 21, 9, 44))
    expect(parseTime('2020-07-21 09:44:00', '+08:00')).toBe(Date.UTC(2020, 6, 21, 1, 44))
    expect(parseTime('2020-07-21 09:44:00+0200', '+08:00')).toBe(Date.UTC(2020, 6, 21, 7, 44))
    expect(parseTime('yesterday', 'Z')).toBeUndefined()
  })

  it.each([
    ['a header', 'unixtime,value\n1596503593,0.5\n'],
    ['no header', '1596503593,0.5\n'],
    ['a byte order mark and Windows line ends', '\uFEFFunixtime,value\r\n1596503593,0.5\r\n'],
    ['semicolons and quotes', '"time";"value"\n"1596503593";"0.5"'],
    ['the value first', 'value,time\n0.5,1596503593'],
  ])('reads a file with %s', (_, text) => {
    const { series, bad } = parseCsv(text, ZONE)
    expect(bad).toEqual([])
    expect(series).toEqual({ at: [1_596_503_593_000], values: [0.5] })
  })

  it('finds columns by name and by number, and says which there are', () => {
    const text = 'StartTime,EndTime,Volume\n2020-07-21 09:44:00,x,0.9\n'
    expect(parseCsv(text, { ...ZONE, columns: ['StartTime', 'volume'] }).series.values).toEqual([0.9])
    expect(parseCsv(text, { ...ZONE, columns: ['1', '3'] }).series.values).toEqual([0.9])
    expect(() => parseCsv(text, { ...ZONE, columns: ['1', 'litres'] })).toThrow('StartTime, EndTime, Volume')
  })

  it('skips bad lines with their numbers and goes on', () => {
    const { series, bad, empty } = parseCsv(
      'time,value\n1596503593,NaN\nnoon,1\n1596503613\n1596503623,\n1596503633,1e8\n',
      ZONE,
    )
    expect(bad.map(({ line }) => line)).toEqual([2, 3, 4])
    expect(empty).toBe(1)
    expect(series).toEqual({ at: [1_596_503_633_000], values: [1e8] })
  })

  it('puts readings that came out of order into order', () => {
    expect(parseCsv('20,2\n10,1\n30,3\n', ZONE).series).toEqual({ at: [10_000, 20_000, 30_000], values: [1, 2, 3] })
  })
})

describe('playing a log back', () => {
  it.each([0.5, 1, 60, Number.POSITIVE_INFINITY])('at speed %d publishes no reading before its time', (speed) => {
    const planned = times(planReplay(tenSeconds(50), { ...plain, speed }, START))
    for (const { ts, afterMs } of planned) expect(ts).toBeLessThanOrEqual(START + afterMs)
    if (speed >= 1) expect(planned.at(-1)!.ts).toBeGreaterThan(START + planned.at(-1)!.afterMs - 1)
    for (const [i, { ts }] of planned.entries()) expect(ts - planned[0]!.ts).toBe(i * 10_000)
  })

  it('keeps the times as logged where asked to', () => {
    expect(times(planReplay(tenSeconds(2), { ...plain, shift: 'keep' }, START))[0]!.ts).toBe(1_600_000_000_000)
  })

  it('takes twice the time at half the speed', () => {
    const at = (speed: number): number => times(planReplay(tenSeconds(7), { ...plain, speed }, START)).at(-1)!.afterMs
    expect(at(1)).toBe(60_000)
    expect(at(0.5)).toBe(120_000)
  })

  it('writes evenly spaced readings as a series, others as several', () => {
    const [series] = planReplay(tenSeconds(3), { ...plain, shift: 'keep', group: { readings: 3 } }, START)
    expect(series?.telemetry).toEqual({ ts: 1_600_000_000_000, step: 10_000, values: { flow: [0, 0.1, 0.2] } })
    const [several] = planReplay(
      { at: [1000, 2000, 4000], values: [1, 2, 3] },
      { ...plain, shift: 'keep', group: { seconds: 60 } },
      START,
    )
    expect(several?.telemetry).toHaveLength(3)
  })

  it('adds a leak to the flow and up to the register, and never an impossible value', () => {
    const [message] = planReplay(
      { at: [0, 3_600_000 / 4, 3_600_000 / 2], values: [1, 2e8, 1] },
      { ...plain, shift: 'keep', group: { readings: 10 }, integrate: true, leakLitresPerHour: 40 },
      START,
    )
    expect(message?.telemetry).toMatchObject({ values: { flow: [1.04, 2e8, 1.04], volume: [0, 0.26, 0.26] } })
  })

  it('turns units into the contract’s', () => {
    expect(converter('flow', 'l/s', 1)(1)).toBeCloseTo(3.6)
    expect(converter('flow', 'gpm', 1)(1)).toBeCloseTo(0.2271, 4)
    expect(converter('flow', 'm³/h', 2)(1)).toBe(2)
    expect(converter('temperature', '°F', 1)(212)).toBeCloseTo(100)
    expect(converter('smoke', '1/m', 1)(0.14)).toBeCloseTo(1.4)
    expect(() => converter('flow', 'furlong', 1)).toThrow('l/s')
    expect(() => converter('colour', undefined, 1)).toThrow('volume')
  })
})

const WHOLE_HOUSE = join(import.meta.dirname, '../../../shared/data/household/whole-house-10s.csv')
describe.skipIf(!existsSync(WHOLE_HOUSE))('the flat that was measured every ten seconds', () => {
  const parsed: ParsedCsv = parseCsv(existsSync(WHOLE_HOUSE) ? readFileSync(WHOLE_HOUSE, 'utf8') : '', ZONE)

  it('is published to the last reading, its glitches as logged', () => {
    expect(parsed.bad).toEqual([])
    const messages = planReplay(
      parsed.series,
      { ...plain, speed: Number.POSITIVE_INFINITY, group: { readings: 96 } },
      START,
    )
    expect(messages.reduce((sum, message) => sum + message.readings, 0)).toBe(parsed.series.at.length)
    expect(Math.max(...parsed.series.values)).toBeGreaterThan(1e8)
    for (const message of messages) expect(JSON.stringify(message.telemetry).length).toBeLessThan(65_536)
  })
})
