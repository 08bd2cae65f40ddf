import type { Lane } from '../contract/kinds.ts'
import { parseUpTopic, type UpTopic } from '../contract/topics.ts'
import type { RegisteredDevice } from '../store/state/registry-port.ts'
import type { Allowance } from './limits.ts'
import type { Line } from './line.ts'
import type { InboundQos2 } from './session-store.ts'

/** What the registry says of a device, as far as the door is concerned. */
export interface Standing {
  readonly device: RegisteredDevice
  readonly lane: Lane
  /** Ids of the devices registered under it; empty for all but gateways. */
  readonly children: readonly string[]
}

/** A publish that waits for its device's allowance. */
export interface HeldPublish {
  readonly release: () => void
  readonly answer: (error?: Error | null) => void
  /** Bytes of its payload. */
  readonly size: number
}

/** A device that has shown who it is, from CONNECT to the end of its connection. */
export class Session {
  readonly deviceId: string
  readonly connection: Line
  readonly qos2: InboundQos2
  standing: Standing
  /** Absent: not limited. */
  allowance: Allowance | undefined
  readonly held: HeldPublish[] = []
  holdTimer: NodeJS.Timeout | undefined
  /** The journal knows that it is connected. */
  announced = false
  ended = false
  /** The registry took its right to be here away: nothing of it counts any more, not even its will. */
  revoked = false
  private lastTopic = ''
  private lastUp: UpTopic | undefined

  constructor(connection: Line, standing: Standing, allowance: Allowance | undefined, qos2: InboundQos2) {
    this.connection = connection
    this.deviceId = standing.device.id
    this.standing = standing
    this.allowance = allowance
    this.qos2 = qos2
  }

  get isGateway(): boolean {
    return this.standing.device.kind === 'gateway'
  }

  /** What the topic means when this device publishes on it. A device says the same topic again and again: the last is kept. */
  upTopic(topic: string): UpTopic | undefined {
    if (topic === this.lastTopic) return this.lastUp
    this.lastTopic = topic
    this.lastUp = parseUpTopic(topic, this.deviceId)
    return this.lastUp
  }
}
