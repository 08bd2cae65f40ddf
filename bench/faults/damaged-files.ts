import { existsSync, rmSync } from 'node:fs'
import { cp, mkdtemp, open, readFile, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Value } from '../../contract/quantities.ts'
import { historyFile, journalFile, stateFile } from '../../store/files.ts'
import { openHistoryReader } from '../../store/history/sqlite.ts'
import { openJournalReader } from '../../store/journal/sqlite.ts'
import { openViews } from '../../store/state/sqlite.ts'
import { caughtUp } from '../caught-up.ts'
import { registerFleet } from '../crash/fleet.ts'
import { Publisher } from '../crash/publisher.ts'
import { type RoleName, type System, startSystem } from '../system.ts'
import { type Fault, type FaultContext, type FaultOutcome, promises } from './fault.ts'

/**
 * Files that a dying disk, a careless person or a half-finished copy leaves behind: every role is started on them. What
 * the damage has destroyed cannot come back; it must be said, and everything else must be there.
 */

const METER = 'damaged-meter'
const READ = 60
/** Acknowledged and not yet read by ingest when the damage is done. */
const UNREAD = 60
const QUARTER_MS = 900_000
const FIRST_AT = Date.UTC(2025, 0, 1)
const CATCH_UP_MS = 8000
const ROLES: readonly RoleName[] = ['broker', 'ingest', 'dashboard']
/** pino: warn. */
const WARN = 40
const SENTENCE = 240

const readings = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    at: FIRST_AT + n * QUARTER_MS,
    quantity: 'volume' as const,
    value: Number((1 + n / 10_000).toFixed(4)),
  }))
const MARK = `"volume":${readings(READ + UNREAD).at(-30)?.value}`

/** @returns a data folder with a meter's readings, half of them not yet read by ingest */
async function goodFolder(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'hydrant-sound-'))
  process.once('exit', () => rmSync(dataDir, { recursive: true, force: true }))
  const system = await startSystem({ roles: [], dataDir, env: { HYDRANT_MQTT_RATE: '0' } })
  const views = openViews(stateFile(dataDir))
  try {
    const secrets = await registerFleet(dataDir, [{ id: METER, kind: 'water-meter' }])
    for (const role of ROLES) await system.start(role)
    const publisher = new Publisher({
      ...{ host: '127.0.0.1', port: system.mqttPort, id: METER, secret: secrets.get(METER) ?? '' },
      signal: AbortSignal.timeout(60_000),
    })
    for (const [n, { at, value }] of readings(READ + UNREAD).entries()) {
      if (n === READ) {
        await caughtUp(system, views, CATCH_UP_MS * 4)
        await system.end('ingest')
      }
      const text = JSON.stringify({ ts: at, values: { volume: value } })
      await publisher.publish('v1/devices/me/telemetry', () => text)
    }
    publisher.end()
  } finally {
    await views.close()
    await system.stop()
  }
  return dataDir
}

type Damage = (dataDir: string) => Promise<void>

const flip =
  (fileOf: (dataDir: string) => string, mark: string): Damage =>
  async (dataDir) => {
    const file = fileOf(dataDir)
    const bytes = await readFile(file)
    const found = bytes.indexOf(mark)
    const at = found >= 0 ? found : Math.floor(bytes.length / 2)
    const handle = await open(file, 'r+')
    await handle.write(Buffer.from([(bytes[at] ?? 0) ^ 0x20]), 0, 1, at)
    await handle.close()
  }
const tear =
  (fileOf: (dataDir: string) => string): Damage =>
  async (dataDir) => {
    const file = fileOf(dataDir)
    await truncate(file, Math.floor((await readFile(file)).length * 0.6))
  }
const lose =
  (fileOf: (dataDir: string) => string): Damage =>
  async (dataDir) => {
    for (const end of ['', '-wal', '-shm']) await rm(fileOf(dataDir) + end, { force: true })
  }
const bulk = (dataDir: string): string => journalFile(dataDir, 'bulk')

const damaged = (name: string, about: string, damage: Damage, leftOutOfQuick = true): Fault => ({
  leftOutOfQuick,
  name: `damaged.${name}`,
  number: 10,
  about,
  run: (context) => startOnDamage(context, about, damage),
})

/** Made once, copied for each damage. */
let sound: Promise<string> | undefined

