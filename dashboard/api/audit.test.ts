import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AuditRecord } from '../../contract/api.ts'
import { ROLES } from '../../contract/roles.ts'
import type { Page } from '../../store/state/page.ts'
import { type Rehearsal, rehearse } from '../rehearsal.ts'

const T = 1_764_000_000_000
let stage: Rehearsal
let admin: Record<string, string>

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const read = async (query = ''): Promise<Page<AuditRecord>> =>
  (await (await stage.get(`/api/audit?${query}`, admin)).json()) as Page<AuditRecord>

beforeAll(async () => {
  stage = await rehearse()
  admin = bearer(await stage.token('chief', 'admin'))
  const done = (at: number, actor: string, action: string, target: string, detail = '') =>
    stage.stores.accounts.audit({ at, actor, action, target, detail })
  await done(T, '李雷', 'alarm.acknowledge', 'a-1')
  await done(T + 1, 'cli:root', 'user.add', '=HYPERLINK("http://evil")', 'viewer, "new"')
  await done(T + 2, 'cli:root', 'user_add', 'x')
})
afterAll(() => stage.end())

test('who did what is read newest first, page by page', async () => {
  const first = await read('limit=2')
  expect(first).toMatchObject({ total: 3, items: [{ action: 'user_add' }, { action: 'user.add' }] })
  expect((await read(`limit=2&cursor=${first.next}`)).items).toMatchObject([{ actor: '李雷', target: 'a-1' }])
})

test('it is searched by person, by a kind of action, by what it was done to, and by time', async () => {
  const found = async (query: string) => (await read(query)).items.map((one) => one.action)
  expect(await found(`actor=${encodeURIComponent('李雷')}`)).toEqual(['alarm.acknowledge'])
  expect(await found('action=user.')).toEqual(['user.add'])
  expect(await found('target=a-1')).toEqual(['alarm.acknowledge'])
  expect(await found(`from=${T + 1}&to=${T + 2}`)).toEqual(['user.add'])
})

test('an export is a table that no spreadsheet mistakes for formulas, and is itself an entry', async () => {
  const answer = await stage.get('/api/audit.csv?action=user.', admin)
  expect(answer.headers.get('content-type')).toContain('text/csv')
  const bytes = Buffer.from(await answer.arrayBuffer())
  expect(bytes.subarray(0, 3)).toEqual(Buffer.from('\ufeff'))
  expect(bytes.subarray(3).toString()).toBe(
    `id,time,actor,action,target,detail\r\n2,${new Date(T + 1).toISOString()},cli:root,user.add,"'=HYPERLINK(""http://evil"")","viewer, ""new"""\r\n`,
  )
  expect((await read('limit=1')).items).toMatchObject([
    { actor: 'token:chief', action: 'audit.export', detail: '{"action":"user."}' },
  ])
})

test('only an administrator reads it', async () => {
  for (const role of ROLES) {
    const who = bearer(await stage.token(`one-${role}`, role))
    for (const path of ['/api/audit', '/api/audit.csv'])
      expect((await stage.get(path, who)).status, `${role} ${path}`).toBe(role === 'admin' ? 200 : 403)
  }
})

test('no route changes it', () => {
  expect(stage.dashboard.routes.filter(({ url }) => url.includes('audit')).map(({ method }) => method)).toEqual(
    expect.not.arrayContaining(['POST', 'PUT', 'PATCH', 'DELETE']),
  )
})
