import {
  checkFirstByte,
  checkLength,
  checkPacket,
  MALFORMED_LENGTH,
  type PacketLimits,
  TYPE,
  type Violation,
} from './packet-rules.ts'

/** One byte of type and flags, up to four of remaining length (MQTT 3.1.1 §2.2). */
export const MAX_FIXED_HEADER = 5

/** What a SUBSCRIBE or UNSUBSCRIBE takes of the budget: with eight filters it is the work of so many PINGREQs. */
const COST_OF_FILTERS = 16

/**
 * Stands between the socket and the parser. It walks from fixed header to fixed header, refuses a packet by its header
 * before anything of it is kept, and lets only whole and well-formed packets through, so that the parser behind it holds
 * nothing back: an unauthenticated socket costs at most one CONNECT of 1 KiB, any other at most one packet.
 *
 * After the CONNECT it stops, and what came with it stays in `surplus`: nothing reaches the broker before the client is
 * known (aedes would queue 42 packets and then give up on a client that need not wait for CONNACK, MQTT-3.1.4-5). It stops
 * likewise when the `budget` is spent.
 */
export class PacketGuard {
  private readonly limits: PacketLimits
  private readonly deliver: (wholePackets: Buffer) => void
  /** A packet whose end has not come yet: a buffer of its full size where that is known, else of its header. */
  private partial: Buffer | undefined
  private partialLength = 0
  /** Offset of the body in `partial`, 0 while the header itself is not complete. */
  private partialBody = 0
  private connected = false
  private disconnecting = false
  /** What came behind the CONNECT, or behind the packet that spent the budget; hand it to `push` when it may go on. */
  surplus: Buffer | undefined
  /** Packets that may pass before the next stop, PUBLISHes not counted: for these a device has its allowance. */
  budget = Number.POSITIVE_INFINITY

  constructor(limits: PacketLimits, deliver: (wholePackets: Buffer) => void) {
    this.limits = limits
    this.deliver = deliver
  }

  /** A well-formed CONNECT has come. */
  get sawConnect(): boolean {
    return this.connected
  }

  /** The client said goodbye: what ends the connection now is no loss of it. */
  get sawDisconnect(): boolean {
    return this.disconnecting
  }

  /** Bytes held back here. */
  get heldBytes(): number {
    return (this.partial?.length ?? 0) + (this.surplus?.length ?? 0)
  }

  /** Takes what the socket delivered. After a violation the guard must not be used any more. */
  push(chunk: Buffer): Violation | undefined {
    if (this.disconnecting) return undefined
    let bytes = chunk
    if (this.partial !== undefined) {
      const used = this.complete(bytes)
      if (typeof used !== 'number') return used
      if (used < 0) return undefined
      bytes = bytes.subarray(used)
      if (this.surplus !== undefined) return undefined
    }
    return this.walk(bytes)
  }

  private walk(bytes: Buffer): Violation | undefined {
    let at = 0
    while (at < bytes.length) {
      const first = bytes[at] as number
      const byFirst = checkFirstByte(first, this.connected)
      if (byFirst !== undefined) return byFirst
      const body = bodyOffset(bytes, at)
      if (body < 0) return MALFORMED_LENGTH
      if (body === 0) break
      const length = remainingLength(bytes, at)
      const byLength = checkLength(first, length, this.limits)
      if (byLength !== undefined) return byLength
      const end = body + length
      if (end > bytes.length) {
        this.partialBody = body - at
        this.partial = Buffer.allocUnsafeSlow(end - at)
        this.partialLength = bytes.copy(this.partial, 0, at)
        this.pass(bytes, at)
        return undefined
      }
      const whole = checkPacket(bytes, at, body, end, this.limits)
      if (whole !== undefined) return whole
      at = end
      if (this.stopsBehind(first >> 4)) {
        this.surplus = bytes.subarray(at)
        this.pass(bytes, at)
        return undefined
      }
      if (this.disconnecting) break
    }
    this.pass(bytes, at)
    if (at < bytes.length && !this.disconnecting) {
      // A header that is not complete: at most four bytes.
      this.partialBody = 0
      this.partial = Buffer.allocUnsafe(MAX_FIXED_HEADER)
      this.partialLength = bytes.copy(this.partial, 0, at)
    }
    return undefined
  }

  /** Fills up the packet that had begun. Gives how many bytes that took, or -1 while it is still not whole. */
  private complete(bytes: Buffer): number | Violation {
    let used = 0
    let partial = this.partial as Buffer
    while (this.partialBody === 0) {
      if (used === bytes.length) return -1
      partial[this.partialLength++] = bytes[used++] as number
      const head = partial.subarray(0, this.partialLength)
      const body = bodyOffset(head, 0)
      if (body < 0) return MALFORMED_LENGTH
      if (body === 0) continue
      const length = remainingLength(head, 0)
      const bad = checkLength(head[0] as number, length, this.limits)
      if (bad !== undefined) return bad
      this.partialBody = body
      this.partial = Buffer.allocUnsafeSlow(body + length)
      head.copy(this.partial)
      partial = this.partial
    }
    const taken = bytes.copy(partial, this.partialLength, used)
    used += taken
    this.partialLength += taken
    if (this.partialLength < partial.length) return -1
    this.partial = undefined
    const bad = checkPacket(partial, 0, this.partialBody, partial.length, this.limits)
    if (bad !== undefined) return bad
    if (this.stopsBehind((partial[0] as number) >> 4)) this.surplus = bytes.subarray(used)
    this.deliver(partial)
    return this.disconnecting ? -1 : used
  }

  /** What follows a DISCONNECT must not be looked at (MQTT-3.14.4-1); what follows a CONNECT or the last of the budget waits. */
  private stopsBehind(type: number): boolean {
    if (type === TYPE.publish) return false
    if (type === TYPE.connect) this.connected = true
    else if (type === TYPE.disconnect) this.disconnecting = true
    else {
      this.budget -= type === TYPE.subscribe || type === TYPE.unsubscribe ? COST_OF_FILTERS : 1
      return this.budget <= 0
    }
    return type === TYPE.connect
  }

  private pass(bytes: Buffer, through: number): void {
    if (through > 0) this.deliver(through === bytes.length ? bytes : bytes.subarray(0, through))
  }
}

/** Offset of the variable header of the packet at `at`; 0 while the header is not complete, -1 when it is malformed. */
function bodyOffset(bytes: Uint8Array, at: number): number {
  for (let i = at + 1; i < at + MAX_FIXED_HEADER; i++) {
    if (i >= bytes.length) return 0
    if ((bytes[i] as number) < 0x80) return i + 1
  }
  return -1
}

function remainingLength(bytes: Uint8Array, at: number): number {
  let length = 0
  for (let i = at + 1, shift = 0; ; i++, shift += 7) {
    const byte = bytes[i] as number
    length |= (byte & 0x7f) << shift
    if (byte < 0x80) return length
  }
}
