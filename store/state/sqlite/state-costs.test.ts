import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openState } from './open.ts'
import { SqliteViews } from './views.ts'
import { SqliteWorkOrders } from './work-orders.ts'

let dir: string
let db: DatabaseSync
/** How each statement that is prepared would be answered. */
let plans: string[]
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hydrant-costs-'))
  db = openState(join(dir, 'state.db'), 'NORMAL')
  plans = []
  const prepare = db.prepare.bind(db)
  db.prepare = (sql) => {
    const steps = prepare(`EXPLAIN QUERY PLAN ${sql}`).all()
    plans.push(...steps.map((step) => String(step.detail)))
    return prepare(sql)
  }
})
afterEach(() => {
  db.close()
  rmSync(dir, { recursive: true })
})

/** Steps that read a table row by row, or all of an index that is no smaller. */
const scans = (): string[] => plans.filter((step) => /^SCAN (?!json_each|jobs)/.test(step))
const PAGE = { limit: 10 }

describe('what is asked of repairs finds its rows, however many are closed', () => {
  test('by the water every ten seconds, by every page that marks them, by who opens one', async () => {
    const orders = new SqliteWorkOrders(db)
    await orders.awaitingWater(1)
    await orders.unclosed()
    await orders.counts(1)
    await orders.find('wo-1')
    await orders.history('wo-1')
    expect(scans()).toEqual([])
    expect(plans).toContainEqual(expect.stringContaining('work_order_by_verdict'))
  })
  test('by each list: of a state, of what is overdue, of a zone and of a meter', async () => {
    const orders = new SqliteWorkOrders(db)
    for (const state of ['unclosed', 'claimed', 'confirmed'] as const) await orders.list({ state, ...PAGE })
    await orders.list({ state: 'unclosed', overdueAt: 1, ...PAGE })
    await orders.list({ state: 'all', subjectId: 'm', ...PAGE })
    await orders.list({ state: 'all', placeIds: ['v'], ...PAGE })
    expect(scans()).toEqual([])
  })
  test('what they save is added up from two columns, without reading an order', async () => {
    await new SqliteWorkOrders(db).savings(1)
    expect(plans).toEqual([expect.stringContaining('USING COVERING INDEX work_order_saved')])
  })
})

test('open alarms, which every console asks for when it connects, are found among the alarms of all years', async () => {
  const views = new SqliteViews(db)
  plans = []
  await views.alarms({ state: 'open', severity: 'CRITICAL', ...PAGE })
  await views.alarms({ state: 'active', type: 'leak', ...PAGE, cursor: '5 a' })
  expect(plans).toHaveLength(4)
  for (const plan of plans) expect(plan).toContain('USING INDEX alarm_open')
})

test('losses of zones of the last weeks are found among the alarms of all years', async () => {
  const views = new SqliteViews(db)
  plans = []
  await views.zoneLosses(1)
  expect(plans).toEqual([expect.stringContaining('SEARCH alarm USING INDEX alarm_zone_loss')])
})
