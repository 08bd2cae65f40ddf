import type { ObjectOf } from '../../contract/gb26875/objects.ts'
import { COMPONENT_TEXT_BYTES } from '../../contract/gb26875/objects.ts'
import { bitsValue, COMPONENT_STATE, type ComponentStateBit } from '../../contract/gb26875/states.ts'
import { textField } from '../../contract/gb26875/text.ts'

/** The detection loop of a simulated fire panel: its points by number, and what state each is in. */

/** GB/T 26875.3 tables 4 and 5. */
const FIRE_ALARM_SYSTEM = 1
const SYSTEM_ADDRESS = 1
const CALL_POINT = 23
const HEAT_DETECTOR = 30
const SMOKE_DETECTOR = 40
/** A floor has a handful of zones, and a zone some rooms and its corridor. */
const POINTS_PER_ZONE = 8
/** The last point of a zone is the call point at its stairs, the one before it the kitchen's heat detector. */
const LAST = POINTS_PER_ZONE
const ZONES_PER_FLOOR = 3

interface Place {
  readonly zone: number
  readonly point: number
  readonly componentType: number
  readonly text: string
}

/** Where point `n`, from 1, hangs. */
function placeOf(n: number): Place {
  const zone = Math.floor((n - 1) / POINTS_PER_ZONE) + 1
  const point = ((n - 1) % POINTS_PER_ZONE) + 1
  const floor = Math.floor((zone - 1) / ZONES_PER_FLOOR) + 1
  const where = `${floor}层${zone}区`
  if (point === LAST) return { zone, point, componentType: CALL_POINT, text: `${where}楼梯口手报` }
  if (point === LAST - 1) return { zone, point, componentType: HEAT_DETECTOR, text: `${where}配餐间感温` }
  const room = floor * 100 + ((zone - 1) % ZONES_PER_FLOOR) * LAST + point
  return { zone, point, componentType: SMOKE_DETECTOR, text: `${where}${room}室感烟` }
}

/** A component's object (type 2). Time tags are the caller's: it has the clock. */
export function pointState(n: number, bits: readonly ComponentStateBit[]): Omit<ObjectOf<'componentState'>, 'time'> {
  const { zone, point, componentType, text } = placeOf(n)
  return {
    systemType: FIRE_ALARM_SYSTEM,
    systemAddress: SYSTEM_ADDRESS,
    componentType,
    zone,
    point,
    state: bitsValue(COMPONENT_STATE, bits),
    text: textField(text, COMPONENT_TEXT_BYTES),
  }
}

/** Number of the point at this address, 0 where there can be none. */
export const pointAt = ({ zone, point }: { readonly zone: number; readonly point: number }): number =>
  point >= 1 && point <= POINTS_PER_ZONE && zone >= 1 ? (zone - 1) * POINTS_PER_ZONE + point : 0

export const THE_SYSTEM = { systemType: FIRE_ALARM_SYSTEM, systemAddress: SYSTEM_ADDRESS }
