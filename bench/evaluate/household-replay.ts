import type { AlarmType } from '../../contract/alarms.ts'
import type { Readings } from '../../contract/readings.ts'
import { decodeRecord } from '../../ingest/decode.ts'
import { DETECTORS } from '../../ingest/detectors/index.ts'
import { factsOf, type Judged, judgeReadings } from '../../ingest/device-readings.ts'
import { type DeviceState, readState } from '../../ingest/device-state.ts'
import { type Piece, readPiece } from '../../ingest/piece-text.ts'
import { countReadings, firstRowAt, rowsOf } from '../../ingest/readings.ts'
import { play } from '../../ingest/rejudge.ts'
import type { FleetMeter } from '../../simulators/worlds/household-fleet.ts'
import type { RegisteredDevice } from '../../store/state/registry-port.ts'

/** An alarm as a dispatcher would have seen it come. Times in ms since 1970. */
export interface Raised {
  readonly type: AlarmType
  /** When the upload arrived that raised it. */
  readonly arrivedAt: number
  /** Measurement that decided it: up to it the detector had to see. */
  readonly decidedAt: number
  readonly since: number
  readonly value: number | null
}

/** ms. What passed between two readings that are further apart is no data. */
const HEARD_MS = 4 * 3_600_000

interface Replayed {
  /** How much of the time between two moments the readings covered that had arrived by `arrivedBy`, ms. */
  heard(from: number, to: number, arrivedBy: number): number
  /** Arrival of the first upload with readings `spanMs` apart within two moments; undefined: none came. */
  heldBy(from: number, to: number, spanMs: number): number | undefined
  /**
   * Whether what arrived shows that water ran back between two moments: any reading of a meter that counts it; else the meter's own
   * word, or a register that lies below the reading before it.
   */
  shownBackwards(from: number, to: number): boolean
  /** First reading after a moment in which the meter itself saw water run or said that it is stuck; undefined: none. */
  sawRunning(from: number): number | undefined
  readonly raised: readonly Raised[]
  readonly readings: number
  /** As it would be stored after the last upload. */
  readonly state: DeviceState
}

export const registered = ({ id, type }: Pick<FleetMeter, 'id' | 'type'>): RegisteredDevice => ({
  id,
  kind: 'water-meter',
  name: id,
  model: type.model,
  placeId: null,
  gatewayId: null,
  lon: null,
  lat: null,
  disabled: false,
  rhythmS: null,
  identity: 'secret',
  secretHash: new Uint8Array(),
  generation: 1,
  gbAddress: null,
  gbFrom: [],
  denied: false,
  revision: 1,
})

/**
 * One meter's uploads in the order of their arrival, through the decoding, ordering, plausibility and detection of
 * production. State of one meter is all that detection knows, so meters can be replayed one after the other.
 *
 * @param listen is handed what detection sees of every upload: the control rules look at the same readings
 */
