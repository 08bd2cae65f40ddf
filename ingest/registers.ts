import type { Quantity, Value } from '../contract/quantities.ts'
import type { Complaint, Field, Readings } from '../contract/readings.ts'

/** What is known of a device's registers, by quantity. Plain JSON. */
export type RegisterStates = Partial<Record<'volume' | 'reverseVolume', RegisterState>>

interface RegisterState {
  /** Last believed value, m³. */
  readonly value: number
  /** Readings in a row that lie below it and agree with each other. */
  readonly lower: number
  /** The last of them, m³. */
  readonly lowest: number
}

/** A register may wobble by its last digit: 1 l. m³. */
const WOBBLE = 0.001
/** So many readings in a row below the register, rising among themselves, are another meter and no slip of one. */
const EXCHANGED_AFTER = 4
/**
 * Of a fall this small (m³) two are enough: no other meter shows so nearly the same, and what ran backwards is made good by
 * the morning's use before four readings have agreed. Where there is no register for what runs backwards, one is: an hour of
 * reverse flow through a dial of 10 l may show in a single reading.
 */
const SMALL_FALL = 1
const FELL_AFTER = 2
/** A rollover goes from the last tenth of the dial to its first. */
const DIAL_EDGE = 0.1
/** Dials have four (DN15: 9,999) to nine digits. */
const SMALLEST_DIAL = 10_000

const isRegister = (quantity: Quantity): quantity is 'volume' | 'reverseVolume' =>
  quantity === 'volume' || quantity === 'reverseVolume'

/**
 * A register that runs backwards is impossible, unless water runs backwards (the device's `reverse` flag, negative flow,
 * a rising reverse register), its dial rolls over, or the meter has been exchanged: four readings in a row that agree
 * with each other (fewer of a small fall) are believed, those before them stay out unless they came in the same message. Takes readings that come in order.
 */
export function checkRegisters(
  before: RegisterStates,
  readings: Readings,
): { readonly states: RegisterStates; readonly readings: Readings; readonly complaint: Complaint | undefined } {
  if (!readings.fields.some(({ quantity }) => isRegister(quantity)))
    return { states: before, readings, complaint: undefined }
  const states: RegisterStates = { ...before }
  const runsBackwards = reverseRows(before, readings)
  const hasReverse =
    before.reverseVolume !== undefined || readings.fields.some(({ quantity }) => quantity === 'reverseVolume')
  let bad = 0
  let detail = ''
  const fields = readings.fields.map((field): Field => {
    if (!isRegister(field.quantity)) return field
    let state = before[field.quantity]
    let kept: (Value | null)[] | undefined
    for (let i = 0; i < field.values.length; i++) {
      const value = field.values[i]
      if (typeof value !== 'number') continue
      if (state === undefined || (value >= state.value && state.lower === 0)) {
        state = { value, lower: 0, lowest: 0 }
        continue
      }
      const fellAfter = hasReverse ? FELL_AFTER : 1
      let next = judge(state, value, runsBackwards(i), fellAfter)
      if (!next.believed && isBorneOut(next.state, field.values, i + 1, fellAfter)) next = believe(value)
      if (!next.believed) {
        kept ??= field.values.slice()
        kept[i] = null
        bad++
        if (detail === '') detail = `${field.quantity} went from ${state.value} to ${value} m³`
      }
      state = next.state
    }
    if (state !== undefined) states[field.quantity] = state
    return kept === undefined ? field : { quantity: field.quantity, values: kept }
  })
  if (bad === 0) return { states, readings, complaint: undefined }
  return {
    states,
    readings: { ...readings, fields },
    complaint: { reason: 'value.register-backwards', detail, count: bad },
  }
}

/** Whether the readings behind it in the same message agree with a lower one until it is believed: then it is from the first on. */
function isBorneOut(first: RegisterState, values: Field['values'], from: number, fellAfter: number): boolean {
  let state = first
  for (let i = from; i < values.length; i++) {
    const value = values[i]
    if (typeof value !== 'number') continue
    if (value >= state.value - WOBBLE) return false
    const next = judge(state, value, false, fellAfter)
    if (next.believed) return true
    if (next.state.lower <= state.lower) return false
    state = next.state
  }
  return false
}

const believe = (value: number): Judged => ({ believed: true, state: { value, lower: 0, lowest: 0 } })

interface Judged {
  readonly believed: boolean
  readonly state: RegisterState
}

function judge(state: RegisterState, value: number, reverse: boolean, fellAfter: number): Judged {
  const believed = believe(value)
  if (value >= state.value) return believed
  if (value >= state.value - WOBBLE) return { believed: true, state: { value: state.value, lower: 0, lowest: 0 } }
  if (reverse || rolledOver(state.value, value)) return believed
  const small = state.value - value <= SMALL_FALL
  const lower = state.lower > 0 && value >= state.lowest - (small ? SMALL_FALL : WOBBLE) ? state.lower + 1 : 1
  if (lower >= (small ? fellAfter : EXCHANGED_AFTER)) return believed
  return { believed: false, state: { value: state.value, lower, lowest: value } }
}

function rolledOver(from: number, to: number): boolean {
  let dial = SMALLEST_DIAL
  while (dial <= from) dial *= 10
  return from >= dial * (1 - DIAL_EDGE) && to <= dial * DIAL_EDGE
}

/** Whether water is known to run backwards at a row. */
function reverseRows(before: RegisterStates, readings: Readings): (row: number) => boolean {
  const column = (quantity: Quantity): readonly (Value | null)[] | undefined =>
    readings.fields.find((field) => field.quantity === quantity)?.values
  const flow = column('flow')
  const reverse = column('reverseVolume')
  const flags = column('flags')
  const flagged = flags?.some((words) => Array.isArray(words) && words.includes('reverse')) === true
  const reverseBefore = before.reverseVolume?.value
  return (row) => {
    if (flagged) return true
    const flowHere = flow?.[row]
    if (typeof flowHere === 'number' && flowHere < 0) return true
    const reverseHere = reverse?.[row]
    const earlier = row > 0 ? reverse?.[row - 1] : reverseBefore
    return typeof reverseHere === 'number' && typeof earlier === 'number' && reverseHere > earlier
  }
}
