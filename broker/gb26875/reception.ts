import { BlockList, isIPv6 } from 'node:net'
import type { Logger } from 'pino'
import {
  command,
  encodeFrame,
  type FrameFault,
  type FrameHeader,
  type Gb26875Frame,
} from '../../contract/gb26875/frame.ts'
import type { Reason } from '../../contract/reasons.ts'
import type { RegisteredDevice, Registry } from '../../store/state/registry-port.ts'
import { subscriberOf } from '../../store/subscriber.ts'
import type { Gate } from '../gate.ts'
import { standingOf } from '../identity/identify.ts'
import type { Allowance } from '../limits.ts'
import type { Presence } from '../presence.ts'
import type { RefusalPace } from '../refusal-pace.ts'
import type { Refusals } from '../refusals.ts'
import { Session, type Standing } from '../session.ts'
import type { Sessions } from '../sessions.ts'
import type { Takeovers } from '../takeovers.ts'
import type { Arrived, Link } from './link.ts'
import { PanelLine } from './panel-line.ts'
import type { Repeats } from './repeats.ts'

/** Where its frames stand in the topic space of the device contract, and in the journal. */
const TOPIC = 'v1/devices/me/raw/gb26875'
export const CODEC = 'gb26875'

export interface ReceptionParts {
  readonly registry: Pick<Registry, 'findByGbAddress' | 'children'>
  readonly sessions: Sessions
  readonly presence: Presence
  readonly gate: Gate
  readonly refusals: Refusals
  readonly pace: RefusalPace
  readonly takeovers: Takeovers
  readonly repeats: Repeats
  readonly log: Logger
  /** Ms of a clock that never runs backwards. */
  readonly clock: () => number
  readonly allowanceOf: (standing: Standing) => Allowance | undefined
}

type Refusal = { readonly refused: Reason; readonly deviceId: string; readonly detail: string }

/**
 * What is done with a frame of a fire panel's transmission device: is it whole, is its sender registered, is it on disk;
 * then it is acknowledged, and not before.
 */
export class Reception {
  private readonly parts: ReceptionParts
  readonly figures = { frames: 0, acknowledged: 0, denied: 0 }

  constructor(parts: ReceptionParts) {
    this.parts = parts
  }

  /** The same for every piece that a link brings. A promise only where the registry has to be asked. */
  readonly handle = (link: Link, arrived: Arrived): void | Promise<void> => {
    const { piece } = arrived
    if (piece.kind === 'bad') return this.denyBad(link, arrived, piece.bad)
    this.figures.frames += 1
    const line = link.lines.get(piece.frame.source)
    if (line === undefined) return this.welcome(link, arrived, piece.frame, piece.bytes)
    // A datagram may come from anywhere each time.
    if (!isFrom(line.networks, arrived.address)) {
      const deviceId = line.session?.deviceId ?? ''
      return this.refuse(link, arrived, piece.frame, strayed(deviceId, piece.frame.source, arrived.address))
    }
    this.take(link, line, arrived, piece.frame, piece.bytes)
  }

  /** A source address that has not spoken on this link. */
  private async welcome(link: Link, arrived: Arrived, frame: Gb26875Frame, bytes: Uint8Array): Promise<void> {
    const { parts } = this
    const found = await this.identify(frame.source, arrived.address).catch((error: Error) => error)
    if (found instanceof Error) {
      // No answer: the device sends it again.
      parts.log.error({ err: found }, 'the registry cannot be read')
      return
    }
    if ('refused' in found) return this.refuse(link, arrived, frame, found)
    if (link.isCut) return undefined
    const { standing } = found
    const deviceId = standing.device.id
    const twin = parts.sessions.find(deviceId)?.connection
    const now = parts.clock()
    if (twin !== undefined && !twin.hungUp && !parts.takeovers.allows(deviceId, now - twin.heardAt, now)) {
      const detail = `from ${arrived.address}; ${twin.address} is connected and stays`
      return this.refuse(link, arrived, frame, { refused: 'limit.takeover', deviceId, detail })
    }
    const line = new PanelLine(link, frame, networksOf(standing.device), arrived.reply)
    const session = new Session(line, standing, parts.allowanceOf(standing), new Map())
    line.session = session
    link.lines.set(frame.source, line)
    parts.sessions.add(session)
    parts.presence.connected(session)
    link.onRecognised()
    this.take(link, line, arrived, frame, bytes)
  }

