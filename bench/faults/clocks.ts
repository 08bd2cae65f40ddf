import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Alarm } from '../../contract/alarms.ts'
import { runCommand } from '../system.ts'
import { type Fault, promises } from './fault.ts'
import { type Script, scripted } from './scripted.ts'
import { underLoad } from './under-load.ts'

/** Clocks that are wrong: the devices’, the server’s, and those of people’s logs. */

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const TEN_YEARS_MS = 3653 * DAY_MS
const QUARTER_MS = 900_000
const smokeIsRaised = (alarms: readonly Alarm[]): boolean => alarms.some(({ type }) => type === 'smoke')
const burning = (ts: number) => ({ ts, values: { smoke: 3.1, alarm: true } })
const quiet = (ts: number) => ({ ts, values: { smoke: 0.05, alarm: false } })

const DEVICE_CLOCKS: Fault = {
  name: 'clocks.devices',
  number: 5,
  about: 'device clocks in 1970, ten years ahead, and jumping back',
  run: () => {
    const meters = ['epoch-meter', 'ahead-meter', 'jump-meter'].map((id) => ({ id, kind: 'water-meter' as const }))
    const detectors = ['epoch-smoke', 'ahead-smoke', 'jump-smoke'].map((id) => ({
      id,
      kind: 'smoke-detector' as const,
    }))
    return scripted([...meters, ...detectors], {}, async ({ say, settled, alarmsOf, views, expected, ask }) => {
      const now = Date.now()
      await say('epoch-meter', { ts: 5000, values: { volume: 1.25 } })
      await say('epoch-smoke', burning(7000))
      const ahead = { ts: now + TEN_YEARS_MS, values: { volume: 7.5 } }
      await say('ahead-meter', ahead)
      await say('ahead-smoke', burning(now + TEN_YEARS_MS))
      // Twenty hours ahead is a clock that is wrong and not yet impossible; then somebody sets it.
      const jumps = [now - QUARTER_MS, now + 20 * HOUR_MS, now - HOUR_MS, now + 1000]
      for (const [i, ts] of jumps.entries()) {
        await say('jump-meter', { ts, values: { volume: 10 + i / 1000 } })
        expected.add('jump-meter', ts, 'volume', 10 + i / 1000)
      }
      await say('jump-smoke', quiet(now + 20 * HOUR_MS))
      await say('jump-smoke', burning(now))
      await settled()

      const from = now - HOUR_MS
      const atArrival = (await ask(`/api/devices/epoch-meter/readings?from=${from}&to=${now + HOUR_MS}`)) as {
        fields: { volume?: readonly number[] }
      }
      const kept = await views.quarantine({ deviceId: 'ahead-meter', limit: 10 })
      const bytes = kept.items[0] === undefined ? undefined : await views.quarantineBytes(kept.items[0].id)
      const counts = await views.rejectionTotals()
      const alarms = new Map<string, readonly Alarm[]>()
      for (const { id } of detectors) alarms.set(id, await alarmsOf(id))
      const raisedTwice = [...alarms.values()].filter(
        (each) => each.filter(({ type }) => type === 'smoke').length > 1,
      ).length
      return {
        injected: 'readings and fires dated 1970, ten years ahead, 20 hours ahead and then back',
        duplicateAlarms: raisedTwice,
        clockUnset: counts.get('time.clock-unset') ?? 0,
        future: counts.get('time.future') ?? 0,
        broken: promises({
          'a reading of a clock that was never set is not kept at its arrival': atArrival.fields.volume?.[0] === 1.25,
          'a reading ten years ahead does not lie in quarantine with its bytes':
            bytes !== undefined && Buffer.from(bytes).toString() === JSON.stringify(ahead),
          'a fire told by a clock in 1970 has no alarm': smokeIsRaised(alarms.get('epoch-smoke') ?? []),
          'a fire told by a clock ten years ahead has no alarm of any sort':
            (alarms.get('ahead-smoke') ?? []).length > 0,
          'a fire told after the clock was set back has no alarm': smokeIsRaised(alarms.get('jump-smoke') ?? []),
        }),
      }
    })
  },
}

