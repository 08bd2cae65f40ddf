import {
  COUNT,
  FRESH_FLOWS,
  LINK,
  LINK_TYPE,
  M3H_OF_UNIT,
  NODE,
  NODE_TYPE,
  newProject,
  OPTION,
  openWorkspace,
  type Project,
  TIME,
} from './epanet.ts'

/** A network of pipes as its EPANET file says it, and the hydraulics of it, step by step, by EPANET itself. */
export interface NetworkNode {
  readonly index: number
  readonly id: string
  readonly type: 'junction' | 'reservoir' | 'tank'
  /** What the file gives as demand, m³/h. */
  readonly demandM3h: number
}

export interface NetworkLink {
  readonly index: number
  readonly id: string
  readonly from: number
  readonly to: number
  readonly lengthM: number
  readonly diameterMm: number
  /** A check valve cannot be shut. */
  readonly canBeShut: boolean
}

/** A hole: its flow is coefficient · √pressure. */
export interface Emitter {
  readonly node: number
  /** m³/h at one metre of pressure. */
  coefficient: number
}

interface SolvedStep {
  /** Since the previous step, m³ by link index (positive: from → to). The array is used again by the next step. */
  readonly linkM3: Float64Array
  /** What ran out of each emitter, m³. */
  readonly leakedM3: readonly number[]
  /** At the beginning of the step, metres of water by node index. */
  readonly pressureM: readonly number[]
}

export interface Network {
  readonly nodes: readonly NetworkNode[]
  readonly links: readonly NetworkLink[]
  /**
   * Solves steps one after the other; demand and emitters may differ in each.
   * @param demand m³/h of each junction (by position in `junctions`) in a step: it holds until the next
   */
  solve(request: SolveRequest): Generator<SolvedStep>
}

interface SolveRequest {
  readonly stepS: number
  readonly steps: number
  readonly junctions: readonly number[]
  /** Links that are shut all the time. */
  readonly closed?: readonly number[]
  demand(step: number): Float64Array
  emitters(step: number): readonly Emitter[]
}

const SECONDS_PER_HOUR = 3600
/** Patterns are written for a day at a time: one call for a junction and day instead of one for each hour. */
const DAY_S = 86_400
const SHUT = 0

/** @param inp an EPANET input file (metric units). Throws what EPANET says of it. */
export async function openNetwork(inp: string): Promise<Network> {
  const workspace = openWorkspace()
  await workspace.loadModule()
  workspace.writeFile('network.inp', inp)
  const project = newProject(workspace)
  project.open('network.inp', 'report.rpt', 'results.bin')
  const unit = M3H_OF_UNIT.get(project.getFlowUnits())
  if (unit === undefined) throw new Error('The network is not in metric units: CMH, CMD, LPS or MLD.')
  const nodes = readNodes(project, unit)
  const links = readLinks(project)
  return { nodes, links, solve: (request) => solve(project, unit, links.length, request) }
}

function readNodes(project: Project, unit: number): NetworkNode[] {
  const multiplier = project.getOption(OPTION.demandMultiplier)
  return Array.from({ length: project.getCount(COUNT.nodes) }, (_, i) => {
    const index = i + 1
    const type = project.getNodeType(index)
    let demand = 0
    if (type === NODE_TYPE.junction)
      for (let d = 1; d <= project.getNumberOfDemands(index); d++) demand += project.getBaseDemand(index, d)
    return {
      index,
      id: project.getNodeId(index),
      type: type === NODE_TYPE.junction ? 'junction' : type === NODE_TYPE.tank ? 'tank' : 'reservoir',
      demandM3h: demand * unit * multiplier,
    }
  })
}

