import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { QUANTITIES } from '../../contract/quantities.ts'
import { HEAT_KINDS } from './kinds-watched.ts'
import { DAY, deviceOf, HOUR, MINUTE, Rehearsal, readingsOf, SECOND, T0 } from './rehearsal.ts'

/** Real measurements lie beside the repository and are not part of it. */
const DATA = resolve('../shared/data')
const here = existsSync(DATA)

function csv(file: string): Record<string, string>[] {
  const [head = '', ...lines] = readFileSync(resolve(DATA, file), 'utf8').trim().split(/\r?\n/)
  const names = head.split(',')
  return lines.map((line) => {
    const cells = line.split(',')
    return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']))
  })
}

const FIRES = ['02', '05', '07', '10']
/** EN 54-7's m in dB/m is ten times the optical density per metre. */
const DB_PER_OPTICAL_DENSITY = 10
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

interface Sighting {
  readonly photoAt: number
  /** Seconds; Infinity: never. */
  readonly smokeAt: number
  readonly heatAt: number
}

/** One combined detector in each room where NIST had a thermocouple and a smoke meter under the ceiling, and a photoelectric alarm. */
function fireSightings(): readonly Sighting[] {
  const sounded = csv('fire/nist-activation-times.csv')
  return FIRES.flatMap((test) => {
    const rows = csv(`fire/nist-sdc${test}.csv`)
    return ['A', 'B', 'C', 'D', 'E', 'F'].flatMap((room) => {
      const photo = sounded
        .filter(
          ({ test: name, detector = '' }) => name === `SDC${test}` && /^Pho/.test(detector) && detector.endsWith(room),
        )
        .map(({ seconds }) => Number(seconds))
      const smokeName = `SM${room}_1`
      if (photo.length === 0 || rows[0]?.[smokeName] === undefined) return []
      const detector = new Rehearsal(deviceOf('smoke-detector'))
      for (const row of rows)
        detector.send(T0 + Math.round(Number(row.TIME) * SECOND), {
          smoke: Math.max(0, Number(row[smokeName])) * DB_PER_OPTICAL_DENSITY,
          temperature: Number(row[`TC${room}_1`]),
        })
      const first = (type: string): number => {
        const found = detector.said.find((finding) => finding.type === type && finding.active)
        return found === undefined ? Number.POSITIVE_INFINITY : (found.at - T0) / SECOND
      }
      return [{ photoAt: Math.min(...photo), smokeAt: first('smoke'), heatAt: first('heat') }]
    })
  })
}

describe.skipIf(!here)('in four real home fires (NIST)', () => {
  const rooms = here ? fireSightings() : []
  const leads = {
    smoke: rooms.map(({ photoAt, smokeAt }) => photoAt - smokeAt),
    heat: rooms.map(({ photoAt, heatAt }) => photoAt - heatAt),
    first: rooms.map(({ photoAt, smokeAt, heatAt }) => photoAt - Math.min(smokeAt, heatAt)),
  }

  it('smoke and the rise of temperature are found in every room; the first of them, at the median, before any photoelectric alarm', () => {
    for (const [sign, lead] of Object.entries(leads))
      console.info(
        `NIST, ${sign}: ${lead.filter(Number.isFinite).length} of ${rooms.length} rooms, median ${median(lead)} s before the first photoelectric alarm`,
      )
    expect(rooms.length).toBe(17)
    expect(Object.values(leads).flat().every(Number.isFinite)).toBe(true)
    expect(median(leads.smoke)).toBeGreaterThanOrEqual(10)
    expect(median(leads.first)).toBeGreaterThanOrEqual(10)
  })

  it('nothing is raised before there is smoke', () => {
    expect(Math.min(...rooms.map(({ smokeAt, heatAt }) => Math.min(smokeAt, heatAt)))).toBeGreaterThan(10)
  })

  it('a thermocouple that reports every 30 s finds the fire too', () => {
    const found = FIRES.map((test) => {
      const detector = new Rehearsal(deviceOf([...HEAT_KINDS][0]!))
      let next = 0
      for (const row of csv(`fire/nist-sdc${test}.csv`)) {
        const t = Number(row.TIME)
        if (t < next) continue
        next = t + 30
        detector.send(T0 + t * SECOND, { temperature: Number(row.TCC_1) })
      }
      return detector.alarms.get('heat')?.active
    })
    expect(found).toEqual([true, true, true, true])
  })
})

