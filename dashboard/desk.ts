import type { Logger } from 'pino'
import type { PlaceTree } from '../contract/place-tree.ts'
import type { DiskGuard } from '../store/disk-guard.ts'
import type { HistoryReader } from '../store/history/port.ts'
import type { Images } from '../store/images/port.ts'
import type { JournalLane, JournalReader, JournalWriter } from '../store/journal/port.ts'
import type { Accounts } from '../store/state/accounts-port.ts'
import type { AloneWatches } from '../store/state/alone-port.ts'
import type { Channels } from '../store/state/channels-port.ts'
import type { Hazards } from '../store/state/hazards-port.ts'
import type { Homes } from '../store/state/homes-port.ts'
import type { Outbox } from '../store/state/outbox-port.ts'
import type { Registry } from '../store/state/registry-port.ts'
import type { Residents } from '../store/state/residents-port.ts'
import type { RoleMetrics } from '../store/state/role-metrics-port.ts'
import type { Views } from '../store/state/views-port.ts'
import type { Topology, Zones } from '../store/state/water-port.ts'
import type { WorkOrders } from '../store/state/work-orders-port.ts'
import type { PasswordCheck } from './access/password-check.ts'
import type { RefusedSignIns } from './access/refused-sign-ins.ts'
import type { Sessions } from './access/sessions.ts'
import type { AlarmActions } from './actions/alarm-actions.ts'
import type { IncidentActions } from './actions/incident-actions.ts'
import type { Replays } from './actions/replays.ts'
import type { Config } from './config.ts'
import type { Figures } from './figures.ts'
import type { Census } from './homes/census.ts'
import type { PremisesIndex } from './homes/premises.ts'
import type { Fleet } from './live/fleet.ts'
import type { MutedConsoles } from './live/muted-consoles.ts'
import type { Throughput } from './live/throughput.ts'
import type { TileMaker } from './tiles/tile-maker.ts'
import type { Waters } from './water/waters.ts'

/** What the dashboard reads and writes; opened by `main.ts`, closed by it too. */
export interface Stores {
  readonly views: Views
  readonly accounts: Accounts
  readonly residents: Residents
  /** Who lives alone and is watched by their water. */
  readonly alone: AloneWatches
  readonly homes: Homes
  readonly hazards: Hazards
  /** Repairs, closed only when the water confirms them. */
  readonly workOrders: WorkOrders
  /** Where meters stand, what bulk meters join. */
  readonly topology: Topology
  /** What of the water is accounted and judged. */
  readonly zones: Zones
  /** Who is told of incidents, by what. */
  readonly channels: Channels
  /** What channels were told. */
  readonly outbox: Outbox
  readonly registry: Registry
  readonly roleMetrics: RoleMetrics
  readonly history: HistoryReader
  /** This process is the operator lane's only writer. */
  readonly operatorLane: JournalWriter
  /** How far the broker has written, for the lag in /readyz and /metrics. */
  readonly journals: Readonly<Record<JournalLane, Pick<JournalReader, 'head' | 'tail'>>>
}

/** Everything a route or a socket handler may need, made once by `server.ts`. */
export interface Desk {
  readonly config: Config
  readonly log: Logger
  /** Wall clock, ms since 1970. */
  readonly now: () => number
  readonly stores: Stores
  readonly fleet: Fleet
  readonly places: PlaceTree
  readonly premises: PremisesIndex
  readonly census: Census
  /** What is known of the water, in memory. */
  readonly waters: Waters
  /** Floor plans and photographs. */
  readonly images: Images
  readonly tiles: TileMaker
  readonly sessions: Sessions
  readonly passwords: PasswordCheck
  readonly refusedSignIns: RefusedSignIns
  readonly actions: AlarmActions
  readonly incidents: IncidentActions
  readonly replays: Replays
  readonly throughput: Throughput
  readonly muted: MutedConsoles
  /** The disk under the data folder. */
  readonly disk: DiskGuard
  readonly figures: Figures
}
