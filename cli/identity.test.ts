import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { deriveKey, readMasterKey, writeKey } from '../store/derived-key.ts'
import { stateFile } from '../store/files.ts'
import { hydrant as typeHydrant } from './hydrant-under-test.ts'

let dir: string
let data: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hydrant-identity-'))
  data = join(dir, 'data')
})
afterEach(() => rmSync(dir, { recursive: true }))

const hydrant = (line: string, env: Record<string, string> = {}) =>
  typeHydrant(line.split(' '), { cwd: dir, env: { HYDRANT_DATA_DIR: data, ...env } })
function audited(): readonly string[] {
  const db = new DatabaseSync(stateFile(data), { readOnly: true })
  const rows = db.prepare("SELECT action || ' ' || target AS line FROM audit ORDER BY id").all()
  db.close()
  return rows.map((row) => String(row.line))
}

describe('hydrant tls', () => {
  test('makes an authority and a certificate for this machine, with keys for its owner only, and never over others', async () => {
    const made = await hydrant('tls init --host Hydrant.example.cn --host 10.0.0.4')
    expect(made.code, made.err).toBe(0)
    const file = (name: string): string => join(data, 'tls', name)
    const certificate = new X509Certificate(readFileSync(file('server.pem')))
    const authority = new X509Certificate(readFileSync(file('ca.pem')))
    for (const host of ['localhost', 'hydrant.example.cn']) expect(certificate.checkHost(host)).toBe(host)
    for (const address of ['127.0.0.1', '::1', '10.0.0.4']) expect(certificate.checkIP(address)).toBe(address)
    expect(certificate.verify(authority.publicKey) && certificate.checkIssued(authority)).toBe(true)
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1')
    expect(certificate.ca).toBe(false)
    for (const key of ['ca.key', 'server.key']) expect(statSync(file(key)).mode & 0o777).toBe(0o600)
    expect(made.out).toContain(`export HYDRANT_TLS_CERT=${file('server.pem')}\n`)
    expect(made.out).toContain(`mosquitto_pub --cafile ${file('ca.pem')}`)

    const again = await hydrant('tls init')
    expect(again.code).toBe(2)
    expect(again.err).toMatch(/ca\.pem is there already\..*tls renew.*--force/)
    expect(new X509Certificate(readFileSync(file('ca.pem'))).fingerprint256).toBe(authority.fingerprint256)

    expect((await hydrant('tls renew --host water.example.cn')).code).toBe(0)
    const renewed = new X509Certificate(readFileSync(file('server.pem')))
    expect(renewed.checkIssued(authority)).toBe(true)
    for (const host of ['hydrant.example.cn', 'water.example.cn']) expect(renewed.checkHost(host)).toBe(host)

    const shown = await hydrant('tls show')
    expect(shown.out).toContain(renewed.fingerprint256)
    expect(shown.out).toMatch(/valid until .*\(396 days left\)/)
    expect(audited()).toEqual([`tls.init ${join(data, 'tls')}`, `tls.renew ${join(data, 'tls')}`])
  })

  test('says what it cannot do in a sentence', async () => {
    const mistakes = [
      'tls init --host a_b/c',
      'tls init --days soon',
      'tls device meter-1',
      'tls device a/b',
      'tls show nothing.pem',
    ]
    const said = await Promise.all(mistakes.map((line) => hydrant(line)))
    expect(said.map(({ code, err }) => [code, err.trim().split('\n').length])).toEqual(mistakes.map(() => [2, 1]))
  })
})

describe('derived keys at the command line', () => {
  test('a factory’s key is what the master makes of it; a rotation gives another; the master is never shown', async () => {
    const master = join(dir, 'master.key')
    const env = { HYDRANT_MASTER_KEY_FILE: master }
    const said = [await hydrant(`device master-key ${master}`)]
    expect(statSync(master).mode & 0o777).toBe(0o600)
    expect((await hydrant(`device master-key ${master}`)).err).toMatch(/is there already/)
    said.push(await hydrant('device add m1 --kind water-meter --identity derived'))
    const key = (generation: number): string => writeKey(deriveKey(readMasterKey(master), 'm1', generation))
    said.push(await hydrant('device key m1', env))
    expect(said.at(-1)?.out).toBe(`${key(1)}\n`)
    said.push(await hydrant('device rotate m1', env))
    said.push(await hydrant('device key m1', env))
    expect(said.at(-1)?.out).toBe(`${key(2)}\n`)
    expect(said.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0])
    for (const { out, err } of said) expect(out + err).not.toContain(readFileSync(master, 'utf8').trim())
    expect(audited()).toEqual([
      `device.master-key ${master}`,
      'device.add m1',
      'device.key m1',
      'device.rotate m1',
      'device.key m1',
    ])
    expect((await hydrant('device key m1')).err).toMatch(/There is no master key: set HYDRANT_MASTER_KEY_FILE/)
  })

  test('a device that has a secret has no derived key until somebody says so', async () => {
    await hydrant('device add m1 --kind water-meter')
    expect((await hydrant('device rotate m1')).err).toMatch(/m1 has no derived key.*device identity m1 derived/)
    expect((await hydrant('device identity m1 derived')).code).toBe(0)
    expect((await hydrant('device rotate m1')).code).toBe(0)
    expect((await hydrant('device identity m1 secret')).out).toMatch(/Its new secret, shown only now:\n\S{43}\n$/)
  })
})

test('the deny list holds ids that are registered and ids that are not, until they are allowed again', async () => {
  await hydrant('device add m1 --kind water-meter')
  expect((await hydrant('device deny m1 stolen-7')).code).toBe(0)
  expect((await hydrant('device denied')).out).toMatch(/^m1 {2}since .*\nstolen-7 {2}since /)
  expect((await hydrant('device list')).out).toMatch(/m1.*denied/)
  expect((await hydrant('device add stolen-7 --kind water-meter')).out).toMatch(/stolen-7 is on the deny list/)
  expect((await hydrant('device allow m1 m2')).err).toMatch(/Not on the deny list: m2/)
  expect((await hydrant('device deny a/b')).code).toBe(2)
  expect((await hydrant('device denied')).out).toMatch(/^stolen-7 {2}since/)
})
