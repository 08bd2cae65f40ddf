import { mix, seeded } from '../random.ts'
import { HOUR_MS, LOCAL_OFFSET_MS } from './household.ts'
import type { Network } from './network-engine.ts'
import type { Cut } from './network-zones.ts'

/** Leaks of a network and of its households: drawn, or placed by hand. They never reach a detector. */
export interface WorldLeak {
  readonly village: string
  readonly node: string
  readonly kind: 'abrupt' | 'incipient'
  /** Hours since 1970; a leak that grows is whole at `full`. */
  readonly start: number
  readonly full: number
  readonly end: number
  readonly m3h: number
  /** What really ran in each hour from `start` on, m³. */
  readonly ranM3: number[]
}

/** Placed by hand. Hours since 1970. */
export interface PlannedLeak {
  /** A junction of the network. */
  readonly node: string
  readonly start: number
  readonly full: number
  readonly end: number
  /** At `TYPICAL_PRESSURE_M`: what runs depends on the pressure there. */
  readonly m3h: number
}

/** Behind the meter of a household. Hours since 1970. */
export interface HomeLeak {
  readonly home: number
  readonly start: number
  readonly full: number
  readonly end: number
  /** l/h */
  readonly lph: number
}

export const HOURS = 24
const MONTH_DAYS = 30
/** Learning time before the first leak. */
const QUIET_DAYS = 14
/** Emitters between these, m³/h: `water.md`. */
const LEAK_M3H = { least: 0.1, most: 10 }
const TYPICAL_PRESSURE_M = 45
const GROWS_DAYS = { least: 5, more: 10 }
const LASTS_DAYS = { least: 16, more: 10 }

/** @param day days since 1970, local @returns its midnight in hours since 1970 UTC */
export const hourOfDay = (day: number): number => day * HOURS - LOCAL_OFFSET_MS / HOUR_MS

interface Drawing {
  readonly seed: number
  readonly days: number
  readonly firstDay: number
  readonly leaksPerMonth: number
}

export function drawnLeaks(
  network: Network,
  cut: Cut,
  villages: readonly string[],
  { seed, days, firstDay, leaksPerMonth }: Drawing,
): WorldLeak[] {
  if (leaksPerMonth <= 0) return []
  const leaks: WorldLeak[] = []
  const every = MONTH_DAYS / leaksPerMonth
  for (const [zone, village] of villages.entries()) {
    const places = network.nodes.filter(({ index, demandM3h }) => cut.zoneOf.get(index) === zone && demandM3h > 0)
    if (places.length === 0) continue
    const random = seeded(mix(seed, 41, zone))
    for (
      let day = QUIET_DAYS + random() * every;
      day < days - 7;
      day += Math.max(every, LASTS_DAYS.least + LASTS_DAYS.more)
    ) {
      const start = hourOfDay(firstDay) + Math.floor(day * HOURS)
      const kind = random() < 0.5 ? 'abrupt' : 'incipient'
      const grows = Math.floor((GROWS_DAYS.least + GROWS_DAYS.more * random()) * HOURS)
      const lasts = Math.floor((LASTS_DAYS.least + LASTS_DAYS.more * random()) * HOURS)
      leaks.push({
        village,
        node: places[Math.floor(random() * places.length)]!.id,
        kind,
        start,
        full: kind === 'abrupt' ? start : start + grows,
        end: start + lasts,
        m3h: LEAK_M3H.least * (LEAK_M3H.most / LEAK_M3H.least) ** random(),
        ranM3: [],
      })
    }
  }
  return leaks
}

/** @throws where the node is none of a village's */
export function placedLeak(
  { nodes }: Network,
  cut: Cut,
  villages: readonly string[],
  { node, start, full, end, m3h }: PlannedLeak,
): WorldLeak {
  const village = villages[cut.zoneOf.get(nodes.find(({ id }) => id === node)?.index ?? -1) ?? -1]
  if (village === undefined) throw new Error(`${node} lies in no village.`)
  return { village, node, kind: full > start ? 'incipient' : 'abrupt', start, full, end, m3h, ranM3: [] }
}

/** m³/h at one metre of pressure. */
export function coefficientAt({ start, full, end, m3h }: WorldLeak, hour: number): number {
  if (hour < start || hour >= end) return 0
  const share = full > start ? Math.min(1, (hour - start) / (full - start)) : 1
  return (share * m3h) / Math.sqrt(TYPICAL_PRESSURE_M)
}

/** Whole litres of each hour of a day, on top of what leaks there already; none of a fraction is lost from hour to hour. */
export function leakedHours(
  { start, full, end, lph }: HomeLeak,
  day: number,
  before: readonly number[] | undefined,
): readonly number[] {
  return Array.from({ length: HOURS }, (_, i) => {
    const hour = hourOfDay(day) + i
    if (hour < start || hour >= end) return before?.[i] ?? 0
    const rate = full > start ? lph * Math.min(1, (hour - start) / (full - start)) : lph
    return (before?.[i] ?? 0) + Math.floor(rate * (hour + 1)) - Math.floor(rate * hour)
  })
}
