import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { decideOrder, openOrder } from '../../contract/order-actions.ts'
import { nightFrom } from '../../contract/repair-verdict.ts'
import type { ZoneNight } from '../../contract/zones.ts'
import { type Decisions, NO_DECISION } from '../../store/state/decisions-port.ts'
import { openDecisions, openViews, openWorkOrders, openZones } from '../../store/state/sqlite.ts'
import type { Views } from '../../store/state/views-port.ts'
import type { Zones } from '../../store/state/water-port.ts'
import type { WorkOrders } from '../../store/state/work-orders-port.ts'
import { confirmRepairs } from './confirm-repairs.ts'

const HOUR = 3_600_000
const DAY = 20_700
const morning = (day: number): number => nightFrom(day) + 8 * HOUR

let dir: string
let stores: { workOrders: WorkOrders; zones: Zones; views: Views }
let decisions: Decisions
let now: number
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hydrant-repairs-'))
  const file = join(dir, 'state.db')
  decisions = openDecisions(file)
  stores = { workOrders: openWorkOrders(file), zones: openZones(file), views: openViews(file) }
})
afterEach(async () => {
  for (const store of [decisions, ...Object.values(stores)]) await store.close()
  rmSync(dir, { recursive: true })
})

/** Nights as they were judged, or judged anew. */
const judged = (...nights: readonly (readonly [day: number, lossM3h: number, verdict: ZoneNight['verdict']])[]) =>
  decisions.commit({
    ...NO_DECISION,
    water: {
      meters: new Map(),
      hours: [],
      counts: [],
      zoneStates: new Map(),
      nights: nights.map(([day, lossM3h, verdict]) => ({
        zone: 'v',
        day,
        lossM3h,
        nightM3h: null,
        inflowM3h: 10,
        expectedM3h: 0.5,
        lowM3h: 0.4,
        highM3h: 0.6,
        reported: 1,
        bulkReported: 1,
        verdict,
        judgedAt: now,
      })),
    },
  })
const look = (): Promise<number> =>
  confirmRepairs({ stores, now: () => now, log: { info: () => undefined, error: () => undefined } })
const standing = async () => {
  const order = await stores.workOrders.find('wo')
  return [order?.state, order?.refusals]
}

async function claimed(subject: 'zone' | 'meter', subjectId: string, repairedAt: number): Promise<void> {
  const facts = { subject, subjectId, placeId: 'v', alarmId: subject === 'meter' ? 'a' : null, note: '' } as const
  const { order, events } = openOrder(
    { id: 'wo', ...facts, since: nightFrom(DAY - 3), m3h: 2, assignee: '一队', dueAt: morning(DAY) },
    'wang',
    nightFrom(DAY - 2),
  )
  await stores.workOrders.open(order, events)
  await stores.workOrders.update('wo', (one) =>
    decideOrder(one, { type: 'claim', repairedAt, done: '换管' }, 'li', now),
  )
}

test('a village’s repair is confirmed by the second good night, refused when a late reading restates them, and stands after a week', async () => {
  now = morning(DAY) + HOUR
  await judged([DAY - 2, 2.5, 'loss'], [DAY - 1, 2.5, 'loss'], [DAY, 2.5, 'loss'])
  await claimed('zone', 'v', morning(DAY))
  now = morning(DAY + 1)
  await judged([DAY + 1, 0.5, 'quiet'])
  expect([await look(), ...(await standing())]).toEqual([0, 'claimed', 0])
  now = morning(DAY + 2)
  await judged([DAY + 2, 0.5, 'quiet'])
  expect([await look(), ...(await standing())]).toEqual([1, 'confirmed', 0])
  // Asked again, as after a crash: it comes to the same.
  expect([await look(), ...(await standing())]).toEqual([0, 'confirmed', 0])
  now = morning(DAY + 4)
  await judged([DAY + 1, 2.5, 'loss'], [DAY + 2, 2.5, 'loss'], [DAY + 3, 2.5, 'loss'])
  expect([await look(), ...(await standing())]).toEqual([1, 'assigned', 1])
  now = morning(DAY + 20)
  await judged([DAY + 1, 0.5, 'quiet'], [DAY + 2, 0.5, 'quiet'], [DAY + 3, 0.5, 'quiet'])
  expect([await look(), ...(await standing())]).toEqual([0, 'assigned', 1])
})

test('a meter’s repair is confirmed when its leak alarm is cleared by a standstill after it', async () => {
  now = morning(DAY)
  const alarm = {
    id: 'a',
    deviceId: 'm',
    placeId: 'v',
    type: 'leak',
    severity: 'MINOR',
    state: 'ACTIVE_ACK',
    raisedAt: nightFrom(DAY - 3),
    noticedAt: nightFrom(DAY - 2),
    lastAt: now,
    count: 1,
    value: 14,
    threshold: 2,
    unit: 'l/h',
    reason: '',
    reasonZh: '',
    test: false,
    ackBy: null,
    ackAt: null,
    clearedAt: null,
    closedBy: null,
    disposition: null,
    incidentId: null,
  } as const
  await decisions.commit({ ...NO_DECISION, alarms: [alarm] })
  await claimed('meter', 'm', now)
  expect([await look(), ...(await standing())]).toEqual([0, 'claimed', 0])
  const cleared = { ...alarm, state: 'CLEARED_ACK', clearedAt: now + HOUR } as const
  await decisions.commit({ ...NO_DECISION, alarms: [cleared] })
  now += 2 * HOUR
  expect([await look(), ...(await standing())]).toEqual([1, 'confirmed', 0])
})
