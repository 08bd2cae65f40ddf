import {
  closeSync,
  cpSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { connectAsync } from 'mqtt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { caughtUp } from '../bench/caught-up.ts'
import { eventually } from '../bench/eventually.ts'
import { runCommand, startSystem } from '../bench/system.ts'
import { hashSecret } from '../store/identity.ts'
import { openRegistry, openViews } from '../store/state/sqlite.ts'
import type { Views } from '../store/state/views-port.ts'

/** Files of the data folder that were torn, emptied, overwritten or lost while Hydrant was away. */

const SECRET = 'damaged'
const PATIENCE_MS = 20_000
const ROOT = join(import.meta.dirname, '..')
const dir = mkdtempSync(join(tmpdir(), 'hydrant-damaged-'))
/** A Hydrant that has heard a meter and a fire, and was ended with kill -9. */
const whole = join(dir, 'whole')

const publish = async (port: number, id: string, ...payloads: readonly object[]): Promise<void> => {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: id, username: id, password: SECRET })
  for (const payload of payloads)
    await client.publishAsync('v1/devices/me/telemetry', JSON.stringify(payload), { qos: 1 })
  await client.endAsync()
}

beforeAll(async () => {
  const registry = openRegistry(join(whole, 'state.db'))
  await registry.put(
    (
      [
        ['smoke-1', 'smoke-detector'],
        ['smoke-2', 'smoke-detector'],
        ['meter-1', 'water-meter'],
      ] as const
    ).map(([id, kind]) => ({
      id,
      name: id,
      kind,
      place: null,
      placeId: null,
      model: null,
      gatewayId: null,
      lon: null,
      lat: null,
      disabled: false,
      rhythmS: null,
      secretHash: hashSecret(SECRET),
    })),
    { replace: false },
  )
  await registry.close()
  const system = await startSystem({ dataDir: whole, env: { HYDRANT_MQTT_RATE: '0', HYDRANT_DISK_GUARD_MB: '8' } })
  await publish(system.mqttPort, 'smoke-1', { smoke: 3.1, alarm: true })
  // Large ones, so that the file has pages to break.
  const filler = 'x'.repeat(30_000)
  await publish(system.mqttPort, 'meter-1', ...Array.from({ length: 40 }, (_, n) => ({ volume: n, filler })))
  const views = openViews(join(whole, 'state.db'))
  await caughtUp(system, views, PATIENCE_MS)
  await views.close()
  for (const role of ['broker', 'ingest', 'dashboard'] as const) await system.end(role, 'SIGKILL')
}, 60_000)
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** Who has an open alarm, once there are so many. */
const burning = async (views: Pick<Views, 'alarms'>, alarms: number): Promise<readonly (string | null)[]> => {
  const { items } = await eventually(
    () => views.alarms({ state: 'open', limit: 10 }),
    (page) => page.items.length >= alarms,
  )
  return items.map(({ deviceId }) => deviceId).toSorted()
}

const copy = (name: string): string => {
  const folder = join(dir, name.replaceAll(/\W+/g, '-'))
  cpSync(whole, folder, { recursive: true })
  return folder
}
const withoutLog = (file: string): void => {
  for (const part of ['-wal', '-shm']) rmSync(file + part, { force: true })
}
/** What was written is moved into the file itself first, so that it is the file that breaks. */
const settled = (file: string): void => {
  const db = new DatabaseSync(file)
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  db.close()
}
const remove = (file: string): void => {
  withoutLog(file)
  rmSync(file)
}
const empty = (file: string): void => {
  withoutLog(file)
  truncateSync(file, 0)
}
const overwriteHeader = (file: string): void => {
  settled(file)
  const fd = openSync(file, 'r+')
  writeSync(fd, Buffer.alloc(100, 'garbage '), 0, 100, 0)
  closeSync(fd)
}
const cutInHalf = (file: string): void => {
  settled(file)
  const fd = openSync(file, 'r+')
  ftruncateSync(fd, Math.floor(statSync(file).size / 2))
  closeSync(fd)
}
const writeByNewer = (file: string): void => {
  const db = new DatabaseSync(file)
  db.exec('PRAGMA user_version = 999')
  db.close()
}
const tearLog = (file: string): void => writeFileSync(`${file}-wal`, Buffer.alloc(10_000, 'torn'))

describe('the state', () => {
  // Every role opens the state by the same lines: what one says of the other damages, all say.
  const ROLES = { 'every role': ['broker', 'ingest', 'dashboard'], 'the broker': ['broker'] } as const
  const GONE = /state\.db is missing or empty, but the journals beside it.*hydrant restore/
  const NEWER = /state\.db was written by a newer Hydrant.*Start the newer version/
  test.each([
    ['is missing', 'every role', remove, GONE],
    ['is empty', 'the broker', empty, GONE],
    ['has garbage for a header', 'the broker', overwriteHeader, /state\.db is damaged.*hydrant restore/],
    ['was written by a newer Hydrant', 'the broker', writeByNewer, NEWER],
  ] as const)(
    '%s: %s says so in a sentence and ends, and doctor names it',
    async (what, who, damage, sentence) => {
      const data = copy(`state ${what}`)
      damage(join(data, 'state.db'))
      const env = { ...process.env, HYDRANT_DATA_DIR: data, HYDRANT_MQTT_PORT: '0', HYDRANT_HTTP_PORT: '0' }
      const roles = await Promise.all(
        ROLES[who].map((role) => runCommand(process.execPath, [join(ROOT, role, 'main.ts')], env)),
      )
      for (const { code, stderr } of roles) {
        expect(stderr).toMatch(sentence)
        expect(stderr).not.toMatch(/^ {4}at /m)
        expect(code).toBe(2)
      }
      const doctor = await runCommand(process.execPath, [join(ROOT, 'cli/hydrant.ts'), 'doctor'], {
        ...process.env,
        HYDRANT_DATA_DIR: data,
      })
      expect(doctor.code).toBe(1)
      expect(doctor.stdout).toMatch(/✗ state\.db: /)
    },
    PATIENCE_MS,
  )
})

