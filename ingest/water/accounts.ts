import { isDeepStrictEqual } from 'node:util'
import type { Reason } from '../../contract/reasons.ts'
import type { Membership } from '../../contract/zones.ts'
import { ByteWriter } from '../../store/history/bytes.ts'
import type { Decision } from '../../store/state/decisions-port.ts'
import type { AccountedMeter, MeterCountChange, WaterDecision } from '../../store/state/water-port.ts'
import { hourOf, portionsOf, type RegisterName, ZoneSums } from '../zones/accounting.ts'
import {
  type Exchange,
  exchangeMeters,
  forget,
  HOUR_MS,
  type MeterSize,
  type Portion,
  record,
  replayTape,
} from '../zones/tape.ts'
import { emptyTapes, type MeterTapes, packTapes, unpackTapes } from '../zones/tape-bytes.ts'

/** Readings are corrected by others for so long; the sums stay. ms, before the meter's newest reading. */
const CORRECTED_MS = 10 * 24 * 3_600_000
const REGISTERS: readonly RegisterName[] = ['volume', 'reverseVolume']
const LITRES_PER_M3 = 1000

/** Where a meter is to be accounted, as the topology has it. */
export interface Standing {
  readonly memberships: readonly Membership[]
  readonly exchanges: readonly Exchange[]
}

/** What is known of a meter before a decision. `standing`: it has not been accounted yet, and is to be. */
export interface KnownMeter extends AccountedMeter {
  readonly standing?: Standing
}

interface OpenMeter {
  readonly known: KnownMeter
  memberships: readonly Membership[]
  awaitedFrom: number
  readonly tapes: MeterTapes
  changed: boolean
}

/** Readings of one register, as they came. Values are m³. */
export interface MeterReadings {
  readonly deviceId: string
  readonly register: RegisterName
  readonly at: readonly number[]
  readonly values: readonly unknown[]
}

/**
 * What one decision adds to the accounts: differences for each zone and hour, and the meters' tapes after it. Nothing is
 * read but the meters themselves, so a fleet needs no ledger in memory.
 */
export class Accounts {
  /** By meter: readings that no account can take any more, older than what is corrected. */
  private readonly tooOld = new Map<string, number>()
  /** Meters whose tape cannot be read: it begins anew, and holds up neither their alarms nor the other meters. */
  private readonly unreadable = new Set<string>()
  private readonly known: (id: string) => KnownMeter | undefined
  private readonly meters = new Map<string, OpenMeter>()
  private readonly sums = new ZoneSums()
  private readonly counts = new Map<string, MeterCountChange>()

  constructor(known: (id: string) => KnownMeter | undefined) {
    this.known = known
  }

  add({ deviceId, register, at, values }: MeterReadings): void {
    const meter = this.open(deviceId)
    if (meter === undefined) return
    const tape = meter.tapes[register]
    const portion = this.portion(meter, register)
    let first = Number.POSITIVE_INFINITY
    for (let i = 0; i < at.length; i++) {
      const value = values[i]
      if (typeof value !== 'number') continue
      const time = at[i] as number
      if (time < tape.from) {
        this.tooOld.set(deviceId, (this.tooOld.get(deviceId) ?? 0) + 1)
        continue
      }
      first = Math.min(first, time)
      if (record(tape, time, Math.round(value * LITRES_PER_M3), portion)) meter.changed = true
    }
    if (hourOf(first) < meter.awaitedFrom) this.awaitFrom(meter, hourOf(first))
    const newest = tape.at.at(-1)
    if (newest !== undefined) forget(tape, newest - CORRECTED_MS)
  }

  /** A meter counts here from now on, for all time that its tape remembers. */
  place(deviceId: string, { memberships, exchanges }: Standing): void {
    const meter = this.open(deviceId)
    if (meter !== undefined) this.stand(meter, memberships, exchanges)
  }

  /** Undefined: nothing changes. */
  finish(): WaterDecision | undefined {
    const writer = new ByteWriter()
    const meters = new Map<string, AccountedMeter>()
    for (const [id, { known, memberships, awaitedFrom, tapes, changed }] of this.meters)
      if (changed) {
        const isStored = known.standing === undefined && known.awaitedFrom === awaitedFrom
        const stays = isStored && known.memberships === memberships
        meters.set(id, { memberships, awaitedFrom, tapes: packTapes(tapes, writer), ...(stays ? { stays } : {}) })
      }
    if (meters.size === 0) return undefined
    const counts = [...this.counts.values()].filter(({ change }) => change !== 0)
    return { meters, hours: this.sums.all(), counts, nights: [], zoneStates: new Map() }
  }

  /** What could not be counted. @param at the decision's time, ms since 1970 */
  rejections(at: number): Decision['rejections'] {
    const of = (reason: Reason, deviceId: string, count: number, detail: string) =>
      ({ reason, deviceId, at, count, detail }) as const
    return [
      ...[...this.tooOld].map(([id, count]) =>
        of('zone.too-late', id, count, 'its meter has sent readings of ten days later'),
      ),
      ...[...this.unreadable].map((id) => of('zone.tape-unreadable', id, 1, 'its row is damaged')),
    ]
  }

