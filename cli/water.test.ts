import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { emptyTapes, packTapes } from '../ingest/zones/tape-bytes.ts'
import { stateFile } from '../store/files.ts'
import { NO_DECISION } from '../store/state/decisions-port.ts'
import { openAccounts, openDecisions, openTopology } from '../store/state/sqlite.ts'
import { hydrant as typeHydrant } from './hydrant-under-test.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hydrant-water-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const hydrant = (...args: string[]) => typeHydrant(args, { cwd: dir, env: { HYDRANT_DATA_DIR: dir } })

test('a meter is moved, exchanged and joined to zones on the day it happened, and keeps its secret', async () => {
  await hydrant('place', 'add', 'east', '--kind', 'village')
  await hydrant('place', 'add', 'west', '--kind', 'village')
  await hydrant('device', 'add', 'm1', '--kind', 'water-meter', '--place', 'east', '--secret', 'old-secret-of-m1')
  await hydrant('device', 'add', 'b1', '--kind', 'bulk-meter', '--place', 'east')
  expect(await hydrant('meter', 'move', 'm1', '--to', 'nowhere')).toMatchObject({ code: 2 })
  expect((await hydrant('meter', 'move', 'm1', '--to', 'west', '--at', 'yesterday')).err).toContain('is no time')
  expect((await hydrant('meter', 'move', 'm1', '--to', 'west', '--at', '2200-01-01')).err).toContain('still to come')
  expect((await hydrant('meter', 'move', 'm1', '--to', 'west', '--at', '2026-03-04 10:30')).out).toContain(
    'm1 counts in west since 2026-03-04 10:30',
  )
  expect((await hydrant('meter', 'move', 'm1', '--to', 'east', '--at', '2026-03-03')).err).toContain(
    'was moved on 2026-03-04 10:30',
  )
  expect((await hydrant('meter', 'move', 'm1', '--to', 'west', '--at', '2026-03-05')).code).toBe(0)
  expect((await hydrant('meter', 'exchange', 'm1', '--at', '2026-03-06', '--last', 'x')).err).toContain(
    '--last is a register',
  )
  expect(
    (await hydrant('meter', 'exchange', 'm1', '--at', '2026-03-06', '--last', '812.345', '--first', '0')).out,
  ).toBe('m1 is another meter since 2026-03-06 00:00.\n')
  expect((await hydrant('meter', 'flow', 'm1', '--into', 'east', '--from', '-')).err).toContain('only a bulk-meter')
  expect((await hydrant('meter', 'flow', 'b1', '--into', 'east', '--from', '-')).out).toContain(
    'from the main into east, since ever',
  )
  expect((await hydrant('meter', 'show', 'm1')).out).toContain('2026-03-05 00:00 – now')

  const topology = openTopology(stateFile(dir))
  expect((await topology.placements('m1')).map(({ placeId, from }) => [placeId, from])).toEqual([
    ['east', 0],
    ['west', Date.parse('2026-03-04T16:00:00Z')],
  ])
  expect(await topology.exchanges('m1')).toMatchObject([{ lastLitres: 812_345, firstLitres: 0 }])
  expect(await topology.bulkFlows()).toMatchObject([{ into: 'east', outOf: null, from: 0 }])
  await topology.close()
  expect((await hydrant('device', 'list', '--json')).out).toContain('"placeId": "west"')
  const accounts = openAccounts(stateFile(dir))
  const actions = (await accounts.auditEntries({ limit: 20 })).items.map(({ action }) => action)
  await accounts.close()
  expect(actions.slice(0, 4)).toEqual(['meter.flow', 'meter.exchange', 'meter.move', 'meter.move'])
})

test('an exchange that was said by mistake is taken back, by its minute or as the last one', async () => {
  await hydrant('device', 'add', 'm1', '--kind', 'water-meter', '--secret', 'old-secret-of-m1')
  expect((await hydrant('meter', 'exchange', 'm1', '--undo')).err).toContain('never said to be exchanged')
  for (const day of ['2026-03-06', '2026-03-07']) await hydrant('meter', 'exchange', 'm1', '--at', `${day} 14:30`)
  expect((await hydrant('meter', 'exchange', 'm1', '--undo', '--at', '2026-03-05')).err).toContain(
    'at 2026-03-06 14:30, 2026-03-07 14:30',
  )
  expect((await hydrant('meter', 'exchange', 'm1', '--undo', '--last', '5')).err).toContain(
    'takes an exchange back whole',
  )
  expect((await hydrant('meter', 'exchange', 'm1', '--undo', '--at', '2026-03-06 14:30')).out).toContain(
    'was not exchanged at 2026-03-06 14:30',
  )
  expect((await hydrant('meter', 'exchange', 'm1', '--undo')).out).toContain('was not exchanged at 2026-03-07 14:30')
  expect((await hydrant('meter', 'show', 'm1')).out).not.toContain('exchanged')
})

