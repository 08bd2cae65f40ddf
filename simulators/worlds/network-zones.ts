import type { Network, NetworkLink } from './network-engine.ts'

/** Where the zones of a network meet: a link with a bulk meter on it. `undefined` is the plant: reservoirs and tanks. */
interface Boundary {
  readonly link: NetworkLink
  readonly from: number | undefined
  readonly to: number | undefined
}

export interface Cut {
  readonly zones: number
  /** Zone of each node, by node index. */
  readonly zoneOf: ReadonlyMap<number, number>
  readonly boundaries: readonly Boundary[]
}

/**
 * Cuts a network into villages along its pipes: the middles are put as far from one another as can be, every junction belongs
 * to the nearest of them by length of pipe, and every link between two villages, or from the plant, gets a bulk meter.
 */
export function cutIntoZones({ nodes, links }: Network, zones: number): Cut {
  const neighbours = new Map<number, { readonly to: number; readonly lengthM: number }[]>()
  const junctions = nodes.filter(({ type }) => type === 'junction')
  const isJunction = new Set(junctions.map(({ index }) => index))
  for (const { from, to, lengthM } of links) {
    if (!isJunction.has(from) || !isJunction.has(to)) continue
    neighbours.set(from, [...(neighbours.get(from) ?? []), { to, lengthM }])
    neighbours.set(to, [...(neighbours.get(to) ?? []), { to: from, lengthM }])
  }
  const middles = [junctions.reduce((best, node) => (node.demandM3h > best.demandM3h ? node : best)).index]
  let nearest = distances(neighbours, middles)
  while (middles.length < zones) {
    const furthest = [...nearest].reduce((best, one) => (one[1].lengthM > best[1].lengthM ? one : best))
    middles.push(furthest[0])
    nearest = distances(neighbours, middles)
  }
  const zoneOf = new Map([...nearest].map(([node, { middle }]) => [node, middle]))
  const boundaries = links
    .map((link) => ({ link, from: zoneOf.get(link.from), to: zoneOf.get(link.to) }))
    .filter(({ from, to }) => from !== to)
  return { zones, zoneOf, boundaries }
}

/** Of every node: which middle is nearest along the pipes, and how far (Dijkstra from all middles at once). */
function distances(
  neighbours: ReadonlyMap<number, readonly { readonly to: number; readonly lengthM: number }[]>,
  middles: readonly number[],
): Map<number, { readonly middle: number; readonly lengthM: number }> {
  const found = new Map<number, { readonly middle: number; readonly lengthM: number }>()
  const queue = middles.map((node, middle) => ({ node, middle, lengthM: 0 }))
  while (queue.length > 0) {
    let next = 0
    for (let i = 1; i < queue.length; i++) if (queue[i]!.lengthM < queue[next]!.lengthM) next = i
    const { node, middle, lengthM } = queue.splice(next, 1)[0]!
    if (found.has(node)) continue
    found.set(node, { middle, lengthM })
    for (const { to, lengthM: more } of neighbours.get(node) ?? [])
      if (!found.has(to)) queue.push({ node: to, middle, lengthM: lengthM + more })
  }
  return found
}
