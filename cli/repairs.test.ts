import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openOrder } from '../contract/order-actions.ts'
import { stateFile } from '../store/files.ts'
import { openRegistry, openTopology, openWorkOrders } from '../store/state/sqlite.ts'
import { hydrant as typeHydrant } from './hydrant-under-test.ts'

let dir: string
let data: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hydrant-repairs-'))
  data = join(dir, 'data')
})
afterEach(() => rmSync(dir, { recursive: true }))
const hydrant = (...args: string[]) => typeHydrant(args, { cwd: dir, env: { HYDRANT_DATA_DIR: data } })

test('a plant is told which meter measures what leaves it, and what its tank and its cells are held against', async () => {
  await hydrant('place', 'add', 'works', '--kind', 'plant', '--name', '第二水厂')
  for (const [id, kind] of [
    ['out', 'bulk-meter'],
    ['tank', 'level-sensor'],
    ['cell', 'quality-sensor'],
  ] as const)
    await hydrant('device', 'add', id, '--kind', kind, '--place', 'works')
  await hydrant('device', 'add', 'away', '--kind', 'level-sensor')
  const instrument = (...args: string[]) => hydrant('plant', 'instrument', ...args)
  expect((await instrument('out', '--role', 'outflow')).out).toBe('out measures the outflow of 第二水厂.\n')
  expect((await instrument('tank', '--low', '1.2', '--high', '4', '--area', '2000')).out).toContain(
    'level: at least 1.2, at most 4 m (set here)',
  )
  expect((await instrument('tank', '--high', '')).out).toContain('level: at least 1.2 m')
  expect((await instrument('cell', '--low', '0.5')).err).toContain('Say of what: --of turbidity')
  expect((await instrument('cell', '--low', '0.5', '--of', 'chlorine')).out).toContain(
    'chlorine: at least 0.5, at most 2',
  )
  expect((await instrument('cell')).out).toContain('turbidity: at most 1 NTU (GB 5749-2022)')
  for (const [args, said] of [
    [['tank', '--low', '5', '--high', '4'], 'plant.levelLow (5) is above plant.levelHigh (4)'],
    [['tank', '--role', 'inflow'], 'Only a bulk meter has a side'],
    [['out', '--low', '1'], 'A bulk-meter has no limits here.'],
    [['away', '--low', '1'], 'away is not in a plant'],
    [['nobody'], 'nobody'],
  ] as const)
    expect(await instrument(...args)).toMatchObject({ code: 2, err: expect.stringContaining(said) })
  const topology = openTopology(stateFile(data))
  expect(await topology.flows('out')).toMatchObject([{ into: null, outOf: 'works' }])
  await topology.close()
  const registry = openRegistry(stateFile(data))
  expect((await registry.find('tank'))?.limits).toEqual({ 'plant.levelLow': 1.2, 'plant.tankArea': 2000 })
  await registry.close()
})

test('repairs are listed and written to a table', async () => {
  const orders = openWorkOrders(stateFile(data))
  const facts = { subject: 'zone', subjectId: 'v', placeId: 'v', alarmId: null, since: 0, m3h: 2 } as const
  const { order, events } = openOrder({ id: 'wo-1', ...facts, note: '=1+1', assignee: '一队', dueAt: 2 }, 'wang', 1)
  await orders.open(order, events)
  await orders.close()
  expect((await hydrant('work-order', 'list', '--overdue')).out).toContain('1970-01-01 overdue')
  expect(JSON.parse((await hydrant('work-order', 'list', '--json')).out)).toMatchObject([{ id: 'wo-1', m3h: 2 }])
  expect((await hydrant('work-order', 'list', '--state', 'gone')).err).toContain('There is no state "gone"')
  expect((await hydrant('work-order', 'export', 'orders.csv')).out).toContain('Wrote 1 work orders')
  const table = readFileSync(join(dir, 'orders.csv'), 'utf8')
  expect(table.split('\r\n')[0]?.split(',')).toHaveLength(22)
  expect(table).toContain('wo-1,,v,zone,v,assigned')
  expect(table).not.toMatch(/,=1\+1/)
})
