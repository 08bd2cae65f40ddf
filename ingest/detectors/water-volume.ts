/**
 * Litres that have passed a meter, from its register or, where it has none, from its flow summed up over time. Hourly
 * sums of either are what leaks and bursts are judged by: a single flow value of a pulse meter says little.
 */
export interface VolumeMemory {
  /** Of a meter without a register: its last flow (l/h), when (ms), and the litres summed up so far. */
  readonly flow?: readonly [at: number, rate: number, litres: number]
}

export const NOTHING_YET = 0
export const REGISTER = 1
export const FLOW = 2

/** A register wins over flow from its first value on. One shape, NaN for what is not known. */
export interface VolumeDraft {
  source: typeof NOTHING_YET | typeof REGISTER | typeof FLOW
  flowAt: number
  /** l/h */
  flow: number
  litres: number
}

const LITRES = 1000
const HOUR_MS = 3_600_000
/** A register's value in litres is kept to the millilitre, so that 12.001 m³ does not become 12001.000000000002 l. */
const MILLILITRES = 1000

export const toLitres = (m3: number): number => Math.round(m3 * LITRES * MILLILITRES) / MILLILITRES

/**
 * Takes a reading into `draft`; `volume` in m³, `flow` in m³/h, NaN where there is none. Returns the litres so far, or
 * NaN where the reading adds nothing. Litres of different sources do not compare: the caller looks at `source`.
 */
export function takeVolume(draft: VolumeDraft, at: number, volume: number, flow: number): number {
  if (!Number.isNaN(volume)) {
    draft.source = REGISTER
    return toLitres(volume)
  }
  if (Number.isNaN(flow) || draft.source === REGISTER) return Number.NaN
  const now = flow * LITRES
  if (draft.source === FLOW) draft.litres += ((now + draft.flow) / 2) * ((at - draft.flowAt) / HOUR_MS)
  else draft.litres = 0
  draft.source = FLOW
  draft.flowAt = at
  draft.flow = now
  return draft.litres
}

export const sumOf = ({ source, flowAt, flow, litres }: VolumeDraft): VolumeMemory =>
  source === FLOW ? { flow: [flowAt, flow, litres] } : {}
