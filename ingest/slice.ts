/** How long what is not urgent may keep a fire waiting. Milliseconds. */
const SLICE_MS = 5
const MAX_SLICE = 4096

/** As many records of a lane as fit the time that a fire may have to wait. */
export class Slice {
  private records: number

  constructor(first: number) {
    this.records = first
  }

  get size(): number {
    return this.records
  }

  /** So many records took so long. */
  adapt(records: number, ms: number): void {
    if (ms > SLICE_MS) this.records = Math.max(1, Math.floor((records * SLICE_MS) / ms))
    else if (records >= this.records) this.records = Math.min(MAX_SLICE, this.records * 2)
  }
}
