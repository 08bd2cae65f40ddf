import type { Readings } from '../contract/readings.ts'
import type { History } from '../store/history/port.ts'
import type { JournalLane, JournalReader, JournalRecord } from '../store/journal/port.ts'
import type { Decisions, RegisteredDevice, Registry } from '../store/state/port.ts'
import { decodeRecord } from './decode.ts'
import { LaneReader } from './lane.ts'
import type { Figures } from './metrics.ts'
import { validateTimes } from './validate.ts'

/** Records in one write to history. */
const BATCH = 2000
/** The cursor lies in the state file, whose writers wait for each other; writing history again is harmless. */
const ADVANCE_EVERY_MS = 250
const MAX_CACHED_DEVICES = 20_000

type ArchiveLane = Exclude<JournalLane, 'operator'>

export interface ArchiveDependencies {
  readonly journals: Readonly<Record<ArchiveLane, JournalReader>>
  readonly decisions: Pick<Decisions, 'cursor' | 'advance'>
  readonly registry: Pick<Registry, 'find' | 'revision'>
  readonly history: History
  readonly figures: Figures
  readonly elapsed: () => number
  readonly log: { error(facts: object, message: string): void }
}

/** The archive cursor: every understood reading goes to history, late ones and repeats too; writing is idempotent. */
export class Archive {
  private readonly deps: ArchiveDependencies
  private readonly lanes: readonly LaneReader[]
  private readonly devices = new Map<string, RegisteredDevice | undefined>()
  private revision = -1
  private readonly stored = new Map<JournalLane, number>()
  private advancedAt = Number.NEGATIVE_INFINITY

  private constructor(deps: ArchiveDependencies, lanes: readonly LaneReader[]) {
    this.deps = deps
    this.lanes = lanes
  }

  static async open(deps: ArchiveDependencies): Promise<Archive> {
    const lanes: LaneReader[] = []
    for (const name of ['urgent', 'bulk'] as const) {
      const lane = new LaneReader(name, deps.journals[name], await deps.decisions.cursor('archive', name))
      await lane.rewindIfReplaced()
      lanes.push(lane)
    }
    return new Archive(deps, lanes)
  }

  /** One batch of each lane. Resolves true when there may be more. Rejects when history does: the same batch comes again. */
  async step(): Promise<boolean> {
    let busy = false
    for (const lane of this.lanes) if (await this.serve(lane)) busy = true
    if (!busy || this.deps.elapsed() - this.advancedAt >= ADVANCE_EVERY_MS) await this.advance()
    return busy
  }

  /** Stores how far history is. */
  async advance(): Promise<void> {
    for (const lane of this.lanes) {
      if (this.stored.get(lane.name) === lane.cursor) continue
      await this.deps.decisions.advance('archive', lane.name, lane.cursor)
      this.stored.set(lane.name, lane.cursor)
    }
    this.advancedAt = this.deps.elapsed()
  }

  /** Records not yet in history, and when the oldest of them that was read arrived. */
  async lags(): Promise<ReadonlyMap<JournalLane, { readonly records: number; readonly oldestAt: number | undefined }>> {
    const lags = new Map<JournalLane, { readonly records: number; readonly oldestAt: number | undefined }>()
    for (const lane of this.lanes) lags.set(lane.name, { records: await lane.lag(), oldestAt: lane.oldestWaiting })
    return lags
  }

  private async serve(lane: LaneReader): Promise<boolean> {
    const { records, loss } = await lane.take(BATCH)
    if (loss !== undefined) {
      // Detection records the loss where a person sees it; it reads the same journal.
      this.deps.log.error({ lane: lane.name, ...loss }, 'the archive skips journal records that cannot be read')
      lane.confirm(loss.through)
      return true
    }
    const last = records[records.length - 1]
    if (last === undefined) return false
    const messages = await this.readingsOf(records)
    if (messages.length > 0) await this.deps.history.write(messages)
    lane.confirm(last.seq)
    this.deps.figures.add('ingest_archived_messages_total', messages.length)
    return true
  }

  private async readingsOf(
    records: readonly JournalRecord[],
  ): Promise<readonly { readonly deviceId: string; readonly readings: Readings }[]> {
    const revision = await this.deps.registry.revision()
    if (revision !== this.revision || this.devices.size > MAX_CACHED_DEVICES) this.devices.clear()
    this.revision = revision
    const messages: { deviceId: string; readings: Readings }[] = []
    for (const record of records) {
      if (record.kind !== 'telemetry' && record.kind !== 'gateway' && record.kind !== 'raw') continue
      for (const { deviceId, readings } of blocksOf(record)) {
        const device = await this.find(deviceId)
        if (device === undefined) continue
        if (deviceId !== record.deviceId && device.gatewayId !== record.deviceId) continue
        const valid = validateTimes(readings, record.arrivedAt).readings
        if (valid !== undefined) messages.push({ deviceId, readings: valid })
      }
    }
    return messages
  }

  private async find(id: string): Promise<RegisteredDevice | undefined> {
    if (!this.devices.has(id)) this.devices.set(id, await this.deps.registry.find(id))
    return this.devices.get(id)
  }
}

/** What detection quarantines as poison is not archived either. */
function blocksOf(record: JournalRecord): readonly { readonly deviceId: string; readonly readings: Readings }[] {
  try {
    const decoded = decodeRecord(record)
    return decoded.type === 'readings' ? decoded.message.blocks : []
  } catch {
    return []
  }
}
