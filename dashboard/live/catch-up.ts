import { setTimeout as sleep } from 'node:timers/promises'
import { type Alarm, SEVERITIES } from '../../contract/alarms.ts'
import type { HydrantEvent } from '../../contract/events.ts'
import type { Views } from '../../store/state/views-port.ts'
import type { Client } from './client.ts'
import type { EventTail } from './event-tail.ts'
import type { Fleet } from './fleet.ts'

/** A client that missed more than this is served faster by a snapshot. */
export const MAX_MISSED_EVENTS = 5000
const BATCH = 500
/** Open alarms in a snapshot, the worst first: more than a console can list, less than stalls it. */
const MAX_SNAPSHOT_ALARMS = 5000
const ALARM_PAGE = 1000
/** Device changes sent in one message. */
export const CHANGES_PER_BATCH = 1000
/** Devices that are named one by one; beyond it the client reloads its tiles after a snapshot. */
const MAX_MISSED_DEVICES = 5000
/** How often a stalled connection is looked at again while it is being caught up. */
const STALLED_MS = 20

export interface Have {
  readonly seq?: number | undefined
  readonly rev?: number | undefined
}

export interface CatchUpSources {
  readonly views: Pick<Views, 'eventsAfter' | 'sightedAfter' | 'alarms' | 'openIncidents' | 'watchModes'>
  readonly tail: EventTail
  readonly fleet: Fleet
  readonly now: () => number
}

/**
 * Brings a client from what it has to what is, and puts it in step with the live stream: the missed events where it says
 * what it has and they are few, else a snapshot. Never a gap, never an event twice: the last look at the tail's number
 * and the joining happen in one turn of the event loop.
 */
export async function catchUp(client: Client, have: Have, sources: CatchUpSources): Promise<void> {
  const { tail } = sources
  const { seq } = have
  // A number ahead of ours: the state was restored from a backup, the client's picture is of another history.
  const resumable = seq !== undefined && seq <= tail.seq && tail.seq - seq <= MAX_MISSED_EVENTS
  const devices = resumable ? await missedDevices(have.rev, sources) : undefined
  if (seq === undefined || devices === undefined) {
    await sendSnapshot(client, sources)
    await replay(client, sources)
  } else {
    // Also with nothing missed: the client learns that its question has been answered.
    if (seq === tail.seq) client.socket.emit('events', { from: seq, to: seq, events: [] })
    client.seq = seq
    const named = await replay(client, sources)
    sendDevices(client, new Set([...devices, ...named]), sources.fleet)
  }
  if (client.socket.connected) client.stepIn()
}

/** Sends events until the client has all that the tail has. @returns the devices their alarms are about */
async function replay(client: Client, { views, tail }: CatchUpSources): Promise<ReadonlySet<string>> {
  const named = new Set<string>()
  while (client.seq < tail.seq && client.socket.connected) {
    while (client.congested && client.socket.connected) await sleep(STALLED_MS)
    const read = await views.eventsAfter(client.seq, BATCH)
    // What the tail has not handed on yet will come with the stream.
    const events = read.filter((event) => event.seq <= tail.seq)
    const last = events.at(-1)
    if (last === undefined) break
    client.socket.emit('events', { from: client.seq, to: last.seq, events })
    client.seq = last.seq
    for (const id of devicesIn(events)) named.add(id)
  }
  return named
}

async function sendSnapshot(client: Client, { views, tail, fleet, now }: CatchUpSources): Promise<void> {
  // Alarms and incidents are read after these numbers were taken: they may know more, and an event applied twice is harmless.
  const seq = tail.seq
  const rev = fleet.rev
  const openAlarms = await worstOpenAlarms(views)
  const openIncidents = await views.openIncidents()
  const watchModes = await views.watchModes()
  client.socket.emit('snapshot', {
    serverTime: now(),
    seq,
    rev,
    openAlarms,
    openIncidents,
    watchModes: watchModes.filter((mode) => mode.until > now()),
    devices: fleet.counts(),
    session: {
      name: client.caller.name,
      role: client.caller.role,
      mustSetPassword: !client.caller.hasPassword,
    },
  })
  client.seq = seq
  client.rev = rev
}

async function worstOpenAlarms(views: Pick<Views, 'alarms'>): Promise<readonly Alarm[]> {
  const alarms: Alarm[] = []
  for (const severity of SEVERITIES) {
    let cursor: string | undefined
    do {
      const page = await views.alarms({ state: 'open', severity, limit: ALARM_PAGE, cursor })
      alarms.push(...page.items)
      cursor = page.next ?? undefined
    } while (cursor !== undefined && alarms.length < MAX_SNAPSHOT_ALARMS)
    if (alarms.length >= MAX_SNAPSHOT_ALARMS) break
  }
  return alarms
}

/** Devices whose look may have changed since `rev`; undefined when they are too many to name. */
async function missedDevices(
  rev: number | undefined,
  { views, fleet }: CatchUpSources,
): Promise<ReadonlySet<string> | undefined> {
  if (rev === undefined) return new Set()
  if (rev > fleet.rev) return undefined
  const remembered = fleet.changedSince(rev)
  if (remembered !== undefined) return remembered.size <= MAX_MISSED_DEVICES ? remembered : undefined
  // Before this process started: whoever was heard since then.
  const sighted = await views.sightedAfter(rev, MAX_MISSED_DEVICES + 1)
  return sighted.length <= MAX_MISSED_DEVICES ? new Set(sighted.map((one) => one.deviceId)) : undefined
}

function sendDevices(client: Client, ids: ReadonlySet<string>, fleet: Fleet): void {
  const changes = [...ids].map((id) => fleet.changeOf(id))
  const counts = fleet.counts()
  for (let i = 0; i < changes.length || i === 0; i += CHANGES_PER_BATCH)
    client.socket.emit('devices', { rev: fleet.rev, changes: changes.slice(i, i + CHANGES_PER_BATCH), counts })
  client.rev = fleet.rev
}

function devicesIn(events: readonly HydrantEvent[]): string[] {
  return events.flatMap((event) => (!('alarm' in event) || event.alarm.deviceId === null ? [] : [event.alarm.deviceId]))
}
