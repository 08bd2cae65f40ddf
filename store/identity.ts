import { createHash, randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'

/**
 * Secrets of devices, tokens, sessions and links are 256 random bits: their SHA-256 can be stored, because nobody can try
 * them all. Passwords are chosen by people, so trying them must be slow: scrypt.
 */
const SECRET_BYTES = 32
const SALT_BYTES = 16

export type RandomBytes = (size: number) => Uint8Array

/** 43 characters of `A-Z a-z 0-9 - _`. */
export const makeSecret = (random: RandomBytes = randomBytes): string =>
  Buffer.from(random(SECRET_BYTES)).toString('base64url')

export const hashSecret = (secret: string): Uint8Array =>
  new Uint8Array(createHash('sha256').update(secret, 'utf8').digest())

/** Takes the same time whether the first or the last byte differs. `hash` is what `hashSecret` gave. */
export function secretMatches(secret: string | Uint8Array, hash: Uint8Array): boolean {
  const given = createHash('sha256').update(secret).digest()
  return given.length === hash.length && timingSafeEqual(given, hash)
}

/**
 * OWASP password storage sheet, scrypt: N = 2^15, r = 8, p = 3. As slow to try as its N = 2^17 with p = 1, but in 32 MiB
 * instead of 128: a handful of people signing in at once must not press on a small server.
 */
const COST = 2 ** 15
const BLOCK_SIZE = 8
const PARALLEL = 3
const KEY_BYTES = 32

/** `scrypt$N$r$p$salt$key`, salt and key in base64url: the parameters lie with the hash, so that they can be raised later. */
export async function hashPassword(password: string, random: RandomBytes = randomBytes): Promise<string> {
  const salt = random(SALT_BYTES)
  const key = await derive(password, salt, COST, BLOCK_SIZE, PARALLEL)
  return ['scrypt', COST, BLOCK_SIZE, PARALLEL, base64url(salt), base64url(key)].join('$')
}

/** False also for an `encoded` that is not ours. */
export async function passwordMatches(password: string, encoded: string): Promise<boolean> {
  const [name, n, r, p, salt, key] = encoded.split('$')
  if (name !== 'scrypt' || salt === undefined || key === undefined) return false
  const expected = Buffer.from(key, 'base64url')
  if (expected.length !== KEY_BYTES || ![n, r, p].every((number) => /^[1-9][0-9]*$/.test(number ?? ''))) return false
  const given = await derive(password, Buffer.from(salt, 'base64url'), Number(n), Number(r), Number(p))
  return timingSafeEqual(given, expected)
}

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

/** The same password typed on two keyboards can be two byte strings: NFKC makes them one (RFC 8265 §4). */
function derive(password: string, salt: Uint8Array, N: number, r: number, p: number): Promise<Buffer> {
  const memory = 128 * N * r
  const options: ScryptOptions = { N, r, p, maxmem: 2 * memory }
  return new Promise((resolve, reject) =>
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    ),
  )
}
