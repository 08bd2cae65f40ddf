import { type Incident, isOpenIncident } from '../../contract/incidents.ts'

/** What alarms join by: the same key is the same incident. `cell` stands where there is no home or dwelling. */
export const joiningKey = ({
  kind,
  mode,
  premisesId,
  cell,
}: Pick<Incident, 'kind' | 'mode' | 'premisesId' | 'cell'>): string => `${kind} ${mode} ${cell ?? `home:${premisesId}`}`

/**
 * Whether of two incidents of one key it is this one that takes the next alarm, rather than `other`: the one that is open,
 * else the newer. By their ids alone, which sort by time, none would be found that was opened after the clock was set back.
 */
export function takesAlarms(incident: Incident, other: Incident | undefined): boolean {
  if (other === undefined || other.id === incident.id) return true
  const isOpen = isOpenIncident(incident)
  return isOpen === isOpenIncident(other) ? other.id < incident.id : isOpen
}