  private async identify(source: number, address: string): Promise<{ readonly standing: Standing } | Refusal> {
    const device = await this.parts.registry.findByGbAddress(source)
    if (device === undefined || device.kind !== 'fire-panel' || device.disabled) {
      const detail = `address ${source}, from ${address}${device?.disabled === true ? ', disabled' : ''}`
      return { refused: 'gb26875.unknown-address', deviceId: device?.id ?? '', detail }
    }
    if (device.denied)
      return { refused: 'auth.denied', deviceId: device.id, detail: `address ${source}, from ${address}` }
    if (!isFrom(networksOf(device), address)) return strayed(device.id, source, address)
    return { standing: await standingOf(this.parts.registry, device) }
  }

  private take(link: Link, line: PanelLine, arrived: Arrived, frame: Gb26875Frame, bytes: Uint8Array): void {
    const { session } = line
    if (session === undefined) return
    line.heard(frame, arrived.reply)
    if (isAnswer(frame)) {
      line.answered(frame)
      // What burns there could not be stored: when it comes anew, it is asked anew.
      if (frame.command === command.response && frame.data.length > 0)
        this.store(session, bytes, (error) => (error ? line.cut('refused') : undefined))
      line.greet()
      return
    }
    const answer = link.answers.reserve(arrived.reply)
    const settle = (error?: Error | null): void => {
      if (error) {
        answer(undefined)
        // It has counted already why. The device comes again, and sends again what has no answer.
        line.cut('refused')
        return
      }
      this.figures.acknowledged += 1
      answer(encodeFrame(acknowledgement(frame)))
      line.greet()
      link.goOn()
    }
    const store = (done: (error?: Error | null) => void): void => this.store(session, bytes, done)
    // A heartbeat is the same every time, and each is a sign of life.
    if (frame.data.length === 0) store(settle)
    else this.parts.repeats.once(session.deviceId, frame.sequence, bytes, store, settle)
  }

  private store(session: Session, bytes: Uint8Array, done: (error?: Error | null) => void): void {
    this.parts.gate.publish(session, { topic: TOPIC, payload: bytes, qos: 1, retain: false }, done)
  }

  private denyBad(link: Link, arrived: Arrived, bad: FrameFault): void {
    const deviceId = link.lines.get(bad.header?.source ?? -1)?.session?.deviceId ?? ''
    const refused = 'gb26875.bad-frame'
    const detail = `${bad.message} From ${arrived.address}`
    this.refuse(link, arrived, bad.header, { refused, deviceId, detail })
  }

  /** Counted, and denied as long as its address is not refused all the time. */
  private refuse(link: Link, arrived: Arrived, header: FrameHeader | undefined, refusal: Refusal): void {
    const { refusals, pace, clock } = this.parts
    refusals.count(refusal.refused, refusal.deviceId, refusal.detail)
    // Two centres that are made to hear each other, by a forged address, would deny each other's denials for ever.
    if (header === undefined || isAnswer(header) || !pace.isInTime(subscriberOf(arrived.address), clock())) return
    this.figures.denied += 1
    link.answers.reserve(arrived.reply)(encodeFrame(denial(header)))
  }
}

const NO_DATA = new Uint8Array(0)

const isAnswer = ({ command: said }: FrameHeader): boolean =>
  said === command.acknowledge || said === command.response || said === command.deny

/** Addresses change places; sequence, version and time tag are repeated. */
const back = (header: FrameHeader, said: number): Gb26875Frame => ({
  command: said,
  sequence: header.sequence,
  version: header.version,
  time: header.time,
  source: header.destination,
  destination: header.source,
  data: NO_DATA,
})
const acknowledgement = (frame: FrameHeader): Gb26875Frame => back(frame, command.acknowledge)
const denial = (header: FrameHeader): Gb26875Frame => back(header, command.deny)

const strayed = (deviceId: string, source: number, address: string): Refusal => ({
  refused: 'gb26875.network',
  deviceId,
  detail: `address ${source}, from ${address}`,
})

function networksOf({ gbFrom }: RegisteredDevice): BlockList | undefined {
  if (gbFrom.length === 0) return undefined
  const list = new BlockList()
  for (const network of gbFrom) {
    const [address = '', bits] = network.split('/')
    const family = familyOf(address)
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return list
}

const isFrom = (networks: BlockList | undefined, address: string): boolean =>
  networks === undefined || networks.check(address, familyOf(address))

/** An IPv4 address as a socket of both families shows it is found among IPv4 addresses too: BlockList sees to it. */
const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4')