test('who tells of an exchange weeks late is told which hours it changes no more; a damaged row hides not that it was written', async () => {
  await hydrant('device', 'add', 'm1', '--kind', 'water-meter', '--secret', 'old-secret-of-m1')
  const decisions = openDecisions(stateFile(dir))
  const hour = Date.parse('2026-03-20T14:30:00+08:00')
  const volume = { ...emptyTapes('household').volume, at: [hour], litres: [5], from: hour + 1 }
  const account = async (tapes: Uint8Array) => {
    const meters = new Map([['m1', { memberships: [], awaitedFrom: 0, tapes }]])
    const water = { meters, hours: [], counts: [], nights: [], zoneStates: new Map() }
    await decisions.commit({ ...NO_DECISION, water })
    return (await hydrant('meter', 'exchange', 'm1', '--at', '2026-03-06 14:30', '--last', '5', '--first', '0')).out
  }
  expect(await account(packTapes({ ...emptyTapes('household'), volume }))).toContain(
    'settled up to 2026-03-20 15:00. What was counted before that stays as it is.',
  )
  expect(await account(new Uint8Array([9]))).toMatch(/^m1 is another meter since 2026-03-06 14:30\.\n$/)
  await decisions.close()
})

test('a last register below what the meter had shown already is told, because it was probably mistyped', async () => {
  await hydrant('device', 'add', 'm1', '--kind', 'water-meter', '--secret', 'old-secret-of-m1')
  const decisions = openDecisions(stateFile(dir))
  const latest = new Map([['volume', { value: 103.112, at: Date.parse('2026-03-05T01:00:00Z') }]] as const)
  await decisions.commit({ ...NO_DECISION, sightings: [{ deviceId: 'm1', latest }] })
  await decisions.close()
  const told = async (last: string): Promise<string> =>
    (await hydrant('meter', 'exchange', 'm1', '--at', '2026-03-06', '--last', last, '--first', '0')).out
  expect(await told('100.9')).toContain('had shown 103.112 m³ already, at 2026-03-05 09:00')
  expect(await told('103.2')).not.toContain('already')
})

test('the zones of a city are listed, the largest loss first, and one is shown with its week and nights', async () => {
  await hydrant('place', 'add', 'east', '--kind', 'village', '--name', '东村')
  await hydrant('place', 'add', 'west', '--kind', 'village')
  await hydrant('place', 'add', 'park', '--kind', 'village')
  expect((await hydrant('zone', 'list')).out).toContain('Nothing is accounted yet')
  expect((await hydrant('zone', 'show', 'east')).err).toContain('Nothing is accounted in east')
  const night = {
    day: 20_779,
    lossM3h: 0.25,
    nightM3h: null,
    inflowM3h: 4,
    expectedM3h: 0.2,
    lowM3h: 0.1,
    highM3h: 0.3,
    reported: 0.96,
  }
  const count = (zone: string, part: 'household' | 'in', change: number) => ({ zone, part, hour: 0, change })
  const hour = 20_779 * 24 - 8 - 1
  const decisions = openDecisions(stateFile(dir))
  await decisions.commit({
    ...NO_DECISION,
    water: {
      meters: new Map(),
      hours: [
        {
          zone: 'east',
          hour,
          inflowL: 4000,
          householdL: 3500,
          householdKnownMs: 3.6e6,
          householdMeasuredMs: 3.6e6,
          bulkMeasuredMs: 3.6e6,
        },
        {
          ...{ zone: 'park', hour, inflowL: 9000, householdL: 0 },
          ...{ householdKnownMs: 0, householdMeasuredMs: 0, bulkMeasuredMs: 3.6e6 },
        },
      ],
      counts: [
        count('east', 'household', 240),
        count('east', 'in', 1),
        count('west', 'household', 3),
        count('park', 'in', 1),
      ],
      nights: [
        { ...night, zone: 'east', bulkReported: 1, verdict: 'quiet', judgedAt: 1 },
        { ...night, zone: 'west', lossM3h: 1.5, bulkReported: 1, verdict: 'loss', judgedAt: 1 },
        {
          ...{ ...night, zone: 'park', lossM3h: null, nightM3h: 12.3, expectedM3h: 11, reported: 1 },
          ...{ bulkReported: 1, verdict: 'loss', judgedAt: 1 },
        },
      ],
      zoneStates: new Map([
        ['east', '{}'],
        ['west', '{}'],
        ['park', '{}'],
      ]),
    },
  })
  await decisions.close()
  const list = (await hydrant('zone', 'list')).out.split('\n')
  expect(list[1]).toMatch(/^west +village +west +2026-11-22 +1\.50 +0\.20 +96 % +loss$/)
  expect(list[2]).toMatch(/^east +village +东村 +2026-11-22 +0\.25/)
  expect(list[3]).toMatch(/^park +village +park +2026-11-22 +inflow 12\.30 +11\.00 +more inflow$/)
  const park = (await hydrant('zone', 'show', 'park')).out
  expect(park).toMatch(/households +not metered/)
  expect(park).toMatch(/loss +not known/)
  expect(park).toMatch(/judged +by its inflow only/)
  const shown = (await hydrant('zone', 'show', 'east')).out
  expect(shown).toMatch(/loss +0\.500 m³, 13 % of inflow/)
  expect(shown).toContain('of 240 meters')
  expect(shown).toContain('nobody may judge this')
  expect(shown).toMatch(/2026-11-22 +0\.25 +0\.20 +96 % +quiet/)
  expect(JSON.parse((await hydrant('zone', 'show', 'east', '--json')).out)).toMatchObject({ week: { lossL: 500 } })
})
