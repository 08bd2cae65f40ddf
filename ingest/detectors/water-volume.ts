/**
 * Litres that have passed a meter, from its register or, where it has none, from its flow summed up over time. Hourly
 * sums of either are what leaks and bursts are judged by: a single flow value of a pulse meter says little.
 */
export interface VolumeMemory {
  /** Absent: nothing yet. A register wins over flow from its first value on. */
  source?: 'register' | 'flow'
  flowAt?: number
  /** l/h */
  flow?: number
  litres?: number
}

const LITRES = 1000
const HOUR_MS = 3_600_000
/** A register's value in litres is kept to the millilitre, so that 12.001 m³ does not become 12001.000000000002 l. */
const MILLILITRES = 1000

/**
 * Takes a reading into `draft`; `volume` in m³, `flow` in m³/h, NaN where there is none. Returns the litres so far, or
 * NaN where the reading adds nothing. Litres of different sources do not compare: the caller looks at `source`.
 */
export function takeVolume(draft: VolumeMemory, at: number, volume: number, flow: number): number {
  if (!Number.isNaN(volume)) {
    draft.source = 'register'
    delete draft.flowAt
    delete draft.flow
    delete draft.litres
    return Math.round(volume * LITRES * MILLILITRES) / MILLILITRES
  }
  if (Number.isNaN(flow) || draft.source === 'register') return Number.NaN
  draft.source = 'flow'
  const now = flow * LITRES
  const hours = draft.flowAt === undefined ? 0 : (at - draft.flowAt) / HOUR_MS
  const litres = (draft.litres ?? 0) + ((now + (draft.flow ?? now)) / 2) * hours
  draft.litres = litres
  draft.flowAt = at
  draft.flow = now
  return litres
}
