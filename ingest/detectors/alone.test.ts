import { describe, expect, it } from 'vitest'
import { type AloneFacts, CITY_RULE } from '../../contract/alone.ts'
import type { DeviceState } from '../device-state.ts'
import { homecomingOf } from '../homecoming.ts'
import { restate } from '../restate.ts'
import type { Finding } from './detector.ts'
import { noUse } from './no-use.ts'
import { overUse } from './over-use.ts'
import { DAY, deviceOf, HOUR, Rehearsal, T0 } from './rehearsal.ts'

/** Litres of an ordinary day, hour by hour: up at six, in bed at nine. */
const ORDINARY = [0, 0, 0, 8, 0, 0, 9, 4, 2, 0, 6, 5, 3, 8, 0, 2, 0, 6, 9, 4, 2, 0, 0, 0]
const STILL = ORDINARY.map(() => 0)
const BATH = ORDINARY.with(19, 64)

type Day = readonly number[]

/** A meter that uploads once a day, an hour apart. `begin` is local midnight of day 0, a Friday. */
class Home {
  readonly said: Finding[] = []
  private meter: Rehearsal
  private alone: AloneFacts
  private litres = 123_456
  private day = 0

  constructor(alone: Partial<AloneFacts> = {}, step = 1) {
    this.alone = { ...CITY_RULE, placeId: 'd1', judgedFrom: T0, away: null, ...alone }
    this.step = step
    this.meter = this.made()
  }
  private readonly step: number

  private made(): Rehearsal {
    return new Rehearsal({ ...deviceOf('water-meter'), alone: this.alone }, [noUse, overUse] as never)
  }

  /** Somebody has entered something: the states stay. */
  set(alone: Partial<AloneFacts>): void {
    this.alone = { ...this.alone, ...alone }
    const next = this.made()
    Object.assign(next, { states: (this.meter as unknown as { states: unknown }).states })
    this.meter = next
  }

  live(day: Day, gaps: readonly number[] = []): readonly Finding[] {
    const volume = day.map((drawn, hour) => {
      this.litres += drawn
      return gaps.includes(hour) ? null : (Math.floor(this.litres / this.step) * this.step) / 1000
    })
    const found = this.meter.series(T0 + this.day * DAY + HOUR, HOUR, { volume })
    this.day++
    this.said.push(...found)
    return found
  }

  times(count: number, day: Day): this {
    for (let i = 0; i < count; i++) this.live(day)
    return this
  }

  at(day: number, hour: number): number {
    return T0 + day * DAY + hour * HOUR
  }

  memory(): string {
    return this.meter.stored()
  }

  backAt(): number | undefined {
    return homecomingOf({ alone: this.alone }, { detectors: JSON.parse(this.memory()) } as DeviceState)
  }
}

const active = (found: readonly Finding[]): string[] =>
  found.filter(({ active: holds }) => holds).map(({ type, severity }) => `${type} ${severity}`)