const readLinks = (project: Project): NetworkLink[] =>
  Array.from({ length: project.getCount(COUNT.links) }, (_, i) => {
    const index = i + 1
    const { node1, node2 } = project.getLinkNodes(index)
    const type = project.getLinkType(index)
    const isPipe = type === LINK_TYPE.pipe || type === LINK_TYPE.checkValvePipe
    return {
      index,
      id: project.getLinkId(index),
      from: node1,
      to: node2,
      lengthM: isPipe ? project.getLinkValue(index, LINK.length) : 1,
      diameterMm: type === LINK_TYPE.pump ? 0 : project.getLinkValue(index, LINK.diameter),
      canBeShut: type !== LINK_TYPE.checkValvePipe,
    }
  })

function* solve(
  project: Project,
  unit: number,
  links: number,
  { stepS, steps, junctions, closed = [], demand, emitters }: SolveRequest,
): Generator<SolvedStep> {
  const stepsADay = Math.round(DAY_S / stepS)
  // The pattern and report steps go first: EPANET shortens a hydraulic step to the shortest of the three.
  project.setTimeParameter(TIME.patternStep, stepS)
  project.setTimeParameter(TIME.reportStep, stepS)
  project.setTimeParameter(TIME.hydraulicStep, stepS)
  project.setTimeParameter(TIME.duration, steps * stepS)
  project.setOption(OPTION.demandMultiplier, 1)
  for (const link of closed) project.setLinkValue(link, LINK.initialStatus, SHUT)
  const patterns = junctions.map((node) => ownPattern(project, node))
  project.openH()
  project.initH(FRESH_FLOWS)
  const linkM3 = new Float64Array(links + 1)
  const day = junctions.map(() => new Array<number>(stepsADay).fill(0))
  let open: readonly Emitter[] = []
  let leakedM3: number[] = []
  let pressureM: readonly number[] = []
  let step = -1
  for (;;) {
    const now = Math.floor((project.getTimeParameter(TIME.now) + 0.5) / stepS)
    if (now !== step && now < steps) {
      step = now
      if (step % stepsADay === 0) {
        for (let s = 0; s < stepsADay; s++) {
          const m3h = demand(step + s)
          for (let j = 0; j < junctions.length; j++) day[j]![s] = m3h[j]! / unit
        }
        for (const [j, pattern] of patterns.entries()) project.setPattern(pattern, day[j]!)
      }
      for (const { node } of open) project.setNodeValue(node, NODE.emitter, 0)
      open = emitters(step)
      // A junction has one emitter: two leaks beside one another are one hole.
      const holes = new Map<number, number>()
      for (const { node, coefficient } of open) holes.set(node, (holes.get(node) ?? 0) + coefficient)
      for (const [node, coefficient] of holes) project.setNodeValue(node, NODE.emitter, coefficient / unit)
      linkM3.fill(0)
      leakedM3 = open.map(() => 0)
      pressureM = []
    }
    project.runH()
    const flows = project.getLinkValues(LINK.flow)
    const pressures = project.getNodeValues(NODE.pressure)
    if (pressureM.length === 0) pressureM = [0, ...pressures]
    const seconds = project.nextH()
    if (seconds <= 0) break
    const hours = seconds / SECONDS_PER_HOUR
    for (let link = 0; link < links; link++) linkM3[link + 1]! += flows[link]! * unit * hours
    for (const [i, { node, coefficient }] of open.entries())
      leakedM3[i]! += coefficient * Math.sqrt(Math.max(0, pressures[node - 1]!)) * hours
    const after = project.getTimeParameter(TIME.now)
    if (after >= (step + 1) * stepS) yield { linkM3, leakedM3, pressureM }
  }
  project.closeH()
}

/** One demand with one pattern of its own, in place of what the file says. */
function ownPattern(project: Project, node: number): number {
  const id = `demand-${node}`
  project.addPattern(id)
  const pattern = project.getPatternIndex(id)
  while (project.getNumberOfDemands(node) > 1) project.deleteDemand(node, project.getNumberOfDemands(node))
  project.setBaseDemand(node, 1, 1)
  project.setDemandPattern(node, 1, pattern)
  return pattern
}
