import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Decision } from '../../store/state/decisions-port.ts'
import { HomeUnderTest } from './home-under-test.ts'

const SECOND = 1000
const MINUTE = 60_000

let home: HomeUnderTest
let began: number

beforeEach(async () => {
  home = await HomeUnderTest.open()
  await home.addSmoke('floor-1', 'a', 'b')
  began = home.rig.now
})
afterEach(() => home.rig.remove())

/** Second by second, as ingest runs. */
const run = async (seconds: number, each: (second: number) => Promise<void> = async () => undefined): Promise<void> => {
  for (let second = 1; second <= seconds; second++) {
    await each(second)
    await home.pass(SECOND)
  }
}

/** Of a fire that nobody takes: 30 s, one minute, two minutes, and every two minutes until somebody does. */
const FIRE_STEPS = [
  [1, 30],
  [2, 90],
  [3, 210],
  [4, 330],
  [5, 450],
] as const

describe('a fire that nobody takes', () => {
  test('tells the next contacts on time, through all steps, again and again', async () => {
    await home.burn('a', 'b')
    await run(460)
    expect(await home.steps(began)).toEqual(FIRE_STEPS)
  })

  test.each([0, 40, 100, 220])('stops telling when a named person takes it after %i s', async (seconds) => {
    await home.burn('a', 'b')
    await run(seconds)
    const told = await home.steps(began)
    await home.take()
    await home.pass(30 * MINUTE)
    await run(5)
    expect(await home.steps(began)).toEqual(told)
    expect(await home.incident()).toMatchObject({ acknowledgedBy: '李雷', escalation: { nextAt: null } })
  })

  test('goes on where it was when ingest is killed between two steps: none twice, none left out, each on time', async () => {
    await home.burn('a', 'b')
    // Killed again and again, also in the second in which a step falls due.
    await run(460, async (second) => {
      if (second % 7 === 0 || second === 30 || second === 31 || second === 90) await home.restart()
    })
    expect(await home.steps(began)).toEqual(FIRE_STEPS)
  })

  test('tells what was due while ingest was down at once, in order, and repeats the last only once', async () => {
    await home.burn('a', 'b')
    await home.pass(40 * SECOND)
    home.rig.now += 20 * MINUTE
    await home.restart()
    await home.pass(0)
    expect((await home.steps(began)).map(([step]) => step)).toEqual([1, 2, 3])
    await run(130)
    expect((await home.steps(began)).map(([step]) => step)).toEqual([1, 2, 3, 4])
  })

  test('is not told further when somebody took it while ingest was down', async () => {
    await home.burn('a', 'b')
    await home.pass(10 * SECOND)
    await home.command({ type: 'incident.acknowledge', incidentId: (await home.incident()).id, comment: '' })
    home.rig.now += 20 * MINUTE
    await home.restart()
    await home.pass(0)
    await run(5)
    expect(await home.steps(began)).toEqual([])
  })

  test('is told once when the store fails while a step is stored', async () => {
    const real = home.rig.openDecisions()
    let failing = false
    const commit = async (decision: Decision): Promise<number> => {
      const steps = decision.events.some(({ type }) => type === 'incident.escalated')
      // What is killed in its transaction has stored nothing.
      if (steps && failing) throw new Error('killed')
      return real.commit(decision)
    }
    await home.restart({ decisions: Object.assign(Object.create(real), { commit }) })
    await home.burn('a', 'b')
    await run(29)
    failing = true
    await expect(home.pass(SECOND)).rejects.toThrow('killed')
    await home.restart()
    await run(70)
    expect((await home.steps(began)).map(([step]) => step)).toEqual([1, 2])
  })

  test('escalates also while meters keep ingest busy', async () => {
    await home.rig.add('meter', 'water-meter')
    await home.burn('a', 'b')
    home.rig.now += 30 * SECOND
    for (let i = 0; i < 100; i++) await home.rig.publish('meter', { ts: home.rig.now - i, values: { volume: 1 } })
    await home.detect.step()
    expect(await home.steps(began)).toEqual([[1, 30]])
  })
})

describe('after this machine’s clock was set', () => {
  let elapsed = 0
  const passBoth = async (ms: number): Promise<void> => {
    elapsed += ms
    await home.pass(ms)
  }

  test.each([
    ['back by an hour', -60 * MINUTE],
    ['forward by a day', 24 * 60 * MINUTE],
  ])('%s, the next step comes after the rest of its wait', async (_, stepMs) => {
    await home.restart({ elapsed: () => elapsed })
    await home.burn('a', 'b')
    await passBoth(20 * SECOND)
    await home.pass(stepMs)
    await passBoth(9 * SECOND)
    expect(await home.steps(began)).toEqual([])
    await passBoth(SECOND)
    expect((await home.steps(began)).map(([step]) => step)).toEqual([1])
  })

  test('back by a year while ingest was down, the next step comes after its whole wait at the latest', async () => {
    await home.burn('a', 'b')
    home.rig.now -= 365 * 24 * 60 * MINUTE
    await home.restart()
    await home.pass(0)
    await home.pass(30 * SECOND)
    expect((await home.steps(began)).map(([step]) => step)).toEqual([1])
  })
})

test('a fire is told first to the next, and confirmed by time, in that order', async () => {
  await home.burn('a')
  await run(100)
  expect(await home.told()).toEqual([
    'incident.opened',
    'incident.escalated',
    'incident.confirmed',
    'incident.escalated',
  ])
  expect(await home.steps(began)).toEqual([
    [1, 30],
    [2, 90],
  ])
})
