import type { ResponderKind } from './homes.ts'

/** How far somebody has to come, and how long it takes them. Positions are WGS-84 degrees. */

export interface Position {
  readonly lon: number
  readonly lat: number
}

/** Mean radius of the earth, metres (IUGG). */
const EARTH_RADIUS_M = 6_371_009
const radians = (degrees: number): number => (degrees * Math.PI) / 180

/** Along the great circle, metres; 0.5 % off at most, because the earth is not round. */
export function distanceM(a: Position, b: Position): number {
  const half = (angle: number): number => Math.sin(radians(angle) / 2) ** 2
  const h = half(b.lat - a.lat) + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * half(b.lon - a.lon)
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)))
}

/**
 * The way by road over the straight line. 1.3 to 1.5 is what stations are planned with in China (commentary of 建标 152);
 * the lower end, because the villages of a plain lie in a grid of roads.
 */
const DETOUR = 1.3

interface Pace {
  /** From the call to the first metre, seconds. */
  readonly turnOutS: number
  /** Over the whole way, km/h. */
  readonly speedKmh: number
}

/**
 * Estimates, to put responders in order and to say "about five minutes"; no promise is made with them. Brigade: out within
 * a minute, 35 km/h over the way (建标 152: 5 minutes to the edge of the area, one of them to turn out). A micro station
 * comes by electric tricycle, a neighbour on foot, a cadre by electric bicycle, family by car through the town; an
 * ambulance leaves within 3 minutes of the call (the rule of China's emergency centres).
 */
const PACES: Record<ResponderKind, Pace> = {
  'fire-post': { turnOutS: 60, speedKmh: 35 },
  'micro-station': { turnOutS: 60, speedKmh: 18 },
  team: { turnOutS: 300, speedKmh: 35 },
  neighbour: { turnOutS: 60, speedKmh: 5 },
  cadre: { turnOutS: 120, speedKmh: 18 },
  family: { turnOutS: 300, speedKmh: 30 },
  hospital: { turnOutS: 180, speedKmh: 35 },
  volunteer: { turnOutS: 300, speedKmh: 18 },
}

const MPS_PER_KMH = 1000 / 3600

/** Seconds from the call until somebody of this kind is there, from `metres` away in a straight line. */
export function travelTimeS(kind: ResponderKind, metres: number): number {
  const { turnOutS, speedKmh } = PACES[kind]
  return Math.round(turnOutS + (metres * DETOUR) / (speedKmh * MPS_PER_KMH))
}
