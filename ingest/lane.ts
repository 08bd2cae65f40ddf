import { JournalDamaged, type JournalLane, type JournalReader, type JournalRecord } from '../store/journal/port.ts'
import { isDamage } from '../store/sqlite.ts'

/** Records read at once. A reader gives whole commit groups, so that more may come. */
const READ_AHEAD = 4096

/** Records between `after` and `through` cannot be had: damaged on disk, or no longer there. */
export interface Loss {
  readonly after: number
  readonly through: number
  readonly detail: string
}

/** `unreadable`: nothing of the file can be read, until the broker puts it aside or a person a backup in its place. */
export type Taken =
  | { readonly records: readonly JournalRecord[]; readonly loss?: undefined; readonly unreadable?: string }
  | { readonly records?: undefined; readonly loss: Loss; readonly unreadable?: undefined }

/** One lane of the journal as a cursor walks it: reads ahead, gives out slices, notices what is missing. */
export class LaneReader {
  readonly name: JournalLane
  private readonly reader: JournalReader
  private position: number
  private ahead: readonly JournalRecord[] = []
  private given = 0

  constructor(name: JournalLane, reader: JournalReader, position: number) {
    this.name = name
    this.reader = reader
    this.position = position
  }

  /** Number of the last record that was confirmed. */
  get cursor(): number {
    return this.position
  }

  /** The next records, at most `limit`; empty when there is nothing new. The same ones again until they are confirmed. */
  async take(limit: number): Promise<Taken> {
    if (this.given >= this.ahead.length) {
      this.ahead = []
      this.given = 0
      try {
        this.ahead = await this.reader.readAfter(this.position, READ_AHEAD)
      } catch (error) {
        if (isDamage(error)) return { records: [], unreadable: (error as Error).message }
        if (!(error instanceof JournalDamaged)) throw error
        return { loss: { after: this.position, through: error.resumeAfter, detail: error.message } }
      }
      const first = this.ahead[0]
      if (first !== undefined && first.seq > this.position + 1) {
        const detail = `records ${this.position + 1} to ${first.seq - 1} of lane ${this.name} are no longer in the journal`
        return { loss: { after: this.position, through: first.seq - 1, detail } }
      }
    }
    return { records: this.ahead.slice(this.given, this.given + limit) }
  }

  /** Everything through `seq` is done with. */
  confirm(seq: number): void {
    this.position = seq
    while (this.given < this.ahead.length && (this.ahead[this.given] as JournalRecord).seq <= seq) this.given++
  }

  /** Arrival of the first record that was read and is not confirmed. */
  get oldestWaiting(): number | undefined {
    return this.ahead[this.given]?.arrivedAt
  }

  async lag(): Promise<number> {
    return Math.max(0, (await this.head()) - this.position)
  }

  /**
   * The cursor is behind the journal's end where another journal was put in the place of the one it walked on. Resolves
   * with the number it was at, and starts from the beginning: what was decided before is recognised, nothing is lost.
   */
  async rewindIfReplaced(): Promise<number | undefined> {
    const was = this.position
    if ((await this.head()) >= was) return undefined
    await this.restart()
    return was
  }

  /** From the first record that is still there. */
  async restart(): Promise<void> {
    this.position = Math.max(0, (await this.reader.tail()) - 1)
    this.ahead = []
    this.given = 0
  }

  /** What cannot be read is taken for what was read so far: `take` says that it cannot. */
  private async head(): Promise<number> {
    try {
      return await this.reader.head()
    } catch (error) {
      if (isDamage(error)) return this.position
      throw error
    }
  }
}
