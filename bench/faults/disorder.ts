import { setTimeout as sleep } from 'node:timers/promises'
import { between, randomOf } from '../random.ts'
import { type Fault, promises } from './fault.ts'
import { scripted } from './scripted.ts'

/** What bad links and queues in devices make of a day: everything twice, in any order, a day late, all at once. */

const QUARTER_MS = 900_000
const READINGS_A_DAY = 96
const DAY_MS = READINGS_A_DAY * QUARTER_MS
/** m³ in a quarter of an hour: a tap that drips less than any leak detection looks for. */
const PER_READING = 0.0001
const FIRES = 3
const REPEATS = 3
const DAYS_QUEUED = 2

export const DISORDER: Fault = {
  name: 'disorder',
  number: 6,
  about: 'readings twice, out of order, yesterday again, and days at once; fires told again and again',
  run: ({ seed }) =>
    scripted(
      [
        ...['twice', 'shuffled', 'yesterday', 'queued', 'series'].map((id) => ({ id, kind: 'water-meter' as const })),
        { id: 'again', kind: 'smoke-detector' },
      ],
      {},
      async ({ say, expected, settled, views, alarmsOf }) => {
        const random = randomOf(seed)
        const midnight = Math.floor(Date.now() / DAY_MS) * DAY_MS - DAY_MS
        const day = (from: number) =>
          Array.from({ length: READINGS_A_DAY }, (_, i) => {
            const at = from + i * QUARTER_MS
            return { at, volume: Number((100 + ((at - midnight + 10 * DAY_MS) / QUARTER_MS) * PER_READING).toFixed(4)) }
          })
        const stamped = ({ at, volume }: { at: number; volume: number }) => ({ ts: at, values: { volume } })
        const expectAll = (id: string, readings: readonly { at: number; volume: number }[]): void => {
          for (const { at, volume } of readings) expected.add(id, at, 'volume', volume)
        }

        const today = day(midnight)
        for (const reading of today) {
          await say('twice', stamped(reading))
          await say('twice', stamped(reading))
        }
        expectAll('twice', today)

        const shuffled = [...today]
        for (let i = shuffled.length - 1; i > 0; i--) {
          const j = between(random, 0, i)
          ;[shuffled[i], shuffled[j]] = [shuffled[j] as (typeof today)[0], shuffled[i] as (typeof today)[0]]
        }
        for (const reading of shuffled) await say('shuffled', stamped(reading))
        expectAll('shuffled', shuffled)

        const yesterday = day(midnight - DAY_MS)
        await say('yesterday', yesterday.map(stamped))
        await say('yesterday', today.map(stamped))
        await say('yesterday', yesterday.map(stamped))
        expectAll('yesterday', [...yesterday, ...today])

        const queued = Array.from({ length: DAYS_QUEUED }, (_, i) => day(midnight - (DAYS_QUEUED - i) * DAY_MS)).flat()
        // Connected before everything goes out at once.
        await say('queued', stamped(queued[0] as (typeof queued)[0]))
        await Promise.all(queued.map((reading) => say('queued', stamped(reading))))
        expectAll('queued', queued)

        await say('series', { ts: midnight, step: QUARTER_MS, values: { volume: today.map(({ volume }) => volume) } })
        expectAll('series', today)

        for (let fire = 0; fire < FIRES; fire++) {
          const at = Date.now()
          const burning = { ts: at, values: { smoke: 3.1, alarm: true } }
          expected.add('again', at, 'smoke', 3.1)
          for (let n = 0; n < REPEATS; n++) await say('again', burning)
          await sleep(5)
          const over = Date.now()
          const quiet = { ts: over, values: { smoke: 0.05, alarm: false } }
          expected.add('again', over, 'smoke', 0.05)
          await say('again', quiet)
          // A retry of the fire after its end must not light it again.
          await say('again', burning)
          await settled()
          await sleep(5)
        }
        await settled()
        const fires = (await alarmsOf('again')).filter(({ type }) => type === 'smoke')
        const meters = await Promise.all(
          ['twice', 'shuffled', 'yesterday', 'queued', 'series'].map((id) => alarmsOf(id)),
        )
        const falseAlarms = meters.flat().length
        const setAside = Object.fromEntries(await views.rejectionTotals())
        const raised = new Set(fires.map(({ raisedAt }) => raisedAt)).size
        return {
          injected: `${READINGS_A_DAY} readings twice, shuffled, repeated a day later, ${DAYS_QUEUED} days at once; ${FIRES} fires told ${REPEATS + 1} times each`,
          duplicateAlarms: fires.length - raised,
          fires: fires.length,
          falseAlarms,
          setAside,
          broken: promises({
            'repetitions were not recognised': (setAside['order.duplicate'] ?? 0) > 0,
            'late readings were not recognised': (setAside['order.late'] ?? 0) > 0,
            [`${falseAlarms} alarms about readings that were only late or repeated`]: falseAlarms === 0,
            // One open alarm per source and type: a fire that comes back before anybody looked is the same alarm.
            'a fire has no alarm': fires.length > 0,
            'a repetition of a fire was counted as news': fires.every(({ count }) => count <= FIRES),
            'the last fire is over, its alarm is not cleared': fires.every(({ state }) => state.startsWith('CLEARED')),
          }),
        }
      },
    ),
}
