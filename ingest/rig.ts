import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OperatorCommand } from '../contract/events.ts'
import type { Kind } from '../contract/kinds.ts'
import { KINDS } from '../contract/kinds.ts'
import { journalFile, stateFile } from '../store/files.ts'
import type { JournalLane, JournalWriter, RecordKind } from '../store/journal/port.ts'
import { openJournalReader, openJournalWriter } from '../store/journal/sqlite.ts'
import type { Decisions } from '../store/state/decisions-port.ts'
import type { Homes } from '../store/state/homes-port.ts'
import type { NewDevice, Registry } from '../store/state/registry-port.ts'
import { openDecisions, openHomes, openRegistry, openTopology, openViews, openZones } from '../store/state/sqlite.ts'
import type { Views } from '../store/state/views-port.ts'
import type { Topology, Zones } from '../store/state/water-port.ts'
import { Detect, type DetectDependencies } from './detect.ts'
import type { Detector, Finding } from './detectors/detector.ts'
import type { Detectors } from './device-readings.ts'
import { Figures } from './metrics.ts'

/** For tests: a data directory with real journals and a real state, and a clock that only the test moves. */
export class Rig {
  readonly dir = mkdtempSync(join(tmpdir(), 'hydrant-ingest-'))
  readonly registry: Registry = openRegistry(stateFile(this.dir))
  readonly homes: Homes = openHomes(stateFile(this.dir))
  readonly topology: Topology = openTopology(stateFile(this.dir))
  readonly zones: Zones = openZones(stateFile(this.dir))
  readonly views: Views = openViews(stateFile(this.dir))
  readonly figures = new Figures()
  readonly logged: string[] = []
  /** Wednesday, 20 November 2024, 16:00 UTC. */
  now = 1_732_118_400_000
  private readonly writers = new Map<JournalLane, JournalWriter>()
  private readonly open: { close(): Promise<void> }[] = [
    this.registry,
    this.homes,
    this.topology,
    this.zones,
    this.views,
  ]

  async add(id: string, kind: Kind, more: Partial<NewDevice> = {}): Promise<void> {
    await this.registry.put([{ ...NO_FACTS, id, kind, name: id, ...more }], { replace: true })
  }

  async journal(lane: JournalLane): Promise<JournalWriter> {
    const known = this.writers.get(lane)
    if (known !== undefined) return known
    const writer = await openJournalWriter(journalFile(this.dir, lane))
    this.writers.set(lane, writer)
    return writer
  }

  /** A device publishes: its record is in the journal of its kind's lane when this resolves. */
  async publish(deviceId: string, payload: unknown, kind: RecordKind = 'telemetry', arg = ''): Promise<void> {
    const device = await this.registry.find(deviceId)
    const lane = device === undefined ? 'bulk' : KINDS[device.kind].lane
    await this.append(lane, kind, deviceId, payload, arg)
  }

  async append(lane: JournalLane, kind: RecordKind, deviceId: string, payload: unknown, arg = ''): Promise<void> {
    const writer = await this.journal(lane)
    const bytes = payload instanceof Uint8Array ? payload : Buffer.from(asText(payload))
    await new Promise<void>((resolve, reject) =>
      writer.append(kind, deviceId, arg, this.now, bytes, (error) => (error ? reject(error) : resolve())),
    )
  }

  async command(command: OperatorCommand): Promise<void> {
    await this.append('operator', 'operator', '', command)
  }

  openDecisions(): Decisions {
    const decisions = openDecisions(stateFile(this.dir))
    this.open.push(decisions)
    return decisions
  }

  /** Ingest as after a (re)start. */
  async detect(detectors: Detectors, more: Partial<DetectDependencies> = {}): Promise<Detect> {
    const reader = (lane: JournalLane) => {
      const made = openJournalReader(journalFile(this.dir, lane))
      this.open.push(made)
      return made
    }
    const say = (_: object, message: string): void => void this.logged.push(message)
    return Detect.open({
      journals: { urgent: reader('urgent'), bulk: reader('bulk'), operator: reader('operator') },
      decisions: this.openDecisions(),
      registry: this.registry,
      homes: this.homes,
      topology: this.topology,
      zones: this.zones,
      sighted: this.views,
      detectors,
      figures: this.figures,
      now: () => this.now,
      // The test's clock is moved by the passing of time, unless the test says that somebody sets it.
      elapsed: () => this.now,
      log: { error: say, warn: say },
      ...more,
    })
  }

  async remove(): Promise<void> {
    for (const writer of this.writers.values()) await writer.close()
    for (const one of this.open) await one.close()
    rmSync(this.dir, { recursive: true })
  }
}

const asText = (payload: unknown): string => (typeof payload === 'string' ? payload : JSON.stringify(payload))

/** A device of which nothing is known but its id and kind. */
export const NO_FACTS = {
  model: null,
  placeId: null,
  gatewayId: null,
  lon: null,
  lat: null,
  rhythmS: null,
  secretHash: new Uint8Array(32),
} as const

/** Reads everything that is there, and lets one tick pass. */
export async function catchUp(detect: Detect): Promise<void> {
  while (await detect.step());
}

interface Threshold {
  readonly last: number
}

/** A detector as simple as can be: smoke above 1 dB/m. It refuses time that runs backwards, and throws at 66.6. */
const smokeAboveOne: Detector<Threshold> = {
  name: 'smoke-above-one',
  kinds: new Set(['smoke-detector'] as const),
  initial: { last: 0 },
  step(state, input) {
    if (input.type === 'tick') return { state, findings: [] }
    const column = input.readings.fields.find(({ quantity }) => quantity === 'smoke')?.values ?? []
    const findings: Finding[] = []
    let { last } = state
    for (const [i, smoke] of column.entries()) {
      const at = input.readings.at[i] as number
      if (typeof smoke !== 'number') continue
      if (smoke === 66.6) throw new Error('a defect')
      if (input.type === 'readings' && at < last) throw new Error('time ran backwards')
      if (input.type === 'readings') last = at
      const facts = {
        at,
        value: smoke,
        threshold: 1,
        unit: 'dB/m',
        reason: 'smoke',
        reasonZh: '烟雾',
        type: 'smoke',
      } as const
      if (input.type === 'readings') findings[0] = { ...facts, active: smoke > 1 }
      else if (smoke > 1) findings[0] = { ...facts, active: false, missed: true }
    }
    return { state: { last }, findings }
  },
}

export const SMOKE_ONLY: Detectors = [smokeAboveOne as Detector<unknown>]
