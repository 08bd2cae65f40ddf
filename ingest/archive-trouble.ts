/** The same trouble is logged again after this long: an hour's outage is a screen of lines, not a disk of them. */
const AGAIN_MS = 60_000

interface Log {
  info(facts: object, message: string): void
  error(facts: object, message: string): void
}

/** Tells of a history that does not take what the archive writes: when it begins, what changes, when it is over. */
export class ArchiveTrouble {
  private readonly log: Log
  private readonly elapsed: () => number
  private current: { readonly cause: string; readonly since: number; toldAt: number } | undefined

  constructor(log: Log, elapsed: () => number) {
    this.log = log
    this.elapsed = elapsed
  }

  happened(error: unknown, retryMs: number): void {
    const cause = error instanceof Error ? error.message : String(error)
    const now = this.elapsed()
    if (this.current?.cause === cause && now - this.current.toldAt < AGAIN_MS) return
    this.current = { cause, since: this.current?.since ?? now, toldAt: now }
    this.log.error(
      { cause, forSeconds: Math.round((now - this.current.since) / 1000), retryMs },
      'history does not take readings; they wait in the journal and are written when it does',
    )
  }

  over(): void {
    if (this.current === undefined) return
    const forSeconds = Math.round((this.elapsed() - this.current.since) / 1000)
    this.current = undefined
    this.log.info({ forSeconds }, 'history takes readings again; what waited is being written')
  }
}
