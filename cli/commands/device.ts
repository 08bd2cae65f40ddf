import type { Command } from 'commander'
import { KIND_NAMES, KINDS, type Kind } from '../../contract/kinds.ts'
import { hashSecret } from '../../store/identity.ts'
import { readDegrees, readText } from '../../store/import/fields.ts'
import {
  DuplicateDevice,
  DuplicateGbAddress,
  type RegisteredDevice,
  type Registry,
} from '../../store/state/registry-port.ts'
import { type Read, readGbAddress, readId, readIdentity, readKind, readNetworks, readRhythm } from '../device-fields.ts'
import { Mistake } from '../mistake.ts'
import { noSuchDevice } from '../no-such-device.ts'
import { undescribedPlace } from '../places.ts'
import { print, printFacts, printJson, printTable } from '../print.ts'
import { chosenSecret, freshSecret, NO_SECRET } from '../secret.ts'
import type { Session } from '../session.ts'
import { addDeviceIdentity, NEXT_STEP } from './device-identity.ts'
import { addDeviceImport } from './device-import.ts'
import { addDeviceLimits } from './limits.ts'
import type { Run } from './run.ts'

/** Devices read from the registry at once. */
const PAGE = 1000

interface AddOptions {
  readonly kind: string
  readonly name?: string
  readonly place?: string
  readonly gateway?: string
  readonly lon?: string
  readonly lat?: string
  readonly rhythm?: string
  readonly model?: string
  readonly secret?: string
  readonly identity?: string
  readonly gbAddress?: string
  readonly gbFrom?: string
}

async function addDevice(session: Session, idText: string, options: AddOptions): Promise<void> {
  const faults: string[] = []
  const take = <T>(read: Read<T>): T | null => {
    if (read.ok) return read.value
    faults.push(read.fault)
    return null
  }
  const optional = <T>(text: string | undefined, read: (text: string) => Read<T>): T | null =>
    text === undefined ? null : take(read(text))

  const id = take(readId(idText))
  const kind = take(readKind(options.kind))
  const name = optional(options.name, (text) => readText(text, 'the name'))
  const model = optional(options.model, (text) => readText(text, 'the model'))
  const placeId = optional(options.place, (text) => readText(text, 'the place'))
  const lon = optional(options.lon, (text) => readDegrees(text, 'lon'))
  const lat = optional(options.lat, (text) => readDegrees(text, 'lat'))
  const rhythmS = optional(options.rhythm, readRhythm)
  const identity = optional(options.identity, readIdentity) ?? 'secret'
  if (identity !== 'secret' && options.secret !== undefined)
    faults.push(`a device with the identity ${identity} has no secret of its own`)
  const gbAddress = optional(options.gbAddress, readGbAddress)
  const gbFrom = optional(options.gbFrom, readNetworks) ?? []
  if (options.gbAddress !== undefined && kind !== null && kind !== 'fire-panel')
    faults.push(`--gb-address belongs to a fire-panel, and this is a ${kind}`)
  if (options.gbFrom !== undefined && options.gbAddress === undefined) faults.push('--gb-from needs --gb-address')
  if ((options.lon === undefined) !== (options.lat === undefined)) faults.push('--lon and --lat belong together')
  if (id === null || kind === null || faults.length > 0)
    throw new Mistake(`The device was not added:\n${faults.map((fault) => `  ${fault}`).join('\n')}`)
  const chosen = options.secret === undefined ? freshSecret() : chosenSecret(options.secret)
  const secret = identity === 'secret' ? chosen : null
  const gatewayId = options.gateway ?? null
  if (gatewayId !== null) await mustBeGateway(session.registry, gatewayId)

  const device = { id, kind, name: name ?? id, model, placeId, gatewayId, lon, lat, rhythmS }
  try {
    await session.registry.put(
      [{ ...device, identity, secretHash: secret === null ? NO_SECRET : hashSecret(secret), gbAddress, gbFrom }],
      { replace: false },
    )
  } catch (error) {
    if (error instanceof DuplicateGbAddress) throw new Mistake(`The device was not added: ${error.message}.`)
    if (!(error instanceof DuplicateDevice)) throw error
    throw new Mistake(
      `There is already a device ${id}. See it with \`device list\`, give it a new secret with \`device secret ${id}\`, or remove it first.`,
    )
  }
  const newPlace = placeId === null ? false : await describePlace(session.registry, placeId, kind)
  await session.audit('device.add', id, kind)

  print(`Added ${id}.`)
  printFacts({
    kind: `${kind} (${KINDS[kind].en}, ${KINDS[kind].zh})`,
    name: device.name,
    model,
    place: placeId,
    gateway: gatewayId,
    position: lon === null || lat === null ? null : `${lon}, ${lat}`,
    rhythm: `heard at least every ${rhythmS ?? KINDS[kind].rhythmS} s`,
    'GB/T 26875.3':
      gbAddress === null
        ? null
        : `address ${gbAddress}, from ${gbFrom.length === 0 ? 'anywhere: name its network with --gb-from' : gbFrom.join(', ')}`,
    MQTT: `${session.config.mqttHost}:${session.config.mqttPort}, client id and user name ${id}`,
  })
  if (newPlace) print(`The place "${placeId}" is new: say more about it with \`place add\`.`)
  if ((await session.registry.find(id))?.denied === true)
    print(`${id} is on the deny list: it may not connect until \`device allow ${id}\`.`)
  if (identity !== 'secret') print(NEXT_STEP[identity](id))
  if (secret === null) return
  print('Its secret, shown only now:')
  print(secret)
}

