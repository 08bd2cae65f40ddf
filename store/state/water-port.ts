import type { HourSums, Membership, Part, ZoneNight, ZonePipes } from '../../contract/zones.ts'

/**
 * The water side of the state.
 *   Topology   where meters were and are, what bulk meters join — written by the CLI and the dashboard, followed by ingest
 *   Zones      what has been accounted and judged — written by ingest with its decisions, read by everyone
 */

// ── Topology ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Where a meter stood; `to` null: it still does. Follows the registry's `placeId` by itself; a date may be put right. */
export interface Placement {
  readonly deviceId: string
  readonly placeId: string | null
  /** ms since 1970; 0: since ever */
  readonly from: number
  readonly to: number | null
}

/** A new meter in the same place, under the same id: the register began anew. */
export interface MeterExchange {
  readonly deviceId: string
  /** ms since 1970 */
  readonly at: number
  /** Last register of the old meter and first of the new one, whole litres; null: nobody wrote them down. */
  readonly lastLitres: number | null
  readonly firstLitres: number | null
}

/** What a bulk meter joins. Without one, a bulk meter measures what comes into its own place. */
export interface BulkFlow {
  readonly deviceId: string
  /** Zones; null: from the main, or to where nothing is accounted. */
  readonly into: string | null
  readonly outOf: string | null
  /** ms since 1970; the newest one counts from here on */
  readonly from: number
}

/** Every change of it also counts as a change of the device in the registry, so that who follows that sees it. */
export interface Topology {
  /** Ascending by time. */
  placements(deviceId: string): Promise<readonly Placement[]>
  /** The last move happened then, and not when it was typed. Resolves false where there was none, or an earlier one is later. */
  movedAt(deviceId: string, at: number): Promise<boolean>
  exchanges(deviceId: string): Promise<readonly MeterExchange[]>
  putExchange(exchange: MeterExchange): Promise<void>
  /** It was told by mistake. Resolves false where there is none at that time. */
  removeExchange(deviceId: string, at: number): Promise<boolean>
  flows(deviceId: string): Promise<readonly BulkFlow[]>
  putFlow(flow: BulkFlow): Promise<void>
  /** All of one kind, for the pages: bulk meters with what they join now. */
  bulkFlows(): Promise<readonly BulkFlow[]>
  /** Nothing known: all null. */
  pipes(zone: string): Promise<ZonePipes>
  putPipes(zone: string, pipes: ZonePipes): Promise<void>
  close(): Promise<void>
}

// ── Zones ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What is kept of one meter: where it has been accounted, and its hourly register for as long as it may be corrected. */
export interface AccountedMeter {
  readonly memberships: readonly Membership[]
  /**
   * The hour (since 1970 UTC) from which it is one to be heard; 0: since ever. A meter that is put into a zone which is judged
   * already is awaited since then, or since its first reading where that is earlier.
   */
  readonly awaitedFrom: number
  /** Packed (`ingest/zones/tape-bytes.ts`): registers forward and backward. */
  readonly tapes: Uint8Array
  /** In a decision: all but the tapes is what is stored of it already. */
  readonly stays?: true
}

export interface ZoneHour extends HourSums {
  /** Hours since 1970 UTC. */
  readonly hour: number
}

/** How many meters of a part a zone gains (or, negative, loses) from an hour on. */
export interface MeterCountChange {
  readonly zone: string
  readonly part: Part
  readonly hour: number
  readonly change: number
}

/** What a decision adds to the accounts. Sums are differences: they are added to what stands there. */
export interface WaterDecision {
  /** By meter. */
  readonly meters: ReadonlyMap<string, AccountedMeter>
  readonly hours: readonly (ZoneHour & { readonly zone: string })[]
  readonly counts: readonly MeterCountChange[]
  /** Judged, or judged anew; inserted or replaced by zone and day. */
  readonly nights: readonly (ZoneNight & { readonly zone: string })[]
  /** What judging remembers of a zone, JSON. */
  readonly zoneStates: ReadonlyMap<string, string>
  /** Up to where the topology has been followed; absent: as before. */
  readonly followed?: TopologyRevision
}

/** Revisions of the registry and of its places. */
export interface TopologyRevision {
  readonly registry: number
  readonly places: number
}

export interface Zones {
  /** Zones that anything was ever accounted in. */
  zones(): Promise<readonly string[]>
  /** Hours `from` … `to` − 1 that hold something, ascending. */
  hours(zone: string, from: number, to: number): Promise<readonly ZoneHour[]>
  /** Meter-hours of a zone's parts between two hours: how much time there is to be measured. */
  meterHours(zone: string, from: number, to: number): Promise<{ readonly household: number; readonly bulk: number }>
  /** Every change of its meters' number, ascending by hour: the same for each hour of a chart, in one question. */
  counts(zone: string): Promise<readonly MeterCountChange[]>
  /** Days `from` … `to` − 1, ascending. */
  nights(zone: string, from: number, to: number): Promise<readonly ZoneNight[]>
  /** The newest judged night of every zone that has one. */
  lastNights(): Promise<ReadonlyMap<string, ZoneNight>>
  meter(id: string): Promise<AccountedMeter | undefined>
  zoneState(zone: string): Promise<string | undefined>
  /** Up to where ingest has followed the topology; undefined: it never has. */
  followed(): Promise<TopologyRevision | undefined>
  /** Grows with every commit that changed any account: what has to be judged, or drawn again. */
  revision(): Promise<number>
  /** Zones of which hours were changed after that revision, and the earliest hour that was (down to the beginning of its day, UTC). */
  changedSince(revision: number): Promise<readonly { readonly zone: string; readonly firstHour: number }[]>
  close(): Promise<void>
}
