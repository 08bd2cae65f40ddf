import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { BadMasterKey, deriveKey, readMasterKey, writeKey } from '../../store/derived-key.ts'
import { hashSecret } from '../../store/identity.ts'
import type { Identity, RegisteredDevice } from '../../store/state/registry-port.ts'
import { userPath } from '../config.ts'
import { readId, readIdentity } from '../device-fields.ts'
import { Mistake } from '../mistake.ts'
import { noSuchDevice } from '../no-such-device.ts'
import { print } from '../print.ts'
import { freshSecret, NO_SECRET } from '../secret.ts'
import type { Session } from '../session.ts'
import type { Run } from './run.ts'

const MASTER_BYTES = 32
/** What a person does after a device was given this identity. */
export const NEXT_STEP: Readonly<Record<Exclude<Identity, 'secret'>, (id: string) => string>> = {
  derived: (id) => `Its key is derived from the master: device key ${id}`,
  certificate: (id) => `It shows a certificate: tls device ${id}`,
}

async function setIdentity(session: Session, id: string, identityText: string): Promise<void> {
  const identity = readIdentity(identityText)
  if (!identity.ok) throw new Mistake(`Nothing was changed: ${identity.fault}.`)
  const device = await session.registry.find(id)
  if (device === undefined) throw noSuchDevice(id)
  if (identity.value === 'secret') return renewSecret(session, id)
  const changed = { ...device, identity: identity.value, secretHash: NO_SECRET }
  await session.registry.put([changed], { replace: true })
  await session.audit('device.identity', id, identity.value)
  print(`What ${id} showed until now is no longer valid. ${NEXT_STEP[identity.value](id)}`)
}

async function renewSecret(session: Session, id: string): Promise<void> {
  const device = await session.registry.find(id)
  if (device === undefined) throw noSuchDevice(id)
  const secret = freshSecret()
  const changed = { ...device, identity: 'secret' as const, secretHash: hashSecret(secret) }
  await session.registry.put([changed], { replace: true })
  await session.audit('device.secret', id)
  print(`What ${id} showed until now is no longer valid. Its new secret, shown only now:`)
  print(secret)
}

async function printKeys(session: Session, ids: readonly string[]): Promise<void> {
  const master = masterKey(session)
  const devices: RegisteredDevice[] = []
  for (const id of ids) devices.push(await mustBeDerived(session, id))
  for (const { id, generation } of devices) await session.audit('device.key', id, `generation ${generation}`)
  for (const { id, generation } of devices) {
    const key = writeKey(deriveKey(master, id, generation))
    print(ids.length === 1 ? key : `${id},${key}`)
  }
}

async function rotate(session: Session, id: string): Promise<void> {
  await mustBeDerived(session, id)
  const generation = await session.registry.nextGeneration(id)
  await session.audit('device.rotate', id, `generation ${generation}`)
  print(`The old key of ${id} is no longer valid. The one of generation ${generation}: device key ${id}`)
}

async function deny(session: Session, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const read = readId(id)
    if (!read.ok) throw new Mistake(`Nothing was denied: ${read.fault}.`)
  }
  await session.registry.deny(ids, Date.now())
  for (const id of ids) await session.audit('device.deny', id)
  print(
    `Denied ${ids.join(', ')}: cut within a second where connected, and unknown until \`device allow\`, whatever is shown.`,
  )
}

async function allow(session: Session, ids: readonly string[]): Promise<void> {
  const allowed = await session.registry.allow(ids)
  for (const id of allowed) await session.audit('device.allow', id)
  const other = ids.filter((id) => !allowed.includes(id))
  if (allowed.length > 0) print(`Allowed ${allowed.join(', ')} again.`)
  if (other.length > 0) throw new Mistake(`Not on the deny list: ${other.join(', ')}. \`device denied\` shows it.`)
}

async function listDenied(session: Session): Promise<void> {
  const denied = await session.registry.denied()
  for (const { id, at } of denied) print(`${id}  since ${new Date(at).toISOString()}`)
  if (denied.length === 0) print('Nobody is denied.')
}

async function makeMasterKey(session: Session, file: string): Promise<void> {
  const path = userPath(file, session.env)
  try {
    writeFileSync(path, `${randomBytes(MASTER_BYTES).toString('hex')}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST'
    throw new Mistake(
      exists
        ? `${path} is there already. Every device whose key is derived from it would lose its own: name another file.`
        : `${path} cannot be written: ${(error as Error).message}.`,
    )
  }
  await session.audit('device.master-key', path)
  print(`A master key is in ${path}, readable by you only. Keep a copy where nobody finds it: it cannot be made again.`)
  print(`  export HYDRANT_MASTER_KEY_FILE=${path}`)
}

/** The master of this Hydrant. Never printed. */
function masterKey(session: Session): Uint8Array {
  const { masterKeyFile } = session.config
  if (masterKeyFile === undefined)
    throw new Mistake('There is no master key: set HYDRANT_MASTER_KEY_FILE. `device master-key FILE` makes one.')
  try {
    return readMasterKey(masterKeyFile)
  } catch (error) {
    throw error instanceof BadMasterKey ? new Mistake(error.message) : error
  }
}

async function mustBeDerived(session: Session, id: string): Promise<RegisteredDevice> {
  const device = await session.registry.find(id)
  if (device === undefined) throw noSuchDevice(id)
  if (device.identity !== 'derived')
    throw new Mistake(
      `${id} has no derived key but its own ${device.identity}. To change that: device identity ${id} derived`,
    )
  return device
}

export function addDeviceIdentity(device: Command, run: Run): void {
  device
    .command('secret')
    .argument('<id>')
    .description('give it a new secret; printed alone on the last line')
    .action(run(renewSecret))
  device
    .command('identity')
    .argument('<id>')
    .argument('<identity>', 'secret, derived or certificate')
    .description('what it shows at the door: a secret of its own, a key derived from the master, only a certificate')
    .action(run(setIdentity))
  device
    .command('key')
    .argument('<id...>')
    .description('print the derived key of a device, or of several as id,key')
    .action(run(printKeys))
  device
    .command('rotate')
    .argument('<id>')
    .description('make its derived key worthless and the next generation valid')
    .action(run(rotate))
  device
    .command('deny')
    .argument('<id...>', 'registered or not')
    .description('put on the deny list: a stolen key or certificate opens nothing any more')
    .action(run(deny))
  device.command('allow').argument('<id...>').description('take off the deny list').action(run(allow))
  device.command('denied').description('show the deny list').action(run(listDenied))
  device
    .command('master-key')
    .argument('<file>')
    .description('make a master for derived keys (HYDRANT_MASTER_KEY_FILE)')
    .action(run(makeMasterKey))
}
