import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { HydrantEvent } from '../contract/events.ts'
import { historyFile } from '../store/files.ts'
import { openHistory } from '../store/history/sqlite.ts'
import { Rig } from './rig.ts'

/** The real process, killed and started again as a machine would. */

const DETECTORS = 40
const METERS = 200
const ROUNDS = 25
/** How much comes in between two kills. */
const ROUNDS_PER_LIFE = 4
/** Eight lives of a process, on a machine that does other things too. */
const PATIENCE_MS = 120_000
const DEADLINE_MS = 20_000

let running: ChildProcess | undefined
const rigs: Rig[] = []
beforeEach(() => {
  running = undefined
})
afterEach(async () => {
  running?.kill('SIGKILL')
  for (const rig of rigs.splice(0)) await rig.remove()
})

async function registered(): Promise<Rig> {
  const rig = new Rig()
  rigs.push(rig)
  const devices = [
    ...Array.from({ length: DETECTORS }, (_, i) => ({ id: `smoke-${i}`, kind: 'smoke-detector' as const })),
    ...Array.from({ length: METERS }, (_, i) => ({ id: `meter-${i}`, kind: 'water-meter' as const })),
  ]
  for (const { id, kind } of devices) await rig.add(id, kind)
  return rig
}

/** Fires break out and end, messages are doubled or unreadable, meters upload their day. The same for every rig. */
async function feed(rig: Rig, round: number): Promise<void> {
  const appends: Promise<void>[] = []
  const urgent = await rig.journal('urgent')
  const bulk = await rig.journal('bulk')
  const send = (writer: typeof urgent, id: string, payload: unknown): void => {
    const bytes = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload))
    appends.push(
      new Promise((resolve, reject) =>
        writer.append('telemetry', id, '', rig.now, bytes, (error) => (error ? reject(error) : resolve())),
      ),
    )
  }
  for (let i = 0; i < DETECTORS; i++) {
    rig.now += 7
    const alarm = (round + i) % 6 < 2
    const message = { ts: rig.now, values: { alarm, smoke: alarm ? 3 : 0.1 } }
    send(urgent, `smoke-${i}`, message)
    if (i % 3 === 0) send(urgent, `smoke-${i}`, message)
    if (i % 10 === 9) send(urgent, `smoke-${i}`, '{"smoke":NaN}')
  }
  for (let i = round; i < METERS; i += ROUNDS) {
    const volume = Array.from({ length: 96 }, (_, q) => 10 + i + q / 1000)
    send(bulk, `meter-${i}`, { ts: rig.now - 86_400_000, step: 900_000, values: { volume } })
  }
  await Promise.all(appends)
}

async function start(rig: Rig): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: { ...process.env, HYDRANT_DATA_DIR: rig.dir, HYDRANT_LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  running = child
  await once(child, 'message')
  return child
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`still not: ${what}`)
    await sleep(1)
  }
}

async function progress(rig: Rig): Promise<{ detect: number; archive: number }> {
  const seqs = { detect: 0, archive: 0 }
  for (const { cursor, seq } of await rig.views.cursors()) seqs[cursor] += seq
  return seqs
}

const FOLDED_OR_TIMED: ReadonlySet<string> = new Set([
  'alarm.updated',
  'incident.updated',
  'incident.joined',
  'incident.escalated',
])

/** What the records brought about, without what the clock and the cutting into batches may change. */
async function outcome(rig: Rig) {
  const alarms = (await rig.views.alarms({ state: 'all', limit: 1000 })).items
  const events: HydrantEvent[] = []
  for (let seq = 0; ; ) {
    const page = await rig.views.eventsAfter(seq, 1000)
    const last = page.at(-1)
    if (last === undefined) break
    events.push(...page)
    seq = last.seq
  }
  const told = events
    .filter(({ type }) => !FOLDED_OR_TIMED.has(type))
    .map((event) => `${event.type} ${'alarm' in event ? event.alarm.id : 'incident' in event ? event.incident.id : ''}`)
  const incidents = (await rig.views.incidents({ state: 'all', limit: 1000 })).items
  return {
    alarms: alarms.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    told: told.toSorted(),
    incidents: incidents
      .map(({ id, alarms, devices, verification }) => ({ id, alarms, devices, verification }))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    rejections: new Map([...(await rig.views.rejectionTotals())].toSorted()),
    quarantined: (await rig.views.quarantine({ limit: 1 })).total,
    readings: (await rig.views.totals()).readings,
  }
}

/** Records of the whole story: readings, doubled ones, unreadable ones, meters. */
const TOTAL = ROUNDS * (DETECTORS + Math.ceil(DETECTORS / 3) + DETECTORS / 10) + METERS

describe('kill -9 at any moment', () => {
  test(
    'the same records give the same alarms, counts, quarantine and history as without',
    async () => {
      const [calm, rough] = [await registered(), await registered()]
      const quiet = await start(calm)
      for (let round = 0; round < ROUNDS; round++) await feed(calm, round)
      await until('everything is decided', async () => (await progress(calm)).detect === TOTAL)
      quiet.kill('SIGTERM')
      expect(await once(quiet, 'exit')).toEqual([0, null])

      let round = 0
      for (; round < ROUNDS; ) {
        // Each life begins with a backlog, gets more, and ends as soon as it has decided something.
        const before = (await progress(rough)).detect
        await feed(rough, round++)
        const child = await start(rough)
        while (round % ROUNDS_PER_LIFE !== 0 && round < ROUNDS) await feed(rough, round++)
        await until('something is decided', async () => (await progress(rough)).detect > before)
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
      const last = await start(rough)
      await until('everything is decided', async () => (await progress(rough)).detect === TOTAL)
      await until('everything is archived', async () => (await progress(rough)).archive === TOTAL)
      last.kill('SIGTERM')
      await once(last, 'exit')

      const expected = await outcome(calm)
      expect(expected.alarms.length).toBeGreaterThan(DETECTORS)
      expect(await outcome(rough)).toEqual(expected)
      const history = await openHistory(historyFile(rough.dir))
      for (let i = 0; i < METERS; i += 17)
        expect((await history.range(`meter-${i}`, 0, 4e12, 1000)).at).toHaveLength(96)
      await history.close()
    },
    PATIENCE_MS,
  )

  test('a wrong setting is told in a sentence, with exit code 2', async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
      env: { ...process.env, HYDRANT_TAIL_MS: 'often' },
    })
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
    expect(await once(child, 'close')).toEqual([2, null])
    expect(said).toMatch(/^HYDRANT_TAIL_MS is "often", but it must be a number.*\n$/)
  })
})