describe('the water of somebody who lives alone', () => {
  it('under 10 l in 24 h sends somebody to the door, with what ran and since when', () => {
    const home = new Home().times(3, ORDINARY)
    expect(active(home.said)).toEqual([])
    expect(active(home.live(STILL))).toEqual(['noUse MAJOR'])
    const said = home.said.at(-1)
    expect(said?.since).toBe(home.at(2, 19))
    expect(said).toMatchObject({ value: 6, threshold: 10, unit: 'L', reason: '6 l in 29 h' })
    expect(home.live(ORDINARY)).toMatchObject([{ type: 'noUse', active: false, reasonZh: /恢复用水/ as never }])
  })

  it('a silent meter says nothing: neither that nobody drew, nor that somebody did', () => {
    const home = new Home().times(3, ORDINARY)
    const hours = ORDINARY.map((_, hour) => hour)
    for (let day = 0; day < 4; day++) home.live(ORDINARY, hours)
    expect(home.said).toEqual([])
    // What the register shows afterwards holds for all the time between: nothing ran.
    const away = new Home().times(3, ORDINARY)
    for (let day = 0; day < 2; day++) away.live(STILL, hours)
    expect(active(away.live(STILL, hours.slice(1)))).toEqual(['noUse MAJOR'])
  })

  it('a dial of ten litres tells less, and says so', () => {
    const home = new Home({}, 10).times(3, ORDINARY)
    expect(active(home.live(STILL))).toEqual(['noUse MAJOR'])
    expect(home.said.at(-1)?.reason).toBe('0 to 9 l in 27 h')
    // Five litres a day: the dial moves every other day.
    const sip = STILL.with(3, 5)
    const other = new Home({}, 10).times(15, BATH)
    expect(active(other.live(sip))).toEqual(['noUse MAJOR'])
    expect(other.said.at(-1)?.reason).toMatch(/^\d+ to \d+ l in \d\d h on a dial of ten litres, far less than ever/)
  })

  it('a cistern that runs hides nobody: what never stops is not drawn by anybody', () => {
    const running = ORDINARY.map((drawn) => drawn + 4)
    const home = new Home().times(3, running)
    expect(active(home.said)).toEqual([])
    expect(active(home.live(STILL.map((_, hour) => 4 + (hour % 3 === 0 ? 1 : 0))))).toEqual(['noUse MAJOR'])
    expect(home.said.at(-1)?.reason).toMatch(/without a stop/)
  })

  it('behind a dial of ten litres a cistern is known by how straight its register goes, and hides no sips', () => {
    const running = (day: Day): Day => day.map((drawn, hour) => drawn + 3 + (hour % 3 === 0 ? 1 : 0))
    const home = new Home({}, 10)
    for (let i = 0; i < 6; i++) home.times(1, running(BATH)).times(1, running(ORDINARY))
    expect(active(home.said)).toEqual([])
    home.live(running(STILL.with(15, 5)))
    expect(active(home.live(running(STILL.with(7, 6))))).toEqual(['noUse MAJOR'])
    expect(home.said.at(-1)?.reason).toMatch(/without a stop/)
  })

  it('a cistern that runs on behind a dial of ten litres brings nobody home', () => {
    const running = (day: Day): Day => day.map((drawn) => drawn + 4)
    const home = new Home({}, 10).times(12, running(BATH))
    home.set({ away: { from: home.at(12, 0), until: null } })
    home.times(4, running(STILL)).live(running(STILL.with(9, 10)))
    expect([home.said, home.backAt()]).toEqual([[], undefined])
    home.live(running(BATH))
    expect(home.backAt()).toBe(home.at(17, 12))
  })

  it('an alarm that was over before its upload came is told, whatever softer came behind it in the same upload', () => {
    const bather = new Home()
    for (let week = 0; week < 3; week++) bather.times(1, BATH).times(6, ORDINARY)
    // Nothing from eight on Thursday evening until ten on Friday, which then has seen no bath.
    expect(bather.live(STILL.with(22, 12))).toMatchObject([{ active: false, missed: true, severity: 'MAJOR' }])
  })

  it('what a late upload shows as worse than the softer thing that was begun with is told as bad as it was', () => {
    const home = new Home().times(16, ORDINARY)
    const begun = home.live(STILL.with(18, 30))
    const soft = { ...home.live(STILL.with(3, 30))[0]!, since: home.at(17, 3) }
    const over = home.live(ORDINARY)
    expect(begun).toEqual([])
    expect([soft.severity, over[0]?.severity]).toEqual(['MINOR', 'MAJOR'])
    expect(restate([], [soft, ...over], home.at(19, 0))).toMatchObject([{ missed: true, severity: 'MAJOR' }])
  })

  it('what is unlike the person is told earlier and softly', () => {
    const home = new Home().times(16, ORDINARY)
    // Still since nine in the evening, longer than ever; what was over before its upload came is nobody's business.
    expect(active(home.live(STILL.with(18, 30).with(20, 40)))).toEqual([])
    expect(home.said).toEqual([])
    home.live(ORDINARY)
    expect(active(home.live(STILL.with(3, 30)))).toEqual(['noUse MINOR'])
    expect(home.said.at(-1)?.reason).toMatch(/^0 l in \d\d h, longer than it ever is otherwise/)
    // Somebody who bathes on Friday.
    const bather = new Home()
    for (let week = 0; week < 3; week++) bather.times(1, BATH).times(6, ORDINARY)
    expect(active(bather.said)).toEqual([])
    bather.live(ORDINARY.map((drawn) => drawn / 2))
    expect(active(bather.live(ORDINARY))).toEqual(['noUse MINOR'])
    expect(bather.said.at(-1)?.reason).toMatch(/^34 l yesterday, on the same weekday otherwise at least 128 l/)
  })

  it('twelve hours count only for whom they are long', () => {
    const early = new Home({ noUseHours: 12 }).times(16, ORDINARY)
    expect(active(early.said)).toEqual([])
    early.live(STILL.with(14, 20))
    expect(early.said).toMatchObject([{ severity: 'MAJOR', missed: true }])
    const sleeper = ORDINARY.map((drawn, hour) => (hour < 11 ? 0 : drawn))
    expect(active(new Home({ noUseHours: 12 }).times(20, sleeper).said)).toEqual([])
  })

  it('over 1,000 l in 24 h, and far more than ever before, is told; a visit is not', () => {
    const home = new Home().times(12, ORDINARY)
    home.times(
      2,
      BATH.map((drawn) => drawn * 1.5),
    )
    expect(active(home.said)).toEqual([])
    expect(active(home.live(ORDINARY.with(9, 300).with(10, 200)))).toEqual(['overUse MINOR'])
    const tap = ORDINARY.with(2, 8).with(9, 350).with(10, 350).with(11, 350)
    expect(active(home.live(tap))).toContain('overUse MAJOR')
    expect(home.said.at(-1)?.reason).toMatch(/^1\d{3} l in \d+ h/)
  })

  it('while away nothing is missed but water that runs; use as at home ends the absence', () => {
    const home = new Home().times(8, ORDINARY)
    home.set({ away: { from: home.at(8, 0), until: null } })
    home.times(4, STILL)
    // The neighbour waters the plants.
    home.live(STILL.with(9, 12))
    expect(home.said).toEqual([])
    expect(active(home.live(STILL.map((_, hour) => (hour > 6 ? 12 : 0))))).toEqual(['overUse MINOR'])
    expect(home.said.at(-1)?.reason).toMatch(/^Nobody is at home, and \d+ l ran/)
    home.live(STILL)
    expect(home.backAt()).toBeUndefined()
    expect(home.live(ORDINARY)).toEqual([])
    expect(home.backAt()).toBe(home.at(15, 11))
    home.set({ away: null, judgedFrom: home.at(15, 11) })
    expect(active(home.live(STILL))).toEqual(['noUse MAJOR'])
  })

  it('a cistern that runs on does not hide that they are home again, nor does it bring them home', () => {
    const running = (day: Day): Day => day.map((drawn) => drawn + 1)
    const home = new Home().times(8, running(ORDINARY))
    home.set({ away: { from: home.at(8, 0), until: null } })
    home.times(3, running(STILL))
    expect(home.backAt()).toBeUndefined()
    home.live(running(ORDINARY))
    expect(home.backAt()).toBe(home.at(11, 9))
  })

  it('who was to be back and is not is asked after, before anybody goes there', () => {
    const home = new Home().times(8, ORDINARY)
    home.set({ away: { from: home.at(8, 0), until: home.at(10, 12) } })
    home.times(2, STILL)
    expect(home.said).toEqual([])
    expect(active(home.live(STILL))).toEqual(['noUse MINOR'])
    expect(home.said.at(-1)?.reason).toMatch(/^Was to be back 6 h|^Was to be back 12 h/)
    // A day and a half after it: an upload lies between the question and the door.
    expect(active(home.live(STILL))).toEqual(['noUse MAJOR'])
    expect(home.said.at(-1)?.at).toBe(home.at(12, 0))
  })

  it('an answer begins a new day of grace: the same standstill does not ring again at the next upload', () => {
    const home = new Home().times(3, ORDINARY).times(1, STILL)
    home.set({ judgedFrom: home.at(4, 9) })
    const after = home.live(STILL)
    expect(active(after)).toEqual([])
    expect(active(home.live(STILL))).toEqual(['noUse MAJOR'])
  })

  it('another meter is no use and no burst', () => {
    const home = new Home().times(9, ORDINARY)
    Object.assign(home, { litres: 40 })
    home.times(1, ORDINARY)
    Object.assign(home, { litres: 900_000 })
    home.times(2, ORDINARY)
    expect(home.said).toEqual([])
  })

  it('remembers less than seven kilobytes of four weeks', () => {
    expect(new Home().times(40, ORDINARY).memory().length).toBeLessThan(7000)
  })

  it('nothing is remembered of a meter that nobody is watched by', () => {
    const meter = new Rehearsal(deviceOf('water-meter'), [noUse, overUse] as never)
    meter.series(T0, HOUR, { volume: STILL.concat(STILL).map(() => 3) })
    expect(meter.stored()).toBe('{}')
    expect(meter.said).toEqual([])
  })
})
