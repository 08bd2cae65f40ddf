import { setTimeout as sleep } from 'node:timers/promises'
import { openInfluxHistory } from '../../store/history/influx/history.ts'
import type { Truthful } from '../crash/verdict.ts'
import { hasInfluxd, type Influxd, startInfluxd } from '../influxd.ts'
import { percentile } from '../percentile.ts'
import { type Fault, type FaultContext, type FaultOutcome, promises } from './fault.ts'
import { type InfluxMode, InfluxProxy } from './influx-proxy.ts'
import { type Injected, type Stage, underLoad } from './under-load.ts'

/** The real InfluxDB behind a proxy, and what can be done to either of them while ingest archives into it. */

const DATABASE = 'readings'
/** What the two runs of the outage may differ by: the promise. */
const PUBACK_RATIO = 1.5
/** A fire is decided long before an archive could wait for anything. Milliseconds. */
const ALARM_LIMIT_MS = 250
/** Before the measured time: code is compiled, caches are filled. */
const WARM_UP_MS = 3000

const missing = async (): Promise<string | undefined> =>
  hasInfluxd() ? undefined : 'a real InfluxDB (Debian’s package influxdb)'

interface Machinery {
  readonly influxd: Influxd
  readonly proxy: InfluxProxy
}

async function withInflux(
  context: FaultContext,
  inject: (machinery: Machinery, stage: Stage) => Promise<Injected>,
  whenQuiet: (influxd: Influxd) => Promise<void> = async () => undefined,
): Promise<FaultOutcome> {
  const influxd = await startInfluxd()
  const proxy = new InfluxProxy(influxd.url)
  await proxy.listen()
  try {
    return await underLoad(
      context,
      {
        env: { HYDRANT_HISTORY: 'influx', HYDRANT_INFLUX_URL: proxy.url, HYDRANT_INFLUX_BUCKET: DATABASE },
        openHistory: () => openInfluxHistory({ url: influxd.url, token: undefined, org: '', bucket: DATABASE }),
      },
      {
        inject: (stage) => inject({ influxd, proxy }, stage),
        whenQuiet: () => whenQuiet(influxd),
        // What the real server says of itself, not what the adapter reads back.
        after: async ({ load }) => counted(influxd, load.devices),
      },
    )
  } finally {
    await proxy.close()
    await influxd.remove()
  }
}

/** Every point once: as many in InfluxDB as readings were acknowledged, device by device. */
async function counted(influxd: Influxd, devices: readonly Truthful[]) {
  let inInflux = 0
  let differing = 0
  for (const device of devices) {
    const truth = new Map<string, number>()
    for (const { quantity } of device.truth()) truth.set(quantity, (truth.get(quantity) ?? 0) + 1)
    const found = await influxd.count(DATABASE, device.id)
    for (const [quantity, count] of truth) {
      inInflux += found[quantity] ?? 0
      if (found[quantity] !== count) differing++
    }
  }
  return {
    pointsInInflux: inInflux,
    broken: promises({
      [`${differing} devices have more or fewer points in InfluxDB than they sent`]: differing === 0,
    }),
  }
}

const inTheWay = (mode: InfluxMode, about: string): Fault => ({
  // The outage and one write in two that loses points are looked at quickly; the others take their time.
  leftOutOfQuick: mode !== 'partial',
  name: `influx.${mode}`,
  number: 4,
  about,
  missing,
  run: (context) =>
    withInflux(context, async ({ proxy }, { load }) => {
      const from = performance.now()
      await proxy.become(mode)
      await sleep(context.seconds * 1000)
      const during = load.pubackTimes(from)
      await proxy.become('well')
      return {
        injected: `${about}, for ${context.seconds} s`,
        touchedWrites: proxy.touched,
        pubacksMeanwhile: during.length,
        pubackP99Ms: percentile(during, 0.99),
        broken: promises({
          'the broker acknowledged nothing meanwhile': during.length > 0,
          'the fault did not touch a single write': mode === 'dead' || proxy.touched > 0,
        }),
      }
    }),
})

const killed: Fault = {
  name: 'influx.killed',
  leftOutOfQuick: true,
  number: 4,
  about: 'influxd is killed with -9 in the middle of writes, and started again',
  missing,
  run: (context) =>
    withInflux(context, async ({ influxd }) => {
      await influxd.kill()
      await sleep(context.seconds * 1000)
      await influxd.start()
      return { injected: `kill -9 of influxd, started again after ${context.seconds} s` }
    }),
}

const frozen: Fault = {
  name: 'influx.frozen',
  leftOutOfQuick: true,
  number: 4,
  about: 'influxd is alive and answers nobody (SIGSTOP)',
  missing,
  run: (context) =>
    withInflux(context, async ({ influxd }) => {
      influxd.freeze()
      await sleep(context.seconds * 1000)
      influxd.thaw()
      return { injected: `SIGSTOP of influxd for ${context.seconds} s` }
    }),
}

/** The promise of InfluxDB that is away: nobody in front of the archive notices. */
const outage: Fault = {
  name: 'influx.outage',
  number: 4,
  about: 'load with InfluxDB alive, as much with it stopped for the whole time, then it is started',
  missing,
  run: (context) => {
    const inject = async ({ influxd }: Machinery, { load }: Stage): Promise<Injected> => {
      const ms = context.outageSeconds * 1000
      const phase = async () => {
        const from = performance.now()
        const firesFrom = Date.now()
        await sleep(ms)
        const pubacks = load.pubackTimes(from)
        const alarms = load.alarmTimes(firesFrom)
        return {
          pubacks: pubacks.length,
          pubackP50Ms: percentile(pubacks, 0.5),
          pubackP99Ms: percentile(pubacks, 0.99),
          alarms: alarms.length,
          alarmP99Ms: percentile(alarms, 0.99),
        }
      }
      await sleep(WARM_UP_MS)
      const alive = await phase()
      await influxd.stop()
      const away = await phase()
      const ratio = Number(((away.pubackP99Ms ?? Number.NaN) / (alive.pubackP99Ms ?? Number.NaN)).toFixed(2))
      return {
        injected: `InfluxDB was stopped for the whole of ${context.outageSeconds} s of load`,
        alive,
        away,
        pubackP99Ratio: ratio,
        broken: promises({
          [`PUBACK p99 was ${ratio} times that with InfluxDB alive`]: ratio <= PUBACK_RATIO,
          'no alarm was raised while InfluxDB was away': away.alarms > 0,
          [`alarms took ${away.alarmP99Ms} ms (p99)`]: (away.alarmP99Ms ?? Number.POSITIVE_INFINITY) <= ALARM_LIMIT_MS,
        }),
      }
    }
    // The drain is measured from here.
    return withInflux(context, inject, (influxd) => influxd.start())
  },
}

export const INFLUX: readonly Fault[] = [
  inTheWay('dead', 'nobody listens at InfluxDB’s address'),
  inTheWay('black-hole', 'InfluxDB takes requests and never answers'),
  inTheWay('slow', 'InfluxDB takes 5 s for a write'),
  inTheWay('500', 'InfluxDB answers 500'),
  inTheWay('429', 'InfluxDB answers 429 with Retry-After'),
  inTheWay('partial', 'InfluxDB stores some points of every second write'),
  inTheWay('cut', 'the connection ends in the middle of InfluxDB’s answer'),
  killed,
  frozen,
  outage,
]
