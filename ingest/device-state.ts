import { NOTHING_SEEN, type OrderState } from './order.ts'
import type { RegisterStates } from './registers.ts'
import type { Tape } from './tape.ts'

/** Everything that ingest remembers of one device between its messages. Stored as JSON in the transaction that moves the cursor. */
export interface DeviceState {
  readonly order: OrderState
  readonly registers: RegisterStates
  /** Arrival of the newest impossible values, at most as many as raise the alarm. */
  readonly implausible: readonly number[]
  /** By the detector's name; absent: its initial state. */
  readonly detectors: Readonly<Record<string, unknown>>
  /** Of a meter: its last days, to be judged again when an upload comes late. */
  readonly tape?: Tape
}

const NEW_DEVICE: DeviceState = { order: NOTHING_SEEN, registers: {}, implausible: [], detectors: {} }

export const writeState = (state: DeviceState): string => JSON.stringify(state)

/** What `writeState` wrote; missing parts (an older Hydrant's) start anew. */
export const readState = (text: string | undefined): DeviceState =>
  text === undefined ? NEW_DEVICE : { ...NEW_DEVICE, ...(JSON.parse(text) as Partial<DeviceState>) }
