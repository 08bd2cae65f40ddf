import type { FloorPlan } from '../../../../contract/homes.ts'

/** Devices on a floor plan while somebody places them. Positions are parts of the picture, 0 to 1. Pure. */

export type Pin = FloorPlan['pins'][number]
export interface Point {
  readonly x: number
  readonly y: number
}
interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** A tenth of a millimetre on a plan of one metre: finer is the hand's trembling. */
const GRAIN = 10_000
const within = (part: number): number => Math.round(Math.min(1, Math.max(0, part)) * GRAIN) / GRAIN

/** Where on the picture something was let go; null: beside it. */
export function pointIn(box: Box, clientX: number, clientY: number): Point | null {
  const x = (clientX - box.left) / box.width
  const y = (clientY - box.top) / box.height
  return x < 0 || x > 1 || y < 0 || y > 1 ? null : { x: within(x), y: within(y) }
}

/** Puts a device there. One that is on the plan already is moved, and keeps its place in the order: a hand holds it. */
export function withPin(pins: readonly Pin[], deviceId: string, { x, y }: Point): readonly Pin[] {
  const moved = { deviceId, x: within(x), y: within(y) }
  if (!pins.some((pin) => pin.deviceId === deviceId)) return [...pins, moved]
  return pins.map((pin) => (pin.deviceId === deviceId ? moved : pin))
}

export const withoutPin = (pins: readonly Pin[], deviceId: string): readonly Pin[] =>
  pins.filter((pin) => pin.deviceId !== deviceId)

/** Moved by a part of the picture, and kept on it. */
export function nudged(pins: readonly Pin[], deviceId: string, dx: number, dy: number): readonly Pin[] {
  const pin = pins.find((one) => one.deviceId === deviceId)
  return pin === undefined ? pins : withPin(pins, deviceId, { x: pin.x + dx, y: pin.y + dy })
}

const SPREAD = 0.06
const PER_ROW = 8
/** Where a device is put that was placed without a mouse: in the middle, beside those that wait there. */
export function freePoint(pins: readonly Pin[]): Point {
  for (let n = 0; ; n++) {
    const point = { x: 0.3 + (n % PER_ROW) * SPREAD, y: within(0.5 + Math.floor(n / PER_ROW) * SPREAD) }
    if (!pins.some(({ x, y }) => Math.hypot(x - point.x, y - point.y) < SPREAD / 2)) return point
  }
}

export const samePins = (a: readonly Pin[], b: readonly Pin[]): boolean => {
  const placed = new Map(a.map((pin) => [pin.deviceId, pin]))
  return (
    a.length === b.length &&
    b.every(({ deviceId, x, y }) => placed.get(deviceId)?.x === x && placed.get(deviceId)?.y === y)
  )
}
