import { Project as EpanetProject, Workspace as EpanetWorkspace } from 'epanet-js'

/**
 * What is used of EPANET 2.3 (epanet-js 0.9). Its own types are written for bundlers and are lost under Node's resolution, so
 * they stand here, with the codes of EPANET's header (`epanet2_enums.h`).
 */
export interface Project {
  open(inputFile: string, reportFile: string, resultFile: string): void
  close(): void
  getCount(what: number): number
  getFlowUnits(): number
  getOption(option: number): number
  setOption(option: number, value: number): void
  getTimeParameter(parameter: number): number
  setTimeParameter(parameter: number, seconds: number): void
  getNodeId(node: number): string
  getNodeType(node: number): number
  setNodeValue(node: number, property: number, value: number): void
  getNodeValues(property: number): number[]
  getNumberOfDemands(node: number): number
  getBaseDemand(node: number, demand: number): number
  setBaseDemand(node: number, demand: number, value: number): void
  deleteDemand(node: number, demand: number): void
  setDemandPattern(node: number, demand: number, pattern: number): void
  getLinkId(link: number): string
  getLinkType(link: number): number
  getLinkNodes(link: number): { readonly node1: number; readonly node2: number }
  getLinkValue(link: number, property: number): number
  setLinkValue(link: number, property: number, value: number): void
  getLinkValues(property: number): number[]
  addPattern(id: string): void
  getPatternIndex(id: string): number
  setPattern(pattern: number, values: readonly number[]): void
  openH(): void
  initH(flag: number): void
  /** Solves the present moment. */
  runH(): number
  /** Goes on to the next event. @returns seconds until it; 0: the end */
  nextH(): number
  closeH(): void
}

interface Workspace {
  loadModule(): Promise<void>
  writeFile(path: string, text: string): void
}

export const openWorkspace = (): Workspace => new EpanetWorkspace()
export const newProject = (workspace: Workspace): Project =>
  new (EpanetProject as new (workspace: Workspace) => Project)(workspace)

export const COUNT = { nodes: 0, links: 2 } as const
export const NODE_TYPE = { junction: 0, reservoir: 1, tank: 2 } as const
export const LINK_TYPE = { checkValvePipe: 0, pipe: 1, pump: 2 } as const
export const NODE = { emitter: 3, pressure: 11 } as const
export const LINK = { diameter: 0, length: 1, initialStatus: 4, flow: 8 } as const
export const TIME = { duration: 0, hydraulicStep: 1, patternStep: 3, reportStep: 5, now: 11 } as const
export const OPTION = { demandMultiplier: 4 } as const
/** Do not keep results; start from fresh flows. */
export const FRESH_FLOWS = 10
/** Factors to m³/h by EPANET's code of the unit: LPS, MLD, CMH, CMD. */
export const M3H_OF_UNIT: ReadonlyMap<number, number> = new Map([
  [5, 3.6],
  [7, 1000 / 24],
  [8, 1],
  [9, 1 / 24],
])
