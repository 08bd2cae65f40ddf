import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deriveKey, keyMatches, readMasterKey, writeKey } from './derived-key.ts'

const MASTER = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex')

describe('a key that a factory derives', () => {
  test('is what any HMAC-SHA256 makes of id, bar and generation', () => {
    // printf 'meter-1|1' | openssl dgst -sha256 -mac HMAC -macopt hexkey:000102…1f
    expect(deriveKey(MASTER, 'meter-1', 1).toString('hex')).toBe(
      'c8df7b18ccad6a3cfc831996d317e6a79d84042551a8b3e636f54e0ed2403c09',
    )
    expect(writeKey(deriveKey(MASTER, 'meter-1', 1))).toMatch(/^[0-9a-f]{64}$/)
  })

  test('is another one for every device and every generation', () => {
    const keys = [deriveKey(MASTER, 'm1', 1), deriveKey(MASTER, 'm1', 11), deriveKey(MASTER, 'm', 11)]
    expect(new Set(keys.map(writeKey)).size).toBe(3)
  })

  test('opens the door in hexadecimal and in base64url, and nothing else does', () => {
    const key = deriveKey(MASTER, 'meter-1', 1)
    for (const written of [writeKey(key), key.toString('base64url'), writeKey(key).toUpperCase()])
      expect(keyMatches(Buffer.from(written), key)).toBe(true)
    for (const wrong of [
      '',
      'x',
      writeKey(MASTER),
      key.toString('hex').slice(2),
      `${writeKey(key)}AA`,
      key.toString('latin1'),
    ])
      expect(keyMatches(Buffer.from(wrong, 'latin1'), key)).toBe(false)
  })
})

describe('the master key', () => {
  let dir: string
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'hydrant-master-'))
  })
  afterAll(() => rmSync(dir, { recursive: true }))
  const file = (content: string | Uint8Array, mode = 0o600): string => {
    const path = join(dir, 'master')
    writeFileSync(path, content)
    chmodSync(path, mode)
    return path
  }

  test('is the bytes of its file; text counts without the line end', () => {
    expect(readMasterKey(file(MASTER))).toEqual(new Uint8Array(MASTER))
    const text = MASTER.toString('hex')
    expect(Buffer.from(readMasterKey(file(`${text}\n`))).toString()).toBe(text)
  })

  test('is refused where others can read it, where it is short and where it is missing', () => {
    expect(() => readMasterKey(file(MASTER, 0o640))).toThrow(/chmod 600/)
    expect(() => readMasterKey(file('too short\n'))).toThrow(/has 9 bytes, fewer than 32/)
    expect(() => readMasterKey(join(dir, 'absent'))).toThrow(/cannot be read/)
  })
})
