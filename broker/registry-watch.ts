import type { Lane } from '../contract/kinds.ts'
import type { RegisteredDevice, Registry } from '../store/state/registry-port.ts'
import { standingOf } from './identity/identify.ts'
import type { Session, Standing } from './session.ts'
import type { Sessions } from './sessions.ts'

/**
 * Follows the registry while devices are connected: a device that was removed, disabled, denied or given another secret
 * loses its connection; one that became another kind, or a gateway that got other children, changes lane and allowance on the spot.
 */
export class RegistryWatch {
  private readonly registry: Registry
  private readonly sessions: Sessions
  private readonly onStanding: (session: Session, standing: Standing) => void
  private revision = 0
  /** Told of every device that is registered no more. */
  onRemoved: (deviceId: string) => void = () => {}

  /** @param onStanding told when a connected device's standing is another one */
  constructor(registry: Registry, sessions: Sessions, onStanding: (session: Session, standing: Standing) => void) {
    this.registry = registry
    this.sessions = sessions
    this.onStanding = onStanding
  }

  /** Everything that is registered now is looked up at CONNECT; only what comes later is news. */
  async start(): Promise<void> {
    this.revision = await this.registry.revision()
  }

  /** Looks once. */
  async poll(): Promise<void> {
    const news = await this.registry.changesSince(this.revision)
    if (news.revision === this.revision) return
    const gatewayOf = this.gatewaysByChild()
    const touched = new Set<string>()
    const touch = (gatewayId: string | null | undefined): void => {
      if (gatewayId !== null && gatewayId !== undefined) touched.add(gatewayId)
    }
    for (const id of news.removed) {
      touch(gatewayOf.get(id))
      this.onRemoved(id)
      const session = this.sessions.find(id)
      if (session !== undefined) this.revoke(session, 'removed')
    }
    for (const device of news.changed) {
      touch(gatewayOf.get(device.id))
      touch(device.gatewayId)
      const session = this.sessions.find(device.id)
      if (session !== undefined) await this.compare(session, device)
    }
    for (const id of touched) {
      const session = this.sessions.find(id)
      if (session?.isGateway) await this.update(session, session.standing.device)
    }
    // Last: where the registry could not be read half-way, all of it is news again, and a removed device goes after all.
    this.revision = news.revision
  }

  /** Of the connected gateways: a child that went away no longer says whose it was. */
  private gatewaysByChild(): Map<string, string> {
    const gateways = new Map<string, string>()
    for (const session of this.sessions.all())
      for (const child of session.standing.children) gateways.set(child, session.deviceId)
    return gateways
  }

  private async compare(session: Session, device: RegisteredDevice): Promise<void> {
    if (device.denied) this.revoke(session, 'denied')
    else if (device.disabled) this.revoke(session, 'disabled')
    else if (!hasSameSecret(device, session.standing.device)) this.revoke(session, 'secret-changed')
    else await this.update(session, device)
  }

  private async update(session: Session, device: RegisteredDevice): Promise<void> {
    const before: Lane = session.standing.lane
    const standing = await standingOf(this.registry, device)
    const changed = standing.lane !== before || standing.children.length !== session.standing.children.length
    session.standing = standing
    if (changed) this.onStanding(session, standing)
  }

  private revoke(session: Session, why: 'removed' | 'disabled' | 'denied' | 'secret-changed'): void {
    session.revoked = true
    this.sessions.cut(session, why)
  }
}

/** What a device shows at its next CONNECT is what it showed at the last one. */
const hasSameSecret = (device: RegisteredDevice, before: RegisteredDevice): boolean =>
  device.identity === before.identity &&
  device.generation === before.generation &&
  Buffer.from(device.secretHash).equals(before.secretHash) &&
  device.gbAddress === before.gbAddress &&
  device.gbFrom.join() === before.gbFrom.join()
