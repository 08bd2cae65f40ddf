import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { stateFile } from '../store/files.ts'
import { hashSecret } from '../store/identity.ts'
import { NO_DECISION } from '../store/state/decisions-port.ts'
import { openAccounts, openDecisions, openRegistry, openResidents } from '../store/state/sqlite.ts'
import { startHydrant, type Typed, hydrant as typeHydrant } from './hydrant-under-test.ts'

let dir: string
let data: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hydrant-cli-'))
  data = join(dir, 'data')
})
afterEach(() => rmSync(dir, { recursive: true }))

const typed = (env: Record<string, string> = {}, input = ''): Typed => ({
  cwd: dir,
  env: { HYDRANT_DATA_DIR: data, HYDRANT_HTTP_PORT: '28999', HYDRANT_MQTT_PORT: '28998', ...env },
  input,
})
const hydrant = (args: readonly string[], env?: Record<string, string>, input?: string) =>
  typeHydrant(args, typed(env, input))

describe('devices at the command line', () => {
  test('a device is registered before Hydrant ever ran; its secret stands alone on the last line', async () => {
    const named = ['--name', '厨房', '--place', '梨园']
    const added = await startHydrant(['device', 'add', 'kitchen-1', '--kind', 'smoke-detector', ...named], typed())
    expect(added).toMatchObject({ code: 0, err: '' })
    expect(added.lastLine).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{42}$/)
    const registry = openRegistry(stateFile(data))
    expect(await registry.find('kitchen-1')).toMatchObject({
      kind: 'smoke-detector',
      name: '厨房',
      placeId: '梨园',
      secretHash: hashSecret(added.lastLine),
    })
    expect((await registry.places()).map((place) => [place.id, place.kind])).toEqual([['梨园', 'home']])
    await registry.close()
  })

  test('devices are added while ingest is writing', async () => {
    const decisions = openDecisions(stateFile(data))
    const writing = setInterval(() => {
      void decisions.commit({
        ...NO_DECISION,
        cursors: { bulk: 1 },
        sightings: [{ deviceId: 'm1', lastHeardAt: 1_700_000_000_000 }],
        readings: 1,
      })
    }, 1)
    const codes = await Promise.all(
      ['m1', 'm2'].map(
        async (id) => (await startHydrant(['device', 'add', id, '--kind', 'water-meter'], typed())).code,
      ),
    )
    clearInterval(writing)
    await decisions.close()
    expect(codes).toEqual([0, 0])
    const list = await hydrant(['device', 'list', '--json'])
    expect(JSON.parse(list.out)).toMatchObject([
      { id: 'm1', kind: 'water-meter', lastHeardAt: 1_700_000_000_000 },
      { id: 'm2', lastHeardAt: null },
    ])
    expect(list.out).not.toContain('secretHash')
  })

  test('what cannot be registered is refused in sentences, all of them at once, with exit code 2', async () => {
    const kettle = ['device', 'add', 'a b', '--kind', 'kettle', '--lon', '200', '--rhythm', 'soon']
    const wrong = await startHydrant(kettle, typed())
    expect(wrong.code).toBe(2)
    expect(wrong.out).toBe('')
    for (const part of ['"a b" cannot be', 'smoke-detector', 'water-meter', '"200" is no longitude', '"soon"', '--lat'])
      expect(wrong.err).toContain(part)
    expect(wrong.err).not.toMatch(/\bat .*\.ts:/)
    expect((await hydrant(['device', 'add', 'x', '--kind', 'valve', '--gateway', 'gw'])).err).toContain('no gateway gw')
    expect((await hydrant(['device', 'add', 'x'])).code).toBe(2)
    expect((await hydrant(['device', 'remove', 'x'])).err).toContain('There is no device x')
  })

  test('a second device of the same id is refused and the first keeps its secret', async () => {
    const first = await hydrant(['device', 'add', 'd1', '--kind', 'valve', '--secret', 'chosen-secret'])
    expect(first.lastLine).toBe('chosen-secret')
    const second = await hydrant(['device', 'add', 'd1', '--kind', 'valve'])
    expect(second).toMatchObject({ code: 2, out: '' })
    expect(second.err).toContain('device secret d1')
    const renewed = await hydrant(['device', 'secret', 'd1'])
    await hydrant(['device', 'disable', 'd1'])
    const registry = openRegistry(stateFile(data))
    expect(await registry.find('d1')).toMatchObject({ secretHash: hashSecret(renewed.lastLine), disabled: true })
    expect((await hydrant(['device', 'remove', 'd1'])).code).toBe(0)
    expect(await registry.count()).toBe(0)
    await registry.close()
  })

  test('a table is imported as far as it is good; secrets and faults are in files', async () => {
    writeFileSync(join(dir, 'meters.csv'), 'id,kind,name\nm1,water-meter,"=1+1"\nm/2,water-meter,\nm3,water-meter,\n')
    const dry = await hydrant(['device', 'import', 'meters.csv', '--dry-run'])
    expect(dry.out).toContain('Would be: 2 added')
    expect(existsSync(join(dir, 'meters.secrets.csv'))).toBe(false)
    const real = await hydrant(['device', 'import', 'meters.csv'])
    expect(real.code).toBe(1)
    expect(real.out).toContain('2 added, 0 changed, 0 as they were, 1 not imported.')
    const secrets = readFileSync(join(dir, 'meters.secrets.csv'), 'utf8').trim().split('\r\n')
    expect(statSync(join(dir, 'meters.secrets.csv')).mode & 0o777).toBe(0o600)
    expect(secrets.map((line) => line.split(',')[0])).toEqual(['id', 'm1', 'm3'])
    const registry = openRegistry(stateFile(data))
    expect((await registry.find('m3'))?.secretHash).toEqual(hashSecret(secrets[2]?.split(',')[1] ?? ''))
    await registry.close()
    expect(readFileSync(join(dir, 'errors.csv'), 'utf8')).toMatch(/^\ufeffrow,line,column,reason\r\n2,3,id,/)
    const again = await hydrant(['device', 'import', 'meters.csv', '--out', 'meters.secrets.csv'])
    expect(again.out).toContain('0 added, 0 changed, 2 as they were')
    writeFileSync(join(dir, 'more.csv'), 'id,kind\nm9,valve\n')
    const occupied = await hydrant(['device', 'import', 'more.csv', '--out', 'meters.secrets.csv'])
    expect(occupied).toMatchObject({ code: 2, out: '' })
    expect(readFileSync(join(dir, 'meters.secrets.csv'), 'utf8').trim().split('\r\n')).toEqual(secrets)
    expect((await hydrant(['device', 'import', 'nowhere.csv'])).err).toContain('There is no file')
  })
})

