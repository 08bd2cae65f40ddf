import type { Logger } from 'pino'
import type { Lane } from '../contract/kinds.ts'
import type { DiskGuard } from '../store/disk-guard.ts'
import type { JournalReader } from '../store/journal/port.ts'
import { pruneLane } from '../store/journal/prune.ts'
import type { Views } from '../store/state/views-port.ts'
import type { JournalLane } from './journal-lane.ts'

const MS_PER_HOUR = 3_600_000
const BYTES_PER_GB = 1e9
/** What stays however full the disk is: after a power cut a cursor may fall back a little, and must find its records. */
const LEAST_HOURS = 1

/**
 * Room inside the urgent lane's file that no other program can take (`store/spare-room.ts`): 16 MiB are some 80,000
 * messages of detectors, an hour of a thousand that all burn. An eighth of the guard line where that is less.
 */
const SPARE_BYTES = 16 * 1024 * 1024
const SPARE_SHARE_OF_LINE = 1 / 8
/** Free pages that may lie in a file beyond that: they are filled again before the file grows. */
const SLACK_BYTES = 16 * 1024 * 1024

export interface HousekeepingParts {
  readonly lanes: Readonly<Record<Lane, JournalLane>>
  readonly openReader: (lane: Lane) => JournalReader
  readonly views: Pick<Views, 'cursors'>
  readonly keepHours: number
  readonly maxGb: number
  readonly guard: DiskGuard | undefined
  readonly log: Logger
}

/** The journal's upkeep: what was read and is old goes, its space goes back to the disk, a fire's room is kept. */
export class Housekeeping {
  private readonly parts: HousekeepingParts
  private running: Promise<void> | undefined

  constructor(parts: HousekeepingParts) {
    this.parts = parts
  }

  /** One round; a second call while one runs waits for the first. */
  run(): Promise<void> {
    this.running ??= this.round().finally(() => {
      this.running = undefined
    })
    return this.running
  }

  private async round(): Promise<void> {
    const readers = { bulk: this.parts.openReader('bulk'), urgent: this.parts.openReader('urgent') }
    try {
      // The meters' lane first: what it gives up, the urgent one may keep.
      await this.prune('bulk', readers, 'urgent')
      await this.prune('urgent', readers, 'bulk')
      await this.tidy('urgent')
      await this.tidy('bulk')
    } finally {
      await Promise.all([readers.bulk.close(), readers.urgent.close()])
    }
    await this.parts.guard?.look()
  }

  private async prune(lane: Lane, readers: Readonly<Record<Lane, JournalReader>>, other: Lane): Promise<void> {
    const { lanes, views, keepHours, maxGb, guard, log } = this.parts
    const cursors = await views.cursors()
    const at = (name: 'detect' | 'archive'): number =>
      cursors.find((entry) => entry.cursor === name && entry.lane === lane)?.seq ?? 0
    const readThrough = Math.min(at('detect'), at('archive'))
    if (readThrough === 0) return
    const now = Date.now()
    const hours = guard?.engaged === true ? LEAST_HOURS : keepHours
    const removed = await pruneLane(
      { reader: readers[lane], writer: lanes[lane] },
      {
        readThrough,
        cutoff: now - hours * MS_PER_HOUR,
        maxBytes: maxGb * BYTES_PER_GB - (await readers[other].usedBytes()),
        leastCutoff: now - LEAST_HOURS * MS_PER_HOUR,
      },
    )
    if (removed > 0) log.info({ lane, removed }, 'journal pruned')
  }

  private async tidy(lane: Lane): Promise<void> {
    const { lanes, guard } = this.parts
    const engaged = guard?.engaged === true
    const spare =
      lane === 'bulk' || guard?.space === undefined ? 0 : Math.min(SPARE_BYTES, guard.space.line * SPARE_SHARE_OF_LINE)
    // On a full disk nothing is taken that a fire could need, and nothing lies fallow.
    const room = { least: engaged ? 0 : spare, most: spare + (engaged ? 0 : SLACK_BYTES) }
    while (await lanes[lane].tidy(room));
  }
}
