import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Issued, issueServerCertificate, makeAuthority } from './authority.ts'
import { CertificateWatch } from './certificate-watch.ts'

const NOW = Date.UTC(2026, 5, 1)
const DAY_MS = 86_400_000

let authority: Issued
let first: Issued
let second: Issued
let dir: string
let said: string[]
let now: number

beforeAll(async () => {
  authority = await makeAuthority('test', NOW)
  first = await issueServerCertificate(authority, ['first.example'], NOW, 90)
  second = await issueServerCertificate(authority, ['second.example'], NOW, 200)
})
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hydrant-tls-'))
  said = []
  now = NOW
})
afterEach(() => rmSync(dir, { recursive: true }))

const log = (level: string) => (_facts: object, message: string) => {
  said.push(`${level}: ${message}`)
}
const files = () => ({ cert: join(dir, 'cert.pem'), key: join(dir, 'key.pem'), clientCa: undefined })
const write = ({ certPem, keyPem }: Issued, folder = dir): void => {
  writeFileSync(join(folder, 'cert.pem'), certPem)
  writeFileSync(join(folder, 'key.pem'), keyPem)
}
const open = (paths = files()): Promise<CertificateWatch> =>
  CertificateWatch.open({
    files: paths,
    log: { info: log('info'), warn: log('warn'), error: log('error') },
    now: () => now,
  })
const nameOf = (watch: CertificateWatch): string => watch.current.facts.names.join()

describe('a certificate that is exchanged on disk', () => {
  test('is taken once it has stayed the same for two looks, and who serves with it is told', async () => {
    write(first)
    const watch = await open()
    const served: string[] = []
    watch.onReload.push(() => served.push(nameOf(watch)))
    await watch.look()
    write(second)
    await watch.look()
    expect(nameOf(watch)).toBe('DNS:first.example')
    await watch.look()
    await watch.look()
    expect(served).toEqual(['DNS:second.example'])
    expect(said).toEqual(['info: a new certificate is in use'])
  })

  test('that a server cannot use is told, and ends nobody', async () => {
    write(first)
    const watch = await open()
    watch.onReload.push(() => {
      throw new Error('ee key too small')
    })
    write(second)
    await watch.look('now')
    await watch.look('now')
    expect(said.filter((line) => line.startsWith('error:'))).toEqual([
      'error: a server does not take the new certificate and goes on with the one before',
    ])
  })

  test('is taken at once when an operator says that it is complete (SIGHUP)', async () => {
    write(first)
    const watch = await open()
    write(second)
    await watch.look('now')
    expect(nameOf(watch)).toBe('DNS:second.example')
  })

  test('is seen through renames and through symbolic links, as certbot and Kubernetes exchange it', async () => {
    for (const name of ['one', 'two']) mkdirSync(join(dir, name))
    write(first, join(dir, 'one'))
    write(second, join(dir, 'two'))
    symlinkSync('one', join(dir, 'live'))
    const paths = { cert: join(dir, 'live/cert.pem'), key: join(dir, 'live/key.pem'), clientCa: undefined }
    const watch = await open(paths)
    symlinkSync('two', join(dir, 'new'))
    renameSync(join(dir, 'new'), join(dir, 'live'))
    await watch.look()
    await watch.look()
    expect(nameOf(watch)).toBe('DNS:second.example')
  })

  test('while it is being written, nothing is said and the one before stays', async () => {
    write(first)
    const watch = await open()
    writeFileSync(files().cert, second.certPem.slice(0, 300))
    await watch.look()
    writeFileSync(files().cert, second.certPem)
    await watch.look()
    writeFileSync(files().key, second.keyPem)
    await watch.look()
    await watch.look()
    expect(nameOf(watch)).toBe('DNS:second.example')
    expect(said).toEqual(['info: a new certificate is in use'])
  })

  test('left half-written, without its key or gone altogether it is refused, loudly and once', async () => {
    const faults: [() => void, RegExp][] = [
      [() => writeFileSync(files().cert, second.certPem.slice(0, 300)), /cert\.pem holds no whole certificate/],
      [() => writeFileSync(files().cert, second.certPem), /does not belong to the certificate/],
      [() => writeFileSync(files().cert, `${second.certPem}-----BEGIN CERTIFICATE-----\nMIIB`), /no whole certificate/],
      [() => writeFileSync(files().key, 'not a key'), /key\.pem holds no whole private key/],
      [() => rmSync(files().key), /key\.pem cannot be read/],
    ]
    for (const [spoil, fault] of faults) {
      said = []
      write(first)
      const watch = await open()
      spoil()
      for (let i = 0; i < 4; i += 1) await watch.look()
      expect(said).toEqual([expect.stringMatching(fault)])
      expect(said[0]).toMatch(/^error: the new certificate is not taken, the one before stays in use/)
      expect(nameOf(watch)).toBe('DNS:first.example')
      expect(watch.reloadFailed).toBe(true)
      write(first)
      await watch.look()
      expect(watch.reloadFailed).toBe(false)
    }
  })
})

describe('the end of a certificate', () => {
  test('is announced 30 days ahead, every day, and louder when it has come', async () => {
    write(first)
    const watch = await open()
    now = NOW + 59 * DAY_MS
    await watch.look()
    expect(said).toEqual([])
    now = NOW + 61 * DAY_MS
    for (let i = 0; i < 5; i += 1) await watch.look()
    expect(said).toEqual([expect.stringMatching(/^warn: the TLS certificate runs out in 29 days, on 2026-08-30\./)])
    now += DAY_MS
    await watch.look()
    expect(said).toHaveLength(2)
    expect(watch.secondsLeft).toBe((28 * DAY_MS) / 1000)
    now = NOW + 91 * DAY_MS
    await watch.look()
    expect(said.at(-1)).toMatch(/^error: the TLS certificate ran out on 2026-08-30: devices and browsers turn away\./)
    expect(watch.secondsLeft).toBeLessThan(0)
  })

  test('is that of the first one in the chain to run out', async () => {
    const short = await makeAuthority('short', NOW - 19.9 * 365 * DAY_MS)
    write({ certPem: second.certPem + short.certPem, keyPem: second.keyPem })
    expect((await open()).secondsLeft).toBeLessThan((40 * DAY_MS) / 1000)
  })
})

test('a certificate that cannot be used from the start is refused in a sentence', async () => {
  await expect(open()).rejects.toThrow(/cert\.pem cannot be read/)
  write({ certPem: first.certPem, keyPem: second.keyPem })
  await expect(open()).rejects.toThrow(/does not belong to the certificate/)
})
