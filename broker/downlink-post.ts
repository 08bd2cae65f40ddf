import type { Logger } from 'pino'
import type { DownlinkOutcome, DownlinkRequest } from '../contract/downlink.ts'
import type { Downlink, StoredDownlink } from '../store/state/downlink-port.ts'
import type { Commands } from './commands.ts'
import { PanelLine } from './gb26875/panel-line.ts'
import { framesFor } from './gb26875/requests.ts'
import type { Sessions } from './sessions.ts'

/** Requests that are looked at in one round; a city that is checked all at once is checked within seconds. */
const MOST_AT_ONCE = 1000

export interface DownlinkPostParts {
  readonly downlink: Pick<Downlink, 'waiting' | 'sent' | 'settled'>
  readonly sessions: Pick<Sessions, 'find'>
  readonly commands: Pick<Commands, 'send'>
  readonly log: Logger
}

/** What the broker has taken on, until the table shows its outcome. */
interface InHand {
  readonly deviceId: string
  /** Over MQTT the answer is a publish of its own; over a panel's line the exchange waits for it. */
  readonly awaitsResponse: boolean
  isSettled: boolean
}

/** Brings what was decided to the devices: to a fire panel as frames, to others as RPC requests. */
export class DownlinkPost {
  private readonly parts: DownlinkPostParts
  private readonly inHand = new Map<number, InHand>()
  readonly figures = { sent: 0, answered: 0, failed: 0 }

  constructor(parts: DownlinkPostParts) {
    this.parts = parts
  }

  /** Looks once. @param now ms since 1970 */
  async poll(now: number): Promise<void> {
    const waiting = await this.parts.downlink.waiting(MOST_AT_ONCE)
    const numbers = new Set(waiting.map(({ n }) => n))
    for (const [n, { isSettled }] of this.inHand) if (isSettled && !numbers.has(n)) this.inHand.delete(n)
    for (const stored of waiting) this.look(stored, now)
  }

  /** The answer to an RPC request is in the journal. */
  responded(deviceId: string, n: number): void {
    const held = this.inHand.get(n)
    if (held?.deviceId === deviceId && held.awaitsResponse) this.settle(n, 'answered')
  }

  private look(stored: StoredDownlink, now: number): void {
    const { n, deviceId, request, expiresAt } = stored
    const held = this.inHand.get(n)
    if (held?.isSettled === true || (held !== undefined && now < expiresAt)) return
    if (now >= expiresAt) {
      if (held === undefined) this.inHand.set(n, { deviceId, awaitsResponse: false, isSettled: false })
      this.settle(n, stored.sentAt === null && held === undefined ? 'expired' : 'unanswered')
      return
    }
    const line = this.parts.sessions.find(deviceId)?.connection
    if (line instanceof PanelLine) this.askPanel(stored, line, now)
    else this.send(n, deviceId, request)
  }

  private askPanel({ n, deviceId, request }: StoredDownlink, line: PanelLine, now: number): void {
    this.inHand.set(n, { deviceId, awaitsResponse: false, isSettled: false })
    void line
      .ask(framesFor(request, line.knownSystems, now), () => this.sent(n))
      .then((outcome) => {
        // The panel has gone before it answered: when it is back, it is asked again.
        if (outcome === undefined) this.inHand.delete(n)
        else this.settle(n, outcome)
      })
  }

  private send(n: number, deviceId: string, request: DownlinkRequest): void {
    this.inHand.set(n, { deviceId, awaitsResponse: true, isSettled: false })
    this.parts.commands.send(deviceId, n, rpcRequest(request)).then(
      (isSent) => (isSent ? this.sent(n) : this.inHand.delete(n)),
      () => this.inHand.delete(n),
    )
  }

  private sent(n: number): void {
    this.figures.sent += 1
    this.write(this.parts.downlink.sent(n, Date.now()))
  }

  private settle(n: number, outcome: DownlinkOutcome): void {
    const held = this.inHand.get(n)
    if (held === undefined || held.isSettled) return
    held.isSettled = true
    this.figures[outcome === 'answered' ? 'answered' : 'failed'] += 1
    this.write(this.parts.downlink.settled(n, Date.now(), outcome))
  }

  private write(done: Promise<void>): void {
    done.catch((error: unknown) => this.parts.log.warn({ err: error }, 'what came of a request could not be written'))
  }
}

const METHODS: Readonly<Record<DownlinkRequest['kind'], string>> = {
  'duty-check': 'dutyCheck',
  'read-state': 'readState',
  'set-time': 'setTime',
  initialise: 'initialise',
}

/** `{"method","params"}`, as devices of ThingsBoard know it; a time is ms since 1970 in UTC. */
function rpcRequest(request: DownlinkRequest): Uint8Array {
  const { kind, ...params } = request
  return Buffer.from(
    JSON.stringify({ method: METHODS[kind], params: kind === 'set-time' ? { ts: Date.now() } : params }),
  )
}
