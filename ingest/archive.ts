import type { DecodedMessage, Readings } from '../contract/readings.ts'
import type { History, RefusedReading } from '../store/history/port.ts'
import type { JournalLane, JournalReader, JournalRecord } from '../store/journal/port.ts'
import { type Decisions, NO_DECISION } from '../store/state/decisions-port.ts'
import type { RegisteredDevice, Registry } from '../store/state/registry-port.ts'
import { type Sent, setAside } from './archive-refused.ts'
import { decodeRecord } from './decode.ts'
import { LaneReader } from './lane.ts'
import type { Figures } from './metrics.ts'
import { mayBePoint } from './points.ts'
import { replayedBy } from './replay.ts'
import { validateTimes } from './validate.ts'

/** Records in one write to history. */
const BATCH = 2000
/** The cursor lies in the state file, whose writers wait for each other; writing history again is harmless. */
const ADVANCE_EVERY_MS = 250
const MAX_CACHED_DEVICES = 20_000

export interface ArchiveDependencies {
  readonly journals: Readonly<Record<JournalLane, JournalReader>>
  readonly decisions: Pick<Decisions, 'cursor' | 'advance' | 'commit'>
  readonly registry: Pick<Registry, 'find' | 'revision'>
  readonly history: History
  /** It was not there before this start. */
  readonly historyIsNew: boolean
  readonly now: () => number
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
    for (const name of ['urgent', 'bulk', 'operator'] as const) {
      const lane = new LaneReader(name, deps.journals[name], await deps.decisions.cursor('archive', name))
      await lane.rewindIfReplaced()
      lanes.push(lane)
    }
    if (deps.historyIsNew) await writeAnew(deps, lanes)
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
    const sent = await this.readingsOf(records)
    if (sent.length > 0) await this.write(lane.name, sent)
    lane.confirm(last.seq)
    this.deps.figures.add('ingest_archived_messages_total', sent.length)
    return true
  }

  /** What history refuses for good lies in quarantine before the cursor moves on. */
  private async write(lane: JournalLane, sent: readonly Sent[]): Promise<void> {
    const { history, figures, elapsed, decisions, log } = this.deps
    const began = elapsed()
    try {
      const refused = await writeAround(history, sent)
      figures.set('ingest_history_up', 1)
      figures.add('ingest_history_write_seconds_sum', (elapsed() - began) / 1000)
      figures.add('ingest_history_write_seconds_count')
      const [first] = refused
      if (first === undefined) return
      for (const { reason } of refused) figures.add(`ingest_history_rejected_points_total{reason="${reason}"}`)
      log.error({ readings: refused.length, first }, 'history refuses readings; their messages are in quarantine')
      await decisions.commit(setAside(lane, sent, refused))
    } catch (error) {
      figures.set('ingest_history_up', 0)
      throw error
    }
  }

  private async readingsOf(records: readonly JournalRecord[]): Promise<readonly Sent[]> {
    const revision = await this.deps.registry.revision()
    if (revision !== this.revision || this.devices.size > MAX_CACHED_DEVICES) this.devices.clear()
    this.revision = revision
    const sent: Sent[] = []
    for (const record of records.flatMap(saidBy)) {
      if (record.kind !== 'telemetry' && record.kind !== 'gateway' && record.kind !== 'raw') continue
      const message = saidIn(record)
      const announced = new Map(message?.announced?.map((device) => [device.id, device]))
      for (const { deviceId, readings } of blocksOf(message, record.arrivedAt)) {
        const device = await this.find(deviceId)
        const point = announced.get(deviceId)
        // Detection may register it only after this.
        const kind = device?.kind ?? point?.kind
        if (kind === undefined) continue
        if (device !== undefined && !maySpeakFor(record.deviceId, device, point !== undefined)) continue
        sent.push({ deviceId, kind, readings, record })
      }
    }
    return sent
  }

  private async find(id: string): Promise<RegisteredDevice | undefined> {
    if (!this.devices.has(id)) this.devices.set(id, await this.deps.registry.find(id))
    return this.devices.get(id)
  }
}

/** What devices said: the record itself, or the records that a person has had decoded anew. */
const saidBy = (record: JournalRecord): readonly JournalRecord[] =>
  record.kind === 'operator' ? replayedBy(record) : [record]

const maySpeakFor = (sender: string, device: RegisteredDevice, announced: boolean): boolean =>
  device.id === sender || (announced ? mayBePoint({ id: sender }, device) : device.gatewayId === sender)

/** What detection quarantines as poison is not archived either. */
function saidIn(record: JournalRecord): DecodedMessage | undefined {
  try {
    const decoded = decodeRecord(record)
    return decoded.type === 'readings' ? decoded.message : undefined
  } catch {
    return undefined
  }
}

const blocksOf = (
  message: DecodedMessage | undefined,
  arrivedAt: number,
): readonly { readonly deviceId: string; readonly readings: Readings }[] =>
  (message?.blocks ?? []).flatMap(({ deviceId, readings }) => {
    const valid = validateTimes(readings, arrivedAt).readings
    return valid === undefined ? [] : [{ deviceId, readings: valid }]
  })

/**
 * The history is gone, and what it held with it. What the journal still holds is written again; a cursor that went on would
 * hide that anything is missing.
 */
async function writeAnew({ decisions, log, now }: ArchiveDependencies, lanes: readonly LaneReader[]): Promise<void> {
  const written = lanes.filter(({ cursor }) => cursor > 0)
  if (written.length === 0) return
  for (const lane of written) {
    await lane.restart()
    // At once: the next start finds a history that is there.
    await decisions.advance('archive', lane.name, lane.cursor)
  }
  const detail = 'the history was not there: what the journal still holds is written to it again, what is older is gone'
  log.error({ lanes: written.map(({ name }) => name) }, `${detail}. Stop Hydrant and restore a backup to have it back`)
  await decisions.commit({
    ...NO_DECISION,
    rejections: [{ reason: 'history.missing', deviceId: '', at: now(), count: 1, detail }],
  })
}

/** Writes all but what makes the store throw, which is found by halves: a defect must not hold up what is behind it. */
async function writeAround(history: History, sent: readonly Sent[]): Promise<readonly RefusedReading[]> {
  try {
    return await history.write(sent)
  } catch (error) {
    const [first] = sent
    if (!isDefect(error) || first === undefined) throw error
    if (sent.length === 1) return [poisoned(first, error)]
    const half = sent.length >> 1
    return [...(await writeAround(history, sent.slice(0, half))), ...(await writeAround(history, sent.slice(half)))]
  }
}

/** What a disk, a network or a closing store cannot cause. */
const isDefect = (error: unknown): error is Error =>
  error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError

const poisoned = ({ deviceId, readings }: Sent, error: Error): RefusedReading => ({
  deviceId,
  quantity: readings.fields[0]?.quantity ?? 'volume',
  at: readings.at[0] ?? 0,
  reason: 'poison.exception',
  detail: `${error.name}: ${error.message}`,
})
