import type { Command } from 'commander'
import {
  type DetectionLimits,
  detectionLimitsSchema,
  isLimitName,
  LIMIT_NAMES,
  LIMITS,
  limitOf,
} from '../../contract/detection-limits.ts'
import { Mistake } from '../mistake.ts'
import { noSuchDevice } from '../no-such-device.ts'
import { print, printTable } from '../print.ts'
import type { Session } from '../session.ts'
import type { Run } from './run.ts'

/** `smoke.preAlarm=0.7`; nothing behind the sign: back to the model's or the standard's. */
const ASSIGNMENT = /^([A-Za-z.]+)=(.*)$/

function changed(before: DetectionLimits, assignments: readonly string[]): DetectionLimits {
  const limits: Record<string, number> = { ...before }
  for (const text of assignments) {
    const [, name = '', value = ''] = ASSIGNMENT.exec(text) ?? []
    if (!isLimitName(name))
      throw new Mistake(
        `"${text}" sets no limit: write NAME=VALUE, for example smoke.preAlarm=0.7. The names are ${LIMIT_NAMES.join(', ')}.`,
      )
    if (value.trim() === '') delete limits[name]
    else limits[name] = Number(value)
  }
  const read = detectionLimitsSchema.safeParse(limits)
  if (!read.success)
    throw new Mistake(`Nothing was changed:\n${read.error.issues.map(({ message }) => `  ${message}`).join('\n')}`)
  return read.data as DetectionLimits
}

const written = (limits: DetectionLimits): string =>
  Object.entries(limits)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')

async function setLimits(
  session: Session,
  of: 'device' | 'place',
  id: string,
  assignments: readonly string[],
): Promise<DetectionLimits> {
  const { registry } = session
  const own = (await registry.changedLimits()).find((one) => one.of === of && one.id === id)?.limits ?? {}
  if (assignments.length === 0) return own
  const limits = changed(own, assignments)
  const done = await (of === 'device' ? registry.setDeviceLimits(id, limits) : registry.setPlaceLimits(id, limits))
  if (!done) throw of === 'device' ? noSuchDevice(id) : new Mistake(`There is no place ${id}. See \`place list\`.`)
  await session.audit(`${of}.limits`, id, written(limits))
  return limits
}

async function deviceLimits(session: Session, id: string, assignments: readonly string[]): Promise<void> {
  const own = await setLimits(session, 'device', id, assignments)
  const device = await session.registry.find(id)
  if (device === undefined) throw noSuchDevice(id)
  printTable(
    ['limit', 'is', 'unit', 'may be', 'set by'],
    LIMIT_NAMES.map((name) => [
      name,
      String(limitOf(device, name)),
      LIMITS[name].unit,
      `${LIMITS[name].min}–${LIMITS[name].max}`,
      own[name] !== undefined ? 'this device' : device.limits?.[name] !== undefined ? 'its home' : '',
    ]),
  )
}

async function placeLimits(session: Session, id: string, assignments: readonly string[]): Promise<void> {
  const limits = await setLimits(session, 'place', id, assignments)
  const which = Object.keys(limits).length === 0 ? 'the limits of each device’s model or kind' : written(limits)
  print(`Every device at or below ${id} has ${which}; a device’s own limits go before them.`)
}

const WHAT = 'show or set limits of detection, within the bounds of the standards; NAME= takes one back'

export function addDeviceLimits(device: Command, run: Run): void {
  device.command('limits').argument('<id>').argument('[name=value...]').description(WHAT).action(run(deviceLimits))
}

export function addPlaceLimits(place: Command, run: Run): void {
  place
    .command('limits')
    .argument('<id>')
    .argument('[name=value...]')
    .description(`${WHAT}, of every device at or below a place`)
    .action(run(placeLimits))
}
