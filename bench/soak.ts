import { fork } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { historyFile, stateFile } from '../store/files.ts'
import { openHistoryReader } from '../store/history/sqlite.ts'
import { hashSecret, makeSecret } from '../store/identity.ts'
import { openAccounts, openRegistry, openViews } from '../store/state/sqlite.ts'
import { caughtUp } from './caught-up.ts'
import { probed } from './herd/probe.ts'
import { type ProcessFigures, processFigures, settledMemory } from './herd/process-figures.ts'
import { percentile } from './percentile.ts'
import { COUNTED, type Handed, type LoadMessage, type LoadOrder, type LoadProgress } from './soak/load.ts'
import { Shift } from './soak/shift.ts'
import { type Allowed, type Point, type Trend, trendOf, warmUpMinutes } from './soak/verdict.ts'
import { CREW, type Member, memberId, memberIds, READINGS_A_DAY } from './soak/world.ts'
import { type System, startSystem } from './system.ts'

/**
 * Hours of ordinary load, most of the machine idle: 2,400 meters hand in their days, sensors and detectors stay connected,
 * strangers knock, an alarm every few seconds is acknowledged and ends, a console comes and goes. What must stay flat:
 * memory, open files and threads of every role, and the write-ahead logs. What must grow, and why, is said beside it.
 */
const ROLES = ['broker', 'ingest', 'dashboard'] as const
type Role = (typeof ROLES)[number]

const DEFAULT_MINUTES = 60
/** 15 days of 96 readings a second, with the sensors 1,470 readings a second. */
const DEFAULT_UPLOADS = 15
const SAMPLES_AT_MOST_EVERY_S = 10
const SAMPLES_AT_LEAST = 48
const CATCH_UP_MS = 60_000
const MB = 1024 * 1024
const MINUTE_MS = 60_000
const SETTLED_LOOKS = 5

/**
 * What still counts as flat. Resident memory breathes with the garbage collector: V8's old generation grows by a half
 * before it is collected, the young one takes up to 3 × 64 MiB. What is left after a collection has no such excuse.
 */
const ALLOWED: Readonly<Record<string, Allowed>> = {
  rss: { share: 0.1, least: 24 * MB },
  heapAfterCollection: { share: 0.1, least: 4 * MB },
  outsideHeapAfterCollection: { share: 0.1, least: 8 * MB },
  /** Meters come and go: as many as that are connected more or less at a time. */
  openFiles: { share: 0, least: 25 },
  threads: { share: 0, least: 1 },
  /** What SQLite may keep of one (`journal_size_limit` in store/sqlite.ts). */
  writeAheadLog: { share: 0, least: 64 * MB },
}

/** Why a file may grow; whatever is not named here must be flat. */
const GROWS: Readonly<Record<string, string>> = {
  'journal-urgent.db': 'until HYDRANT_JOURNAL_KEEP_HOURS (here the least there is, 1) is over; then it stays',
  'journal-bulk.db': 'until HYDRANT_JOURNAL_KEEP_HOURS (here the least there is, 1) is over; then it stays',
  'journal-operator.db': 'for 90 days: who acknowledged what',
  'state.db': 'for good: events and alarms, about 1 KiB each; quarantine up to its bound',
  'history.db': 'for good: every reading, about 2 bytes each',
}

const HELP = `npm run bench -- soak [--minutes ${DEFAULT_MINUTES}] [--uploads ${DEFAULT_UPLOADS}] [--json]

Ordinary load; every 10 s (more often in a short run) memory, open files, threads and file sizes of every role. --uploads:
meters a second that connect, hand in 96 readings and leave; 200 looks for leaks in connections. Exit code 1 when
something that must be flat is not, when an acknowledged reading is missing, or when an alarm was raised twice or not at
all.`

