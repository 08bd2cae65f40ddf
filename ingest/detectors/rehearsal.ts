import type { AlarmType } from '../../contract/alarms.ts'
import { KINDS, type Kind } from '../../contract/kinds.ts'
import type { Quantity, Value } from '../../contract/quantities.ts'
import type { Field, Readings } from '../../contract/readings.ts'
import type { Detector, DeviceFacts, Finding } from './detector.ts'
import { DETECTORS } from './index.ts'

/** For tests: one device in front of all detectors (or some), with simulated time and a store between its messages. */

/** 2025-11-20T16:00:00Z: midnight in Beijing. */
export const T0 = 1_763_654_400_000
export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export type Columns = Partial<Record<Quantity, readonly (Value | null)[]>>

export const deviceOf = (kind: Kind, model: string | null = null): DeviceFacts => ({
  id: 'd1',
  kind,
  model,
  rhythmS: KINDS[kind].rhythmS,
})

export const readingsOf = (at: readonly number[], columns: Columns): Readings => ({
  at,
  fields: Object.entries(columns).map(([quantity, values]) => ({ quantity, values }) as Field),
})

/** `[from, to)` of the rows. */
export const cut = ({ at, fields }: Readings, from: number, to: number): Readings => ({
  at: at.slice(from, to),
  fields: fields.map(({ quantity, values }) => ({ quantity, values: values.slice(from, to) })),
})

export class Rehearsal {
  readonly device: DeviceFacts
  readonly said: Finding[] = []
  /** What a dispatcher would see: by type, whether it was ever raised and whether it holds now. */
  readonly alarms = new Map<AlarmType, { active: boolean; raised: number; last: Finding }>()
  private readonly detectors: readonly Detector<unknown>[]
  private readonly states = new Map<string, unknown>()

  constructor(device: DeviceFacts, detectors: readonly Detector<unknown>[] = DETECTORS) {
    this.device = device
    this.detectors = detectors
  }

  /** One plain message. */
  send(at: number, values: Partial<Record<Quantity, Value>>): readonly Finding[] {
    const columns = Object.fromEntries(Object.entries(values).map(([quantity, value]) => [quantity, [value]]))
    return this.read(readingsOf([at], columns))
  }

  /** A series from `from` every `step` ms. */
  series(from: number, step: number, columns: Columns): readonly Finding[] {
    const length = Object.values(columns)[0]?.length ?? 0
    return this.read(
      readingsOf(
        Array.from({ length }, (_, i) => from + i * step),
        columns,
      ),
    )
  }

  read(readings: Readings): readonly Finding[] {
    const arrivedAt = readings.at[readings.at.length - 1] ?? 0
    return this.step((detector, state) =>
      detector.step(state, { type: 'readings', device: this.device, readings, arrivedAt }),
    )
  }

  late(arrivedAt: number, readings: Readings): readonly Finding[] {
    return this.step((detector, state) =>
      detector.step(state, { type: 'late', device: this.device, readings, arrivedAt }),
    )
  }

  tick(at: number): readonly Finding[] {
    return this.step((detector, state) =>
      detector.wantsTicks === true
        ? detector.step(state, { type: 'tick', device: this.device, at })
        : { state, findings: [] },
    )
  }

  /** Bytes of everything that is remembered, as JSON. */
  stored(): string {
    return JSON.stringify(Object.fromEntries([...this.states].filter(([, state]) => JSON.stringify(state) !== '{}')))
  }

  private step(
    run: (detector: Detector<unknown>, state: unknown) => ReturnType<Detector<unknown>['step']>,
  ): readonly Finding[] {
    const found: Finding[] = []
    for (const detector of this.detectors) {
      if (detector.kinds !== 'all' && !detector.kinds.has(this.device.kind)) continue
      const before = this.states.has(detector.name) ? this.states.get(detector.name) : detector.initial
      const { state, findings } = run(detector, before)
      // As after a crash: only what JSON keeps comes back.
      if (state !== before) this.states.set(detector.name, JSON.parse(JSON.stringify(state)))
      found.push(...findings)
    }
    for (const finding of found) this.note(finding)
    this.said.push(...found)
    return found
  }

  private note(finding: Finding): void {
    const known = this.alarms.get(finding.type) ?? { active: false, raised: 0, last: finding }
    const rises = (finding.active && !known.active) || finding.missed === true
    this.alarms.set(finding.type, { active: finding.active, raised: known.raised + Number(rises), last: finding })
  }
}
