import { createSocket, type Socket as Datagrams, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, isIPv6, type Server, type Socket } from 'node:net'
import { describeFault, ENVELOPE_BYTES, faultOf } from '../../contract/gb26875/frame.ts'
import { FrameSplitter, type Piece } from '../../contract/gb26875/splitter.ts'
import type { Reason } from '../../contract/reasons.ts'
import { USUAL_GB26875_PORT } from '../../contract/settings.ts'
import { subscriberOf } from '../../store/subscriber.ts'
import { type Arrived, Link } from '../gb26875/link.ts'
import { TokenBucket } from '../limits.ts'
import { AddressBook } from './address-book.ts'

const ANY_PORT = 0
/** Free ports are asked for again where UDP's half of the number is taken. */
const PORT_TRIES = 10
const BACKLOG = 512
/** Half-open connections are found by TCP as well. */
const TCP_KEEPALIVE_MS = 60_000
/** Bytes that are no whole frame are looked at again after so long without another: long before a device repeats, 10 s. */
const SETTLE_MS = 500
/** One address may be the NAT of a mobile operator; a share of the door stays for others all the same. */
const SHARE_OF_ADDRESS = 0.5
const SHARE_OF_STRANGERS = 0.25
/** Datagrams of one device that wait for its turn; what is beyond comes again. */
const MOST_DATAGRAMS = 256
/**
 * Source addresses a second that are asked for in the registry because of a datagram: whoever invents them costs no more
 * than that, and a city of panels that comes back is let in within seconds.
 */
const NEW_PEERS = { rate: 1000, burst: 4000 }
/** Of these, what one address may use up: the panels behind others do not wait for whoever invents them there. */
const NEW_PEERS_OF_ADDRESS = { rate: 250, burst: 1000 }
/** Addresses that are kept apart. Each costs about 200 bytes; those beyond share what there is. */
const MOST_ADDRESSES = 50_000
/** How often silence is looked for, as a share of what is allowed, and at most. */
const LOOKS_PER_SILENCE = 20
const LOOK_EVERY_MS = 1000

export interface Gb26875PortOptions {
  readonly host: string
  /** Undefined: the usual one, where it is free. 0: any. */
  readonly port: number | undefined
  readonly maxConnections: number
  /** Silence after which a device is disconnected, ms. */
  readonly idleMs: number
  /** How long a device may leave unread what it is sent, ms. */
  readonly drainTimeoutMs: number
  readonly clock: () => number
  readonly handle: (link: Link, arrived: Arrived) => void | Promise<void>
  readonly onRefused: (reason: Reason, detail: string) => void
}

/** TCP and UDP on the same number, for the transmission devices of fire panels. */
export class Gb26875Port {
  private readonly options: Gb26875PortOptions
  private readonly server: Server
  private datagrams: Datagrams | undefined
  private readonly sockets = new Map<Socket, Link>()
  private readonly addresses: AddressBook<Socket>
  /** Devices that speak in datagrams, by source address. */
  private readonly peers = new Map<number, Link>()
  /** What comes in datagrams from nobody who is known. */
  private readonly strangers: Link
  private readonly newPeers: TokenBucket
  private readonly newPeersOf = new Map<string, TokenBucket>()
  private readonly timer: NodeJS.Timeout