/** Debian's package libfaketime, which the package faketime brings along. */
const FAKETIME = ['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`)
/** Seconds by which a request may be late. */
const NEAR_S = 5
const near = (seen: number | undefined, wanted: number): boolean =>
  seen !== undefined && Math.abs(seen - wanted) <= NEAR_S
const STEPS = ['+3600', '+0', '-1800', '+0'] as const

const SERVER_CLOCK: Fault = {
  name: 'clocks.server',
  number: 5,
  about: 'the server’s clock jumps an hour ahead, back, half an hour back and forward (libfaketime)',
  missing: async () => (FAKETIME.some((file) => existsSync(file)) ? undefined : 'Debian’s package faketime'),
  run: async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'hydrant-clock-'))
    const clock = join(folder, 'clock')
    await writeFile(clock, '+0')
    try {
      return await underLoad(
        context,
        {
          env: {
            LD_PRELOAD: FAKETIME.find((file) => existsSync(file)) ?? '',
            FAKETIME_TIMESTAMP_FILE: clock,
            FAKETIME_NO_CACHE: '1',
            // Timers and elapsed time do not step with the wall clock.
            FAKETIME_DONT_FAKE_MONOTONIC: '1',
            FAKETIME_DISABLE_SHM: '1',
          },
        },
        {
          inject: async ({ ask }) => {
            const offsets: number[] = []
            for (const step of STEPS) {
              await writeFile(clock, step)
              await sleep((context.seconds * 1000) / 2)
              const { serverTime } = (await ask('/api/summary')) as { serverTime?: number }
              if (serverTime !== undefined) offsets.push(Math.round((serverTime - Date.now()) / 1000))
            }
            return {
              injected: `the clock of every role was set to ${STEPS.join(', ')} s, ${context.seconds / 2} s each`,
              offsetsSeen: offsets,
              broken: promises({
                'the server did not see its clock step': STEPS.every((step, i) => near(offsets[i], Number(step))),
              }),
            }
          },
        },
      )
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}

/** 2016 ended with a leap second; the hour from two to three came twice in Berlin on 25 October 2020. */
const LOG = [
  'time,value',
  '2016-12-31T23:59:58Z,0.1',
  '2016-12-31T23:59:59Z,0.2',
  '2016-12-31T23:59:60Z,0.3',
  '2017-01-01T00:00:00Z,0.4',
  '2020-10-25 01:45:00,0.5',
  '2020-10-25 02:15:00,0.6',
  '2020-10-25 02:45:00,0.7',
  '2020-10-25 02:15:00,0.8',
  '2020-10-25 02:45:00,0.9',
  '2020-10-25 03:15:00,1.0',
]
const LEAP_LINE = 4
const REPEATED = ['2020-10-25T02:15:00+02:00', '2020-10-25T02:45:00+02:00'].map((time) => Date.parse(time))

const LOG_CLOCK: Fault = {
  name: 'clocks.log',
  number: 5,
  about: 'a log without a zone that repeats an hour of summer time, and a leap second',
  run: () =>
    scripted(
      [{ id: 'log-meter', kind: 'water-meter' }],
      {},
      async ({ system, secrets, expected, settled, views }: Script) => {
        const folder = await mkdtemp(join(tmpdir(), 'hydrant-log-'))
        const file = join(folder, 'log.csv')
        await writeFile(file, `${LOG.join('\n')}\n`)
        const secret = secrets.get('log-meter') ?? ''
        const { code, stderr } = await runCommand(process.execPath, [
          ...[join(import.meta.dirname, '../../simulators/simulate.ts'), 'replay', file, '--device', 'log-meter'],
          ...['--secret', secret, '--shift', 'keep', '--speed', 'max', '--zone', '+02:00'],
          ...['--port', String(system.mqttPort)],
        ])
        await rm(folder, { recursive: true, force: true })
        const times = new Map<number, number>()
        for (const line of LOG.slice(1)) {
          const [time = '', value] = line.split(',')
          const at = Date.parse(time.endsWith('Z') ? time : `${time.replace(' ', 'T')}+02:00`)
          if (!Number.isNaN(at)) times.set(at, Number(value))
        }
        await settled()
        // Two values for one time: which of them is history's is not promised, that everything else is, is.
        for (const [at, value] of times) if (!REPEATED.includes(at)) expected.add('log-meter', at, 'flow', value)
        return {
          injected: 'a log with 23:59:60 and with the hour from two to three twice, replayed with a fixed zone',
          duplicateAlarms: 0,
          skippedLines: stderr.split('\n').filter((line) => line.startsWith('line ')).length,
          repeatedTimes: REPEATED.length,
          setAside: Object.fromEntries(await views.rejectionTotals()),
          broken: promises({
            [`the replay ended with code ${code}: ${stderr.slice(0, 200)}`]: code === 0,
            'the leap second was left out without a word': stderr.includes(`line ${LEAP_LINE}:`),
          }),
        }
      },
    ),
}
export const CLOCKS: readonly Fault[] = [DEVICE_CLOCKS, SERVER_CLOCK, LOG_CLOCK]
