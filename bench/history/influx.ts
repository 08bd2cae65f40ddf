import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openInfluxHistory } from '../../store/history/influx/history.ts'
import { chunksOf } from '../../store/history/influx/line.ts'
import type { History, HistoryMessage } from '../../store/history/port.ts'
import { openHistory } from '../../store/history/sqlite.ts'
import { startInfluxd } from '../influxd.ts'
import { BATCH, DAY_MS, meterId, PER_DAY, START, shuffled, upload } from './uploads.ts'

const BUCKET = 'hydrant'
const REPEATS = 20
const HOUR_MS = 3_600_000

/**
 * Readings a second into a real InfluxDB, as the archive writes them. Limits of the same run: the same text posted without
 * the adapter, the text alone, and the embedded history.
 */
export async function measureInflux(meters: number, days: number): Promise<Readonly<Record<string, number>>> {
  const readings = meters * days * PER_DAY
  const batches = batchesOf(meters, days)
  const dir = mkdtempSync(join(tmpdir(), 'hydrant-history-'))
  const influxd = await startInfluxd()
  try {
    const encodeSeconds = await secondsOf(async () => {
      for (const batch of batches) for (const chunk of chunksOf(batch)) chunk.texts.join('\n')
    })
    await influxd.query('', 'CREATE DATABASE bare')
    const bareSeconds = await secondsOf(async () => {
      for (const batch of batches)
        for (const chunk of chunksOf(batch))
          await post(`${influxd.url}/write?db=bare&precision=ms`, chunk.texts.join('\n'))
    })
    await influxd.query('', 'DROP DATABASE bare')
    const history = openInfluxHistory({ url: influxd.url, token: undefined, org: '', bucket: BUCKET })
    const cpu = process.cpuUsage()
    const seconds = await secondsOf(() => writeAll(history, batches))
    const used = process.cpuUsage(cpu)
    const stored = (await influxd.count(BUCKET)).volume ?? 0
    const dayMs = await millisecondsOf((i) => history.range(meterId(i), START, START + DAY_MS, PER_DAY))
    const hoursMs = await millisecondsOf((i) => history.buckets(meterId(i), 'volume', START, START + DAY_MS, HOUR_MS))
    const latestMs = await millisecondsOf((i) => history.latest(meterId(i)))
    await history.close()
    const embedded = await openHistory(join(dir, 'history.db'))
    const embeddedSeconds = await secondsOf(() => writeAll(embedded, batches))
    await embedded.close()
    return {
      readings,
      stored,
      writtenPerSecond: Math.round(readings / seconds),
      barePerSecond: Math.round(readings / bareSeconds),
      textPerSecond: Math.round(readings / encodeSeconds),
      embeddedPerSecond: Math.round(readings / embeddedSeconds),
      toBare: round(bareSeconds / seconds),
      cpuSecondsPerMillion: round((used.user + used.system) / readings),
      meterDayMs: round(dayMs),
      meterDayByHourMs: round(hoursMs),
      latestMs: round(latestMs),
    }
  } finally {
    await influxd.remove()
    rmSync(dir, { recursive: true, force: true })
  }
}

function batchesOf(meters: number, days: number): HistoryMessage[][] {
  const order = shuffled(meters)
  const batches: HistoryMessage[][] = []
  for (let day = 0; day < days; day++)
    for (let i = 0; i < meters; i += BATCH) batches.push(order.slice(i, i + BATCH).map((meter) => upload(meter, day)))
  return batches
}

async function writeAll(history: History, batches: readonly HistoryMessage[][]): Promise<void> {
  for (const batch of batches) await history.write(batch)
}

async function post(url: string, body: string): Promise<void> {
  const { status } = await fetch(url, { method: 'POST', body })
  if (status !== 204) throw new Error(`influxd answered ${status}`)
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1000
}

async function millisecondsOf(work: (i: number) => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < REPEATS; i++) times.push((await secondsOf(() => work(i))) * 1000)
  return times.sort((a, b) => a - b)[REPEATS >> 1] as number
}

const round = (value: number): number => Math.round(value * 1000) / 1000
