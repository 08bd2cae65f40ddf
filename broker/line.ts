/**
 * The way to a device that has shown who it is, whatever it speaks: an MQTT connection, or a fire panel's line. What sessions,
 * lanes and the gate need of it.
 */
export interface Line {
  readonly transport: string
  readonly address: string
  /** Why the broker ended it; undefined while it stands, or when the device or the network ended it. */
  endedBecause: string | undefined
  /** When its last bytes came, by the monotonic clock, ms. */
  readonly heardAt: number
  /** The device will send no more; what it has sent is still being taken in. */
  readonly hungUp: boolean
  readonly sawDisconnect: boolean
  readonly destroyed: boolean
  /** Nothing it says is read at present. */
  readonly isStalled: boolean
  /** It does not read what it was sent. */
  readonly isCongested: boolean
  stall(): void
  unstall(): void
  /** Ends it for a reason of the broker's own. */
  cut(because: string): void
  once(event: 'close', listener: () => void): unknown
  off(event: 'close', listener: () => void): unknown
}
