/**
 * What every virtual device has in common. A device is a pure function of its seed and the time: it keeps no state, so
 * that a restarted simulator goes on where it was.
 */

/** What acts on a device beyond its ordinary day. Everything absent is as usual. */
export interface Condition {
  /** K above the ordinary temperature. */
  readonly temperatureRise?: number
  /** dB/m */
  readonly smoke?: number
  /** ppm */
  readonly co?: number
  /** %LEL */
  readonly gas?: number
  /** kPa below the ordinary pressure. */
  readonly pressureLoss?: number
  readonly pressed?: boolean
  readonly open?: boolean
  readonly batteryLow?: boolean
  /** No power, no signal: the connection breaks without a farewell. */
  readonly offline?: boolean
}

export const NOTHING: Condition = {}

/** A time during which something acts on a device; both ends are ms since 1970. */
export interface Influence {
  readonly deviceId: string
  readonly from: number
  readonly to: number
  /** How often the device reports meanwhile, ms. */
  readonly everyMs: number
  condition(at: number): Condition
}

/** Water that runs beyond the household's own use, all through this time. */
export interface Draw {
  readonly deviceId: string
  readonly from: number
  /** Infinity: nobody has repaired it. */
  readonly to: number
  readonly litresPerHour: number
  /** Nobody is up meanwhile: the household itself draws nothing. */
  readonly nothingElse?: true
}

/** A telemetry payload of the device contract, before JSON. */
export type Telemetry = Readonly<Record<string, unknown>>

export interface Behaviour {
  /** Interval between two reports when nothing happens, ms. */
  readonly rhythmMs: number
  /** What the device reports at this time. */
  report(at: number, condition: Condition): Telemetry
  /** What a device that has been collecting sends when it first connects, message by message. */
  backlog?(at: number): readonly Telemetry[]
}

export const rounded = (value: number, decimals: number): number => {
  const scale = 10 ** decimals
  return Math.round(value * scale) / scale
}
