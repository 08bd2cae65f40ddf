import type { FloorPlan } from '../../contract/homes.ts'
import type { CareHome } from './city.ts'
import { homeRooms, type RoomPlan } from './home-plan.ts'

/** The drawing of one floor of the demo's homes: all are built to one plan, so all share it. */

const WIDTH = 1200
const HEIGHT = 490
const WALL = 40
const ROOMS_TOP = 110
const ROOM_HEIGHT = 230
const CORRIDOR_HEIGHT = 110
/** Stairs at both ends of the corridor. */
const STAIRS = 110
const INK = '#1f2d3d'

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export const homeFloors = (): readonly number[] => [...new Set(homeRooms().map(({ floor }) => floor))]

const isCorridor = ({ code }: RoomPlan): boolean => code === 'corridor' || code === 'hall'

/** Rooms side by side, the corridor (on the ground floor the hall) below them. */
function boxes(floor: number): readonly { readonly room: RoomPlan; readonly box: Box }[] {
  const here = homeRooms().filter((room) => room.floor === floor)
  const rooms = here.filter((room) => !isCorridor(room))
  const width = (WIDTH - 2 * WALL) / rooms.length
  return here.map((room) => ({
    room,
    box: isCorridor(room)
      ? { x: WALL, y: ROOMS_TOP + ROOM_HEIGHT, width: WIDTH - 2 * WALL, height: CORRIDOR_HEIGHT }
      : { x: WALL + rooms.indexOf(room) * width, y: ROOMS_TOP, width, height: ROOM_HEIGHT },
  }))
}

export function drawFloor(floor: number): string {
  // The corridor first: the doors are cut into its wall.
  const parts = boxes(floor)
    .toSorted((a, b) => Number(isCorridor(b.room)) - Number(isCorridor(a.room)))
    .map(({ room, box }) => drawRoom(room, box))
  const stairs = [WALL, WIDTH - WALL - STAIRS].map((x) => drawStairs(x, ROOMS_TOP + ROOM_HEIGHT, CORRIDOR_HEIGHT))
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="'Noto Sans CJK SC', 'Microsoft YaHei', sans-serif" fill="${INK}">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
<text x="${WALL}" y="64" font-size="30" font-weight="700">${floor}楼平面图 · Floor ${floor}</text>
<text x="${WIDTH - WALL}" y="64" font-size="18" text-anchor="end">示意图 · schematic</text>
${[...parts, ...stairs].join('\n')}
<rect x="${WALL}" y="${ROOMS_TOP}" width="${WIDTH - 2 * WALL}" height="${ROOM_HEIGHT + CORRIDOR_HEIGHT}" fill="none" stroke="${INK}" stroke-width="8"/>
</svg>
`
}

function drawRoom(room: RoomPlan, { x, y, width, height }: Box): string {
  const { name, beds } = room
  const isWay = isCorridor(room)
  const shapes = [
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${isWay ? '#eef3f8' : '#ffffff'}" stroke="${INK}" stroke-width="4"/>`,
    `<text x="${x + width / 2}" y="${isWay ? y + height - 22 : y + 44}" font-size="24" text-anchor="middle">${name}</text>`,
  ]
  for (let bed = 0; bed < beds; bed++)
    shapes.push(
      `<rect x="${x + 16 + bed * (width / 2 - 8)}" y="${y + height - 118}" width="${width / 2 - 26}" height="96" rx="8" fill="#dfe8f1" stroke="${INK}" stroke-width="2"/>`,
    )
  // The door to the corridor.
  if (!isWay)
    shapes.push(`<rect x="${x + width / 2 - 24}" y="${y + height - 5}" width="48" height="10" fill="#ffffff"/>`)
  return shapes.join('')
}

function drawStairs(x: number, y: number, height: number): string {
  const steps = Array.from({ length: 7 }, (_, i) => {
    const at = x + 14 + i * 13
    return `<line x1="${at}" y1="${y + 12}" x2="${at}" y2="${y + height - 40}" stroke="${INK}" stroke-width="2"/>`
  })
  return `${steps.join('')}<text x="${x + STAIRS / 2}" y="${y + height - 14}" font-size="17" text-anchor="middle" fill="#0a7d3c">安全出口</text>`
}

/** Where the detectors of a home are on the plan of one of its floors. */
export function pinsOf(home: CareHome, floor: number): FloorPlan['pins'] {
  return boxes(floor).flatMap(({ room, box }) => {
    const here = home.devices.filter(({ placeId }) => placeId === `${home.id}-f${floor}-${room.code}`)
    return here.map(({ id }, i) => ({
      deviceId: id,
      x: (box.x + (box.width * (i + 1)) / (here.length + 1)) / WIDTH,
      y: (box.y + Math.min(95, box.height * 0.4)) / HEIGHT,
    }))
  })
}
