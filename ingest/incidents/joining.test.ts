import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Place } from '../../contract/api.ts'
import type { Kind } from '../../contract/kinds.ts'
import type { RegisteredDevice } from '../../store/state/registry-port.ts'
import type { Finding } from '../detectors/detector.ts'
import { Draft, type Known, type Outcome } from '../draft.ts'
import { HandlingMemory } from './memory.ts'

/** The same facts in any order, once or several times, in one batch or in many: the same incidents. */

const T = 1_732_118_400_000
const place = (id: string, parentId: string | null, kind: Place['kind']): Place => ({
  id,
  parentId,
  kind,
  name: id,
  lon: null,
  lat: null,
  contact: null,
})
const PLACES = [
  place('home-1', null, 'home'),
  place('1-floor-1', 'home-1', 'floor'),
  place('1-floor-2', 'home-1', 'floor'),
  place('home-2', null, 'home'),
  place('dwelling', null, 'dwelling'),
]
const device = (id: string, kind: Kind, placeId: string | null): RegisteredDevice =>
  ({ id, kind, placeId }) as RegisteredDevice
const DEVICES = [
  ...['a', 'b', 'c'].map((id) => device(id, 'smoke-detector', '1-floor-1')),
  ...['d', 'e'].map((id) => device(id, 'smoke-detector', '1-floor-2')),
  device('f', 'smoke-detector', 'home-2'),
  device('g', 'smoke-detector', 'dwelling'),
  device('h', 'panic-button', 'dwelling'),
  device('i', 'smoke-detector', null),
]

async function memory(): Promise<HandlingMemory> {
  const none = async (): Promise<never[]> => []
  const registry = { places: async () => PLACES, placeRevision: async () => 1, fireAndCare: none }
  const nothing = async (): Promise<undefined> => undefined
  const decisions = {
    incidents: none,
    incident: nothing,
    watchModes: none,
    openDutyChecks: none,
    dutyCheck: nothing,
    placeResets: async () => new Map<string, number>(),
  }
  const handling = new HandlingMemory(
    { registry, decisions, homes: { staff: none, staffRevision: async () => 1 } },
    { openAlarms: () => [], openAlarm: () => undefined },
  )
  await handling.load(T)
  return handling
}

/** Decides batches of facts one after the other. */
async function decided(batches: readonly (readonly { readonly id: string; readonly level: Finding['severity'] }[])[]) {
  const handling = await memory()
  let known: Known = { openAlarm: () => undefined, openAlarms: () => [], handling } as unknown as Known
  const outcomes: Outcome[] = []
  let n = 0
  for (const batch of batches) {
    const draft = new Draft(known, T + n)
    for (const { id, level } of batch) {
      const found = DEVICES.find((one) => one.id === id) as RegisteredDevice
      const type = found.kind === 'panic-button' ? 'panic' : 'smoke'
      const facts = { value: 1, threshold: 1, unit: null, reason: '', reasonZh: '' }
      n += 1
      const cause = { key: `urgent ${n}`, arrivedAt: T + n }
      draft.find(found, { ...facts, type, active: true, at: T + n, severity: level ?? 'CRITICAL' }, cause)
    }
    outcomes.push(draft.finish({}))
    known = draft
  }
  return outcomes
}

/** What is the same in any order: which alarms are joined, and whether it is believed. */
async function joinedBy(batches: Parameters<typeof decided>[0]) {
  const outcomes = await decided(batches)
  const alarms = new Map(outcomes.flatMap(({ decision }) => decision.alarms).map((alarm) => [alarm.id, alarm]))
  const incidents = new Map(outcomes.flatMap(({ decision }) => decision.incidents).map((one) => [one.id, one]))
  return [...incidents.values()]
    .map(({ id, kind, premisesId, cell, verification, devices }) => ({
      key: `${kind} ${premisesId ?? cell}`,
      verification,
      devices,
      members: [...alarms.values()]
        .filter(({ incidentId }) => incidentId === id)
        .map(({ deviceId }) => deviceId)
        .toSorted(),
    }))
    .toSorted((a, b) => a.key.localeCompare(b.key))
}

const fact = fc.record({
  id: fc.constantFrom(...DEVICES.map(({ id }) => id)),
  level: fc.constantFrom('CRITICAL' as const, 'MAJOR' as const),
})
/** One level per device: an alarm that becomes worse is another fact. */
const facts = fc.uniqueArray(fact, { selector: ({ id }) => id, minLength: 1 })

describe('the same facts', () => {
  test('in any order, repeated, cut into any batches, are the same incidents', async () => {
    await fc.assert(
      fc.asyncProperty(facts, fc.infiniteStream(fc.nat()), async (given, dice) => {
        const once = await joinedBy([given])
        const roll = (): number => dice.next().value as number
        const shuffled = [...given, ...given.filter(() => roll() % 2 === 0)]
          .map((one) => ({ one, at: roll() }))
          .toSorted((a, b) => a.at - b.at)
          .map(({ one }) => one)
        const batches: (typeof given)[] = [[]]
        for (const one of shuffled) {
          if (roll() % 3 === 0) batches.push([])
          batches.at(-1)?.push(one)
        }
        expect(await joinedBy(batches)).toEqual(once)
      }),
      { numRuns: 60 },
    )
  })

  test('of one batch are one event that opens it, and at most one that confirms it, for each incident', async () => {
    await fc.assert(
      fc.asyncProperty(facts, async (given) => {
        const [outcome] = await decided([given])
        const of = new Map<string, string[]>()
        for (const event of outcome?.decision.events ?? [])
          if ('incident' in event) of.set(event.incident.id, [...(of.get(event.incident.id) ?? []), event.type])
        for (const types of of.values())
          expect([['incident.opened'], ['incident.opened', 'incident.confirmed']]).toContainEqual(types)
      }),
      { numRuns: 60 },
    )
  })

  test('every event carries its incident as it was last in the batch, or a later one does', async () => {
    const [outcome] = await decided([['a', 'b', 'c', 'd'].map((id) => ({ id, level: 'CRITICAL' as const }))])
    const carried = outcome?.decision.events.flatMap((event) => ('incident' in event ? [event.incident] : []))
    expect(carried?.at(-1)).toEqual(outcome?.decision.incidents[0])
    expect(carried?.at(-1)).toMatchObject({ alarms: 4, devices: 4 })
  })
})
