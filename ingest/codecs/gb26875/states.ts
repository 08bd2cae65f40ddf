import { FIRE_DOOR } from '../../../contract/gb26875/components.ts'
import {
  COMPONENT_STATE,
  type ComponentStateBit,
  DEVICE_STATE,
  type DeviceStateBit,
  type Operation,
  SYSTEM_STATE,
  type SystemStateBit,
  setBits,
} from '../../../contract/gb26875/states.ts'
import type { Kind } from '../../../contract/kinds.ts'
import type { Flag, Quantity, Value } from '../../../contract/quantities.ts'

/** State bits as readings. */

interface Reading {
  readonly quantity: Quantity
  readonly value: Value
}
type AnyBit = ComponentStateBit | SystemStateBit | DeviceStateBit

/** What a flag says that a bit says; whatever is broken is a fault as well, and calls for service. */
const FLAGS_OF: Readonly<Partial<Record<AnyBit, readonly Flag[]>>> = {
  fault: ['fault'],
  isolated: ['isolated'],
  supervisory: ['supervisory'],
  started: ['started'],
  feedback: ['feedback'],
  delayed: ['delayed'],
  manual: ['manual'],
  powerFault: ['fault', 'powerFault'],
  batteryFault: ['fault', 'batteryFault'],
  lineFault: ['fault', 'lineFault'],
  linkFault: ['fault', 'linkFault'],
}

/** The fire bit and the flags, whatever they are: what is over is said by its absence. */
function stateReadings(bits: readonly AnyBit[], fire: 'alarm' | 'pressed'): Reading[] {
  const flags = new Set(bits.flatMap((bit) => FLAGS_OF[bit] ?? []))
  return [
    { quantity: fire, value: bits.includes('fire') },
    { quantity: 'flags', value: [...flags] },
  ]
}

export function componentReadings(componentType: number, kind: Kind, state: number): readonly Reading[] {
  const bits = setBits<ComponentStateBit>(COMPONENT_STATE, state)
  const readings = stateReadings(bits, kind === 'call-point' ? 'pressed' : 'alarm')
  // 启动(开启): of a door, that it stands open.
  if (componentType === FIRE_DOOR) readings.push({ quantity: 'open', value: bits.includes('started') })
  return readings
}

export const systemReadings = (state: number): readonly Reading[] =>
  stateReadings(setBits<SystemStateBit>(SYSTEM_STATE, state), 'alarm')

export const deviceReadings = (state: number): readonly Reading[] =>
  stateReadings(setBits<DeviceStateBit>(DEVICE_STATE, state), 'alarm')

/** A manual alarm is a button pressed at the panel; it holds until somebody resets the panel or declares it over. */
export function operationReadings(operations: readonly Operation[]): readonly Reading[] {
  if (operations.includes('manualAlarm')) return [{ quantity: 'pressed', value: true }]
  const over = operations.includes('reset') || operations.includes('cleared')
  return over ? [{ quantity: 'pressed', value: false }] : []
}
