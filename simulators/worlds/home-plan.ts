import type { Kind } from '../../contract/kinds.ts'

/** The plan that every care home of the demo is built to: three floors, 23 sensors. Metres from the home's middle. */

export interface RoomPlan {
  readonly floor: number
  /** Part of the room's id. */
  readonly code: string
  readonly name: string
  readonly east: number
  readonly north: number
  /** Only rooms where people live have some. */
  readonly beds: number
  readonly sensors: readonly SensorPlan[]
}

interface SensorPlan {
  readonly kind: Kind
  readonly name: string
  readonly model: string
}

const SMOKE: SensorPlan = { kind: 'smoke-detector', name: '感烟', model: 'JTY-GD NB' }
const HEAT: SensorPlan = { kind: 'heat-detector', name: '感温', model: 'JTW-A1' }
const GAS: SensorPlan = { kind: 'gas-detector', name: '燃气', model: 'JT-CH4' }
const CO: SensorPlan = { kind: 'co-detector', name: '一氧化碳', model: 'JT-CO' }
const CALL_POINT: SensorPlan = { kind: 'call-point', name: '手动报警', model: 'J-SAP' }
const PANIC: SensorPlan = { kind: 'panic-button', name: '紧急呼叫', model: 'SOS-4G' }
const EXIT_DOOR: SensorPlan = { kind: 'door-contact', name: '疏散门', model: 'DC-1' }
const FIRE_WATER: SensorPlan = { kind: 'fire-water', name: '消防水压', model: 'PT-1.6MPa' }

const ROOM_SPACING_M = 6
const BEDS = 2
const room = (floor: number, number: number, ...sensors: readonly SensorPlan[]): RoomPlan => ({
  floor,
  code: `${floor}0${number}`,
  name: `${floor}0${number}房`,
  east: (number - 3) * ROOM_SPACING_M,
  north: floor * 5 - 8,
  beds: BEDS,
  sensors,
})

export const homeRooms = (): readonly RoomPlan[] => [
  { floor: 1, code: 'kitchen', name: '厨房', east: -16, north: -7, beds: 0, sensors: [HEAT, SMOKE, GAS] },
  { floor: 1, code: 'dining', name: '餐厅', east: -8, north: -7, beds: 0, sensors: [SMOKE] },
  { floor: 1, code: 'hall', name: '大厅', east: 0, north: -7, beds: 0, sensors: [CALL_POINT, EXIT_DOOR] },
  { floor: 1, code: 'boiler', name: '锅炉房', east: 16, north: -7, beds: 0, sensors: [CO] },
  { floor: 1, code: 'pump', name: '消防泵房', east: 20, north: -7, beds: 0, sensors: [FIRE_WATER] },
  room(2, 1, SMOKE, PANIC),
  room(2, 2, SMOKE),
  room(2, 3, SMOKE),
  room(2, 4, SMOKE),
  room(2, 5, SMOKE),
  room(2, 6, SMOKE),
  { floor: 2, code: 'corridor', name: '走廊', east: 0, north: 6, beds: 0, sensors: [CALL_POINT, EXIT_DOOR] },
  room(3, 1, SMOKE, PANIC),
  room(3, 2, SMOKE),
  room(3, 3, SMOKE),
  room(3, 4, SMOKE),
  { floor: 3, code: 'corridor', name: '走廊', east: 0, north: 10, beds: 0, sensors: [CALL_POINT] },
]
