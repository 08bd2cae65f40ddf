import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type {
  AuditRecord,
  QuarantineDetail,
  QuarantineGroup,
  QuarantineItem,
  ReplayAnswer,
} from '../../contract/api.ts'
import type { QuarantineEntry } from '../../store/state/decisions-port.ts'
import type { Page } from '../../store/state/page.ts'
import { type Rehearsal, rehearse } from '../rehearsal.ts'

const T = 1_764_000_000_000
let stage: Rehearsal
let water: Record<string, string>
let admin: Record<string, string>
let seq = 0

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const entry = (payload: string, more: Partial<QuarantineEntry> = {}): QuarantineEntry => {
  seq += 1
  return {
    at: T + seq,
    deviceId: 'meter-1',
    lane: 'bulk',
    journalSeq: seq,
    kind: 'telemetry',
    sender: 'meter-1',
    arg: '',
    topic: 'v1/devices/meter-1/telemetry',
    reason: 'payload.shape',
    detail: `no form fits at byte ${seq}`,
    bytes: Buffer.from(payload),
    ...more,
  }
}
const get = async <T>(path: string, who = water): Promise<T> => (await (await stage.get(path, who)).json()) as T
const replay = async (path: string, body: object, who = water): Promise<ReplayAnswer> =>
  (await (await stage.post(path, body, who)).json()) as ReplayAnswer
const audit = async (): Promise<readonly AuditRecord[]> =>
  (await get<Page<AuditRecord>>('/api/audit?action=quarantine.', admin)).items

beforeAll(async () => {
  stage = await rehearse()
  await stage.addDevices({ id: 'meter-1', kind: 'water-meter' }, { id: 'meter-2', kind: 'water-meter' })
  water = bearer(await stage.token('engineer', 'water'))
  admin = bearer(await stage.token('chief', 'admin'))
})
afterAll(() => stage.end())

describe('the quarantine', () => {
  test('a thousand times the same thing is one row with its count, its newest and its first', async () => {
    await stage.decide({ quarantine: Array.from({ length: 1000 }, () => entry('{"v":1}')) })
    await stage.decide({ quarantine: [entry('{', { reason: 'payload.not-json', detail: 'cut off' })] })
    const page = await get<Page<QuarantineGroup> & { reasons: object[] }>('/api/quarantine/groups')
    expect(page.total).toBe(2)
    expect(page.items[1]).toMatchObject({
      deviceId: 'meter-1',
      pattern: 'no form fits at byte #',
      count: 1000,
      firstAt: T + 1,
      lastAt: T + 1000,
      newest: { detail: 'no form fits at byte 1000', preview: '{"v":1}', lane: 'bulk', sender: 'meter-1' },
    })
    expect(page.reasons).toEqual([
      { reason: 'payload.shape', count: 1000, lastAt: T + 1000 },
      { reason: 'payload.not-json', count: 1, lastAt: T + 1001 },
    ])
  })

  test('is searched by device, reason, group and time, and read page by page', async () => {
    const first = await get<Page<QuarantineGroup>>('/api/quarantine/groups?limit=1')
    const second = await get<Page<QuarantineGroup>>(`/api/quarantine/groups?limit=1&cursor=${first.next}`)
    expect([...first.items, ...second.items].map((group) => group.reason)).toEqual([
      'payload.not-json',
      'payload.shape',
    ])
    expect(second.next).toBeNull()
    const count = async (query: string) => (await get<Page<QuarantineItem>>(`/api/quarantine?limit=1&${query}`)).total
    expect(await count('reason=payload.shape')).toBe(1000)
    expect(await count('deviceId=meter-2')).toBe(0)
    expect(await count(`from=${T + 10}&to=${T + 20}`)).toBe(10)
    expect(await count(`pattern=${encodeURIComponent('no form fits at byte #')}`)).toBe(1000)
  })

  test('shows the bytes of a message, what sent it where, and the place where it goes wrong', async () => {
    await stage.decide({
      quarantine: [
        entry('{"volume":NaN}', { reason: 'payload.not-json', detail: 'NaN is not JSON', kind: 'raw', arg: 'cjt188' }),
      ],
    })
    const { items } = await get<Page<QuarantineItem>>('/api/quarantine?limit=1')
    const shown = await get<QuarantineDetail>(`/api/quarantine/${items[0]?.id}/detail`)
    expect(shown).toMatchObject({ codec: 'cjt188', offending: { from: 10, to: 13 }, replayable: true, replayed: false })
    expect(Buffer.from(shown.bytes, 'base64').toString()).toBe('{"volume":NaN}')
    expect((await stage.get('/api/quarantine/999999/detail', water)).status).toBe(404)
  })
})