const GALLON_M3 = 0.003785

describe.skipIf(!here)('a real household', () => {
  /** Local time of the house; its zone does not matter here. */
  const time = (text: string): number => Date.parse(`${text.replace(' ', 'T')}Z`)

  /** Its register every `step`, from its labelled end uses. */
  function registerOf(events: readonly Record<string, string>[], step: number): { at: number[]; volume: number[] } {
    const uses = events.map((event) => {
      const start = time(event.StartTime!)
      return {
        start,
        end: start + Number(event['Duration(min)']) * MINUTE,
        m3: Number(event['Volume(gal)']) * GALLON_M3,
      }
    })
    const from = Math.floor(uses[0]!.start / DAY) * DAY
    const to = Math.max(...uses.map(({ end }) => end)) + HOUR
    const at: number[] = []
    const volume: number[] = []
    for (let t = from; t <= to; t += step) {
      at.push(t)
      const sum = uses.reduce(
        (m3, use) => m3 + use.m3 * Math.min(1, Math.max(0, (t - use.start) / (use.end - use.start))),
        100,
      )
      volume.push(Math.floor(sum * 1000) / 1000)
    }
    return { at, volume }
  }

  const irrigates = (event: Record<string, string>): boolean => event.Label === 'irrigation'

  it.each([
    MINUTE,
    15 * MINUTE,
    HOUR,
  ])('raises no burst and no leak by its faucet, toilet, shower, washer and hose, every %d ms', (step) => {
    const events = csv('household/end-use-events.csv').filter((event) => !irrigates(event))
    expect(events.length).toBe(801)
    const { at, volume } = registerOf(events, step)
    const house = new Rehearsal(deviceOf('water-meter'))
    house.read(readingsOf(at, { volume }))
    expect(house.said).toEqual([])
  })

  it("has lawn sprinklers above the makers' burst limit: told in its first week, then they are a habit", () => {
    const events = csv('household/end-use-events.csv')
    const long = events.filter(
      (event) => irrigates(event) && Number(event['Duration(min)']) > 30 && Number(event['Volume(gal)']) > 1000,
    )
    const { at, volume } = registerOf(events, 15 * MINUTE)
    const house = new Rehearsal(deviceOf('water-meter', 'DN20'))
    for (let i = 0; i < at.length; i++) house.read(readingsOf([at[i]!], { volume: [volume[i]!] }))
    expect([...house.alarms.keys()]).toEqual(['burst'])
    expect(long.length).toBe(7)
    expect(house.alarms.get('burst')).toMatchObject({ active: false, raised: 4 })
  })
})

describe.skipIf(!here)('a real flat whose meter sends wild outliers', () => {
  const rows = here ? csv('household/whole-house-10s.csv') : []
  const { min, max } = QUANTITIES.flow

  it.each([1, 100])('raises no burst and no leak, in messages of %d readings', (size) => {
    const flat = new Rehearsal(deviceOf('water-meter'))
    // As validation leaves it: what cannot be a flow is no reading.
    const at = rows.map((row) => Number(row.unixtime) * SECOND)
    const flow = rows.map((row) => Number(row.value)).map((value) => (value >= min && value <= max ? value : null))
    expect(flow.filter((value) => value === null).length).toBeGreaterThan(2000)
    for (let i = 0; i < at.length; i += size)
      flat.read(readingsOf(at.slice(i, i + size), { flow: flow.slice(i, i + size) }))
    expect(flat.said).toEqual([])
  })
})