async function startOnDamage(context: FaultContext, about: string, damage: Damage): Promise<FaultOutcome> {
  sound ??= goodFolder()
  const dataDir = await mkdtemp(join(tmpdir(), 'hydrant-damaged-'))
  try {
    await cp(await sound, dataDir, { recursive: true })
    await damage(dataDir)
    const system = await startSystem({ roles: [], dataDir, env: { HYDRANT_MQTT_RATE: '0', HYDRANT_LOG_LEVEL: 'warn' } })
    try {
      return await startAll(system, context, about)
    } finally {
      await system.stop()
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function startAll(system: System, { say }: FaultContext, about: string): Promise<FaultOutcome> {
  const began = performance.now()
  const serving: RoleName[] = []
  const refused: RoleName[] = []
  for (const role of ROLES)
    await system.start(role).then(
      () => serving.push(role),
      () => refused.push(role),
    )
  if (serving.includes('ingest')) {
    const views = openViews(stateFile(system.dataDir))
    await caughtUp(system, views, CATCH_UP_MS).catch((error: Error) => say(error.message.split('\n')[0] ?? ''))
    await views.close()
  }
  const said = ROLES.flatMap((role) => sentences(system.output(role)).map((sentence) => `${role}: ${sentence}`))
  const left = await stillThere(system.dataDir)
  const stacks = said.filter((sentence) => /^\w+: +at /.test(sentence))
  return {
    injected: about,
    ...left,
    duplicateAlarms: 0,
    recoverySeconds: refused.length === 0 ? Math.round((performance.now() - began) / 10) / 100 : null,
    serving,
    refused,
    said: [...new Set(said)].slice(0, 6),
    broken: promises({
      'nothing was said about it': said.length > 0,
      'a stack was printed instead of a sentence': stacks.length === 0,
    }),
  }
}

/** What history gives back, and what it does not but the journal still holds. */
async function stillThere(dataDir: string) {
  const truth = readings(READ + UNREAD)
  const history = new Map<number, Value | null | undefined>()
  await fromHistory(dataDir, history).catch(() => undefined)
  const journal = await fromJournal(dataDir)
  const stored = truth.filter(({ at, value }) => history.get(at) === value)
  const inJournalOnly = truth.filter(({ at, value }) => history.get(at) !== value && journal.has(at))
  return {
    acked: truth.length,
    stored: stored.length,
    inJournalOnly: inJournalOnly.length,
    lost: truth.length - stored.length - inJournalOnly.length,
  }
}

async function fromHistory(dataDir: string, found: Map<number, Value | null | undefined>): Promise<void> {
  const history = openHistoryReader(historyFile(dataDir))
  try {
    const { at, fields } = await history.range(METER, 0, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY)
    for (const [row, time] of at.entries()) found.set(time, fields.get('volume')?.[row])
  } finally {
    await history.close()
  }
}

/** Times of the readings in whatever can be read of the journal. */
async function fromJournal(dataDir: string): Promise<ReadonlySet<number>> {
  const times = new Set<number>()
  if (!existsSync(bulk(dataDir))) return times
  const journal = openJournalReader(bulk(dataDir))
  try {
    for (let after = 0; ; ) {
      const records = await journal.readAfter(after, READ + UNREAD)
      for (const { seq, kind, payload } of records) {
        after = seq
        if (kind === 'telemetry') times.add((JSON.parse(Buffer.from(payload).toString()) as { ts: number }).ts)
      }
      if (records.length === 0) return times
    }
  } catch {
    // Damaged from here on: what was read before counts.
    return times
  } finally {
    await journal.close()
  }
}

/** What a person would be told: warnings and worse of the log, and whatever is no log line. */
function sentences(output: string): string[] {
  return output.split('\n').flatMap((line) => {
    if (line.trim() === '') return []
    try {
      const { level, msg, detail } = JSON.parse(line) as { level?: number; msg?: string; detail?: string }
      if ((level ?? 0) < WARN) return []
      return [`${msg ?? ''}${detail === undefined ? '' : ` (${detail})`}`.slice(0, SENTENCE)]
    } catch {
      return [line.slice(0, SENTENCE)]
    }
  })
}

export const DAMAGED_FILES: readonly Fault[] = [
  damaged('journal-bit', 'a bit of a record in the journal has flipped', flip(bulk, MARK), false),
  damaged('journal-torn', 'the last two fifths of the journal are missing', tear(bulk)),
  damaged('journal-gone', 'the journal is missing', lose(bulk)),
  damaged('state-torn', 'the last two fifths of the state are missing', tear(stateFile)),
  damaged('state-gone', 'the state is missing', lose(stateFile), false),
  damaged('history-torn', 'the last two fifths of the history are missing', tear(historyFile)),
  damaged('history-gone', 'the history is missing', lose(historyFile)),
]