export function replay(meter: FleetMeter, listen?: (fresh: Readings, arrivedAt: number) => void): Replayed {
  const device = registered(meter)
  let state = readState(undefined)
  const open = new Set<AlarmType>()
  const raised: Raised[] = []
  let readings = 0
  let newest = 0
  const running: number[] = []
  let saidReverse = false
  const times: { readonly at: number; readonly arrivedAt: number; readonly m3: number }[] = []
  for (const [seq, { arrivedAt, payload }] of meter.uploads.entries()) {
    const decoded = decodeRecord({
      seq,
      kind: 'telemetry',
      deviceId: meter.id,
      arg: '',
      arrivedAt,
      payload: Buffer.from(payload),
    })
    if (decoded.type !== 'readings') throw new Error(`the world made an upload that is no telemetry: ${payload}`)
    for (const block of decoded.message.blocks) {
      const judge = (part: Readings): Judged => judgeReadings(state, device, part, arrivedAt, 'bulk', DETECTORS)
      const judged = judge(block.readings)
      readings += countReadings(block.readings)
      noteRunning(block.readings, running)
      saidReverse ||= saysReverse(block.readings)
      const volume = block.readings.fields.find(({ quantity }) => quantity === 'volume')?.values
      for (const [i, at] of block.readings.at.entries()) {
        const m3 = volume?.[i]
        if (typeof m3 === 'number') times.push({ at, arrivedAt, m3 })
      }
      for (const { type, active, missed, since, at, value, restates } of judged.findings) {
        if (!open.has(type) && (active || (missed === true && restates === undefined))) {
          const isLate = block.readings.at[block.readings.at.length - 1]! < newest
          const decidedAt = isLate
            ? decidedAmong(judged.state, device, type)
            : decisiveTime(judge, block.readings, type)
          raised.push({ type, arrivedAt, decidedAt, since: since ?? at, value })
        }
        if (active) open.add(type)
        else if (missed !== true) open.delete(type)
      }
      state = judged.state
      newest = Math.max(newest, block.readings.at[block.readings.at.length - 1]!)
      listen?.(block.readings, arrivedAt)
    }
  }
  const heard = (from: number, to: number, arrivedBy: number): number => {
    const known = times.filter((one) => one.arrivedAt <= arrivedBy).map(({ at }) => at)
    known.sort((a, b) => a - b)
    let sum = 0
    for (let i = 1; i < known.length; i++) {
      const [a, b] = [known[i - 1]!, known[i]!]
      if (b - a <= HEARD_MS) sum += Math.max(0, Math.min(b, to) - Math.max(a, from))
    }
    return sum
  }
  const heldBy = (from: number, to: number, spanMs: number): number | undefined => {
    const within = new Map<number, number[]>()
    for (const { at, arrivedAt } of times)
      if (at >= from && at <= to) within.set(arrivedAt, [...(within.get(arrivedAt) ?? []), at])
    return [...within].find(([, at]) => at[at.length - 1]! - at[0]! >= spanMs)?.[0]
  }
  const shownBackwards = (from: number, to: number): boolean => {
    if (meter.type.reverseRegister) return heldBy(from, to, 0) !== undefined
    if (saidReverse) return true
    const inOrder = times.toSorted((a, b) => a.at - b.at)
    return inOrder.some(({ at, m3 }, i) => i > 0 && at >= from && at <= to && m3 < inOrder[i - 1]!.m3)
  }
  const sawRunning = (from: number): number | undefined => {
    const after = running.filter((at) => at > from)
    return after.length === 0 ? undefined : Math.min(...after)
  }
  return { raised, readings, state, heard, heldBy, shownBackwards, sawRunning }
}

function noteRunning({ at, fields }: Readings, running: number[]): void {
  for (const { quantity, values } of fields)
    for (const [i, value] of values.entries())
      if (quantity === 'flow' ? Number(value) > 0 : Array.isArray(value) && value.includes('stuck'))
        running.push(at[i]!)
}

const saysReverse = ({ fields }: Readings): boolean =>
  fields.some(({ values }) => values.some((value) => Array.isArray(value) && value.includes('reverse')))

/** A late upload decides together with those that came before it: the first reading up to which all that is known raises this alarm. */
function decidedAmong({ tape }: DeviceState, device: RegisteredDevice, type: AlarmType): number {
  if (tape === undefined) throw new Error(`${device.id} is no meter`)
  const pieces = tape.pieces.map(readPiece)
  const times = pieces.flatMap(({ readings }) => readings.at)
  let low = 0
  let high = times.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    const known = pieces.flatMap(({ from, readings, ...rest }): Piece[] => {
      const part = rowsOf(readings, 0, firstRowAt(readings.at, times[middle]! + 1))
      return part === undefined ? [] : [{ from, readings: part, ...rest }]
    })
    const { findings } = play(tape.settled, known, factsOf(device), DETECTORS)
    if (findings.some((found) => found.type === type && (found.active || found.missed === true))) high = middle
    else low = middle + 1
  }
  return times[low]!
}

/** The first reading with which the upload, cut off behind it, raises this alarm too. */
function decisiveTime(judge: (part: Readings) => Judged, whole: Readings, type: AlarmType): number {
  let low = 1
  let high = whole.at.length
  while (low < high) {
    const middle = (low + high) >> 1
    const part = {
      at: whole.at.slice(0, middle),
      fields: whole.fields.map((f) => ({ ...f, values: f.values.slice(0, middle) })),
    }
    if (judge(part).findings.some((found) => found.type === type && (found.active || found.missed === true)))
      high = middle
    else low = middle + 1
  }
  return whole.at[low - 1]!
}
