import type { Alone, AloneBody, AloneEvent, Away, NewAloneEvent, OwnUse } from '../../contract/alone.ts'

/** Water has run again as it does when they are at home. */
export interface Homecoming {
  readonly deviceId: string
  /** ms since 1970 */
  readonly at: number
}

export interface WatchToPut extends AloneBody {
  readonly deviceId: string
}

/** What changes with a line of the history; absent: it stays. */
export interface AloneChange {
  readonly away?: Away | null
  readonly judgedFrom?: number
}

/**
 * Who lives alone and is watched by their water: written by the dashboard and the command line, and by ingest only where
 * somebody has come home by themselves. Every change of it also counts as a change of the device in the registry, and
 * leaves a line in a history that only grows.
 */
export interface AloneWatches {
  /** Grows with every change of any. */
  revision(): Promise<number>
  /** Ordered by meter. */
  all(): Promise<readonly Alone[]>
  find(deviceId: string): Promise<Alone | undefined>
  /** Enters people, or says something new of them: their absences stay. All in one transaction. */
  put(watches: readonly WatchToPut[], by: string, at: number): Promise<void>
  /** Resolves false where nobody is watched by this meter. The history stays. */
  remove(deviceId: string, by: string, at: number): Promise<boolean>
  /** A line of the history and what it changes. Resolves false where nobody is watched by this meter. */
  note(deviceId: string, event: NewAloneEvent, change: AloneChange): Promise<boolean>
  /** Newest first. */
  history(deviceId: string, limit: number): Promise<readonly AloneEvent[]>
  /** Answers since then, oldest first. */
  answersSince(deviceIds: readonly string[], since: number): Promise<ReadonlyMap<string, readonly AloneEvent[]>>
  /** What detection remembers of those whose meter was heard after `rev` (of sightings). */
  ownUse(
    afterRev: number,
  ): Promise<readonly { readonly deviceId: string; readonly rev: number; readonly use: OwnUse }[]>
  close(): Promise<void>
}