describe('people and programs at the command line', () => {
  test('a colleague gets a link that signs in once', async () => {
    const added = await hydrant(['user', 'add', '李雷', '--role', 'dispatcher'])
    expect(added.code).toBe(0)
    const [, token] = /^http:\/\/127\.0\.0\.1:28999\/sign-in\?token=([A-Za-z0-9_-]{43})$/.exec(added.lastLine) ?? []
    const accounts = openAccounts(stateFile(data))
    expect(await accounts.redeemLink(hashSecret(token ?? ''), Date.now())).toBe('李雷')
    expect(await accounts.redeemLink(hashSecret(token ?? ''), Date.now())).toBeUndefined()
    await accounts.close()
    const elsewhere = await hydrant(['user', 'link', '李雷'], { HYDRANT_PUBLIC_URL: 'https://water.example.cn/' })
    expect(elsewhere.lastLine).toMatch(/^https:\/\/water\.example\.cn\/sign-in\?token=/)
    expect((await hydrant(['user', 'add', '李雷', '--role', 'viewer'])).err).toContain('already a user 李雷')
    expect((await hydrant(['user', 'add', 'x', '--role', 'king'])).err).toContain('viewer, dispatcher')
  })

  test('a password comes by standard input and must be long', async () => {
    const args = ['user', 'add', 'wang', '--role', 'admin', '--password-stdin']
    expect((await hydrant(args, {}, 'short\n')).err).toContain('at least 12')
    expect((await hydrant(args, {}, 'a long enough password\n')).code).toBe(0)
    const accounts = openAccounts(stateFile(data))
    expect(await accounts.user('wang')).toMatchObject({ role: 'admin', hasPassword: true })
    await accounts.close()
  })

  test('a role is changed, a user disabled and enabled, and signed out; all of it is in the audit', async () => {
    await hydrant(['user', 'add', 'li', '--role', 'viewer'])
    for (const args of [
      ['role', 'li', 'fire'],
      ['disable', 'li'],
      ['enable', 'li'],
      ['sign-out', 'li'],
    ])
      expect((await hydrant(['user', ...args])).code).toBe(0)
    const accounts = openAccounts(stateFile(data))
    expect(await accounts.user('li')).toMatchObject({ role: 'fire', disabled: false })
    const { items } = await accounts.auditEntries({ target: 'li', limit: 10 })
    expect(items.map((entry) => entry.action).reverse()).toEqual([
      'user.add',
      'user.role',
      'user.disable',
      'user.enable',
      'session.end',
    ])
    await accounts.close()
    expect((await hydrant(['user', 'role', 'nobody', 'fire'])).err).toContain('no user nobody')
    await hydrant(['user', 'disable', 'li'])
    expect((await hydrant(['user', 'link', 'li'])).err).toContain('user enable li')
  })

  test('a program gets a token, alone on the last line, until it is removed', async () => {
    const added = await hydrant(['token', 'add', 'grafana', '--role', 'viewer'])
    const accounts = openAccounts(stateFile(data))
    expect(await accounts.token(hashSecret(added.lastLine))).toEqual({ name: 'grafana', role: 'viewer' })
    expect((await hydrant(['token', 'remove', 'grafana'])).code).toBe(0)
    expect(await accounts.token(hashSecret(added.lastLine))).toBeUndefined()
    await accounts.close()
  })
})

