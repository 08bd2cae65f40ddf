/** What became of a fault. */
export interface FaultOutcome {
  /** What was done to the system, in a sentence. */
  readonly injected: string
  /** Readings that were acknowledged, those of them that are stored, and those that are not. */
  readonly acked: number
  readonly stored: number
  readonly lost: number
  /** Alarms raised more than once for one fire. */
  readonly duplicateAlarms: number
  /** From the end of the fault until everybody was served again; null where nothing was interrupted. */
  readonly recoverySeconds: number | null
  /** Promises that were broken, each in a sentence; empty: all were kept. */
  readonly broken: readonly string[]
  /** Further figures of this fault. */
  readonly [figure: string]: unknown
}

export interface FaultContext {
  /** How long a fault lasts. */
  readonly seconds: number
  /** How long the load with InfluxDB alive, and the one with it stopped, last. */
  readonly outageSeconds: number
  /** A look at everything in two minutes instead of eight. */
  readonly quick: boolean
  readonly seed: number
  /** Told how it goes. */
  readonly say: (line: string) => void
}

export interface Fault {
  readonly name: string
  /** Its number in the list of faults. */
  readonly number: number
  readonly about: string
  /** `--quick` leaves it out. */
  readonly leftOutOfQuick?: boolean
  /** Resolves with what is missing on this machine, in a sentence; undefined: it can be injected. */
  readonly missing?: () => Promise<string | undefined>
  run(context: FaultContext): Promise<FaultOutcome>
}

/** A sentence for every promise that was not kept. */
export const promises = (kept: Readonly<Record<string, boolean>>): string[] =>
  Object.entries(kept).flatMap(([sentence, isKept]) => (isKept ? [] : [sentence]))
