import type { Command } from 'commander'
import { type DetectionLimits, detectionLimitsSchema, LIMITS, type LimitName } from '../../contract/detection-limits.ts'
import { boundsOf, isLimited, type LimitedQuantity, limitNamesOf, MEASURED_BY } from '../../contract/plants.ts'
import type { RegisteredDevice } from '../../store/state/registry-port.ts'
import { Mistake } from '../mistake.ts'
import { noSuchDevice } from '../no-such-device.ts'
import { print } from '../print.ts'
import type { Session } from '../session.ts'
import type { Run } from './run.ts'

interface Options {
  readonly role?: string
  readonly into?: string
  readonly low?: string
  readonly high?: string
  readonly of?: string
  readonly area?: string
}

/** What an instrument is to its plant: a bulk meter's side, and the limits its value must stay within. */
async function setInstrument(session: Session, id: string, options: Options): Promise<void> {
  const device = await session.registry.find(id)
  if (device === undefined) throw noSuchDevice(id)
  const plant = (await session.registry.pathOfPlace(device.placeId ?? '')).findLast(({ kind }) => kind === 'plant')
  if (plant === undefined)
    throw new Mistake(`${id} is not in a plant: \`device add ${id} --place PLANT\` says where it is.`)
  const limits = limitsFrom(device, options)
  const side = sideOf(device, options)
  const isLimiting = Object.keys(limits.changed).length > 0 || limits.removed.length > 0
  if (side === undefined && !isLimiting) return print(described(device))
  if (isLimiting) await setLimits(session, device, limits)
  if (side !== undefined) {
    const [into, outOf] = side === 'inflow' ? [plant.id, null] : [options.into ?? null, plant.id]
    if (into !== null && (await session.registry.pathOfPlace(into)).length === 0)
      throw new Mistake(`There is no place ${into}.`)
    await session.topology.putFlow({ deviceId: id, into, outOf, from: 0 })
    await session.audit('plant.instrument', id, side)
  }
  const after = await session.registry.find(id)
  print(side === undefined ? described(after ?? device) : `${id} measures the ${side} of ${plant.name}.`)
}

function sideOf(device: RegisteredDevice, { role, into }: Options): 'inflow' | 'outflow' | undefined {
  if (role === undefined) {
    if (into !== undefined) throw new Mistake('--into says where an outflow goes: add --role outflow.')
    return undefined
  }
  if (device.kind !== 'bulk-meter')
    throw new Mistake(`Only a bulk meter has a side; ${device.id} is a ${device.kind} and measures what its kind says.`)
  if (role !== 'inflow' && role !== 'outflow') throw new Mistake(`"${role}" is no side: write inflow or outflow.`)
  return role
}

interface LimitChanges {
  readonly changed: DetectionLimits
  readonly removed: readonly LimitName[]
}

function limitsFrom(device: RegisteredDevice, options: Options): LimitChanges {
  const changed: Partial<Record<LimitName, number>> = {}
  const removed: LimitName[] = []
  const set = (name: LimitName | null, text: string | undefined, what: string): void => {
    if (text === undefined) return
    if (name === null) throw new Mistake(`${device.id} has no ${what}.`)
    if (text.trim() === '') removed.push(name)
    else if (Number.isFinite(Number(text))) changed[name] = Number(text)
    else throw new Mistake(`"${text}" is no number.`)
  }
  const { low, high, area } = options
  if (low !== undefined || high !== undefined) {
    const names = limitNamesOf(quantityOf(device, options.of))
    set(names.low, low, 'lower limit')
    set(names.high, high, 'upper limit')
  }
  set(device.kind === 'level-sensor' ? 'plant.tankArea' : null, area, 'tank')
  return { changed, removed }
}

/** A quality sensor measures several things: `of` says which. */
function quantityOf(device: RegisteredDevice, of: string | undefined): LimitedQuantity {
  const measured = (MEASURED_BY[device.kind] ?? []).filter(isLimited)
  const [only, ...others] = measured
  if (only === undefined) throw new Mistake(`A ${device.kind} has no limits here.`)
  if (of === undefined && others.length === 0) return only
  const named = measured.find((quantity) => quantity === of)
  if (named === undefined) throw new Mistake(`Say of what: --of ${measured.join(', --of ')}.`)
  return named
}

async function setLimits(
  session: Session,
  { id }: RegisteredDevice,
  { changed, removed }: LimitChanges,
): Promise<void> {
  const own = (await session.registry.changedLimits()).find((one) => one.of === 'device' && one.id === id)?.limits
  const kept = Object.entries({ ...own, ...changed }).filter(([name]) => !removed.includes(name as LimitName))
  const read = detectionLimitsSchema.safeParse(Object.fromEntries(kept))
  if (!read.success)
    throw new Mistake(`Nothing was changed:\n${read.error.issues.map(({ message }) => `  ${message}`).join('\n')}`)
  await session.registry.setDeviceLimits(id, read.data as DetectionLimits)
  await session.audit('device.limits', id, kept.map(([name, value]) => `${name}=${value}`).join(' '))
}

function described(device: RegisteredDevice): string {
  const lines = (MEASURED_BY[device.kind] ?? []).filter(isLimited).map((quantity) => {
    const { low, high, standard } = boundsOf(device, quantity)
    const names = limitNamesOf(quantity)
    const unit = LIMITS[names.high ?? names.low ?? 'quality.turbidity'].unit
    if (low === null && high === null) return `  ${quantity}: no limit is set`
    const between = [low === null ? '' : `at least ${low}`, high === null ? '' : `at most ${high}`].filter(Boolean)
    return `  ${quantity}: ${between.join(', ')} ${unit} (${standard === '' ? 'set here' : standard})`
  })
  return [`${device.id}, ${device.kind}`, ...lines].join('\n')
}

export function addPlantCommands(parent: Command, run: Run): void {
  parent
    .command('plant')
    .description('plants: what their instruments are, and within what they must stay')
    .command('instrument')
    .argument('<id>')
    .option('--role <side>', 'of a bulk meter: inflow or outflow')
    .option('--into <zone>', 'where an outflow goes')
    .option('--low <value>', 'lower limit, in the unit of the quantity; empty: take it back')
    .option('--high <value>', 'upper limit')
    .option('--of <quantity>', 'of a quality sensor: turbidity, chlorine, ph')
    .option('--area <m2>', 'area of the tank under a level sensor, m²')
    .description('show or set what an instrument of a plant is held against')
    .action(run(setInstrument))
}
