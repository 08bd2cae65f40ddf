import type { ZoneNight } from '../../contract/zones.ts'
import type { MeterCountChange, ZoneHour } from '../../store/state/water-port.ts'
import type { Finding } from '../detectors/detector.ts'
import {
  accountOf,
  isJudgedAnew,
  judgeZone,
  firstHourOf as lossFrom,
  type ZoneFinding,
  type ZoneMemory,
} from './judge.ts'
import { firstHourOfInflow, type InflowMemory, isForgotten, judgeInflow, openInflow } from './judge-inflow.ts'
import { nowByLoss } from './zone-loss.ts'

/**
 * Which of the two judges a zone has: by what is lost at night where any household in it was ever metered, by what runs in
 * (less what runs out again) where none was. Never both: a zone has one alarm of its loss.
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

const hasHouseholds = (counts: readonly MeterCountChange[]): boolean => counts.some(({ part }) => part === 'household')

/** From which hour on a zone's hours are asked for, counted from 1970 UTC. @param changedFrom the earliest that has changed */
export function firstHourOf(
  memory: Memory | undefined,
  counts: readonly MeterCountChange[],
  changedFrom: number,
): number {
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
  if (counts.every(({ part }) => part === 'household')) return undefined
  const account = accountOf(hours, counts)
  const inflow = ofInflow(memory)
  if (!hasHouseholds(counts)) return judgeInflow(inflow, account)
  const judgement = judgeZone(ofLoss(memory), account, changedFrom)
  const open = inflow && openInflow(inflow)
  if (judgement === undefined || open === undefined) return judgement
  return { ...judgement, findings: [nowByLoss(open, account.newestBulkHour ?? 0), ...judgement.findings] }
}
