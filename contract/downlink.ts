/**
 * What the centre asks of a device. The decision names what is wanted; how it is said (an RPC request over MQTT, a frame of
 * GB/T 26875.3) is the broker's.
 */

export type DownlinkRequest =
  /** 查岗: the person on duty is to answer within so many minutes. GB 26875.1: 10 at most. */
  | { readonly kind: 'duty-check'; readonly minutes: number }
  /** What burns, what is faulty, what is isolated: all of it anew. */
  | { readonly kind: 'read-state' }
  /** Its clock is set to the centre's. */
  | { readonly kind: 'set-time' }
  | { readonly kind: 'initialise' }

/**
 * What came of it. `answered`: the device has received it and said so; what it then reports comes up as any other message.
 * `denied`: it will not. `unanswered`: it was sent as often as the protocol says, and nobody spoke. `expired`: the device was
 * not there in time.
 */
export type DownlinkOutcome = 'answered' | 'denied' | 'unanswered' | 'expired'
