import type { Accounts } from './accounts-port.ts'
import type { AloneWatches } from './alone-port.ts'
import type { Channels } from './channels-port.ts'
import type { Decisions } from './decisions-port.ts'
import type { Downlink } from './downlink-port.ts'
import type { Hazards } from './hazards-port.ts'
import type { Homes } from './homes-port.ts'
import type { Outbox } from './outbox-port.ts'
import type { Registry } from './registry-port.ts'
import type { Residents } from './residents-port.ts'
import type { RoleMetrics } from './role-metrics-port.ts'
import type { Views } from './views-port.ts'
import type { Topology, Zones } from './water-port.ts'
import type { WorkOrders } from './work-orders-port.ts'

export interface StateUnderTest {
  registry(): Registry
  decisions(): Decisions
  views(): Views
  accounts(): Accounts
  residents(): Residents
  alone(): AloneWatches
  homes(): Homes
  hazards(): Hazards
  workOrders(): WorkOrders
  roleMetrics(): RoleMetrics
  downlink(): Downlink
  channels(): Channels
  outbox(): Outbox
  topology(): Topology
  zones(): Zones
  remove(): Promise<void>
}

/** One state per test: made anew before it, everything opened on it closed after it. */
export class Bench {
  private readonly make: () => StateUnderTest
  private readonly opened: { close(): Promise<void> }[] = []
  private made: StateUnderTest | undefined

  constructor(make: () => StateUnderTest) {
    this.make = make
  }

  get state(): StateUnderTest {
    this.made ??= this.make()
    return this.made
  }

  keep<T extends { close(): Promise<void> }>(port: T): T {
    this.opened.push(port)
    return port
  }

  async clear(): Promise<void> {
    for (const port of this.opened.splice(0)) await port.close()
    await this.made?.remove()
    this.made = undefined
  }
}
