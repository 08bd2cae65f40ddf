import type { Disposition } from '../../contract/alarms.ts'
import type { FloorPlan, Responder, ResponderKind, Staff } from '../../contract/homes.ts'
import type { DutyCheck } from '../../contract/incidents.ts'

/** A floor plan and where its image lies (`store/images/`). */
export interface StoredPlan extends FloorPlan {
  readonly imageId: string
}

export interface Drill {
  readonly placeId: string
  readonly since: number
  readonly until: number
  readonly by: string
  readonly reason: string
}

export interface HomeRecord {
  readonly lastDrillAt: number | null
  readonly lastDutyCheck: DutyCheck | null
}

/** What is written is added or replaced by id, all in one transaction. */
export interface Homes {
  putStaff(staff: readonly Staff[]): Promise<void>
  removeStaff(id: string): Promise<boolean>
  /** Ordered by id; of these places only where some are named. */
  staff(placeIds?: readonly string[]): Promise<readonly Staff[]>
  /** Grows with every change of any staff. */
  staffRevision(): Promise<number>
  /** Whether somebody is recorded as being at this very place at `at` who can go and look; nobody recorded: false. */
  staffed(placeId: string, at: number): Promise<boolean>

  putResponders(responders: readonly Responder[]): Promise<void>
  removeResponder(id: string): Promise<boolean>
  /** Ordered by id. */
  responders(filter?: { readonly kind?: ResponderKind | undefined }): Promise<readonly Responder[]>
  /** Those who come to one of these places: who serves it, and who serves everybody. */
  respondersTo(placeIds: readonly string[]): Promise<readonly Responder[]>

  /** A new image of a place; its pins stay. */
  putPlan(plan: Omit<StoredPlan, 'revision' | 'pins'>): Promise<StoredPlan>
  /** Undefined where there is no plan. */
  setPins(placeId: string, pins: FloorPlan['pins']): Promise<StoredPlan | undefined>
  plan(placeId: string): Promise<StoredPlan | undefined>
  /** Of these places, ordered by place. */
  plans(placeIds: readonly string[]): Promise<readonly StoredPlan[]>

  /** When each of these places last held a drill, and how its last duty check went; what never was is absent. */
  lastRecords(placeIds: readonly string[]): Promise<ReadonlyMap<string, HomeRecord>>
  /** Drills held at these places, newest first. */
  drills(placeIds: readonly string[], limit: number): Promise<readonly Drill[]>
  /** What the incidents of these premises were, of those noticed since then and closed. */
  dispositions(premisesId: string, since: number): Promise<Readonly<Partial<Record<Disposition, number>>>>
  close(): Promise<void>
}
