import { cityDayOf } from '../../contract/city-time.ts'
import type { ZoneNight } from '../../contract/zones.ts'
import type { MeterCountChange, ZoneHour } from '../../store/state/water-port.ts'
import type { Finding } from '../detectors/detector.ts'
import { HOUR_MS } from '../zones/tape.ts'
import {
  accountOf,
  isJudgedAnew,
  type Judgement,
  judgeZone,
  firstHourOf as lossFrom,
  toldOf,
  type ZoneMemory,
} from './judge.ts'
import { firstHourOfInflow, type InflowMemory, isForgotten, judgeInflow, openInflow } from './judge-inflow.ts'
import type { ZoneFinding } from './loss-telling.ts'
import { nowByInflow, nowByLoss } from './zone-loss.ts'

/**
 * Which of the two judges a zone has: by what is lost at night where any household in it is metered, by what runs in (less what
 * runs out again) where none is. Never both: a zone has one alarm of its loss. Nights stay as the judge of their time left them.
 */
export type Memory = ZoneMemory | InflowMemory

export interface Verdict {
  readonly memory: Memory
  /** All that were looked at again, ascending. */
  readonly nights: readonly Omit<ZoneNight, 'judgedAt'>[]
  readonly findings: readonly (ZoneFinding | Finding)[]
}

const ofLoss = (memory: Memory | undefined): ZoneMemory | undefined =>
  memory !== undefined && 'before' in memory ? memory : undefined
const ofInflow = (memory: Memory | undefined): InflowMemory | undefined =>
  memory !== undefined && 'said' in memory ? memory : undefined

/** Whether a bulk meter was ever in it: of a zone of which no inflow is measured nothing is judged. */
export const canBeJudged = (counts: readonly MeterCountChange[]): boolean =>
  counts.some(({ part }) => part !== 'household')

/** Now: a household meter that was registered there by mistake would leave the zone without a judge for ever. */
const hasHouseholds = (counts: readonly MeterCountChange[]): boolean =>
  counts.reduce((sum, { part, change }) => (part === 'household' ? sum + change : sum), 0) > 0

/** The days on which the first household meter came and the last came or went; undefined: there never was one. */
function householdDays(
  counts: readonly MeterCountChange[],
): { readonly first: number; readonly last: number } | undefined {
  const days = counts.flatMap(({ part, hour }) => (part === 'household' ? [cityDayOf(hour * HOUR_MS)] : []))
  return days.length === 0 ? undefined : { first: Math.min(...days), last: Math.max(...days) }
}

/** From which hour on a zone's hours are asked for, counted from 1970 UTC. @param changedFrom the earliest that has changed */
export function firstHourOf(
  memory: Memory | undefined,
  counts: readonly MeterCountChange[],
  changedFrom: number,
): number {
  // Nothing of it was ever measured: a silent bulk meter must not have years of hours read at every upload of its households.
  if (memory === undefined) return changedFrom
  const [loss, inflow] = hasHouseholds(counts) ? [ofLoss(memory), undefined] : [undefined, ofInflow(memory)]
  if (loss !== undefined) {
    if (isJudgedAnew(loss, changedFrom)) return 0
    const forgotten = (loss.before[0]?.day ?? 0) > loss.began
    return forgotten ? lossFrom(loss) : Math.min(lossFrom(loss), changedFrom)
  }
  if (inflow === undefined) return 0
  return isForgotten(inflow) ? firstHourOfInflow(inflow) : Math.min(firstHourOfInflow(inflow), changedFrom)
}

/** Judges one zone. Pure. Undefined: there is nothing to judge. @param hours from `firstHourOf`, ascending */
export function verdictOn(
  memory: Memory | undefined,
  hours: readonly ZoneHour[],
  counts: readonly MeterCountChange[],
  changedFrom: number,
): Verdict | undefined {
  const account = accountOf(hours, counts)
  const inflow = ofInflow(memory)
  const days = householdDays(counts)
  if (!hasHouseholds(counts)) {
    const judgement = judgeInflow(inflow, account)
    if (judgement === undefined) return undefined
    // None: of a meter that was there by mistake it is said that it never was.
    const nights = judgement.nights.filter(({ day }) => days === undefined || day > days.last)
    const loss = ofLoss(memory)
    if (loss === undefined) return { ...judgement, nights }
    // What ran in while its households were metered was judged then: of the past only what still runs is told.
    const [told, open] = [toldOf(loss), openInflow(judgement.memory)]
    const ended = told === undefined ? [] : [nowByInflow(told, account.newestBulkHour ?? 0)]
    return { memory: judgement.memory, nights, findings: [...ended, ...(open === undefined ? [] : [open])] }
  }
  const judgement = judgeZone(ofLoss(memory), account, changedFrom)
  if (judgement === undefined || inflow === undefined) return judgement
  const nights = judgement.nights.filter(({ day }) => days === undefined || day >= days.first)
  const open = openInflow(inflow)
  const ended = open === undefined ? [] : [nowByLoss(open, account.newestBulkHour ?? 0)]
  return { ...judgement, nights, findings: [...ended, ...stillRunning(judgement)] }
}

/** What it lost when its households were metered before was told then: of the past only what still runs is told. */
function stillRunning({ memory, findings }: Judgement): readonly ZoneFinding[] {
  const last = findings.at(-1)
  if (!memory.told || last === undefined) return []
  const { toldSince: _, ...loss } = last
  return [{ ...loss, type: 'loss' }]
}
