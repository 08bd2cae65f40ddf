import { describe, expect, test } from 'vitest'
import { deriveKey, writeKey } from '../../store/derived-key.ts'
import { hashSecret } from '../../store/identity.ts'
import type { RegisteredDevice } from '../../store/state/registry-port.ts'
import { type Identified, identify, type Shown } from './identify.ts'

const MASTER = Buffer.alloc(32, 7)

const device = (more: Partial<RegisteredDevice>): RegisteredDevice => ({
  id: 'm1',
  kind: 'water-meter',
  name: 'm1',
  model: null,
  placeId: null,
  gatewayId: null,
  lon: null,
  lat: null,
  disabled: false,
  identity: 'secret',
  generation: 1,
  gbAddress: null,
  gbFrom: [],
  denied: false,
  rhythmS: null,
  secretHash: hashSecret('its secret'),
  revision: 1,
  ...more,
})
const derived = (more: Partial<RegisteredDevice> = {}) =>
  device({ identity: 'derived', secretHash: new Uint8Array(), ...more })

/** What comes of it, and how often the registry was asked. */
async function ask(
  registered: RegisteredDevice | undefined,
  shown: Partial<Shown>,
  masterKey: Uint8Array | null = MASTER,
): Promise<{ said: string; asked: string[] }> {
  const asked: string[] = []
  const registry = {
    find: async (id: string) => {
      asked.push(`find ${id}`)
      return registered?.id === id ? registered : undefined
    },
    children: async () => {
      asked.push('children')
      return []
    },
  }
  const all = { clientId: 'm1', userName: 'm1', password: undefined, certifiedAs: undefined, ...shown }
  const found: Identified = await identify({ registry, masterKey: masterKey ?? undefined }, all)
  return { said: 'refused' in found ? found.refused : `is ${found.standing.device.id}`, asked }
}
const password = (text: string) => ({ password: Buffer.from(text) })
const key = (generation: number) => password(writeKey(deriveKey(MASTER, 'm1', generation)))

describe('a device with a secret', () => {
  test('is known by it and by nothing else', async () => {
    expect((await ask(device({}), password('its secret'))).said).toBe('is m1')
    expect((await ask(device({}), password('another'))).said).toBe('auth.unknown-or-wrong')
    expect((await ask(device({}), key(1))).said).toBe('auth.unknown-or-wrong')
  })
})

describe('a device with a derived key', () => {
  test('is known by the key of its generation; one generation on, the old key is worth nothing', async () => {
    expect((await ask(derived(), key(1))).said).toBe('is m1')
    expect((await ask(derived({ generation: 2 }), key(1))).said).toBe('auth.unknown-or-wrong')
    expect((await ask(derived({ generation: 2 }), key(2))).said).toBe('is m1')
  })

  test('is not let in by an empty password, by the key of another device, or where there is no master', async () => {
    expect((await ask(derived(), password(''))).said).toBe('auth.unknown-or-wrong')
    expect((await ask(derived(), password(writeKey(deriveKey(MASTER, 'm2', 1))))).said).toBe('auth.unknown-or-wrong')
    expect((await ask(derived(), key(1), null)).said).toBe('auth.unknown-or-wrong')
  })

  test('does not register itself: a valid key of a device that nobody knows is refused', async () => {
    expect((await ask(undefined, key(1))).said).toBe('auth.unknown-or-wrong')
  })
})

describe('a device with a certificate', () => {
  const certificate = device({ identity: 'certificate', secretHash: new Uint8Array() })

  test('needs no password and no user name', async () => {
    expect((await ask(certificate, { certifiedAs: ['m1'] })).said).toBe('is m1')
    expect((await ask(certificate, { certifiedAs: ['m1'], userName: undefined })).said).toBe('is m1')
  })

  test('is not let in by a password', async () => {
    for (const shown of [password(''), password('its secret'), key(1)])
      expect((await ask(certificate, shown)).said).toBe('auth.unknown-or-wrong')
  })

  test('cannot be another device, also where it knows that one’s secret', async () => {
    expect((await ask(device({}), { certifiedAs: ['m2'], ...password('its secret') })).said).toBe('auth.certificate')
    expect((await ask(device({}), { certifiedAs: [] })).said).toBe('auth.certificate')
    expect((await ask(certificate, { certifiedAs: ['m1'], userName: 'm2' })).said).toBe('auth.identity-mismatch')
  })

  test('moves in one by one: a certificate is good for a device that still has a secret', async () => {
    expect((await ask(device({}), { certifiedAs: ['m1'] })).said).toBe('is m1')
  })

  test('must be registered, enabled and not denied like any other', async () => {
    expect((await ask(undefined, { certifiedAs: ['m1'] })).said).toBe('auth.unknown-or-wrong')
    expect((await ask(device({ disabled: true }), { certifiedAs: ['m1'] })).said).toBe('auth.unknown-or-wrong')
    expect((await ask(device({ denied: true }), { certifiedAs: ['m1'] })).said).toBe('auth.denied')
  })
})

test('unknown, wrong, disabled and denied ask the registry the same question, once', async () => {
  const refused = [
    await ask(undefined, password('any')),
    await ask(device({}), password('wrong')),
    await ask(device({ disabled: true }), password('its secret')),
    await ask(device({ denied: true }), password('its secret')),
    await ask(derived({ denied: true }), key(1)),
    await ask(derived({ generation: 2 }), key(1)),
  ]
  for (const { said, asked } of refused) {
    expect(said).toMatch(/^auth\.(unknown-or-wrong|denied)$/)
    expect(asked).toEqual(['find m1'])
  }
})

test('a client id that is no device id is not looked up', async () => {
  expect(await ask(undefined, { clientId: 'a/b', userName: 'a/b' })).toEqual({
    said: 'auth.unknown-or-wrong',
    asked: [],
  })
})