  constructor(options: Gb26875PortOptions) {
    this.options = options
    this.addresses = new AddressBook({
      maxPerAddress: Math.ceil(options.maxConnections * SHARE_OF_ADDRESS),
      maxStrangers: Math.ceil(options.maxConnections * SHARE_OF_STRANGERS),
    })
    this.server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: TCP_KEEPALIVE_MS }, (socket) =>
      this.accept(socket),
    )
    this.strangers = this.peer('', options.handle)
    this.newPeers = new TokenBucket(NEW_PEERS, options.clock())
    this.timer = setInterval(() => this.look(), Math.min(LOOK_EVERY_MS, options.idleMs / LOOKS_PER_SILENCE))
  }

  get connections(): number {
    return this.sockets.size + this.peers.size
  }

  /**
   * @returns the port; undefined where the usual one is taken and no other was asked for.
   * Rejects with the system's error, for example EADDRINUSE.
   */
  async listen(): Promise<number | undefined> {
    const { host, port } = this.options
    for (let tries = 1; ; tries += 1) {
      try {
        const found = await this.listenTcp(host, port ?? USUAL_GB26875_PORT)
        await this.listenUdp(found)
        return found.port
      } catch (error) {
        this.server.close()
        const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
        if (isTaken && port === undefined) return undefined
        if (!isTaken || port !== ANY_PORT || tries === PORT_TRIES) throw error
      }
    }
  }

  /** Takes nobody in any more; who is in stays. */
  shut(): void {
    clearInterval(this.timer)
    if (this.server.listening) this.server.close()
  }

  /** Cuts whoever is still there. */
  close(): void {
    this.shut()
    for (const link of [...this.sockets.values(), ...this.peers.values()]) link.cut('stopping')
    this.datagrams?.close()
  }

  private async listenTcp(host: string, port: number): Promise<AddressInfo> {
    this.server.listen({ host, port, backlog: BACKLOG })
    await once(this.server, 'listening')
    return this.server.address() as AddressInfo
  }

  private async listenUdp({ address, port }: AddressInfo): Promise<void> {
    const datagrams = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4' }, (bytes, from) =>
      this.datagram(bytes, from),
    )
    datagrams.bind({ address, port, exclusive: true })
    await once(datagrams, 'listening')
    // An answer that nobody takes any more comes back as an error of the next call; the device sends again.
    datagrams.on('error', ignore)
    this.datagrams = datagrams
  }

  private accept(socket: Socket): void {
    const { options } = this
    const address = socket.remoteAddress ?? ''
    socket.on('error', ignore)
    if (this.sockets.size >= options.maxConnections) {
      options.onRefused('limit.connections', `from ${address}, GB/T 26875.3`)
      socket.destroy()
      return
    }
    const { admitted, evicted } = this.addresses.enter(subscriberOf(address), socket, options.clock())
    if (!admitted) {
      options.onRefused('limit.address', `from ${address}, GB/T 26875.3`)
      socket.destroy()
      return
    }
    if (evicted !== undefined) {
      options.onRefused('limit.strangers', `from ${address}, GB/T 26875.3`)
      this.sockets.get(evicted)?.cut('refused')
    }
    this.open(socket, address)
  }

  private open(socket: Socket, address: string): void {
    const { options } = this
    const splitter = new FrameSplitter()
    let unread: NodeJS.Timeout | undefined
    let settling: NodeJS.Timeout | undefined
    const reply = (bytes: Uint8Array): void => {
      if (!socket.writable || socket.write(bytes) || unread !== undefined) return
      unread = setTimeout(() => link.cut('unread'), options.drainTimeoutMs)
    }
    const receive = (pieces: readonly Piece[]): void => {
      link.receive(pieces.map((piece) => ({ piece, address, reply })))
      clearTimeout(settling)
      if (splitter.isUndecided) settling = setTimeout(() => receive(splitter.settle()), SETTLE_MS)
    }
    const link = new Link(
      {
        transport: 'gb26875-tcp',
        address,
        isCongested: () => unread !== undefined,
        pause: () => socket.pause(),
        resume: () => socket.resume(),
        end: () => socket.destroySoon(),
      },
      options.clock,
      options.handle,
    )
    link.onRecognised = () => this.addresses.introduced(subscriberOf(address), socket)
    this.sockets.set(socket, link)
    socket.on('data', (chunk: Buffer) => {
      link.heardAt = options.clock()
      receive(splitter.push(chunk))
    })
    socket.on('drain', () => {
      clearTimeout(unread)
      unread = undefined
      link.goOn()
    })
    socket.on('close', () => {
      clearTimeout(unread)
      clearTimeout(settling)
      this.sockets.delete(socket)
      this.addresses.leave(subscriberOf(address), socket)
      link.hangUp()
    })
  }

  private datagram(bytes: Buffer, from: RemoteInfo): void {
    const pieces = piecesOf(bytes)
    const reply = (answer: Uint8Array): void => {
      // Whoever is answered with more bytes than he sent could be somebody whose address was forged.
      if (bytes.length >= ENVELOPE_BYTES) this.datagrams?.send(answer, from.port, from.address)
    }
    for (const piece of pieces) {
      const link = piece.kind === 'bad' ? this.strangers : this.peerOf(piece.frame.source, from.address)
      if (link === undefined || link.waiting >= MOST_DATAGRAMS) {
        this.options.onRefused('limit.rate', `datagrams from ${from.address}, GB/T 26875.3`)
        continue
      }
      link.heardAt = this.options.clock()
      link.receive([{ piece, address: from.address, reply }])
    }
  }

  /** One for each device: whoever sends too much holds up himself only. */
  private peerOf(source: number, address: string): Link | undefined {
    const known = this.peers.get(source)
    if (known !== undefined && !known.isOver) return known
    const { clock, maxConnections, handle } = this.options
    if (this.peers.size >= maxConnections || !this.mayBeNew(subscriberOf(address), clock())) return undefined
    const peer = this.peer(address, async (link, arrived) => {
      await handle(link, arrived)
      // Not registered, or gone.
      if (link.lines.size === 0 && this.peers.get(source) === link) this.peers.delete(source)
    })
    this.peers.set(source, peer)
    return peer
  }

  private mayBeNew(subscriber: string, now: number): boolean {
    let bucket = this.newPeersOf.get(subscriber)
    if (bucket === undefined && this.newPeersOf.size < MOST_ADDRESSES) {
      bucket = new TokenBucket(NEW_PEERS_OF_ADDRESS, now)
      this.newPeersOf.set(subscriber, bucket)
    }
    return bucket?.take(now) !== false && this.newPeers.take(now)
  }

  private peer(address: string, handle: Gb26875PortOptions['handle']): Link {
    const wire = {
      transport: 'gb26875-udp' as const,
      address,
      isCongested: () => false,
      pause: ignore,
      resume: ignore,
      end: ignore,
    }
    return new Link(wire, this.options.clock, handle)
  }

  /** Who has fallen silent goes; who may have is asked. */
  private look(): void {
    const { clock, idleMs } = this.options
    const now = clock()
    for (const link of this.sockets.values()) {
      if (link.lines.size === 0 && now - link.openedAt >= idleMs) {
        this.options.onRefused(
          'limit.connect-time',
          `no frame of a registered device, from ${link.wire.address}, GB/T 26875.3`,
        )
        link.cut('refused')
      } else this.tend(link, now)
    }
    for (const [subscriber, bucket] of this.newPeersOf) if (bucket.isFull(now)) this.newPeersOf.delete(subscriber)
    for (const [source, link] of this.peers) {
      this.tend(link, now)
      if (link.isOver) this.peers.delete(source)
    }
  }

  private tend(link: Link, now: number): void {
    const { idleMs } = this.options
    // What is not read cannot be missed.
    if (link.isStalled || link.waiting > 0 || link.answers.open > 0) return
    if (now - link.heardAt >= idleMs) link.cut('keepalive')
    else for (const line of link.lines.values()) line.tend(now, idleMs / 2)
  }
}

/** A datagram has its frames whole, or not at all. */
function piecesOf(bytes: Uint8Array): readonly Piece[] {
  const splitter = new FrameSplitter()
  const pieces = [...splitter.push(bytes), ...splitter.settle()]
  if (pieces.length > 0) return pieces
  return [{ kind: 'bad', bad: describeFault(faultOf(bytes) ?? 'length', bytes) }]
}

const ignore = (): void => {}
