import { userInfo } from 'node:os'
import { makeFolder, stateFile } from '../store/files.ts'
import type { Accounts } from '../store/state/accounts-port.ts'
import type { AloneWatches } from '../store/state/alone-port.ts'
import type { Channels } from '../store/state/channels-port.ts'
import type { Hazards } from '../store/state/hazards-port.ts'
import type { Homes } from '../store/state/homes-port.ts'
import type { Outbox } from '../store/state/outbox-port.ts'
import type { Registry } from '../store/state/registry-port.ts'
import type { Residents } from '../store/state/residents-port.ts'
import {
  openAccounts,
  openAlone,
  openChannels,
  openHazards,
  openHomes,
  openOutbox,
  openRegistry,
  openResidents,
  openTopology,
  openViews,
  openWorkOrders,
  openZones,
} from '../store/state/sqlite.ts'
import type { Views } from '../store/state/views-port.ts'
import type { Topology, Zones } from '../store/state/water-port.ts'
import type { WorkOrders } from '../store/state/work-orders-port.ts'
import type { Config } from './config.ts'
import { noDataFolder } from './mistake.ts'

/** What one command works on. Everything is opened when it is first asked for, and closed at the end. */
export class Session {
  readonly config: Config
  readonly env: NodeJS.ProcessEnv
  private readonly opened: { close(): Promise<void> }[] = []
  private registryPort: Registry | undefined
  private accountsPort: Accounts | undefined
  private residentsPort: Residents | undefined
  private alonePort: AloneWatches | undefined
  private homesPort: Homes | undefined
  private hazardsPort: Hazards | undefined
  private channelsPort: Channels | undefined
  private outboxPort: Outbox | undefined
  private viewsPort: Views | undefined
  private workOrdersPort: WorkOrders | undefined
  private topologyPort: Topology | undefined
  private zonesPort: Zones | undefined

  constructor(config: Config, env: NodeJS.ProcessEnv) {
    this.config = config
    this.env = env
  }

  get registry(): Registry {
    this.registryPort ??= this.open(openRegistry)
    return this.registryPort
  }

  get accounts(): Accounts {
    this.accountsPort ??= this.open(openAccounts)
    return this.accountsPort
  }

  get residents(): Residents {
    this.residentsPort ??= this.open(openResidents)
    return this.residentsPort
  }

  get alone(): AloneWatches {
    this.alonePort ??= this.open(openAlone)
    return this.alonePort
  }

  get homes(): Homes {
    this.homesPort ??= this.open(openHomes)
    return this.homesPort
  }

  get hazards(): Hazards {
    this.hazardsPort ??= this.open(openHazards)
    return this.hazardsPort
  }

  get channels(): Channels {
    this.channelsPort ??= this.open(openChannels)
    return this.channelsPort
  }

  get outbox(): Outbox {
    this.outboxPort ??= this.open(openOutbox)
    return this.outboxPort
  }

  get views(): Views {
    this.viewsPort ??= this.open(openViews)
    return this.viewsPort
  }

  get topology(): Topology {
    this.topologyPort ??= this.open(openTopology)
    return this.topologyPort
  }

  get zones(): Zones {
    this.zonesPort ??= this.open(openZones)
    return this.zonesPort
  }

  get workOrders(): WorkOrders {
    this.workOrdersPort ??= this.open(openWorkOrders)
    return this.workOrdersPort
  }

  /** Who stands in the audit for what is done at the command line: the operating system's user. */
  get actor(): string {
    return `cli:${osUser()}`
  }

  audit(action: string, target: string, detail = ''): Promise<void> {
    return this.accounts.audit({ at: Date.now(), actor: this.actor, action, target, detail })
  }

  async close(): Promise<void> {
    for (const port of this.opened) await port.close()
  }

  /** @throws Mistake where the data folder cannot be made */
  private open<T extends { close(): Promise<void> }>(openPort: (file: string) => T): T {
    const { dataDir } = this.config
    try {
      makeFolder(dataDir)
    } catch (error) {
      throw noDataFolder(dataDir, error)
    }
    const port = openPort(stateFile(dataDir))
    this.opened.push(port)
    return port
  }
}

/** A container may run under a number that has no name. */
function osUser(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'unknown')
  }
}
