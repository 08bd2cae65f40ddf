import { describe, expect, test } from 'vitest'
import { hashPassword, hashSecret, makeSecret, passwordMatches, secretMatches } from './identity.ts'

describe('secrets', () => {
  test('a secret is 256 random bits that fit into a password field and a URL', () => {
    expect(makeSecret()).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(makeSecret()).not.toBe(makeSecret())
    expect(makeSecret((size) => new Uint8Array(size).fill(0xff))).toBe(`${'_'.repeat(42)}8`)
  })

  test('only the hash of a secret is stored, and only the secret matches it', () => {
    const hash = hashSecret('open sesame')
    expect(Buffer.from(hash).toString('hex')).toBe('41ef4bb0b23661e66301aac36066912dac037827b4ae63a7b1165a5aa93ed4eb')
    expect(secretMatches('open sesame', hash)).toBe(true)
    expect(secretMatches(Buffer.from('open sesame'), hash)).toBe(true)
    expect(secretMatches('open sesam', hash)).toBe(false)
    expect(secretMatches('', hash)).toBe(false)
    expect(secretMatches('open sesame', new Uint8Array())).toBe(false)
  })
})

describe('passwords', () => {
  test('a password is known again, whichever keyboard wrote its accents', async () => {
    const stored = await hashPassword('caf\u00e9 水压 42')
    expect(stored).toMatch(/^scrypt\$32768\$8\$3\$/)
    expect(await hashPassword('caf\u00e9 水压 42')).not.toBe(stored)
    expect(await passwordMatches('cafe\u0301 水压 42', stored)).toBe(true)
    expect(await passwordMatches('cafe 水压 42', stored)).toBe(false)
  })

  test('what is no stored password matches nothing', async () => {
    for (const damaged of [
      '',
      'plain',
      'scrypt$1$1$1$$',
      'bcrypt$2$8$1$AAAA$AAAA',
      `scrypt$x$8$1$AAAA$${'A'.repeat(43)}`,
    ])
      expect(await passwordMatches('', damaged)).toBe(false)
  })
})
