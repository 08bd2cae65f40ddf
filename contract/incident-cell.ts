/**
 * What an incident's alarms have in common where it is no home or dwelling, as `Incident.cell` says it: `device:smoke-1`,
 * `gateway:gw-3`, `cell:1234`. `network`: nothing but the hour; `duty`: a control room that did not answer.
 */
const CELL_KINDS = ['device', 'place', 'gateway', 'cell', 'home', 'village', 'network', 'duty'] as const
export type CellKind = (typeof CELL_KINDS)[number]

export const incidentCell = (kind: CellKind, id: string | number): string => `${kind}:${id}`

/** Undefined: nothing, or nothing that is known here. */
export function readCell(cell: string | null): { readonly kind: CellKind; readonly id: string } | undefined {
  const colon = cell?.indexOf(':') ?? -1
  if (cell === null || colon < 0) return undefined
  const kind = CELL_KINDS.find((one) => one === cell.slice(0, colon))
  return kind === undefined ? undefined : { kind, id: cell.slice(colon + 1) }
}
