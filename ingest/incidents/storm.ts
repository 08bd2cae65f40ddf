import { type Alarm, isActive } from '../../contract/alarms.ts'
import { incidentCell, readCell } from '../../contract/incident-cell.ts'
import type { Incident } from '../../contract/incidents.ts'
import { isOpenIncident } from '../../contract/incidents.ts'
import type { RegisteredDevice } from '../../store/state/registry-port.ts'
import type { KnownHandling } from './handling.ts'
import { REOPEN_MS } from './joining.ts'
import { joiningKey } from './joining-key.ts'
import { type Change, opened, reopened, type Where, withAlarm } from './life.ts'

/**
 * Storm control by cause: four hundred meters behind one dead cell are one row with a count, not four hundred. A device
 * that falls silent alone stays an alarm of its own.
 */

const MINUTE = 60_000

/** Kinds of common cause, the most certain first, and how many devices have to be silent before it is believed. */
const BELIEVED_FROM = { gateway: 3, cell: 5, home: 5, village: 10, network: 20 } as const
type CauseKind = keyof typeof BELIEVED_FROM
const CAUSE_KINDS = Object.keys(BELIEVED_FROM) as readonly CauseKind[]

/** Devices without anything in common must fall silent together to be one cause. ms. */
const TOGETHER_MS = 10 * MINUTE

/** Where firmware says which cell it is in. */
const CELL_ATTRIBUTES = ['cell', 'cellId', 'cell_id', 'eci', 'nci'] as const

/** A device that has fallen silent. */
export interface Silence {
  readonly alarm: Alarm
  /** What it has in common with others, the most certain first. */
  readonly causes: readonly string[]
  /**
   * For how long another silence may be of the same cause. A cell's devices are missed one after the other, each at its
   * own time of day: a whole rhythm long, and one more where we were restarted.
   */
  readonly windowMs: number
}

export function silenceOf(
  alarm: Alarm,
  device: RegisteredDevice,
  attributes: Readonly<Record<string, unknown>>,
  rhythmMs: number,
  { places }: Pick<KnownHandling, 'places'>,
): Silence {
  const cell = CELL_ATTRIBUTES.map((name) => attributes[name]).find(isName)
  const premises = places.premisesOf(device.placeId)
  const village = (places.nearest(device.placeId, 'village') ?? places.nearest(device.placeId, 'township'))?.id
  const gateway = device.gatewayId ?? (device.kind === 'gateway' ? device.id : undefined)
  const ofKind: Record<CauseKind, string | number | undefined> = {
    gateway,
    cell,
    home: premises?.kind === 'home' ? premises.id : undefined,
    village,
    network: 'all',
  }
  const causes = CAUSE_KINDS.flatMap((kind) => {
    const id = ofKind[kind]
    return id === undefined ? [] : [incidentCell(kind, id)]
  })
  return { alarm, causes, windowMs: Math.max(2 * rhythmMs, TOGETHER_MS) }
}

const isName = (value: unknown): value is string | number =>
  typeof value === 'number' || (typeof value === 'string' && value !== '')

/** What an outage has made of silences. */
export interface Grouped {
  readonly change: Change
  /** Its new members, with its id. */
  readonly alarms: readonly Alarm[]
}

/**
 * New silences, and those that were alone until now → the outages they belong to. What no outage takes stays alone. Pure.
 * @param newId of the outage of a cause
 */
export function group(
  fresh: readonly Silence[],
  alone: Iterable<Silence>,
  known: Pick<KnownHandling, 'incidentAt' | 'places'>,
  newId: (cause: string) => string,
  now: number,
): readonly Grouped[] {
  const outages = new Outages(known, newId, now)
  let waiting: Silence[] = []
  for (const silence of fresh) {
    const cause = silence.causes.find((one) => outages.takes(one, silence))
    if (cause === undefined) waiting.push(silence)
    else outages.add(cause, [silence])
  }
  if (waiting.length === 0) return outages.grouped()
  const pool = [...waiting, ...alone].filter(({ alarm, causes, windowMs }) => {
    const within = causes.length === 1 ? TOGETHER_MS : windowMs
    return now - alarm.noticedAt <= within
  })
  for (const kind of CAUSE_KINDS)
    for (const [cause, members] of byCause(kind, pool)) {
      const left = members.filter((one) => !outages.has(one))
      if (left.length < BELIEVED_FROM[kind] || !left.some((one) => waiting.includes(one))) continue
      outages.add(cause, left)
      waiting = waiting.filter((one) => !outages.has(one))
    }
  return outages.grouped()
}

