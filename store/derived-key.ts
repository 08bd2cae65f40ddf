import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'

/**
 * Keys that a factory can write into its devices without a list of secrets: HMAC-SHA256 of `deviceId|generation` under one
 * master key. `|` occurs in no device id, so no two devices share a text. Who has the master has every key: the file is
 * for its owner only.
 */

/** RFC 2104 §3: a shorter key than the hash's output weakens it. */
const LEAST_MASTER_BYTES = 32
const GROUP_AND_OTHERS = 0o077
const KEY_BYTES = 32

/** Made once for each master: a key object costs four times as much as what is done with it, at every CONNECT. */
const keys = new WeakMap<Uint8Array, KeyObject>()

export function deriveKey(master: Uint8Array, deviceId: string, generation: number): Buffer {
  const key = keys.get(master) ?? createSecretKey(master)
  keys.set(master, key)
  return createHmac('sha256', key).update(`${deviceId}|${generation}`).digest()
}

/**
 * As a device sends it: 64 hexadecimal characters. Base64url is understood as well, but may start with `-`, which command
 * lines and spreadsheets take for something else.
 */
export const writeKey = (key: Uint8Array): string => Buffer.from(key).toString('hex')

/** Whether a password is that key, in base64url or in hexadecimal. Takes the same time wherever a byte differs. */
export function keyMatches(password: Uint8Array, key: Uint8Array): boolean {
  const text = Buffer.from(password).toString('latin1')
  const given = Buffer.from(text, text.length === 2 * KEY_BYTES ? 'hex' : 'base64url')
  return given.length === key.length && timingSafeEqual(given, key)
}

/** The master key cannot be used: a sentence that says what to do. Never holds a byte of it. */
export class BadMasterKey extends Error {
  override name = 'BadMasterKey'
}

/**
 * The master key in `file`. A file of text (`openssl rand -hex 32`) counts without the line end that an editor added: the
 * factory's programs would otherwise derive other keys.
 * @throws BadMasterKey
 */
export function readMasterKey(file: string): Uint8Array {
  let bytes: Buffer
  let mode: number
  try {
    mode = statSync(file).mode
    bytes = readFileSync(file)
  } catch (error) {
    throw new BadMasterKey(`The master key ${file} cannot be read: ${(error as Error).message}.`)
  }
  if ((mode & GROUP_AND_OTHERS) !== 0)
    throw new BadMasterKey(
      `Others may read the master key ${file}, and with it become any device. Run: chmod 600 ${file}`,
    )
  const isText = bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d)
  const master = isText ? Buffer.from(bytes.toString('latin1').trimEnd(), 'latin1') : bytes
  if (master.length < LEAST_MASTER_BYTES)
    throw new BadMasterKey(
      `The master key ${file} has ${master.length} bytes, fewer than ${LEAST_MASTER_BYTES}. Make one: npm run hydrant -- device master-key FILE`,
    )
  return new Uint8Array(master)
}
