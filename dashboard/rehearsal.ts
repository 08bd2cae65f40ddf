import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { io, type Socket } from 'socket.io-client'
import type { Alarm, AlarmType } from '../contract/alarms.ts'
import { ALARM_TYPES } from '../contract/alarms.ts'
import { type NewEvent, operatorCommandSchema, type ReplayCommand } from '../contract/events.ts'
import type { Incident } from '../contract/incidents.ts'
import type { Kind } from '../contract/kinds.ts'
import type { ClientToServer, ServerToClient } from '../contract/live.ts'
import type { Role } from '../contract/roles.ts'
import { historyFile, journalFile, stateFile } from '../store/files.ts'
import { openHistoryReader } from '../store/history/sqlite.ts'
import { hashSecret, makeSecret } from '../store/identity.ts'
import { openJournalReader, openJournalWriter } from '../store/journal/sqlite.ts'
import { type Decision, NO_DECISION, type ReplayedEntry } from '../store/state/decisions-port.ts'
import type { NewDevice } from '../store/state/registry-port.ts'
import {
  openAccounts,
  openAlone,
  openChannels,
  openDecisions,
  openHazards,
  openHomes,
  openOutbox,
  openRegistry,
  openResidents,
  openRoleMetrics,
  openTopology,
  openViews,
  openWorkOrders,
  openZones,
} from '../store/state/sqlite.ts'
import { readConfig } from './config.ts'
import { decideOnIncident, sampleIncident } from './rehearse-incidents.ts'
import { type Dashboard, type DashboardOptions, startDashboard } from './server.ts'

/** For the tests of this role: a real dashboard on a free port, real stores in a temporary folder, and a stand-in for ingest. */

export type LiveClient = Socket<ServerToClient, ClientToServer>

export interface Rehearsal {
  readonly dashboard: Dashboard
  /** Where its databases lie, for whoever works on them from outside. */
  readonly dataDir: string
  readonly stores: DashboardOptions['stores']
  /** Registers devices; without a position unless one is given. */
  addDevices(...devices: (Partial<NewDevice> & { readonly id: string; readonly kind: Kind })[]): Promise<void>
  /** Raises an alarm as ingest would. @returns the alarm */
  raise(deviceId: string, type: AlarmType): Promise<Alarm>
  /** Opens an incident as ingest would: a fire that nobody has taken, unless said otherwise. @returns the incident */
  openIncident(facts?: Partial<Incident>): Promise<Incident>
  decide(decision: Partial<Decision>): Promise<number>
  /** A user without a password and a one-time link for them. @returns its token */
  link(name: string, role: Role): Promise<string>
  token(name: string, role: Role): Promise<string>
  /** Signs a new user in by a link. @returns the Cookie header */
  signIn(name: string, role: Role): Promise<string>
  get(path: string, headers?: Record<string, string>): Promise<Response>
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>
  connect(options: { readonly token?: string; readonly headers?: Record<string, string> }): LiveClient
  /** The stand-in for ingest stops reading commands. */
  stopDeciding(): Promise<void>
  /** Stops the dashboard and starts it again on the same data. */
  restart(): Promise<void>
  end(): Promise<void>
}

/** How often the stand-in looks for commands, ms. */
const DECIDE_EVERY_MS = 5