describe('replay', () => {
  test('says first what would become of everything a filter finds, and changes nothing', async () => {
    await stage.decide({ quarantine: [entry('? still bad', { deviceId: 'meter-2', sender: 'meter-2' })] })
    const answer = await replay('/api/quarantine/replay', { reason: 'payload.shape', dryRun: true })
    expect(answer).toMatchObject({
      dryRun: true,
      records: 1000,
      understood: 1000,
      notUnderstood: 0,
      pending: 0,
      next: expect.any(String),
    })
    const rest = await replay('/api/quarantine/replay', { reason: 'payload.shape', dryRun: true, cursor: answer.next })
    expect(rest).toMatchObject({ records: 1, notUnderstood: 1, reasons: { 'payload.shape': 1 }, next: null })
    expect((await get<Page<QuarantineItem>>('/api/quarantine?reason=payload.shape&limit=1')).total).toBe(1001)
    expect(await audit()).toEqual([])
  })

  test('takes what is understood now off the open list, leaves what is not, and says who did it', async () => {
    const answer = await replay('/api/quarantine/replay', { deviceId: 'meter-1', reason: 'payload.shape' })
    expect(answer).toMatchObject({ records: 1000, understood: 1000, readings: 1000, next: null })
    expect((await get<Page<QuarantineItem>>('/api/quarantine?reason=payload.shape')).items).toMatchObject([
      { deviceId: 'meter-2', replayed: false },
    ])
    const done = await get<Page<QuarantineItem>>('/api/quarantine?state=replayed&limit=1')
    expect(done).toMatchObject({ total: 1000, items: [{ replayed: true, triedBy: 'token:engineer' }] })
    expect(await audit()).toMatchObject([
      { actor: 'token:engineer', action: 'quarantine.replay', target: 'quarantine' },
    ])
    expect(JSON.parse((await audit())[0]?.detail ?? '')).toMatchObject({
      filter: { deviceId: 'meter-1', reason: 'payload.shape' },
      understood: 1000,
    })
  })

  test('of one message answers what has become of it, and a second time that it is done', async () => {
    await stage.decide({ quarantine: [entry('{}'), entry('{}', { kind: 'refused', topic: 'refused', sender: '' })] })
    const { items } = await get<Page<QuarantineItem>>('/api/quarantine?limit=2')
    const [refusal, message] = items
    expect(await replay(`/api/quarantine/${message?.id}/replay`, {})).toMatchObject({ records: 1, understood: 1 })
    const again = await stage.post(`/api/quarantine/${message?.id}/replay`, {}, water)
    expect([again.status, await again.json()]).toMatchObject([409, { error: { code: 'quarantine.replayed' } }])
    const never = await stage.post(`/api/quarantine/${refusal?.id}/replay`, {}, water)
    expect([never.status, await never.json()]).toMatchObject([409, { error: { code: 'quarantine.not-replayable' } }])
    expect((await audit())[0]).toMatchObject({ target: `quarantine/${message?.id}` })
  })

  test.each([
    ['viewer', 403],
    ['dispatcher', 403],
    ['care', 403],
    ['fire', 200],
  ] as const)('a %s gets %i', async (role, status) => {
    const who = bearer(await stage.token(`the-${role}`, role))
    expect((await stage.post('/api/quarantine/replay', { deviceId: 'nobody' }, who)).status).toBe(status)
  })

  test('that nobody decides in time is said to be pending, not done', async () => {
    const slow = await rehearse({ patienceMs: 1 })
    await slow.stopDeciding()
    await slow.addDevices({ id: 'meter-1', kind: 'water-meter' })
    await slow.decide({ quarantine: [entry('{}')] })
    const who = bearer(await slow.token('engineer', 'water'))
    const answer = await slow.post('/api/quarantine/replay', {}, who)
    expect(await answer.json()).toMatchObject({ records: 1, understood: 0, pending: 1 })
    await slow.end()
  })
})
