import type { Incident } from '../../contract/incidents.ts'

/** What alarms join by: the same key is the same incident. `cell` stands where there is no home or dwelling. */
export const joiningKey = ({
  kind,
  mode,
  premisesId,
  cell,
}: Pick<Incident, 'kind' | 'mode' | 'premisesId' | 'cell'>): string => `${kind} ${mode} ${cell ?? `home:${premisesId}`}`