describe('residents at the command line', () => {
  test('a home’s list is imported, twice without effect, and a list of new rooms forgets nobody’s oxygen', async () => {
    await hydrant(['place', 'add', 'home-1', '--kind', 'home', '--name', '夕阳红'])
    writeFileSync(
      join(dir, 'people.csv'),
      'id,place,name,room,health\nr1,home-1,王桂英,201,吸氧\nr2,nowhere,李国强,,\n',
    )
    const dry = await hydrant(['resident', 'import', 'people.csv', '--dry-run'])
    expect(dry).toMatchObject({ code: 1 })
    expect(dry.out).toContain('Would be: 1 added, 0 changed, 0 as they were, 1 not imported.')
    const residents = openResidents(stateFile(data))
    expect(await residents.find('r1')).toBeUndefined()
    expect((await hydrant(['resident', 'import', 'people.csv'])).out).toContain('1 added')
    expect(readFileSync(join(dir, 'errors.csv'), 'utf8')).toContain('2,3,place,')
    expect((await hydrant(['resident', 'import', 'people.csv'])).out).toContain('0 added, 0 changed, 1 as they were')
    writeFileSync(join(dir, 'rooms.csv'), 'id,place,name,room\nr1,home-1,王桂英,305\n')
    expect((await hydrant(['resident', 'import', 'rooms.csv'])).out).toContain('1 changed')
    expect(await residents.find('r1')).toMatchObject({ room: '305', health: ['oxygen'] })
    const list = await hydrant(['resident', 'list'])
    expect(list.out).toContain('王桂英')
    expect(list.out).not.toMatch(/oxygen|吸氧/)
    expect((await hydrant(['resident', 'remove', 'r1'])).code).toBe(0)
    expect(await residents.find('r1')).toBeUndefined()
    await residents.close()
    const accounts = openAccounts(stateFile(data))
    const { items } = await accounts.auditEntries({ action: 'resident', limit: 10 })
    expect(items.map((entry) => entry.action)).toEqual([
      'resident.remove',
      'resident.list',
      'resident.import',
      'resident.import',
      'resident.import',
    ])
    await accounts.close()
  })
})

describe('doctor', () => {
  test('a healthy machine on which Hydrant has not run is in order', async () => {
    const seen = await hydrant(['doctor', '--json'])
    expect(JSON.parse(seen.out)).toMatchObject({ ok: true })
    expect(seen.code).toBe(0)
    expect(existsSync(data)).toBe(false)
  })

  test('a foreign program on the port and a damaged database are named with what to do', async () => {
    await hydrant(['device', 'add', 'd1', '--kind', 'valve'])
    writeFileSync(join(data, 'history.db'), 'this is not a database, however one looks at it')
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = String(typeof address === 'object' ? address?.port : address)
    const seen = await hydrant(['doctor'], { HYDRANT_MQTT_PORT: port })
    server.close()
    expect(seen.code).toBe(1)
    expect(seen.out).toMatch(/✗ MQTT port: .*in use/)
    expect(seen.out).toContain('HYDRANT_MQTT_PORT')
    expect(seen.out).toMatch(/✗ history.db: is damaged: file is not a database/)
    expect(seen.out).toMatch(/✓ registry: 1 devices/)
  })
})

test('variables that cannot be used are all named at once', async () => {
  const wrong = await hydrant(['device', 'list'], { HYDRANT_HTTP_PORT: '99999', HYDRANT_MQTT_PORT: 'mqtt' })
  expect(wrong).toMatchObject({ code: 2, out: '' })
  expect(wrong.err.trim().split('\n')).toHaveLength(2)
})

test('a data folder that cannot be made and a mistyped variable are told with what to do', async () => {
  writeFileSync(data, 'a file where the folder should be')
  const added = await hydrant(['device', 'add', 'd1', '--kind', 'valve'])
  expect(added).toMatchObject({ code: 2, out: '' })
  expect(added.err).toContain('Name another one with HYDRANT_DATA_DIR')
  const seen = await hydrant(['doctor'], { HYDRANT_MQTT_PROT: '1884' })
  expect(seen.code).toBe(1)
  expect(seen.out).toContain('Did you mean HYDRANT_MQTT_PORT?')
})

test('a container is told plainly that nobody is at work', async () => {
  expect(await hydrant(['healthy'])).toMatchObject({
    code: 1,
    err: 'Not healthy: no answer from broker, ingest, dashboard. doctor says more.\n',
  })
})