describe('a journal', () => {
  test.each([
    ['journal-urgent.db', 'is missing', remove, false],
    ['journal-urgent.db', 'is empty', empty, false],
    ['journal-urgent.db', 'has garbage for a header', overwriteHeader, true],
    ['journal-bulk.db', 'was cut in half', cutInHalf, true],
  ] as const)(
    '%s %s: a fire is stored and raised all the same, the loss is counted, nothing is deleted',
    async (name, what, damage, isKept) => {
      const data = copy(`${name} ${what}`)
      damage(join(data, name))
      const system = await startSystem({ dataDir: data, roles: ['broker', 'ingest'] })
      const views = openViews(join(data, 'state.db'))
      try {
        await publish(system.mqttPort, 'smoke-2', { smoke: 3.1, alarm: true })
        await publish(system.mqttPort, 'meter-1', { volume: 50 })
        await caughtUp(system, views, PATIENCE_MS)
        const { items } = await views.alarms({ state: 'open', limit: 10 })
        expect(items.map(({ deviceId, count }) => [deviceId, count]).toSorted()).toEqual([
          ['smoke-1', 1],
          ['smoke-2', 1],
        ])
        const totals = await eventually(
          () => views.rejectionTotals(),
          (counted) => counted.has('journal.damaged'),
        )
        expect(totals.get('journal.damaged')).toBeGreaterThan(0)
        expect(system.output('broker') + system.output('ingest')).toMatch(new RegExp(`${name}.*lost|are skipped`))
        expect(readdirSync(data).includes(`${name}.damaged-1`)).toBe(isKept)
      } finally {
        await views.close()
        await system.stop()
      }
      if (!isKept) return
      const { stdout } = await runCommand(process.execPath, [join(ROOT, 'cli/hydrant.ts'), 'doctor'], {
        ...process.env,
        HYDRANT_DATA_DIR: data,
      })
      expect(stdout).toMatch(new RegExp(`✗ ${name}\\.damaged-1: `))
    },
    PATIENCE_MS,
  )

  test('was written by a newer Hydrant: the broker says so and ends', async () => {
    const data = copy('newer journal')
    writeByNewer(join(data, 'journal-bulk.db'))
    const { code, stderr } = await runCommand(process.execPath, [join(ROOT, 'broker/main.ts')], {
      ...process.env,
      HYDRANT_DATA_DIR: data,
      HYDRANT_MQTT_PORT: '0',
    })
    expect(stderr).toMatch(/journal-bulk\.db was written by a newer Hydrant/)
    expect(code).toBe(2)
  })
})

describe('the history', () => {
  test.each([
    ['has garbage for a header', overwriteHeader],
    ['was written by a newer Hydrant', writeByNewer],
  ] as const)(
    '%s: fires are raised, the console serves and says what is wrong',
    async (what, damage) => {
      const data = copy(`history ${what}`)
      damage(join(data, 'history.db'))
      const system = await startSystem({ dataDir: data })
      const views = openViews(join(data, 'state.db'))
      try {
        await publish(system.mqttPort, 'smoke-2', { smoke: 3.1, alarm: true })
        expect(await burning(views, 2)).toEqual(['smoke-1', 'smoke-2'])
        expect((await fetch(`${system.httpUrl}/healthz`)).status).toBe(200)
        const said = await eventually(
          () => system.output('ingest'),
          (output) => /history\.db/.test(output),
        )
        expect(said).toMatch(/history\.db (is damaged|was written by a newer Hydrant)/)
        const doctor = await system.hydrant('doctor')
        expect(doctor.stdout).toMatch(/✗ history\.db: /)
      } finally {
        await views.close()
        await system.stop()
      }
    },
    PATIENCE_MS,
  )
})

test('a write-ahead log that is torn does not keep Hydrant from starting', async () => {
  const data = copy('torn log')
  for (const name of ['state.db', 'journal-urgent.db']) {
    settled(join(data, name))
    tearLog(join(data, name))
  }
  const system = await startSystem({ dataDir: data, roles: ['broker', 'ingest'] })
  const views = openViews(join(data, 'state.db'))
  try {
    await publish(system.mqttPort, 'smoke-2', { smoke: 3.1, alarm: true })
    expect(await burning(views, 2)).toEqual(['smoke-1', 'smoke-2'])
  } finally {
    await views.close()
    await system.stop()
  }
})
