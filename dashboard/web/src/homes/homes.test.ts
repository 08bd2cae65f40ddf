import { expect, test } from 'vitest'
import type { Home, HomePlace } from '../../../../contract/home-answers.ts'
import { concernsOf, dutyState, isDrillDue } from './concerns.ts'
import { insideOf, treeOf, troubleIn } from './home-tree.ts'
import { freePoint, nudged, type Pin, pointIn, samePins, withPin } from './plan-pins.ts'

const DAY = 86_400_000
const NOW = Date.UTC(2026, 10, 22)
const NONE = { total: 24, alarm: 0, faulty: 0, silent: 0, never: 0, ok: 24 }
const home: Home = {
  id: 'home-1',
  kind: 'home',
  name: '阳光养老院',
  placePath: ['东昌府区', '阳光养老院'],
  countyId: 'c1',
  lon: null,
  lat: null,
  contact: null,
  beds: 60,
  residents: 52,
  devices: NONE,
  staff: { recorded: 6, onDuty: 3, staffed: true },
  openIncidents: 0,
  openHazards: 0,
  overdueHazards: 0,
  lastDrillAt: NOW - 30 * DAY,
  lastDutyCheck: null,
}
const kinds = (of: Home): string[] => concernsOf(of, NOW).map(({ kind, count }) => `${kind} ${count}`)

test('a home with nothing wrong has nothing beside its name', () => {
  expect(kinds(home)).toEqual([])
})

test('what wants somebody stands in the order in which somebody must go', () => {
  expect(
    kinds({
      ...home,
      openIncidents: 1,
      devices: { ...NONE, alarm: 2, silent: 3, faulty: 1 },
      staff: { recorded: 6, onDuty: 1, staffed: false },
      openHazards: 5,
      overdueHazards: 2,
    }),
  ).toEqual(['incidents 1', 'alarm 2', 'silent 3', 'unstaffed 1', 'faulty 1', 'overdue 2', 'hazards 3'])
})

test('a home without a drill for half a year owes one, a private dwelling does not', () => {
  expect(isDrillDue(home, NOW)).toBe(false)
  expect(isDrillDue({ ...home, lastDrillAt: NOW - 184 * DAY }, NOW)).toBe(true)
  expect(isDrillDue({ ...home, lastDrillAt: null }, NOW)).toBe(true)
  expect(isDrillDue({ kind: 'dwelling', lastDrillAt: null }, NOW)).toBe(false)
})

test('where nobody has entered any staff nobody is called absent', () => {
  expect(kinds({ ...home, staff: { recorded: 0, onDuty: 0, staffed: false } })).toEqual([])
})

test('a duty check is answered, answered late, running or unanswered', () => {
  const check = { askedAt: NOW, dueAt: NOW + 600_000, answeredAt: null }
  expect(dutyState(check, NOW + 1000)).toBe('running')
  expect(dutyState(check, NOW + 600_000)).toBe('unanswered')
  expect(dutyState({ ...check, answeredAt: NOW + 30_000 }, NOW + 900_000)).toBe('answered')
  expect(dutyState({ ...check, answeredAt: NOW + 700_000 }, NOW + 900_000)).toBe('late')
})

test('a detector dropped beside the plan is not on it, one pushed over the edge stays on it', () => {
  const box = { left: 100, top: 50, width: 400, height: 200 }
  expect(pointIn(box, 300, 150)).toEqual({ x: 0.5, y: 0.5 })
  expect(pointIn(box, 99, 150)).toBeNull()
  const pins: readonly Pin[] = [{ deviceId: 'a', x: 0.995, y: 0.5 }]
  expect(nudged(pins, 'a', 0.01, 0)).toEqual([{ deviceId: 'a', x: 1, y: 0.5 }])
})

test('a detector is on a plan once, and those placed by the keyboard do not lie on one another', () => {
  const pins = withPin([{ deviceId: 'a', x: 0.1, y: 0.1 }], 'a', { x: 0.2, y: 0.2 })
  expect(pins).toEqual([{ deviceId: 'a', x: 0.2, y: 0.2 }])
  let placed: readonly Pin[] = []
  for (let n = 0; n < 20; n++) placed = withPin(placed, `d${n}`, freePoint(placed))
  expect(new Set(placed.map(({ x, y }) => `${x} ${y}`)).size).toBe(20)
  expect(samePins(placed, placed.toReversed())).toBe(true)
  expect(samePins(placed, nudged(placed, 'd3', 0.01, 0))).toBe(false)
})

test('a floor holds its rooms and their beds, and what is wrong in them', () => {
  const place = (id: string, parentId: string, kind: HomePlace['kind'], silent = 0): HomePlace => ({
    id,
    parentId,
    kind,
    name: id,
    beds: 0,
    residents: 0,
    devices: { ...NONE, silent },
  })
  const places = [
    place('b', 'home-1', 'building'),
    place('f1', 'b', 'floor'),
    place('101', 'f1', 'room', 2),
    place('101-1', '101', 'bed'),
    place('f2', 'b', 'floor'),
  ]
  const [building] = treeOf('home-1', places)
  expect(building?.branches.map(({ place: { id } }) => id)).toEqual(['f1', 'f2'])
  expect([...insideOf('f1', places)]).toEqual(['f1', '101', '101-1'])
  expect(places.map(troubleIn)).toEqual([0, 0, 2, 0, 0])
})