async function listDevices(session: Session, options: { readonly kind?: string; readonly json?: true }): Promise<void> {
  const kind = options.kind === undefined ? undefined : knownKind(options.kind)
  const devices: RegisteredDevice[] = []
  for (let after = ''; ; ) {
    const page = await session.registry.list(after, PAGE)
    const last = page.at(-1)
    if (last === undefined) break
    devices.push(...page.filter((device) => kind === undefined || device.kind === kind))
    after = last.id
  }
  const heard = new Map<string, number | null>()
  for (const device of devices) heard.set(device.id, (await session.views.sighting(device.id))?.lastHeardAt ?? null)
  if (options.json === true) {
    printJson(devices.map(({ secretHash: _, ...device }) => ({ ...device, lastHeardAt: heard.get(device.id) ?? null })))
    return
  }
  if (devices.length === 0) {
    print(
      kind === undefined
        ? 'No device is registered yet. Add one: npm run hydrant -- device add ID --kind KIND'
        : `No ${kind} is registered.`,
    )
    return
  }
  printTable(
    ['id', 'kind', 'name', 'place', 'gateway', 'last heard'],
    devices.map((device) => [
      device.id,
      device.kind,
      device.name,
      device.placeId ?? '',
      device.gatewayId ?? '',
      device.denied ? 'denied' : device.disabled ? 'disabled' : lastHeard(heard.get(device.id) ?? null),
    ]),
  )
  print(devices.length === 1 ? '1 device' : `${devices.length} devices`)
}

async function removeDevice(session: Session, id: string): Promise<void> {
  const children = await session.registry.children(id)
  if (!(await session.registry.remove(id))) throw noSuchDevice(id)
  await session.audit('device.remove', id)
  print(`Removed ${id}. Its history and alarms stay; adding it again continues them.`)
  if (children.length > 0)
    print(`${children.length} devices are still registered under this gateway and cannot be heard through it any more.`)
}

async function setDisabled(session: Session, id: string, disabled: boolean): Promise<void> {
  if (!(await session.registry.setDisabled(id, disabled))) throw noSuchDevice(id)
  await session.audit(disabled ? 'device.disable' : 'device.enable', id)
  print(disabled ? `Disabled ${id}: it may not connect until \`device enable ${id}\`.` : `Enabled ${id}.`)
}

function knownKind(text: string): Kind {
  const read = readKind(text)
  if (read.ok) return read.value
  throw new Mistake(`Nothing to list: ${read.fault}.`)
}

async function mustBeGateway(registry: Registry, id: string): Promise<void> {
  const gateway = await registry.find(id)
  if (gateway === undefined)
    throw new Mistake(`There is no gateway ${id}. Add it first: device add ${id} --kind gateway`)
  if (gateway.kind !== 'gateway')
    throw new Mistake(`${id} is a ${gateway.kind}, not a gateway: it cannot speak for other devices.`)
}

/** @returns whether the place had to be made */
async function describePlace(registry: Registry, id: string, kind: Kind): Promise<boolean> {
  if ((await registry.places()).some((place) => place.id === id)) return false
  await registry.putPlaces([undescribedPlace(id, kind)])
  return true
}

const lastHeard = (at: number | null): string =>
  at === null ? 'never' : new Date(at).toISOString().replace('T', ' ').replace(/\..*/, ' UTC')

export function addDeviceCommands(parent: Command, run: Run): void {
  const device = parent.command('device').description('register, list and remove devices')
  device
    .command('add')
    .argument('<id>', '1 to 64 of A-Z a-z 0-9 . _ -; client id and MQTT user name of the device')
    .requiredOption('--kind <kind>', `what it is: ${KIND_NAMES.join(', ')}`)
    .option('--name <text>', 'how people call it')
    .option('--place <place>', 'where it is (the id of a place)')
    .option('--gateway <id>', 'the gateway that speaks for it')
    .option('--lon <degrees>', 'longitude, WGS-84')
    .option('--lat <degrees>', 'latitude, WGS-84')
    .option('--rhythm <seconds>', "how often it is heard at least (default: the kind's)")
    .option('--model <text>', 'make and model')
    .option('--secret <secret>', 'a secret that the device already has (default: a new random one)')
    .option('--identity <identity>', 'secret (default), derived (from the master key) or certificate')
    .option('--gb-address <n>', "a fire panel's source address in GB/T 26875.3 frames")
    .option('--gb-from <networks>', 'where its frames come from: addresses or networks, separated by commas')
    .description('register a device; prints its secret alone on the last line')
    .action(run(addDevice))
  device
    .command('list')
    .option('--kind <kind>', 'only this kind')
    .option('--json', 'as JSON')
    .description('every registered device')
    .action(run(listDevices))
  device.command('remove').argument('<id>').description('history and alarms stay').action(run(removeDevice))
  device
    .command('disable')
    .argument('<id>')
    .description('refuse its connections for a while')
    .action(run((session, id: string) => setDisabled(session, id, true)))
  device
    .command('enable')
    .argument('<id>')
    .description('accept its connections again')
    .action(run((session, id: string) => setDisabled(session, id, false)))
  addDeviceIdentity(device, run)
  addDeviceLimits(device, run)
  addDeviceImport(device, run)
}