export async function rehearse(
  options: Pick<DashboardOptions, 'patienceMs' | 'webRoot' | 'now' | 'certificate'> & {
    readonly env?: Record<string, string>
  } = {},
): Promise<Rehearsal> {
  const dataDir = await mkdtemp(join(tmpdir(), 'hydrant-dashboard-'))
  const state = stateFile(dataDir)
  const decisions = openDecisions(state)
  const stores = {
    views: openViews(state),
    accounts: openAccounts(state),
    residents: openResidents(state),
    alone: openAlone(state),
    homes: openHomes(state),
    hazards: openHazards(state),
    workOrders: openWorkOrders(state),
    topology: openTopology(state),
    zones: openZones(state),
    channels: openChannels(state),
    outbox: openOutbox(state),
    registry: openRegistry(state),
    roleMetrics: openRoleMetrics(state),
    history: openHistoryReader(historyFile(dataDir)),
    operatorLane: await openJournalWriter(journalFile(dataDir, 'operator')),
    journals: {
      urgent: openJournalReader(journalFile(dataDir, 'urgent')),
      bulk: openJournalReader(journalFile(dataDir, 'bulk')),
      operator: openJournalReader(journalFile(dataDir, 'operator')),
    },
  }
  const { env, ...given } = options
  const config = readConfig({ HYDRANT_DATA_DIR: dataDir, HYDRANT_HTTP_PORT: '0', ...env })
  const log = pino({ level: process.env.HYDRANT_LOG_LEVEL ?? 'silent' })
  const start = (): Promise<Dashboard> => startDashboard({ config, stores, log, ...given })
  let dashboard = await start()
  const clients: LiveClient[] = []
  let alarms = 0
  let incidents = 0

  const decide = (decision: Partial<Decision>): Promise<number> => decisions.commit({ ...NO_DECISION, ...decision })

  const stand = standIn(stores, decide)
  const rehearsal: Rehearsal = {
    get dashboard() {
      return dashboard
    },
    dataDir,
    stores,
    decide,
    async addDevices(...devices) {
      const full = devices.map((device) => ({
        name: device.id,
        model: null,
        placeId: null,
        gatewayId: null,
        lon: null,
        lat: null,
        rhythmS: null,
        secretHash: hashSecret(device.id),
        ...device,
      }))
      await stores.registry.put(full, { replace: true })
    },
    async raise(deviceId, type) {
      alarms += 1
      const alarm = sampleAlarm(`a-${String(alarms).padStart(8, '0')}`, deviceId, type)
      await decide({
        alarms: [alarm],
        events: [{ type: 'alarm.raised', at: alarm.raisedAt, commandId: null, actor: null, alarm }],
      })
      return alarm
    },
    async openIncident(facts) {
      incidents += 1
      const incident = sampleIncident(`i-${String(incidents).padStart(8, '0')}`, facts)
      const event = { type: 'incident.opened', at: incident.noticedAt, incident } as const
      await decide({
        incidents: [incident],
        events: [{ ...event, commandId: null, actor: null, comment: '', alarmId: null }],
      })
      return incident
    },
    async link(name, role) {
      const token = makeSecret()
      await stores.accounts.addUser({ name, role, passwordHash: null, createdAt: Date.now() })
      await stores.accounts.addLink(hashSecret(token), name, Date.now() + 3_600_000)
      return token
    },
    async token(name, role) {
      const token = makeSecret()
      await stores.accounts.addToken({ name, role, tokenHash: hashSecret(token), createdAt: Date.now() })
      return token
    },
    async signIn(name, role) {
      const token = await rehearsal.link(name, role)
      const answer = await rehearsal.get(`/sign-in?token=${token}`)
      const cookie = answer.headers.getSetCookie().find((one) => one.includes('hydrant=') && !one.includes('Max-Age=0'))
      if (cookie === undefined) throw new Error(`no session cookie in the answer ${answer.status}`)
      return cookie.split(';')[0] ?? ''
    },
    get: (path, headers = {}) => fetch(dashboard.url + path, { headers, redirect: 'manual' }),
    post: (path, body, headers = {}) =>
      fetch(dashboard.url + path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
        redirect: 'manual',
      }),
    connect({ token, headers }) {
      const client: LiveClient = io(dashboard.url, {
        transports: ['websocket'],
        reconnection: false,
        forceNew: true,
        ...(token === undefined ? {} : { auth: { token } }),
        ...(headers === undefined ? {} : { extraHeaders: headers }),
      })
      clients.push(client)
      return client
    },
    stopDeciding: () => stand.stop(),
    async restart() {
      await dashboard.close()
      dashboard = await start()
    },
    async end() {
      for (const client of clients) client.close()
      await stand.stop()
      await dashboard.close()
      await decisions.close()
      const { journals, ...others } = stores
      for (const store of [...Object.values(others), ...Object.values(journals)]) await store.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
  return rehearsal
}

export function sampleAlarm(id: string, deviceId: string, type: AlarmType): Alarm {
  return {
    id,
    deviceId,
    placeId: null,
    type,
    severity: ALARM_TYPES[type].severity,
    state: 'ACTIVE_UNACK',
    raisedAt: 1_764_000_000_000,
    noticedAt: 1_764_000_000_000,
    lastAt: 1_764_000_000_000,
    count: 1,
    value: 3.1,
    threshold: 0.6,
    unit: 'dB/m',
    reason: 'smoke 3.1 dB/m',
    reasonZh: '烟雾 3.1 dB/m',
    test: false,
    ackBy: null,
    ackAt: null,
    clearedAt: null,
    closedBy: null,
    disposition: null,
    incidentId: null,
  }
}

/** Resolves with what an emitter says next under that name. */
export const next = <K extends keyof ServerToClient>(
  client: LiveClient,
  name: K,
): Promise<Parameters<ServerToClient[K]>[0]> =>
  new Promise((resolve) => {
    const once = client.once.bind(client) as (event: string, listener: (value: unknown) => void) => void
    once(name, (value) => resolve(value as Parameters<ServerToClient[K]>[0]))
  })

/** Everything in quarantine is understood now, except bytes that begin with a question mark. */
async function replayed(
  stores: DashboardOptions['stores'],
  { records, dryRun }: ReplayCommand,
  base: { readonly at: number; readonly commandId: string; readonly actor: string },
): Promise<Partial<Decision>> {
  const entries: ReplayedEntry[] = []
  let notUnderstood = 0
  const waiting = (await stores.views.quarantine({ state: 'open', limit: 10_000 })).items
  for (const { arrivedAt, sender, bytes } of records) {
    const good = !Buffer.from(bytes, 'base64').toString().startsWith('?')
    if (!good) notUnderstood += 1
    for (const { id, deviceId, detail } of waiting.filter((item) => item.at === arrivedAt && item.sender === sender))
      entries.push({
        id,
        at: base.at,
        by: base.actor,
        still: good ? undefined : { deviceId, reason: 'payload.shape', detail },
      })
  }
  const reasons: Record<string, number> = notUnderstood > 0 ? { 'payload.shape': notUnderstood } : {}
  const understood = records.length - notUnderstood
  const event: NewEvent = {
    ...base,
    type: 'quarantine.replayed',
    dryRun,
    understood,
    notUnderstood,
    gone: 0,
    readings: understood,
    reasons,
  }
  return { replayed: dryRun ? [] : entries, events: [event] }
}

/** Acknowledges and comments whatever is open; refuses to close an alarm that is active. As simple as ingest is not. */
function standIn(
  stores: DashboardOptions['stores'],
  decide: (decision: Partial<Decision>) => Promise<number>,
): { stop(): Promise<void> } {
  const lane = stores.journals.operator as ReturnType<typeof openJournalReader>
  let stopped = false
  let cursor = 0
  const run = async (): Promise<void> => {
    while (!stopped) {
      for (const record of await lane.readAfter(cursor, 100)) {
        cursor = record.seq
        const command = operatorCommandSchema.parse(JSON.parse(Buffer.from(record.payload).toString()))
        const base = { at: record.arrivedAt, commandId: command.commandId, actor: command.actor }
        if (command.type === 'quarantine.replay') {
          await decide(await replayed(stores, command, base))
          continue
        }
        if (!('alarmId' in command)) {
          await decide(await decideOnIncident(stores.views, command, base))
          continue
        }
        const before = await stores.views.alarm(command.alarmId)
        if (before === undefined) throw new Error('the dashboard passed on a command for an unknown alarm')
        let event: NewEvent
        if (command.type === 'alarm.close')
          event = {
            ...base,
            type: 'command.refused',
            code: 'alarm.still-active',
            message: 'The condition still holds.',
          }
        else if (command.type === 'alarm.comment')
          event = { ...base, type: 'alarm.commented', alarm: before, comment: command.comment }
        else {
          const alarm: Alarm = { ...before, state: 'ACTIVE_ACK', ackBy: command.actor, ackAt: record.arrivedAt }
          event = { ...base, type: 'alarm.acknowledged', alarm, comment: command.comment }
        }
        await decide({ alarms: 'alarm' in event ? [event.alarm] : [], events: [event] })
      }
      await new Promise((resolve) => setTimeout(resolve, DECIDE_EVERY_MS))
    }
  }
  const done = run()
  return {
    async stop() {
      stopped = true
      await done
    },
  }
}
