import type { Network, NetworkLink, NetworkNode } from './network-engine.ts'

/** Where the zones of a network meet: a link with a bulk meter on it. `undefined` is the plant: reservoirs and tanks. */
interface Boundary {
  readonly link: NetworkLink
  readonly from: number | undefined
  readonly to: number | undefined
}

/** A branch inside a village with a bulk meter of its own: the meter well in a street, and the pipes behind it. */
interface Well {
  readonly zone: number
  readonly inlet: NetworkLink
  /** Whether water that runs from the link's first node to its second runs into the well. */
  readonly isForward: boolean
}

export interface Cut {
  readonly zones: number
  /** Zone of each node, by node index. */
  readonly zoneOf: ReadonlyMap<number, number>
  readonly boundaries: readonly Boundary[]
  readonly wells: readonly Well[]
  /** Position in `wells` of each node that lies behind one. */
  readonly wellOf: ReadonlyMap<number, number>
  /** Links between two zones that are shut. */
  readonly closed: readonly NetworkLink[]
}

type Pipes = Pick<Network, 'nodes' | 'links'>

/**
 * Cuts a network into villages along its pipes: the middles are put as far from one another as can be, every junction belongs
 * to the nearest of them by length of pipe, and every link between two villages, or from the plant, gets a bulk meter.
 */
export function cutIntoZones({ nodes, links }: Pipes, zones: number): Cut {
  const junctions = nodes.filter(({ type }) => type === 'junction')
  const neighbours = neighboursAmong(links, new Set(junctions.map(({ index }) => index)))
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
  return { zones, zoneOf, boundaries, wells: [], wellOf: new Map(), closed: [] }
}

type Neighbours = ReadonlyMap<number, readonly { readonly to: number; readonly lengthM: number }[]>

function neighboursAmong(links: readonly NetworkLink[], nodes: ReadonlySet<number>): Neighbours {
  const neighbours = new Map<number, { readonly to: number; readonly lengthM: number }[]>()
  for (const { from, to, lengthM } of links) {
    if (!nodes.has(from) || !nodes.has(to)) continue
    neighbours.set(from, [...(neighbours.get(from) ?? []), { to, lengthM }])
    neighbours.set(to, [...(neighbours.get(to) ?? []), { to: from, lengthM }])
  }
  return neighbours
}

