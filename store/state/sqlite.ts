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
import { SqliteAccounts } from './sqlite/accounts.ts'
import { SqliteAlone } from './sqlite/alone.ts'
import { SqliteChannels } from './sqlite/channels.ts'
import { SqliteDecisions } from './sqlite/decisions.ts'
import { SqliteDownlink } from './sqlite/downlink.ts'
import { SqliteHazards } from './sqlite/hazards.ts'
import { SqliteHomes } from './sqlite/homes.ts'
import { openState } from './sqlite/open.ts'
import { SqliteOutbox } from './sqlite/outbox.ts'
import { SqliteRegistry } from './sqlite/registry.ts'
import { SqliteResidents } from './sqlite/residents.ts'
import { SqliteRoleMetrics } from './sqlite/role-metrics.ts'
import { SqliteTopology } from './sqlite/topology.ts'
import { SqliteViews } from './sqlite/views.ts'
import { SqliteWorkOrders } from './sqlite/work-orders.ts'
import { SqliteZones } from './sqlite/zones.ts'
import type { Views } from './views-port.ts'
import type { Topology, Zones } from './water-port.ts'
import type { WorkOrders } from './work-orders-port.ts'

/**
 * The state: what is known now. One interface (`*-port.ts`) per user of it, because no role needs all of it:
 *   Registry     devices and places — written by the CLI and the dashboard, read by everyone
 *   Decisions    what ingest has decided, in one transaction with its cursor — written by ingest only
 *   Views        what the dashboard shows — read only
 *   Downlink     what devices are asked — decided by ingest, sent and settled by the broker
 *   Channels     who is told, by what — written by the dashboard and the CLI, read by ingest
 *   Outbox       what they are told — decided and delivered by ingest
 *   Accounts     users, sessions, tokens, audit — written by the dashboard and the CLI
 *   Residents    people and their health data — written by the CLI, read by the dashboard
 *   Homes        staff, responders, floor plans — written by the CLI and the dashboard, `staffed` asked by ingest
 *   Hazards      what is to be put right, and its history — written by the dashboard
 *   WorkOrders   repairs — written by the dashboard, and by ingest where the water has spoken
 *   Topology     where meters were and are — written by the CLI and the dashboard, followed by ingest
 *   Zones        what has been accounted and judged — written by ingest with its decisions
 *   AloneWatches who lives alone and is watched by their water — written by the dashboard and the CLI
 *   RoleMetrics  each role's figures of itself — written by each, printed by the dashboard
 *
 * Here on `node:sqlite`: every opener makes the database where it is absent, and all may be open at once, in one
 * process or in several. What a person did (registry, accounts) is on disk when it returns. What ingest decided may lose
 * its newest commits to a power cut, together with the cursor that lies in them, and is then decided again from the journal.
 */
export const openRegistry = (file: string): Registry => new SqliteRegistry(openState(file, 'FULL'))
export const openDecisions = (file: string): Decisions => new SqliteDecisions(openState(file, 'NORMAL'))
export const openViews = (file: string): Views => new SqliteViews(openState(file, 'NORMAL'))
export const openAccounts = (file: string): Accounts => new SqliteAccounts(openState(file, 'FULL'))
export const openResidents = (file: string): Residents => new SqliteResidents(openState(file, 'FULL'))
export const openHomes = (file: string): Homes => new SqliteHomes(openState(file, 'FULL'))
export const openHazards = (file: string): Hazards => new SqliteHazards(openState(file, 'FULL'))
export const openWorkOrders = (file: string): WorkOrders => new SqliteWorkOrders(openState(file, 'FULL'))
export const openRoleMetrics = (file: string): RoleMetrics => new SqliteRoleMetrics(openState(file, 'NORMAL'))
export const openDownlink = (file: string): Downlink => new SqliteDownlink(openState(file, 'NORMAL'))
export const openChannels = (file: string): Channels => new SqliteChannels(openState(file, 'FULL'))
export const openOutbox = (file: string): Outbox => new SqliteOutbox(openState(file, 'NORMAL'))
export const openTopology = (file: string): Topology => new SqliteTopology(openState(file, 'FULL'))
export const openZones = (file: string): Zones => new SqliteZones(openState(file, 'NORMAL'))
export const openAlone = (file: string): AloneWatches => new SqliteAlone(openState(file, 'FULL'))
