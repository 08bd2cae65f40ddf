import type { Readings } from '../../contract/readings.ts'
import { decodeRecord } from '../../ingest/decode.ts'
import type { Finding } from '../../ingest/detectors/detector.ts'
import { LATE_MS } from '../../ingest/detectors/detector.ts'
import { DETECTORS } from '../../ingest/detectors/index.ts'
import { judgeReadings } from '../../ingest/device-readings.ts'
import { type DeviceState, readState, writeState } from '../../ingest/device-state.ts'
import { rowsOf } from '../../ingest/readings.ts'
import { mix, type Random, seeded } from '../../simulators/random.ts'
import { fleetMeter } from '../../simulators/worlds/household-fleet.ts'
import { registered } from './household-replay.ts'

/**
 * The same uploads of one meter, once in the order in which they were measured and once as networks deliver them: up to
 * eight days late, twice, in pieces. What is known in the end must be the same.
 */

/** What a person knows of one condition: since when (ms), how large, whether it is over, and what it is. */
type Known = readonly [type: string, since: number, value: number | null, over: boolean]

export interface Comparison {
  readonly inOrder: readonly Known[]
  readonly shuffled: readonly Known[]
  /** What was raised and later withdrawn as never having been. */
  readonly withdrawn: readonly Finding[]
  /** Uploads that came behind newer ones. */
  readonly late: number
}

interface Part {
  readonly readings: Readings
  readonly arrivedAt: number
}

const DAY_MS = 86_400_000
/** Shares of uploads: cut in two, late, sent again. */
const CUT = 0.15
const LATE = 0.4
const TWICE = 0.15

/** @param seed of the world and of the delivery; `index` of the meter */
export function compareOrders(seed: number, index: number, days: number): Comparison {
  const { meter } = fleetMeter(index, { seed, days, hourly: index % 2 === 0 })
  const random = seeded(mix(seed, index + 1_000_000))
  const blocks = new Map<number, Readings>()
  for (const [seq, { arrivedAt, payload }] of meter.uploads.entries()) {
    const record = {
      seq,
      kind: 'telemetry',
      deviceId: meter.id,
      arg: '',
      arrivedAt,
      payload: Buffer.from(payload),
    } as const
    const decoded = decodeRecord(record)
    if (decoded.type === 'readings')
      for (const { readings } of decoded.message.blocks) blocks.set(readings.at[0]!, readings)
  }
  const parts = [...blocks.values()]
    .sort((a, b) => a.at[0]! - b.at[0]!)
    .flatMap((readings) => (random() < CUT ? halves(readings, random) : [readings]))
  const inOrder = parts.map((readings) => ({ readings, arrivedAt: endOf(readings) }))
  const shuffled = inOrder
    .flatMap((part) => (random() < TWICE ? [part, part] : [part]))
    .map((part) => ({
      ...part,
      arrivedAt: part.arrivedAt + (random() < LATE ? random() * LATE_MS : (random() * DAY_MS) / 4),
    }))
    .sort((a, b) => a.arrivedAt - b.arrivedAt)
  let newest = 0
  let late = 0
  for (const { readings } of shuffled) {
    if (endOf(readings) < newest) late++
    newest = Math.max(newest, endOf(readings))
  }
  const device = registered(meter)
  const now = hear(shuffled, device)
  return {
    inOrder: whatIsKnown(hear(inOrder, device)),
    shuffled: whatIsKnown(now),
    withdrawn: now.filter(({ withdrawn, reason }) => withdrawn === true && reason.endsWith('not so')),
    late,
  }
}

const endOf = ({ at }: Readings): number => at[at.length - 1]!

function halves(readings: Readings, random: Random): readonly Readings[] {
  const row = 1 + Math.floor(random() * (readings.at.length - 1))
  return [rowsOf(readings, 0, row), rowsOf(readings, row, readings.at.length)].filter((part) => part !== undefined)
}

function hear(parts: readonly Part[], device: ReturnType<typeof registered>): readonly Finding[] {
  let state: DeviceState = readState(undefined)
  const findings: Finding[] = []
  for (const { readings, arrivedAt } of parts) {
    const judged = judgeReadings(state, device, readings, arrivedAt, 'bulk', DETECTORS)
    findings.push(...judged.findings)
    // As after a restart.
    state = readState(writeState(judged.state))
  }
  return findings
}

/** What a person knows who heard all of it. */
function whatIsKnown(findings: readonly Finding[]): readonly Known[] {
  const known: { type: string; since: number; value: number | null; over: boolean }[] = []
  for (const { type, active, missed, withdrawn, restates, since: from, at, value } of findings) {
    const since = from ?? at
    const open = known.find((one) => one.type === type && !one.over)
    const told = known.findLast((one) => one.type === type && one.since === restates) ?? open
    if (withdrawn === true) known.splice(known.indexOf(told!), 1)
    else if (restates !== undefined)
      Object.assign(told!, { since, value: active || missed ? value : told!.value, over: !active })
    else if (active && open !== undefined) Object.assign(open, { since, value })
    else if (active || missed === true || open === undefined) known.push({ type, since, value, over: !active })
    else open.over = true
  }
  return known
    .map(({ type, since, value, over }): Known => [type, since, value, over])
    .sort((a, b) => a[0].localeCompare(b[0]) || a[1] - b[1])
}
