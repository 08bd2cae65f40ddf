import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { HISTORY_SCHEMA } from './history/schema.ts'
import { openHistory } from './history/sqlite.ts'
import { JOURNAL_SCHEMA } from './journal/schema.ts'
import { openJournalWriter } from './journal/sqlite.ts'
import { STATE_SCHEMA } from './state/schema.ts'
import { openAccounts, openDecisions, openRegistry, openViews, openWorkOrders, openZones } from './state/sqlite.ts'

/** Databases as an earlier release left them, and as a later one would. */

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hydrant-upgrade-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const make = (name: string, steps: readonly string[], version: number, rows = ''): string => {
  const file = join(dir, name)
  const db = new DatabaseSync(file)
  db.exec('PRAGMA journal_mode = WAL')
  for (const step of steps) db.exec(step)
  db.exec(rows)
  db.exec(`PRAGMA user_version = ${version}`)
  db.close()
  return file
}

/** What the first release knew. */
const FIRST_ROWS = `
INSERT INTO device (id, kind, name, secret_hash, revision) VALUES ('meter-1', 'water-meter', 'Meter', x'00', 1);
UPDATE counter SET value = 1 WHERE name = 'registry_revision';
INSERT INTO cursor VALUES ('detect', 'bulk', 42);
INSERT INTO alarm VALUES ('a-1', 'meter-1', 'meter-1', NULL, 'burst', 'MAJOR', 'ACTIVE_UNACK', 1, '{"id":"a-1"}');
INSERT INTO user VALUES ('wang', 'dispatcher', NULL, 1);
INSERT INTO quarantine (at, device_id, lane, journal_seq, topic, reason, detail, bytes)
  VALUES (1, 'meter-1', 'bulk', 7, 'v1/devices/me/telemetry', 'payload.not-json', 'at 3', x'7b');
INSERT INTO audit (at, actor, action, target, detail) VALUES (1, 'cli:wang', 'device.add', 'meter-1', '');
`

test.each(
  STATE_SCHEMA.map((_, i) => i + 1),
)('a state of %i steps opens, with its devices, alarms, users and cursors', async (steps) => {
  const rows = steps === 1 ? FIRST_ROWS : ''
  const file = make('state.db', STATE_SCHEMA.slice(0, steps), steps, rows)
  const [registry, decisions, views, accounts] = [
    openRegistry(file),
    openDecisions(file),
    openViews(file),
    openAccounts(file),
  ]
  if (rows !== '') {
    expect(await registry.count()).toBe(1)
    expect(await decisions.cursor('detect', 'bulk')).toBe(42)
    expect(await decisions.openAlarms()).toHaveLength(1)
    expect((await accounts.users()).map(({ name }) => name)).toEqual(['wang'])
    expect(await views.quarantineBytes(1)).toEqual(new Uint8Array([0x7b]))
  }
  for (const port of [registry, decisions, views, accounts]) await port.close()
  const db = new DatabaseSync(file, { readOnly: true })
  expect(db.prepare('PRAGMA user_version').get()).toEqual({ user_version: STATE_SCHEMA.length })
  db.close()
})

/** Nights and a confirmed repair as they stood before a night said what ran in, and repairs what they save. */
const STEPS_OF_LOSSES = 19
const LOSS_ROWS = `
INSERT INTO zone_night VALUES ('v', 20778, 1.25, 8, 0.4, 0.2, 0.6, 0.95, 1, 'loss', 7);
INSERT INTO work_order VALUES ('o-1', 'zone', 'v', 'confirmed', 2, 1, NULL,
  '{"id":"o-1","placeId":"v","openedAt":5,"claim":{"repairedAt":9},"beforeM3h":2,"afterM3h":0.5}');
`

test('nights and repairs of a state with 19 steps are there: a loss is a loss, what ran in is not known, what was saved is added up', async () => {
  const file = make('state.db', STATE_SCHEMA.slice(0, STEPS_OF_LOSSES), STEPS_OF_LOSSES, LOSS_ROWS)
  const [zones, orders] = [openZones(file), openWorkOrders(file)]
  expect(await zones.nights('v', 20_778, 20_779)).toEqual([
    {
      ...{ day: 20_778, lossM3h: 1.25, nightM3h: null, inflowM3h: 8, expectedM3h: 0.4, lowM3h: 0.2, highM3h: 0.6 },
      ...{ reported: 0.95, bulkReported: 1, verdict: 'loss', judgedAt: 7 },
    },
  ])
  const hours = 4
  expect(await orders.savings(9 + hours * 3_600_000)).toMatchObject({ m3: 1.5 * hours, repairs: 1, since: 9 })
  for (const port of [zones, orders]) await port.close()
})

test.each([
  ['state.db', STATE_SCHEMA, async (file: string) => openRegistry(file).close()],
  ['journal-bulk.db', JOURNAL_SCHEMA, async (file: string) => (await openJournalWriter(file)).close()],
  ['history.db', HISTORY_SCHEMA, async (file: string) => (await openHistory(file)).close()],
] as const)('%s of a newer Hydrant is refused in a sentence and left as it is', async (name, steps, open) => {
  const newer = steps.length + 1
  const file = make(name, steps, newer)
  await expect((async () => open(file))()).rejects.toThrow(
    new RegExp(`${name} was written by a newer Hydrant \\(schema ${newer}, this one knows ${steps.length}\\)`),
  )
  const db = new DatabaseSync(file, { readOnly: true })
  expect(db.prepare('PRAGMA user_version').get()).toEqual({ user_version: newer })
  db.close()
})

test('a step that was released never changes: databases out there have taken it', () => {
  const hash = (step: string | undefined): string =>
    createHash('sha256')
      .update(step ?? '')
      .digest('hex')
      .slice(0, 16)
  expect({
    state: hash(STATE_SCHEMA[0]),
    journal: hash(JOURNAL_SCHEMA[0]),
    history: hash(HISTORY_SCHEMA[0]),
  }).toMatchInlineSnapshot(`
    {
      "history": "86224754175a84af",
      "journal": "7c33f15700f00c8a",
      "state": "40c13c3070dfc156",
    }
  `)
})
