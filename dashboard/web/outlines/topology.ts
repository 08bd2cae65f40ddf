/**
 * Simplifies neighbouring polygons without tearing their shared borders apart: rings are cut where three areas meet (or
 * where an area meets the outside), every piece is simplified once, and both neighbours use the same piece.
 */

export type Point = readonly [lon: number, lat: number]
export interface Area {
  readonly name: string
  readonly rings: readonly (readonly Point[])[]
}
export interface Simplified {
  readonly areas: readonly { readonly name: string; readonly rings: readonly (readonly Point[])[] }[]
  /** Pieces between two areas. */
  readonly inner: readonly (readonly Point[])[]
  /** Pieces between an area and the outside. */
  readonly outer: readonly (readonly Point[])[]
}

const key = (p: Point): string => `${p[0]},${p[1]}`

/** Distance of `p` from the segment a–b, in degrees with longitude shrunk to the latitude's scale. */
function distance(p: Point, a: Point, b: Point): number {
  const shrink = Math.cos((p[1] * Math.PI) / 180)
  const [px, py, ax, ay, bx, by] = [p[0] * shrink, p[1], a[0] * shrink, a[1], b[0] * shrink, b[1]]
  const [dx, dy] = [bx - ax, by - ay]
  const length2 = dx * dx + dy * dy
  const t = length2 === 0 ? 0 : Math.max(0, Math.min(1, ((px - ax) * dx + (py - ay) * dy) / length2))
  return Math.hypot(px - ax - t * dx, py - ay - t * dy)
}

/** Douglas–Peucker; the ends stay. */
export function simplifyLine(line: readonly Point[], tolerance: number): Point[] {
  const first = line[0]
  const last = line.at(-1)
  if (!first || !last || line.length < 3) return [...line]
  let worst = 0
  let at = 0
  for (let i = 1; i < line.length - 1; i++) {
    const d = distance(line[i]!, first, last)
    if (d > worst) {
      worst = d
      at = i
    }
  }
  if (worst <= tolerance) return [first, last]
  return [...simplifyLine(line.slice(0, at + 1), tolerance).slice(0, -1), ...simplifyLine(line.slice(at), tolerance)]
}

const open = (ring: readonly Point[]): readonly Point[] =>
  ring.length > 1 && key(ring[0]!) === key(ring.at(-1)!) ? ring.slice(0, -1) : ring

export function simplifyAreas(areas: readonly Area[], tolerance: number): Simplified {
  // Which areas touch each vertex. (By edge would be exact, but neighbours in the source leave out different vertices.)
  const owners = new Map<string, Set<string>>()
  for (const area of areas)
    for (const ring of area.rings)
      for (const p of ring) {
        const set = owners.get(key(p)) ?? new Set<string>()
        set.add(area.name)
        owners.set(key(p), set)
      }
  const ownersOf = (p: Point): number => owners.get(key(p))?.size ?? 0

  const pieces = new Map<string, { line: Point[]; users: Set<string> }>()
  const simplifiedPiece = (line: Point[], user: string): Point[] => {
    // The same piece is walked in opposite directions by its two areas: simplify it in one canonical direction.
    const forward = key(line[0]!) + key(line[1]!) <= key(line.at(-1)!) + key(line.at(-2)!)
    const canonical = forward ? line : line.toReversed()
    const id = `${key(canonical[0]!)}>${key(canonical[1]!)}>${key(canonical.at(-1)!)}`
    const piece = pieces.get(id) ?? { line: simplifyLine(canonical, tolerance), users: new Set<string>() }
    piece.users.add(user)
    pieces.set(id, piece)
    return forward ? piece.line : piece.line.toReversed()
  }

  const simplified = areas.map((area) => ({
    name: area.name,
    rings: area.rings.map((closed) => {
      const ring = open(closed)
      const n = ring.length
      // Three areas meet, or a shared border begins or ends at the outside.
      const isNode = (i: number): boolean => {
        const here = ownersOf(ring[i]!)
        const before = ownersOf(ring[(i + n - 1) % n]!)
        const after = ownersOf(ring[(i + 1) % n]!)
        return here > 2 || (before !== after && here > Math.min(before, after))
      }
      const nodes = ring.flatMap((_, i) => (isNode(i) ? [i] : []))
      // An area alone (or inside one neighbour) has no node: cut it at two opposite vertices.
      if (nodes.length < 2) nodes.splice(0, nodes.length, 0, Math.floor(n / 2))
      const out: Point[] = []
      nodes.forEach((start, k) => {
        const end = nodes[(k + 1) % nodes.length]!
        const line: Point[] = []
        for (let i = start; ; i = (i + 1) % n) {
          line.push(ring[i]!)
          if (i === end && line.length > 1) break
        }
        out.push(...simplifiedPiece(line, area.name).slice(0, -1))
      })
      if (out[0]) out.push(out[0])
      return out
    }),
  }))
  const all = [...pieces.values()]
  return {
    areas: simplified,
    inner: all.filter((piece) => piece.users.size > 1).map((piece) => piece.line),
    outer: all.filter((piece) => piece.users.size === 1).map((piece) => piece.line),
  }
}