/** Of every node: which middle is nearest along the pipes, and how far (Dijkstra from all middles at once). */
function distances(
  neighbours: Neighbours,
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

/**
 * Cuts a network as a rural one is built: mains from the plant, villages that hang off them by one pipe with one bulk meter,
 * and a shut valve wherever else a pipe leads out of a village. The mains are a zone of their own, the last: what comes from
 * the plant less what goes into the villages. Inside a village the same once more: a street main and wells off it.
 *
 * @param wells in each village, at most; 0: households are metered and nothing between them and the village's inlet is
 */
export function branchIntoZones(network: Pipes, villages: number, wells = 0): Cut {
  const cut = branches(network, villages)
  const found: Well[] = []
  const wellOf = new Map<number, number>()
  const closed = [...cut.closed]
  for (let zone = 0; wells > 0 && zone < cut.zones - 1; zone++) {
    const inside = branches(inner(network, cut, zone), wells)
    const street = inside.zones - 1
    const position = new Map<number, number>()
    for (const { link, from, to } of inside.boundaries) {
      const well = from === street ? to : to === street ? from : undefined
      if (well === undefined) continue
      position.set(well, found.length)
      found.push({ zone, inlet: link, isForward: to === well })
    }
    for (const [node, part] of inside.zoneOf) if (position.has(part)) wellOf.set(node, position.get(part)!)
    closed.push(...inside.closed)
  }
  return { ...cut, wells: found, wellOf, closed }
}

/** A village by itself: what lies outside its bulk meters is its plant. */
function inner({ nodes, links }: Pipes, { zoneOf, boundaries }: Cut, zone: number): Pipes {
  const own = boundaries.filter(({ from, to }) => from === zone || to === zone).map(({ link }) => link)
  const isOwn = (node: number): boolean => zoneOf.get(node) === zone
  const outside = new Set(own.flatMap(({ from, to }) => [from, to]).filter((node) => !isOwn(node)))
  return {
    nodes: nodes
      .filter(({ index }) => isOwn(index) || outside.has(index))
      .map((node): NetworkNode => (outside.has(node.index) ? { ...node, type: 'reservoir', demandM3h: 0 } : node)),
    links: [...links.filter(({ from, to }) => isOwn(from) && isOwn(to)), ...own],
  }
}

function branches(network: Pipes, count: number): Cut {
  const { nodes, links } = network
  const feeds = feedTree(network)
  const roots = branchRoots(feeds, demandBelow(network, feeds), count)
  const mains = new Set<number>()
  for (const root of roots)
    for (let node = feeds.get(root)?.from; node !== undefined && !mains.has(node); node = feeds.get(node)?.from)
      mains.add(node)
  const junctions = nodes.filter(({ type }) => type === 'junction').map(({ index }) => index)
  const nearest = distances(neighboursAmong(links, new Set(junctions.filter((node) => !mains.has(node)))), roots)
  const zoneOf = new Map(junctions.map((node) => [node, nearest.get(node)?.middle ?? roots.length]))
  const inlets = new Set(roots.map((root) => feeds.get(root)!.link))
  const between = links
    .map((link) => ({ link, from: zoneOf.get(link.from), to: zoneOf.get(link.to) }))
    .filter(({ from, to }) => from !== to)
  // What leads to the plant stays open: a tank that nothing fills runs dry.
  const isOpen = ({ link, from, to }: Boundary): boolean =>
    inlets.has(link.index) || from === undefined || to === undefined || !link.canBeShut
  return {
    zones: roots.length + 1,
    zoneOf,
    boundaries: between.filter(isOpen),
    wells: [],
    wellOf: new Map(),
    closed: between.filter((one) => !isOpen(one)).map(({ link }) => link),
  }
}

interface Feed {
  /** The node it is fed from, and by which link. */
  readonly from: number
  readonly link: number
}

/** Every junction's way to the plant along the widest pipes: of least resistance, which is length over the fifth power of width. */
function feedTree({ nodes, links }: Pipes): ReadonlyMap<number, Feed> {
  const ends = new Map<number, NetworkLink[]>()
  for (const link of links) for (const end of [link.from, link.to]) ends.set(end, [...(ends.get(end) ?? []), link])
  const feeds = new Map<number, Feed>()
  const found = new Set<number>()
  const queue = nodes
    .filter(({ type }) => type !== 'junction')
    .map(({ index }) => ({ node: index, resistance: 0, feed: undefined as Feed | undefined }))
  while (queue.length > 0) {
    let next = 0
    for (let i = 1; i < queue.length; i++) if (queue[i]!.resistance < queue[next]!.resistance) next = i
    const { node, resistance, feed } = queue.splice(next, 1)[0]!
    if (found.has(node)) continue
    found.add(node)
    if (feed !== undefined) feeds.set(node, feed)
    for (const link of ends.get(node) ?? []) {
      const to = link.from === node ? link.to : link.from
      const own = link.diameterMm === 0 ? 0 : link.lengthM / (link.diameterMm / 100) ** 5
      if (!found.has(to)) queue.push({ node: to, resistance: resistance + own, feed: { from: node, link: link.index } })
    }
  }
  return feeds
}

/** Of every junction: the demand of all that is fed through it, m³/h. */
function demandBelow({ nodes }: Pipes, feeds: ReadonlyMap<number, Feed>): Map<number, number> {
  const below = new Map<number, number>()
  for (const { index, demandM3h } of nodes)
    for (let node: number | undefined = index; node !== undefined; node = feeds.get(node)?.from)
      below.set(node, (below.get(node) ?? 0) + Math.max(0, demandM3h))
  return below
}

/** The outermost branches that are as large as the smallest may be: so large that there are `count` of them. */
function branchRoots(feeds: ReadonlyMap<number, Feed>, below: ReadonlyMap<number, number>, count: number): number[] {
  const fed = Map.groupBy([...feeds], ([, { from }]) => from)
  const rootsFrom = (least: number): number[] =>
    [...feeds.keys()].filter(
      (node) => below.get(node)! >= least && !(fed.get(node) ?? []).some(([child]) => below.get(child)! >= least),
    )
  const sizes = [...new Set([...feeds.keys()].map((node) => below.get(node)!))].filter((size) => size > 0)
  let best: number[] = []
  for (const least of sizes.sort((a, b) => b - a)) {
    const roots = rootsFrom(least)
    if (roots.length <= count && roots.length > best.length) best = roots
    if (best.length === count) break
  }
  return best
}
