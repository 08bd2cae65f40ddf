import type { Client } from 'aedes'
import { Aedes, type AedesOptions, type PublishPacket } from 'aedes'

type Done = (error?: Error) => void

/** Routes nothing. */
const NO_ROUTES = {
  on: (_topic: string, _deliver: unknown, done?: Done) => done?.(),
  removeListener: (_topic: string, _deliver: unknown, done?: Done) => done?.(),
  emit: (_packet: unknown, done?: Done) => done?.(),
  close: (done?: Done) => done?.(),
}

/**
 * Aedes without routing. What a device publishes has been stored by the gate and goes to nobody from here; commands are
 * handed to their one device directly. So there is no table of subscriptions that a message could leave by, aedes' own
 * `$SYS` messages (two for every connection) cost nothing, and no subscriber can hold up a publisher.
 */
export class UplinkAedes extends Aedes {
  constructor(options: AedesOptions) {
    super({ ...options, mq: NO_ROUTES })
  }

  override publish(_packet: PublishPacket, done: Done): void
  override publish(_packet: PublishPacket, client: Client | null, done: Done): void
  override publish(_packet: PublishPacket, clientOrDone: Client | null | Done, done?: Done): void {
    if (typeof clientOrDone === 'function') clientOrDone()
    else done?.()
  }
}