function byCause(kind: CauseKind, pool: readonly Silence[]): ReadonlyMap<string, readonly Silence[]> {
  const groups = new Map<string, Silence[]>()
  for (const silence of pool) {
    const cause = silence.causes.find((one) => readCell(one)?.kind === kind)
    if (cause === undefined) continue
    const group = groups.get(cause)
    if (group === undefined) groups.set(cause, [silence])
    else group.push(silence)
  }
  return groups
}

/** Silences that stand alone, as long as another may make an outage of them. */
export class LoneSilences {
  private readonly byAlarm = new Map<string, Silence>()

  all(): Iterable<Silence> {
    return this.byAlarm.values()
  }

  add(silence: Silence): void {
    this.byAlarm.set(silence.alarm.id, silence)
  }

  /** An alarm as it is now: what has ended, or belongs to an incident, stands alone no more. */
  follow(alarm: Alarm): void {
    if (alarm.type === 'silent' && (!isActive(alarm) || alarm.incidentId !== null)) this.byAlarm.delete(alarm.id)
  }

  /** What fell silent too long ago is no part of anything that falls silent now. */
  forget(now: number): void {
    for (const [id, { alarm, windowMs }] of this.byAlarm) if (now - alarm.noticedAt > windowMs) this.byAlarm.delete(id)
  }
}

class Outages {
  private readonly known: Pick<KnownHandling, 'incidentAt' | 'places'>
  private readonly newId: (cause: string) => string
  private readonly now: number
  private readonly found = new Map<string, { incident: Incident; event: Change['event']; alarms: Alarm[] }>()
  private readonly members = new Set<Silence>()

  constructor(known: Outages['known'], newId: Outages['newId'], now: number) {
    this.known = known
    this.newId = newId
    this.now = now
  }

  has(silence: Silence): boolean {
    return this.members.has(silence)
  }

  /** An outage of that cause is there, and had a new member not too long ago. */
  takes(cause: string, { windowMs }: Silence): boolean {
    if (this.found.has(cause)) return true
    const there = this.known.incidentAt(keyOf(cause))
    if (there === undefined) return false
    const { closedAt } = there
    if (!isOpenIncident(there)) return closedAt !== null && Math.abs(this.now - closedAt) <= REOPEN_MS
    return this.now - there.lastAt <= (readCell(cause)?.kind === 'network' ? TOGETHER_MS : windowMs)
  }

  add(cause: string, silences: readonly Silence[]): void {
    const have = this.found.get(cause) ?? this.begin(cause, silences)
    for (const silence of silences) {
      this.members.add(silence)
      const alarm = { ...silence.alarm, incidentId: have.incident.id }
      have.alarms.push(alarm)
      have.incident = { ...withAlarm(have.incident, alarm, true), lastAt: this.now }
    }
    this.found.set(cause, have)
  }

  grouped(): readonly Grouped[] {
    return [...this.found.values()].map(({ incident, event, alarms }) => ({
      change: { incident, event, alarmId: alarms[0]?.id ?? null },
      alarms,
    }))
  }

  private begin(
    cause: string,
    silences: readonly Silence[],
  ): { incident: Incident; event: Change['event']; alarms: Alarm[] } {
    const there = this.known.incidentAt(keyOf(cause))
    if (there !== undefined && isOpenIncident(there)) return { incident: there, event: 'incident.joined', alarms: [] }
    if (there?.closedAt != null && Math.abs(this.now - there.closedAt) <= REOPEN_MS)
      return { incident: reopened(there, this.now), event: 'incident.reopened', alarms: [] }
    const { alarm } = silences[0] as Silence
    const incident = opened(
      {
        ...this.whereOf(cause, alarm),
        id: this.newId(cause),
        kind: 'outage',
        mode: 'real',
        severity: alarm.severity,
        openedAt: Math.min(...silences.map((silence) => silence.alarm.raisedAt)),
        noticedAt: this.now,
      },
      this.now,
    )
    return { incident, event: 'incident.opened', alarms: [] }
  }

  private whereOf(cause: string, alarm: Alarm): Where {
    const common = readCell(cause)
    if (common?.kind === 'home') return { cell: cause, premisesId: common.id, placeId: common.id }
    if (common?.kind === 'village') return { cell: cause, premisesId: null, placeId: common.id }
    return { cell: cause, premisesId: null, placeId: common?.kind === 'gateway' ? alarm.placeId : null }
  }
}

const keyOf = (cause: string): string => joiningKey({ kind: 'outage', mode: 'real', premisesId: null, cell: cause })
