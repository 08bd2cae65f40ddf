import { randomInt } from 'node:crypto'
import { EventEmitter } from 'node:events'
import type { BlockList } from 'node:net'
import type { DownlinkOutcome } from '../../contract/downlink.ts'
import { encodeFrame, type Gb26875Frame } from '../../contract/gb26875/frame.ts'
import { frameTime } from '../../contract/gb26875/frame-time.ts'
import { decodeObjects } from '../../contract/gb26875/objects.ts'
import type { Line } from '../line.ts'
import type { Session } from '../session.ts'
import { Exchange } from './exchange.ts'
import type { Link } from './link.ts'
import { FIRE_ALARM_SYSTEM, type PanelSystem, readDevice, readSystem, setTime, type Wanted } from './requests.ts'

const SEQUENCES = 65_536
/** A building has a handful; what a device makes up beyond is not asked. */
const MOST_SYSTEMS = 16
/** GB/T 26875.3 has one control for it, and clocks of transmission devices drift by seconds a day. Ms. */
const TIME_EVERY_MS = 24 * 3_600_000

/** The device on a link that a source address stands for. */
export class PanelLine extends EventEmitter implements Line {
  readonly source: number
  /** Where its frames may come from; undefined: anywhere. */
  readonly networks: BlockList | undefined
  endedBecause: string | undefined
  heardAt: number
  readonly sawDisconnect = false
  destroyed = false
  session: Session | undefined
  private readonly link: Link
  private readonly exchange: Exchange
  private reply: (bytes: Uint8Array) => void
  /** What the device calls us, and which version of the protocol it speaks. */
  private centre: number
  private version: Gb26875Frame['version']
  private readonly systems: PanelSystem[] = [FIRE_ALARM_SYSTEM]
  private greeted = false
  private timeSetAt = Number.NEGATIVE_INFINITY

  constructor(link: Link, first: Gb26875Frame, networks: BlockList | undefined, reply: (bytes: Uint8Array) => void) {
    super()
    this.link = link
    this.source = first.source
    this.networks = networks
    this.heardAt = link.heardAt
    this.reply = reply
    this.centre = first.destination
    this.version = first.version
    this.exchange = new Exchange((wanted, sequence) => this.transmit(wanted, sequence), randomInt(SEQUENCES))
  }

  get transport(): string {
    return this.link.wire.transport
  }

  get address(): string {
    return this.link.wire.address
  }

  get hungUp(): boolean {
    return this.link.hungUp
  }

  get isStalled(): boolean {
    return this.link.isStalled
  }

  get isCongested(): boolean {
    return this.link.wire.isCongested()
  }

  /** A frame of this device. */
  heard(frame: Gb26875Frame, reply: (bytes: Uint8Array) => void): void {
    this.heardAt = this.link.heardAt
    this.reply = reply
    this.centre = frame.destination
    this.version = frame.version
    this.learn(frame)
  }

  /** An acknowledgement, response or denial from the device. */
  answered(frame: Gb26875Frame): void {
    this.exchange.heard(frame)
  }

  /** The device has had its first answer: its clock is set, and it is asked what burns. */
  greet(): void {
    if (this.greeted || this.destroyed) return
    this.greeted = true
    this.setTime()
    this.routine(readDevice())
    for (const system of this.systems) this.routine(readSystem(system))
  }

  /** Looks, once in a while, whether the device is to be asked something. @param quietMs silence after which it is */
  tend(now: number, quietMs: number): void {
    if (!this.greeted || !this.exchange.isIdle) return
    if (now - this.timeSetAt >= TIME_EVERY_MS) this.setTime()
    else if (now - this.heardAt >= quietMs) this.routine(readDevice())
  }

  get knownSystems(): readonly PanelSystem[] {
    return this.systems
  }

  /**
   * Asks on behalf of a decision: before anything of routine.
   * @returns undefined when the line has ended before an outcome
   */
  async ask(frames: readonly Wanted[], onSent: () => void): Promise<DownlinkOutcome | undefined> {
    const outcomes = await Promise.all(
      frames.map(
        (wanted) =>
          new Promise<DownlinkOutcome | undefined>((onSettled) =>
            this.exchange.ask({ wanted, isDecided: true, onSent, onSettled }),
          ),
      ),
    )
    // Of several questions one answer is what can be had: not every panel knows every one of them.
    return outcomes.find((outcome) => outcome === 'answered') ?? outcomes[0]
  }

  stall(): void {
    this.link.hold(this)
  }

  unstall(): void {
    this.link.release(this)
  }

  cut(because: string): void {
    this.end(because)
    if (this.link.lines.size === 0) this.link.cut(because)
  }

  /** Once. Its link may go on for others. */
  end(because: string): void {
    if (this.destroyed) return
    this.destroyed = true
    this.endedBecause ??= because
    if (this.link.lines.get(this.source) === this) this.link.lines.delete(this.source)
    this.exchange.end()
    this.emit('close')
    this.link.release(this)
  }

  private setTime(): void {
    const wanted = setTime(Date.now())
    this.timeSetAt = this.link.heardAt
    this.routine(wanted)
  }

  private routine(wanted: Wanted): void {
    this.exchange.ask({ wanted, isDecided: false, onSent: nothing, onSettled: nothing })
  }

  private transmit({ command, data }: Wanted, sequence: number): void {
    if (this.destroyed || this.link.isOver) return
    this.reply(
      encodeFrame({
        command,
        sequence,
        version: this.version,
        time: frameTime(Date.now()),
        source: this.centre,
        destination: this.source,
        data,
      }),
    )
  }

  /** Which systems the panel has: each is asked for its state once it is known of. */
  private learn({ data }: Gb26875Frame): void {
    if (this.systems.length >= MOST_SYSTEMS) return
    const { name, objects } = decodeObjects(data)
    if (name !== 'systemState' && name !== 'componentState' && name !== 'analogue') return
    for (const { systemType, systemAddress } of objects) {
      const isKnown = this.systems.some(
        (known) => known.systemType === systemType && known.systemAddress === systemAddress,
      )
      if (isKnown || this.systems.length >= MOST_SYSTEMS) continue
      const system = { systemType, systemAddress }
      this.systems.push(system)
      if (this.greeted) this.routine(readSystem(system))
    }
  }
}

const nothing = (): void => {}
