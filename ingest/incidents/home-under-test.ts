import { expect } from 'vitest'
import type { Place } from '../../contract/api.ts'
import type { HydrantEvent, IncidentCommand } from '../../contract/events.ts'
import type { Incident } from '../../contract/incidents.ts'
import type { JournalLane, JournalReader, JournalRecord, RecordKind } from '../../store/journal/port.ts'
import type { Detect, DetectDependencies } from '../detect.ts'
import { DETECTORS } from '../detectors/index.ts'
import type { Detectors } from '../device-readings.ts'
import { catchUp, NO_FACTS, Rig } from '../rig.ts'

type Said = IncidentCommand extends infer C ? (C extends unknown ? Omit<C, 'commandId' | 'actor'> : never) : never

const place = (id: string, parentId: string | null, kind: Place['kind']): Place => ({
  id,
  parentId,
  kind,
  name: id,
  lon: null,
  lat: null,
  contact: null,
})

/** Journals that lie in memory: what is decided is the same, and a hundred tests do not start three threads each. */
class QuickRig extends Rig {
  private readonly records: Record<JournalLane, JournalRecord[]> = { urgent: [], bulk: [], operator: [] }

  override async append(
    lane: JournalLane,
    kind: RecordKind,
    deviceId: string,
    said: unknown,
    arg = '',
    arrivedAt = this.now,
  ): Promise<void> {
    const text = (): string => (typeof said === 'string' ? said : JSON.stringify(said))
    const payload = said instanceof Uint8Array ? said : Buffer.from(text())
    const records = this.records[lane]
    records.push({ seq: records.length + 1, kind, deviceId, arg, arrivedAt, payload })
  }

  override async detect(detectors: Detectors, more: Partial<DetectDependencies> = {}): Promise<Detect> {
    const journals = { urgent: this.reader('urgent'), bulk: this.reader('bulk'), operator: this.reader('operator') }
    return super.detect(detectors, { journals, ...more })
  }

  private reader(lane: JournalLane): JournalReader {
    const records = this.records[lane]
    return {
      readAfter: async (seq, max) => records.slice(seq, seq + max),
      head: async () => records.length,
      tail: async () => Math.min(1, records.length),
      usedBytes: async () => 0,
      close: async () => undefined,
    }
  }
}

/** For tests: a home of two floors and a dwelling in a township, behind the real pipeline and a clock that stands still. */
export class HomeUnderTest {
  readonly rig: Rig = new QuickRig()
  detect!: Detect
  private commands = 0

  static async open(): Promise<HomeUnderTest> {
    const home = new HomeUnderTest()
    const { rig } = home
    await rig.registry.putPlaces([
      place('town', null, 'township'),
      place('home', 'town', 'home'),
      place('house', 'home', 'building'),
      place('floor-1', 'house', 'floor'),
      place('floor-2', 'house', 'floor'),
      place('room-101', 'floor-1', 'room'),
      place('dwelling', 'town', 'dwelling'),
    ])
    await home.restart()
    return home
  }

  /** Kills ingest, in effect: another one takes up where the last commit ended. */
  async restart(more: Partial<DetectDependencies> = {}): Promise<void> {
    this.detect = await this.rig.detect(DETECTORS, more)
    await this.detect.ticks.load(new AbortController().signal)
  }

  async addSmoke(placeId: string | null, ...ids: readonly string[]): Promise<void> {
    await this.rig.registry.put(
      ids.map((id) => ({ ...NO_FACTS, id, kind: 'smoke-detector', name: id, placeId })),
      { replace: true },
    )
  }

  async burn(...devices: readonly string[]): Promise<void> {
    for (const device of devices) await this.rig.publish(device, { smoke: 3.1, alarm: true })
    await catchUp(this.detect)
  }

  async clear(...devices: readonly string[]): Promise<void> {
    for (const device of devices) await this.rig.publish(device, { smoke: 0.1, alarm: false })
    await catchUp(this.detect)
  }

  /** Time passes, with a tick at its end. */
  async pass(ms: number): Promise<void> {
    this.rig.now += ms
    await catchUp(this.detect)
  }

  /** A person commands something: it lies in the journal, and is decided by whoever runs next. */
  async command(said: Said, actor = '李雷'): Promise<string> {
    this.commands += 1
    const commandId = `c-${this.commands}`
    await this.rig.command({ ...said, commandId, actor } as IncidentCommand)
    return commandId
  }

  /** Resolves with what came of it. */
  async say(said: Said, actor?: string): Promise<HydrantEvent | undefined> {
    const commandId = await this.command(said, actor)
    await catchUp(this.detect)
    return (await this.events()).findLast((event) => event.commandId === commandId)
  }

  async take(): Promise<HydrantEvent | undefined> {
    return this.say({ type: 'incident.acknowledge', incidentId: (await this.incident()).id, comment: '' })
  }

  /** Oldest first. */
  async incidents(): Promise<readonly Incident[]> {
    return (await this.rig.views.incidents({ state: 'all', limit: 1000 })).items.toReversed()
  }

  /** The only one. */
  async incident(): Promise<Incident> {
    const all = await this.incidents()
    expect(all).toHaveLength(1)
    return all[0] as Incident
  }

  async events(): Promise<readonly HydrantEvent[]> {
    return this.rig.views.eventsAfter(0, 100_000)
  }

  /** Types of events, of incidents unless told otherwise. */
  async told(prefix = 'incident.'): Promise<readonly string[]> {
    return (await this.events()).map(({ type }) => type).filter((type) => type.startsWith(prefix))
  }

  /** The steps that were told, and when, in seconds after `since`. */
  async steps(since: number): Promise<readonly (readonly [step: number, s: number])[]> {
    return (await this.events()).flatMap((event) =>
      event.type === 'incident.escalated' ? [[event.incident.escalation.step, (event.at - since) / 1000] as const] : [],
    )
  }
}
