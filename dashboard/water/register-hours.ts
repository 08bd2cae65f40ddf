import { MEASURED_GAP_MS } from '../../contract/measured-gap.ts'

const HOUR_MS = 3_600_000
const LITRES_PER_M3 = 1000

export interface HourOfUse {
  /** Hours since 1970 UTC. */
  readonly hour: number
  /** Whole litres; null: nothing is known of all of the hour. */
  readonly litres: number | null
  /** False: the litres are a part of what ran over a longer gap. */
  readonly measured: boolean
}

/**
 * What ran through a meter in each hour: the register interpolated at the full hours, in whole litres, so that hours add up
 * to what the register counted. Where it falls, another one begins: that hour is not known.
 * @param at ascending, ms @param m3 the register at these times; null: none was sent
 * @param from first hour @param to first hour no longer asked for
 */
export function hoursOfRegister(
  at: readonly number[],
  m3: readonly (number | null)[],
  from: number,
  to: number,
): HourOfUse[] {
  const readings = at.flatMap((time, i) => {
    const volume = m3[i]
    return typeof volume === 'number' ? [{ time, litres: volume * LITRES_PER_M3 }] : []
  })
  const edges: (Edge | undefined)[] = []
  let next = 0
  for (let hour = from; hour <= to; hour++) {
    const time = hour * HOUR_MS
    while (next < readings.length && (readings[next] as Reading).time < time) next++
    edges.push(edgeAt(readings, next, time))
  }
  const hours: HourOfUse[] = []
  for (let i = 0; i < to - from; i++) {
    const [before, after] = [edges[i], edges[i + 1]]
    const litres = before === undefined || after === undefined ? null : after.litres - before.litres
    const isKnown = litres !== null && litres >= 0
    hours.push({
      hour: from + i,
      litres: isKnown ? litres : null,
      measured: isKnown && before?.measured === true && after?.measured === true,
    })
  }
  return hours
}

interface Reading {
  readonly time: number
  readonly litres: number
}
interface Edge {
  readonly litres: number
  readonly measured: boolean
}

/** The register at a full hour; `next` is the first reading not before it. */
function edgeAt(readings: readonly Reading[], next: number, time: number): Edge | undefined {
  const after = readings[next]
  if (after?.time === time) return { litres: Math.round(after.litres), measured: true }
  const before = readings[next - 1]
  if (before === undefined || after === undefined || after.litres < before.litres) return undefined
  const share = (time - before.time) / (after.time - before.time)
  return {
    litres: Math.round(before.litres + share * (after.litres - before.litres)),
    measured: after.time - before.time <= MEASURED_GAP_MS,
  }
}
