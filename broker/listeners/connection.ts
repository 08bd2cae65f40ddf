import { Duplex } from 'node:stream'
import type { Reason } from '../../contract/reasons.ts'
import type { Session } from '../session.ts'
import { PacketGuard } from './packet-guard.ts'
import type { PacketLimits } from './packet-rules.ts'

/** Unread bytes at which the socket is no longer read. Aedes takes everything at once, so that one read is the measure. */
const READ_AHEAD = 64 * 1024
/** Room for the acknowledgements of a commit group; 256 of four bytes. Grows with what a turn of the event loop writes. */
const FIRST_OUTPUT = 1024

/** First byte of the packet that answers a CONNECT; two bytes follow (MQTT 3.1.1 §3.2). */
const CONNACK = 0x20

/**
 * Packets other than PUBLISH, and WebSocket messages, that may come in each such time, ms; what is beyond waits. A
 * device pings every few seconds and answers what it is asked. Without it 64 KiB of PINGREQs, one read of one device, held
 * up everybody else's fire by 340 ms, and five such devices by 1.5 s; with it 2,560 packets a second cost 2 % of a core.
 */
const CONTROL_AT_ONCE = 128
const CONTROL_EVERY_MS = 50
/** How long the last answer may take to leave once the connection has ended. */
const LINGER_MS = 1000

export type Transport = 'tcp' | 'websocket' | 'tls' | 'secure-websocket'

export interface ConnectionOptions {
  /** The bytes: a TCP socket or a WebSocket as a stream. */
  readonly source: Duplex
  readonly transport: Transport
  readonly address: string
  /** The names in the client certificate; absent where it showed none. */
  readonly certifiedAs?: readonly string[] | undefined
  /** It came by the port that is kept for fire and care devices. */
  readonly byFirePort: boolean
  readonly limits: PacketLimits
  /** How long it may leave unread what it is sent, ms. */
  readonly drainTimeoutMs: number
  /** A whole CONNECT has come: this is a client. */
  readonly onConnect: (connection: Connection, connect: Buffer) => void
  readonly onRefused: (connection: Connection, reason: Reason, detail: string) => void
  /** The client will send no more and reads no more; what it has sent is still being taken in. */
  readonly onHungUp: (connection: Connection) => void
  /** It says so much besides its publishes that it has to wait. */
  readonly onPaced: () => void
}

/**
 * One client's bytes, as aedes sees them: what comes in has passed the packet guard, what goes out is gathered for one
 * turn of the event loop.
 */
export class Connection extends Duplex {
  readonly transport: Transport
  readonly address: string
  readonly certifiedAs: readonly string[] | undefined
  readonly byFirePort: boolean
  /** Set once the client has shown who it is. */
  session: Session | undefined
  /** Why the broker ended the connection; undefined while it stands, or when the client or the network ended it. */
  endedBecause: string | undefined
  /** When its last bytes came, by the monotonic clock, ms. */
  heardAt = performance.now()
  private readonly source: Duplex
  private readonly guard: PacketGuard
  private readonly options: ConnectionOptions
  private awaitingConnack = true
  /** The CONNECT, until it is answered. */
  private connect: Buffer | undefined
  private stalled = false
  /** When the guard's budget was filled, by the monotonic clock, ms. */
  private budgetSince = 0
  /** Runs while the budget is spent. */
  private rest: NodeJS.Timeout | undefined
  private ended = false
  private output: Buffer | undefined
  private outputLength = 0
  private waitsForDrain = false
  private unread: NodeJS.Timeout | undefined

  constructor(options: ConnectionOptions) {
    super({ readableHighWaterMark: READ_AHEAD, allowHalfOpen: false })
    this.options = options
    this.source = options.source
    this.transport = options.transport
    this.address = options.address
    this.certifiedAs = options.certifiedAs
    this.byFirePort = options.byFirePort
    this.guard = new PacketGuard(options.limits, (packets) => {
      if (this.awaitingConnack) this.connect = packets
      if (!this.push(packets)) this.source.pause()
    })
    this.source.on('data', (chunk: Buffer) => this.receive(chunk))
    this.source.on('drain', () => {
      this.waitsForDrain = false
      clearTimeout(this.unread)
      this.emit('drain')
    })
    this.source.on('error', (error: NodeJS.ErrnoException) => this.sourceFailed(error))
    this.source.on('end', () => this.sourceEnded())
    this.source.on('close', () => this.sourceEnded())
  }

  get sawConnect(): boolean {
    return this.guard.sawConnect
  }

  get sawDisconnect(): boolean {
    return this.guard.sawDisconnect
  }

  get hungUp(): boolean {
    return this.ended
  }

  /** It hung up before it was answered, and left nothing behind that is to be taken in. */
  get hasGivenUp(): boolean {
    return this.destroyed || (this.ended && this.awaitingConnack && (this.guard.surplus?.length ?? 0) === 0)
  }

  /** Nothing it says is read at present. */
  get isStalled(): boolean {
    return this.stalled
  }

  /** It does not read what it was sent. */
  get isCongested(): boolean {
    return this.waitsForDrain
  }

  /** Takes bytes that were read before this object was made. */
  receive(chunk: Buffer): void {
    if (this.destroyed) return
    const now = performance.now()
    this.heardAt = now
    if (now - this.budgetSince >= CONTROL_EVERY_MS) {
      this.budgetSince = now
      this.guard.budget = CONTROL_AT_ONCE
    }
    // What stands in a socket's chunk costs nothing to come by; `ws` takes every message apart by itself.
    if (this.isInMessages) this.guard.budget -= 1
    const before = this.guard.sawConnect
    const violation = this.guard.push(chunk)
    if (violation !== undefined) this.refuse(violation.reason, violation.detail, violation.connack)
    else if (!before && this.guard.sawConnect) {
      this.source.pause()
      if (this.connect !== undefined) this.options.onConnect(this, this.connect)
    } else if (this.guard.budget <= 0) {
      this.source.pause()
      this.options.onPaced()
      this.rest = setTimeout(goOn, CONTROL_EVERY_MS - (now - this.budgetSince), this)
    }
  }

