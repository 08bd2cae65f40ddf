import type { Resident } from '../../contract/residents.ts'

/**
 * People who live where alarms come from, with what a rescuer must know. Nothing else of the state refers to them, and
 * whoever reads them goes through `contract/residents.ts` and the audit.
 */
export interface Residents {
  /** Adds or replaces by id, all in one transaction. */
  put(residents: readonly Resident[]): Promise<void>
  find(id: string): Promise<Resident | undefined>
  /** Those who live at one of these places, ordered by id; `after` is the last id of the page before. */
  at(placeIds: readonly string[], after: string, limit: number): Promise<readonly Resident[]>
  /** How many live at these places. */
  count(placeIds: readonly string[]): Promise<number>
  /** How many live at each of these very places, or everywhere; nobody: absent. */
  countByPlace(placeIds?: readonly string[]): Promise<ReadonlyMap<string, number>>
  remove(id: string): Promise<boolean>
  close(): Promise<void>
}
