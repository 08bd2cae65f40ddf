import type {
  Hazard,
  HazardEvent,
  HazardKind,
  HazardOutcome,
  HazardState,
  NewHazardEvent,
} from '../../contract/hazards.ts'
import type { Page, PageOf } from './page.ts'

export interface HazardFilter {
  readonly state: HazardState | 'unclosed' | 'all'
  readonly kind?: HazardKind | undefined
  /** At one of these very places; absent: everywhere. */
  readonly placeIds?: readonly string[] | undefined
  /** With a deadline before this, ms since 1970. */
  readonly dueBefore?: number | undefined
}

export interface Hazards {
  /** A new one, with the first line of its history. */
  open(hazard: Hazard, event: NewHazardEvent): Promise<void>
  find(id: string): Promise<Hazard | undefined>
  /** Oldest first. */
  history(id: string): Promise<readonly HazardEvent[]>
  /**
   * Reads, decides and stores in one transaction: of two who judge at once, the second sees the first. Undefined where
   * there is no such hazard.
   */
  update(id: string, decide: (before: Hazard) => HazardOutcome): Promise<HazardOutcome | undefined>
  /** The soonest deadline first. */
  list(filter: HazardFilter & PageOf): Promise<Page<Hazard>>
  /** Unclosed ones of each place that has some, and how many of them are past their deadline. */
  unclosedByPlace(now: number): Promise<ReadonlyMap<string, { readonly open: number; readonly overdue: number }>>
  close(): Promise<void>
}
