/** Nobody goes who came so lately: after a restart the kernel hands over thousands in one turn, unheard as yet. Ms. */
const GRACE_MS = 1000

export interface AddressLimits {
  readonly maxPerAddress: number
  readonly maxStrangers: number
}

interface Entry<Socket> {
  connections: number
  /** Those that have not sent a whole CONNECT, in the order in which they came, with when that was, ms. */
  readonly strangers: Map<Socket, number>
}

/**
 * How many connections each address holds, and which of them have not said who they are. One address may be the NAT of a
 * mobile operator with thousands of meters behind it, and one stranger among them must not keep them out: where too many
 * wait, it is the one who has waited longest that goes. A device sends its CONNECT within milliseconds; who holds half a CONNECT
 * to keep others out is always the oldest.
 */
export class AddressBook<Socket> {
  private readonly entries = new Map<string, Entry<Socket>>()
  private readonly limits: AddressLimits

  constructor(limits: AddressLimits) {
    this.limits = limits
  }

  /**
   * @param now ms of a clock that never runs backwards
   * @returns whether it may come in, and which stranger goes for it
   */
  enter(subscriber: string, socket: Socket, now: number): { readonly admitted: boolean; readonly evicted?: Socket } {
    const entry = this.entries.get(subscriber) ?? { connections: 0, strangers: new Map<Socket, number>() }
    const isFull = entry.connections >= this.limits.maxPerAddress
    const evicted =
      isFull || entry.strangers.size >= this.limits.maxStrangers ? this.longestWaiting(entry, now) : undefined
    if (isFull && evicted === undefined) return { admitted: false }
    if (evicted !== undefined) entry.strangers.delete(evicted)
    this.entries.set(subscriber, entry)
    entry.connections += 1
    entry.strangers.set(socket, now)
    return evicted === undefined ? { admitted: true } : { admitted: true, evicted }
  }

  /** It has sent a whole CONNECT, and is soon known or refused. */
  introduced(subscriber: string, socket: Socket): void {
    this.entries.get(subscriber)?.strangers.delete(socket)
  }

  /** Once for every connection that was admitted. */
  leave(subscriber: string, socket: Socket): void {
    const entry = this.entries.get(subscriber)
    if (entry === undefined) return
    entry.strangers.delete(socket)
    entry.connections -= 1
    if (entry.connections === 0) this.entries.delete(subscriber)
  }

  private longestWaiting(entry: Entry<Socket>, now: number): Socket | undefined {
    const [oldest] = entry.strangers
    return oldest !== undefined && now - oldest[1] >= GRACE_MS ? oldest[0] : undefined
  }

  /** Addresses that hold a connection. */
  get size(): number {
    return this.entries.size
  }
}