export async function run(argv: readonly string[]): Promise<number> {
  const { values: flags } = parseArgs({
    args: [...argv],
    options: {
      minutes: { type: 'string', default: String(DEFAULT_MINUTES) },
      uploads: { type: 'string', default: String(DEFAULT_UPLOADS) },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const minutes = Number(flags.minutes)
  const uploadsPerSecond = Number(flags.uploads)
  if (flags.help || !(minutes > 0) || !(uploadsPerSecond > 0)) {
    console.log(HELP)
    return flags.help ? 0 : 2
  }
  const result = await soak(minutes, uploadsPerSecond, Number(flags.seed), (line) => process.stderr.write(`${line}\n`))
  console.log(flags.json ? JSON.stringify(result) : JSON.stringify(result, null, 2))
  return result.good ? 0 : 1
}

/** One look at everything. */
interface Sample {
  readonly minutes: number
  readonly roles: Readonly<Record<Role, ProcessFigures>>
  readonly files: Readonly<Record<string, number>>
  readonly alarms: readonly number[]
}

interface Settled {
  readonly minutes: number
  readonly heap: Readonly<Record<Role, number>>
  readonly outside: Readonly<Record<Role, number>>
}

async function soak(minutes: number, uploadsPerSecond: number, seed: number, say: (line: string) => void) {
  const system = await startSystem({
    roles: [],
    env: { ...probed(), HYDRANT_JOURNAL_KEEP_HOURS: '1', HYDRANT_LOG_LEVEL: 'warn' },
  })
  const secret = makeSecret()
  const load = fork(join(import.meta.dirname, 'soak/load.ts'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  try {
    const token = await register(system, secret)
    for (const role of ROLES) await system.start(role)
    const shift = new Shift(system, token, secret)
    await shift.begin()
    let progress: LoadProgress | undefined
    const over = new Promise<Handed>((resolve, reject) => {
      load.on('message', (message: LoadMessage) => {
        progress = message.progress
        if (message.type === 'result') resolve(message.handed)
      })
      load.once('disconnect', () => reject(new Error('the load ended by itself')))
    })
    over.catch(() => undefined)
    load.send({ port: system.mqttPort, secret, uploadsPerSecond, seed } satisfies LoadOrder)

    const { samples, settled } = await watch(system, shift, minutes, () => progress, say)
    load.send('stop')
    const handed = await over
    await shift.end()
    const views = openViews(stateFile(system.dataDir))
    const catchUpSeconds = await caughtUp(system, views, CATCH_UP_MS)
    const stored = await checkStored(system, handed)
    const raised = await countRaised(views)
    await views.close()
    const deaths = ROLES.filter((role) => system.pid(role) === undefined)

    const fires = [...shift.fires.values()].reduce((sum, each) => sum + each, 0)
    let duplicateAlarms = 0
    let missedAlarms = 0
    for (const [id, count] of shift.fires) {
      duplicateAlarms += Math.max(0, (raised.get(id) ?? 0) - count)
      missedAlarms += Math.max(0, count - (raised.get(id) ?? 0))
    }
    const judged = judge(samples, settled, minutes)
    const alarms = samples.flatMap((sample) => (sample.minutes >= judged.warmUpMinutes ? sample.alarms : []))
    const otherAlarms = [...raised.keys()].filter((id) => !shift.fires.has(id)).length
    return {
      minutes,
      good: judged.flat && stored.lost === 0 && duplicateAlarms === 0 && missedAlarms === 0 && deaths.length === 0,
      lost: stored.lost,
      duplicates: stored.duplicates + duplicateAlarms,
      readings: stored.readings,
      fires,
      missedAlarms,
      otherAlarms,
      missedSteps: shift.missed,
      liveGaps: shift.gaps,
      alarmMs: { p50: percentile(alarms, 0.5), p99: percentile(alarms, 0.99), max: percentile(alarms, 1) },
      ...judged,
      load: progress,
      questions: shift.questions,
      badAnswers: Object.fromEntries(shift.badAnswers),
      catchUpSeconds,
      deaths,
      uploadsPerSecond,
      seed,
      samples: samples.length,
    }
  } finally {
    load.kill()
    await system.stop()
  }
}

/** Looks every few seconds until the time is over. */
async function watch(
  system: System,
  shift: Shift,
  minutes: number,
  progress: () => LoadProgress | undefined,
  say: (line: string) => void,
): Promise<{ samples: Sample[]; settled: Settled[] }> {
  const everyMs = Math.min(SAMPLES_AT_MOST_EVERY_S * 1000, (minutes * MINUTE_MS) / SAMPLES_AT_LEAST)
  const warmUp = warmUpMinutes(minutes)
  const began = performance.now()
  const elapsed = (): number => (performance.now() - began) / MINUTE_MS
  const samples: Sample[] = []
  const settled: Settled[] = []
  say(
    ' minute   broker          ingest          dashboard       journal  state  history  alarm p50 / max   readings/s\n' +
      '          MB files  CPU   MB files  CPU   MB files  CPU          MB',
  )
  let before: { sample: Sample; messages: number } | undefined
  while (elapsed() < minutes) {
    await sleep(Math.max(0, (samples.length + 1) * everyMs - (performance.now() - began)))
    const roles = {} as Record<Role, ProcessFigures>
    for (const role of ROLES) {
      const pid = system.pid(role)
      if (pid === undefined) throw new Error(`${role} ended by itself. It printed:\n${system.output(role)}`)
      roles[role] = processFigures(pid)
    }
    const sample = { minutes: elapsed(), roles, files: fileSizes(system.dataDir), alarms: shift.takeLatencies() }
    samples.push(sample)
    // Five looks after the warm-up at what is left when garbage has been collected, the first at its end.
    const due = warmUp + (settled.length * (minutes - warmUp)) / (SETTLED_LOOKS - 1)
    if (sample.minutes >= Math.min(due, minutes - everyMs / MINUTE_MS)) settled.push(await settle(system, elapsed()))
    const uploads = progress()?.uploads ?? 0
    say(line(sample, before?.sample, uploads - (before?.messages ?? 0)))
    before = { sample, messages: uploads }
  }
  return { samples, settled }
}

async function settle(system: System, minutes: number): Promise<Settled> {
  const heap = {} as Record<Role, number>
  const outside = {} as Record<Role, number>
  for (const role of ROLES) {
    const memory = await settledMemory(system.pid(role) as number, system.dataDir)
    heap[role] = memory.heapUsed
    outside[role] = memory.external
  }
  return { minutes, heap, outside }
}

function fileSizes(dataDir: string): Record<string, number> {
  const files = readdirSync(dataDir).filter((name) => /\.db(-wal)?$/.test(name))
  return Object.fromEntries(files.map((name) => [name, statSync(join(dataDir, name)).size]))
}

function line(sample: Sample, before: Sample | undefined, uploads: number): string {
  const seconds = (sample.minutes - (before?.minutes ?? 0)) * 60
  const role = (name: Role): string => {
    const { rssBytes, openFiles, cpuSeconds } = sample.roles[name]
    const cpu = (100 * (cpuSeconds - (before?.roles[name].cpuSeconds ?? 0))) / seconds
    return `${(rssBytes / MB).toFixed(0).padStart(5)} ${String(openFiles).padStart(5)} ${cpu.toFixed(0).padStart(3)}%`
  }
  const megabytes = (...names: readonly string[]): string =>
    (names.reduce((sum, name) => sum + (sample.files[name] ?? 0), 0) / MB).toFixed(1).padStart(7)
  const alarms = `${percentile(sample.alarms, 0.5)} / ${percentile(sample.alarms, 1)}`
  return `${sample.minutes.toFixed(1).padStart(6)} ${ROLES.map(role).join(' ')}  ${megabytes('journal-urgent.db', 'journal-bulk.db')}${megabytes('state.db')}  ${megabytes('history.db')}  ${alarms.padStart(14)}   ${((uploads * READINGS_A_DAY) / seconds).toFixed(0).padStart(8)}`
}

/** Every trend, those that must be flat and those that grow. Sizes in MB. */
function judge(samples: readonly Sample[], settled: readonly Settled[], minutes: number) {
  const warmUp = warmUpMinutes(minutes)
  const mustBeFlat: Record<string, Trend> = {}
  const over = (what: string, allowed: string, points: readonly Point[]): void => {
    mustBeFlat[what] = trendOf(points, warmUp, ALLOWED[allowed] as Allowed)
  }
  for (const role of ROLES) {
    const of = (figure: keyof ProcessFigures): Point[] =>
      samples.map((sample) => ({ minutes: sample.minutes, value: sample.roles[role][figure] }))
    over(`${role} rss`, 'rss', of('rssBytes'))
    over(`${role} open files`, 'openFiles', of('openFiles'))
    over(`${role} threads`, 'threads', of('threads'))
    const heap = settled.map((each) => ({ minutes: each.minutes, value: each.heap[role] }))
    const outside = settled.map((each) => ({ minutes: each.minutes, value: each.outside[role] }))
    over(`${role} heap after collection`, 'heapAfterCollection', heap)
    over(`${role} outside heap after collection`, 'outsideHeapAfterCollection', outside)
  }
  const grows: Record<string, { mb: number; mbPerHour: number; why: string }> = {}
  for (const name of Object.keys(samples.at(-1)?.files ?? {})) {
    const points = samples.map((sample) => ({ minutes: sample.minutes, value: sample.files[name] ?? 0 }))
    const why = GROWS[name]
    if (why === undefined) over(name, 'writeAheadLog', points)
    else {
      const { slopePerHour } = trendOf(points, warmUp, ALLOWED.writeAheadLog as Allowed)
      grows[name] = { mb: inMB(points.at(-1)?.value ?? 0), mbPerHour: inMB(slopePerHour), why }
    }
  }
  const isCount = (what: string): boolean => what.endsWith('files') || what.endsWith('threads')
  return {
    flat: Object.values(mustBeFlat).every((trend) => trend.flat),
    notFlat: Object.keys(mustBeFlat).filter((what) => mustBeFlat[what]?.flat === false),
    trends: Object.fromEntries(
      Object.entries(mustBeFlat).map(([what, { first, last, slopePerHour, max, flat }]) => {
        const unit = isCount(what) ? (value: number) => Math.round(value * 10) / 10 : inMB
        return [what, { first: unit(first), last: unit(last), slopePerHour: unit(slopePerHour), max: unit(max), flat }]
      }),
    ),
    grows,
    allowed: ALLOWED,
    warmUpMinutes: warmUp,
  }
}

/** Acknowledged ⊆ stored: every reading of those who are counted, asked of the history. */
async function checkStored(system: System, { sent, acked }: Handed) {
  const history = openHistoryReader(historyFile(system.dataDir))
  let readings = 0
  let lost = 0
  let duplicates = 0
  try {
    for (const member of COUNTED) {
      const perMessage = member === 'meter' ? READINGS_A_DAY : 1
      for (const id of memberIds(member)) {
        const { at } = await history.range(id, 0, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY)
        readings += at.length
        lost += Math.max(0, (acked[id] ?? 0) * perMessage - at.length)
        duplicates += Math.max(0, at.length - (sent[id] ?? 0) * perMessage)
      }
    }
  } finally {
    await history.close()
  }
  return { readings, lost, duplicates }
}

async function countRaised(views: ReturnType<typeof openViews>): Promise<ReadonlyMap<string, number>> {
  const raised = new Map<string, number>()
  for (let seq = 0; ; ) {
    const events = await views.eventsAfter(seq, 1000)
    if (events.length === 0) return raised
    for (const event of events) {
      seq = event.seq
      if (event.type !== 'alarm.raised' || event.alarm.deviceId === null) continue
      raised.set(event.alarm.deviceId, (raised.get(event.alarm.deviceId) ?? 0) + 1)
    }
  }
}

async function register(system: System, secret: string): Promise<string> {
  const registry = openRegistry(stateFile(system.dataDir))
  const accounts = openAccounts(stateFile(system.dataDir))
  const token = makeSecret()
  const secretHash = hashSecret(secret)
  try {
    await registry.put(
      (Object.keys(CREW) as Member[]).flatMap((member) =>
        Array.from({ length: CREW[member].count }, (_, n) => ({
          id: memberId(member, n),
          kind: CREW[member].kind,
          name: memberId(member, n),
          model: null,
          placeId: null,
          gatewayId: null,
          lon: 115.5 + (n % 60) * 0.01,
          lat: 36.2 + Math.floor(n / 60) * 0.01,
          rhythmS: null,
          secretHash,
        })),
      ),
      { replace: false },
    )
    await accounts.addToken({ name: 'soak', role: 'water', tokenHash: hashSecret(token), createdAt: Date.now() })
  } finally {
    await registry.close()
    await accounts.close()
  }
  return token
}

const inMB = (bytes: number): number => Math.round((bytes / MB) * 100) / 100