  private open(id: string): OpenMeter | undefined {
    const here = this.meters.get(id)
    if (here !== undefined) return here
    const known = this.known(id)
    if (known === undefined) return undefined
    const { memberships, awaitedFrom } = known
    const tapes = this.unpack(id, known)
    const meter: OpenMeter = { known, memberships, awaitedFrom, tapes, changed: this.unreadable.has(id) }
    this.meters.set(id, meter)
    if (known.standing !== undefined) {
      this.stand(meter, known.standing.memberships, known.standing.exchanges)
      meter.changed = true
    }
    return meter
  }

  private unpack(id: string, { tapes, memberships }: KnownMeter): MeterTapes {
    try {
      return unpackTapes(tapes)
    } catch {
      this.unreadable.add(id)
      return emptyTapes(sizeOf(memberships) ?? 'household')
    }
  }

  private stand(meter: OpenMeter, memberships: readonly Membership[], exchanges: readonly Exchange[]): void {
    // A meter that is exchanged gets a new backward register too.
    for (const register of REGISTERS) {
      const told = register === 'volume' ? exchanges : exchanges.map(({ at }) => ({ at, ...NOT_WRITTEN }))
      if (exchangeMeters(meter.tapes[register], told, this.portion(meter, register))) meter.changed = true
    }
    const counted = countedIn(meter, memberships)
    if (isDeepStrictEqual(meter.memberships, counted)) return
    this.replay(meter, -1)
    meter.memberships = counted
    // Registered as the wrong kind and put right: what a main passes is beyond any household's meter.
    for (const register of REGISTERS) meter.tapes[register].size = sizeOf(memberships) ?? meter.tapes[register].size
    this.replay(meter, 1)
    meter.changed = true
  }

  /** It has measured earlier than was known. */
  private awaitFrom(meter: OpenMeter, hour: number): void {
    this.countAll(meter, -1)
    meter.awaitedFrom = hour
    this.countAll(meter, 1)
    meter.changed = true
  }

  private replay(meter: OpenMeter, sign: 1 | -1): void {
    for (const register of REGISTERS) replayTape(meter.tapes[register], sign, this.portion(meter, register))
    this.countAll(meter, sign)
  }

  private countAll({ memberships, awaitedFrom }: OpenMeter, sign: 1 | -1): void {
    for (const { zone, part, from, to } of memberships) {
      const first = Math.max(hourOf(from), awaitedFrom)
      if (to !== null && hourOf(to) <= first) continue
      this.count(zone, part, first, sign)
      if (to !== null) this.count(zone, part, hourOf(to), -sign)
    }
  }

  private count(zone: string, part: MeterCountChange['part'], hour: number, by: number): void {
    const key = `${part} ${hour} ${zone}`
    const change = (this.counts.get(key)?.change ?? 0) + by
    this.counts.set(key, { zone, part, hour, change })
  }

  private portion({ memberships }: OpenMeter, register: RegisterName): Portion {
    return portionsOf(memberships, register, this.sums)
  }
}

/** Up to here a meter's hours cannot be moved any more, ms since 1970: its readings of then are forgotten. 0: none is. */
export const settledUntil = ({ volume: { from, at } }: MeterTapes): number =>
  from === 0 || at[0] === undefined ? 0 : (hourOf(at[0]) + 1) * HOUR_MS

/**
 * A meter that is moved takes along what its tape remembers. What is settled stays where it was counted, the meter as one to be
 * heard too: else one zone would wait for hours that lie in the other.
 */
function countedIn({ memberships: before, tapes }: OpenMeter, told: readonly Membership[]): readonly Membership[] {
  const settled = settledUntil(tapes)
  if (settled === 0 || isDeepStrictEqual(before, told)) return told
  const stay = before
    .filter(({ from }) => from < settled)
    .map((one) => ({ ...one, to: one.to !== null && one.to < settled ? one.to : settled }))
  const move = told
    .filter(({ to }) => to === null || to > settled)
    .map((one) => ({ ...one, from: Math.max(one.from, settled) }))
  const counted = move.map((one) => {
    const same = stay.findIndex((old) => old.to === one.from && old.zone === one.zone && old.part === one.part)
    return same < 0 ? one : { ...one, from: stay.splice(same, 1)[0]!.from }
  })
  return [...stay, ...counted].sort((a, b) => a.from - b.from)
}

/** Undefined: it counts nowhere. */
const sizeOf = ([first]: readonly Membership[]): MeterSize | undefined =>
  first === undefined ? undefined : first.part === 'household' ? 'household' : 'bulk'

const NOT_WRITTEN = { lastLitres: null, firstLitres: null } as const