  /** CONNACK is on its way: what the client sent meanwhile, and all that follows, may come in. */
  open(): void {
    if (!this.awaitingConnack || this.destroyed) return
    this.awaitingConnack = false
    this.connect = undefined
    this.goOn()
  }

  /** Takes in what the guard has kept back, then what the socket brings. */
  goOn(): void {
    this.rest = undefined
    const surplus = this.guard.surplus
    this.guard.surplus = undefined
    if (surplus !== undefined && surplus.length > 0) this.receive(surplus)
    if (this.destroyed || this.rest !== undefined) return
    if (this.ended) this.push(null)
    else if (!this.stalled) this.source.resume()
  }

  /** Backpressure: stops reading from the network until `unstall`. The client's own TCP stack then holds it back. */
  stall(): void {
    this.stalled = true
    this.source.pause()
  }

  unstall(): void {
    this.stalled = false
    if (!this.destroyed && !this.isKeptBack && !this.ended) this.source.resume()
  }

  private get isInMessages(): boolean {
    return this.transport === 'websocket' || this.transport === 'secure-websocket'
  }

  private get isKeptBack(): boolean {
    return this.awaitingConnack || this.rest !== undefined
  }

  /**
   * Ends the connection because the client did what it may not.
   * @param connack return code that the client is told first, as long as it has not been answered
   */
  refuse(reason: Reason, detail: string, connack?: number): void {
    if (this.destroyed) return
    if (connack !== undefined) this.write(Buffer.from([CONNACK, 2, 0, connack]))
    this.endedBecause ??= 'refused'
    this.options.onRefused(this, reason, detail)
    this.destroy()
  }

  /** Ends the connection for a reason of the broker's own. */
  cut(because: string): void {
    this.endedBecause ??= because
    this.destroy()
  }

  /**
   * The client has said all it wanted to: a meter publishes with QoS 0 and hangs up within one packet. What it said is
   * still taken in, in its turn; aedes ends the connection when it has read it all.
   */
  private sourceEnded(): void {
    if (this.ended || this.destroyed) return
    this.ended = true
    this.options.onHungUp(this)
    if (!this.guard.sawConnect) this.destroy()
    else if (!this.isKeptBack) this.push(null)
  }

  /** `ws` ends a connection by itself when frames are not as they must be; a person must find out why. */
  private sourceFailed(error: NodeJS.ErrnoException): void {
    if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
      this.refuse('limit.packet-size', 'a WebSocket message longer than a packet may be')
    else if (error.code?.startsWith('WS_ERR_') === true) this.refuse('protocol.violation', error.message)
    else this.destroy()
  }

  override _read(): void {
    if (!this.stalled && !this.isKeptBack && !this.ended) this.source.resume()
  }

  /**
   * mqtt-packet writes a PUBACK as three pieces of one and two bytes. Gathering them here instead of in the stream's
   * machinery, and everything of one turn into one system call, is what carries the gate above 200,000 acks a second.
   */
  override write(chunk: unknown, ...rest: unknown[]): boolean {
    const last = rest.at(-1)
    if (this.destroyed) {
      if (typeof last === 'function') process.nextTick(last, new Error('connection closed'))
      return false
    }
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array)
    const length = bytes.length
    let output = this.output
    if (output === undefined) {
      output = this.output = Buffer.allocUnsafe(Math.max(FIRST_OUTPUT, length))
      process.nextTick(flush, this)
    } else if (this.outputLength + length > output.length) {
      const bigger = Buffer.allocUnsafe(Math.max(output.length * 2, this.outputLength + length))
      output.copy(bigger, 0, 0, this.outputLength)
      output = this.output = bigger
    }
    if (length === 1 || length === 2) {
      output[this.outputLength++] = bytes[0] as number
      if (length === 2) output[this.outputLength++] = bytes[1] as number
    } else {
      output.set(bytes, this.outputLength)
      this.outputLength += length
    }
    if (typeof last === 'function') process.nextTick(last)
    return !this.waitsForDrain
  }

  /** Sends what has been written. */
  flush(): void {
    const output = this.output
    if (output === undefined) return
    this.output = undefined
    const length = this.outputLength
    this.outputLength = 0
    if (!this.source.writable || length === 0) return
    if (this.source.write(output.subarray(0, length)) || this.waitsForDrain) return
    // What it does not read lies in this process. Nothing of it is answered from here on, and after a while it goes.
    this.waitsForDrain = true
    this.unread = setTimeout(() => this.cut('unread'), this.options.drainTimeoutMs)
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    // A CONNACK that refuses is written just before the connection is ended.
    this.flush()
    clearTimeout(this.unread)
    clearTimeout(this.rest)
    if (this.source.writableLength === 0) this.source.destroy()
    else {
      this.source.end()
      // A peer that does not read must not keep the socket.
      setTimeout(() => this.source.destroy(), LINGER_MS).unref()
    }
    callback(error)
  }
}

const flush = (connection: Connection): void => connection.flush()
const goOn = (connection: Connection): void => connection.goOn()

// mqtt-packet corks a stream that can be corked for every packet, and plans its uncorking: 7 % of the gate's time for what
// `write` does already. It asks first whether there is a `cork`.
Object.defineProperty(Connection.prototype, 'cork', { value: undefined })
