import type { Reason } from '../contract/reasons.ts'
import { maySubscribe, parseUpTopic, type UpTopic } from '../contract/topics.ts'
import type { Session } from './session.ts'

/**
 * Who may publish and subscribe to what. The rules are contract/topics.ts; here they meet a connected device. MQTT 3.1.1
 * has no negative PUBACK (3.3.5.2): a publish that is not allowed ends the connection, because a positive one would tell
 * the device that its reading is safe.
 */

export class Refused extends Error {
  override name = 'Refused'
  readonly reason: Reason
  constructor(reason: Reason, detail: string) {
    super(detail)
    this.reason = reason
  }
}

/** @returns what the publish is, or why it is refused */
export function checkPublish(
  session: Session,
  topic: string,
  retain: boolean,
): UpTopic | { readonly refused: Reason; readonly detail: string } {
  const up = session.upTopic(topic)
  if (up === undefined) return { refused: 'acl.publish', detail: `published to ${topic}` }
  if (retain) return { refused: 'acl.retain', detail: `retained message on ${topic}` }
  if (up.type === 'gateway' && !session.isGateway)
    return { refused: 'gateway.not-a-gateway', detail: `registered as ${session.standing.device.kind}` }
  return up
}

/** A will is a publish that comes later: the same rules, asked at CONNECT so that its maker hears of it. */
export function checkWill(
  clientId: string,
  will: { readonly topic: string; readonly retain?: boolean },
): { readonly refused: Reason; readonly detail: string } | undefined {
  if (parseUpTopic(will.topic, clientId) === undefined)
    return { refused: 'acl.publish', detail: `will on ${will.topic}` }
  return will.retain === true ? { refused: 'acl.retain', detail: `retained will on ${will.topic}` } : undefined
}

export const checkSubscribe = (session: Session, filter: string): boolean => maySubscribe(filter, session.deviceId)
