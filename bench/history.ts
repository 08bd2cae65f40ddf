import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { History } from '../store/history/port.ts'
import { openHistory } from '../store/history/sqlite.ts'
import { openDatabase } from '../store/sqlite.ts'
import { measureInflux } from './history/influx.ts'
import { BATCH, DAY_MS, meterId, PER_DAY, START, shuffled, upload, uploads } from './history/uploads.ts'

/**
 * The embedded history: bytes and time per reading, one meter's year, a village's day, and how the cost per reading grows
 * with the fleet. Baseline: SQLite with a row per reading, in the same run. With --influx the same into a real InfluxDB.
 */
const YEAR_DAYS = 365
/** Meters of a village: 297,000 meters in some 1,500 villages. */
const VILLAGE = 200
/** Readings of the baseline; more would only take longer. */
const BASELINE_READINGS = 1_000_000
const REPEATS = 20

const HELP = `npm run bench -- history [--influx] [--meters 100000] [--days 2] [--json]

Bytes and time per reading of the embedded history, one meter's year, a village's day, and the cost per reading of the fleet
over that of one a tenth its size, beside SQLite with a row per reading.
--influx: the same day of --meters (default 20000) meters into a real InfluxDB 1.x that it starts itself (/usr/bin/influxd,
Debian's package influxdb), in batches as the archive writes them, beside the embedded history in the same run.`

export async function run(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      influx: { type: 'boolean', default: false },
      meters: { type: 'string' },
      days: { type: 'string', default: '2' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(`${HELP}\n`)
    return 0
  }
  const meters = Number(values.meters ?? (values.influx ? '20000' : '100000'))
  const days = Number(values.days)
  if (!(meters >= VILLAGE) || !(days >= 1)) {
    process.stderr.write(`--meters is a number of at least ${VILLAGE}, --days of at least 1\n`)
    return 2
  }
  if (values.influx) {
    process.stdout.write(`${JSON.stringify(await measureInflux(meters, days), null, values.json ? 0 : 2)}\n`)
    return 0
  }
  const say = (line: string): void => void process.stderr.write(`${line}\n`)
  const dir = mkdtempSync(join(tmpdir(), 'hydrant-history-'))
  try {
    say(`writing ${days} days of ${meters} meters, in random order of calling`)
    const large = await writeFleet(join(dir, 'large.db'), meters, days)
    const small = await writeFleet(join(dir, 'small.db'), Math.max(VILLAGE, Math.round(meters / 10)), days)
    say('a row per reading, for comparison')
    const baseline = writeRows(join(dir, 'rows.db'))
    say(`writing a year of ${VILLAGE} meters`)
    const history = await openHistory(join(dir, 'year.db'))
    for (let day = 0; day < YEAR_DAYS; day++) await history.write(uploads(day, VILLAGE))
    const from = START
    const to = START + YEAR_DAYS * DAY_MS
    const yearMs = await median((i) => history.range(meterId(i), from, to, YEAR_DAYS * PER_DAY))
    const yearByDayMs = await median((i) => history.buckets(meterId(i), 'volume', from, to, DAY_MS))
    const villageDayMs = await median((i) => villageDay(history, START + i * DAY_MS))
    await history.close()

    const result = {
      meters,
      readings: meters * days * PER_DAY,
      bytesPerReading: round(large.bytes / (meters * days * PER_DAY)),
      writtenPerSecond: Math.round((meters * days * PER_DAY) / large.seconds),
      cpuSecondsPerMillion: round((large.cpuSeconds / (meters * days * PER_DAY)) * 1e6),
      meterYearMs: round(yearMs),
      meterYearByDayMs: round(yearByDayMs),
      villageDayMs: round(villageDayMs),
      /** Cost per reading of this fleet over that of one a tenth its size. */
      growth: round(large.seconds / meters / (small.seconds / Math.max(VILLAGE, Math.round(meters / 10)))),
      baseline,
      bytesToBaseline: round(large.bytes / (meters * days * PER_DAY) / baseline.bytesPerReading),
      rateToBaseline: round((meters * days * PER_DAY) / large.seconds / baseline.writtenPerSecond),
    }
    if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`)
    else process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
    return 0
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

interface Written {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly bytes: number
}

/** Only `write` is timed; making the readings up is not. */
async function writeFleet(file: string, meters: number, days: number): Promise<Written> {
  const history = await openHistory(file)
  const order = shuffled(meters)
  let seconds = 0
  let cpuMicros = 0
  for (let day = 0; day < days; day++) {
    for (let i = 0; i < meters; i += BATCH) {
      const batch = order.slice(i, i + BATCH).map((meter) => upload(meter, day))
      const cpu = process.cpuUsage()
      const began = performance.now()
      await history.write(batch)
      seconds += (performance.now() - began) / 1000
      const used = process.cpuUsage(cpu)
      cpuMicros += used.user + used.system
    }
  }
  const began = performance.now()
  // Closing moves the write-ahead log into the file: part of what writing costs.
  await history.close()
  seconds += (performance.now() - began) / 1000
  return { seconds, cpuSeconds: cpuMicros / 1e6, bytes: statSync(file).size }
}

function writeRows(file: string): { readonly writtenPerSecond: number; readonly bytesPerReading: number } {
  const db = openDatabase(file, { durability: 'FULL' })
  db.exec(
    'CREATE TABLE reading (device INTEGER, at INTEGER, value REAL, PRIMARY KEY (device, at)) STRICT, WITHOUT ROWID',
  )
  const insert = db.prepare('INSERT OR REPLACE INTO reading VALUES (?, ?, ?)')
  const meters = Math.floor(BASELINE_READINGS / PER_DAY)
  const messages = shuffled(meters).map((meter) => upload(meter, 0).readings)
  const began = performance.now()
  for (let i = 0; i < meters; i += BATCH) {
    db.exec('BEGIN')
    for (const [k, { at, fields }] of messages.slice(i, i + BATCH).entries()) {
      const values = fields[0]?.values ?? []
      for (let j = 0; j < at.length; j++) insert.run(i + k, at[j] as number, values[j] as number)
    }
    db.exec('COMMIT')
  }
  db.close()
  const seconds = (performance.now() - began) / 1000
  return {
    writtenPerSecond: Math.round((meters * PER_DAY) / seconds),
    bytesPerReading: round(statSync(file).size / (meters * PER_DAY)),
  }
}

async function villageDay(history: History, from: number): Promise<void> {
  for (let meter = 0; meter < VILLAGE; meter++)
    await history.buckets(meterId(meter), 'volume', from, from + DAY_MS, DAY_MS)
}

async function median(once: (i: number) => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < REPEATS; i++) {
    const began = performance.now()
    await once(i)
    times.push(performance.now() - began)
  }
  return times.sort((a, b) => a - b)[REPEATS >> 1] as number
}

const round = (value: number): number => Math.round(value * 1000) / 1000
