import { CITY_OFFSET_MS, cityClock, midnightOf } from '../../contract/city-time.ts'
import { NIGHT } from '../../contract/zones.ts'
import type { Finding } from '../detectors/detector.ts'
import { rounded } from '../detectors/wording.ts'
import { HOUR_MS } from '../zones/tape.ts'
import type { ZoneFinding } from './loss-telling.ts'

/** The part of a zone whose own loss has risen most. */
export interface LargestPart {
  readonly name: string
  /** By how much its loss is above what quiet nights lose, m³/h. */
  readonly m3h: number
}

const PERCENT = 100
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const

/** What an hour has found of a zone of which only the inflow is measured. Hours are counted from 1970 UTC. */
export interface InflowFound {
  readonly type: 'rise' | 'growth' | 'grown' | 'less' | 'over'
  /** The hour behind the one that decided it. */
  readonly at: number
  readonly since: number
  readonly m3h: number
  /** Of the inflow of the last 24 h, 0…1. */
  readonly share: number
}

/**
 * By itself the night minimum of ten real districts varied by up to 11.7 % of their mean inflow: below it a rise may be use,
 * and nobody is woken.
 */
const MORE_THAN_USE = 0.12

/** The same alarm, by weaker evidence: more water may also be used, and it says so. */
export function inflowFinding({ type, at, since, m3h, share }: InflowFound): Finding {
  const facts = {
    type: 'zoneLoss',
    at: at * HOUR_MS,
    since: since * HOUR_MS,
    value: rounded(m3h, 2),
    threshold: null,
    unit: 'm³/h',
    ...(share < MORE_THAN_USE ? { severity: 'WARNING' as const } : {}),
  } as const
  const clock = cityClock(since * HOUR_MS)
  const [date, month, hour] = [clock.getUTCDate(), clock.getUTCMonth(), clock.getUTCHours()]
  if (type === 'over')
    return {
      ...facts,
      active: false,
      reason: `the inflow is back to what it was before ${hour}:00 on ${date} ${MONTHS[month]}`,
      reasonZh: `进水量已恢复到${month + 1}月${date}日${hour}时之前的水平`,
    }
  const flow = rounded(m3h, m3h < 1 ? 2 : 1)
  const percent = Math.round(PERCENT * share)
  return {
    ...facts,
    active: true,
    reason: `${flow} m³/h more than usual runs in since ${hour}:00 on ${date} ${MONTHS[month]}; ${percent} % of inflow; households are not metered here: it may also be use`,
    reasonZh: `自${month + 1}月${date}日${hour}时起,进水量比往常同一时段多${flow} m³/h,占进水量${percent}%;此处户表未接入,也可能是用水增加`,
  }
}

/** Household meters were put into a zone whose inflow was all that is known: from now on its nights are judged by their loss. */
export const nowByLoss = (open: Finding, hour: number): Finding => ({
  ...open,
  active: false,
  at: Math.max(open.at, hour * HOUR_MS),
  reason: 'its household meters are read now: what it loses at night is measured and judged instead of its inflow',
  reasonZh: '该区户表已接入:改按夜间实测漏损判断,不再按进水量',
})

/** The last household meter has left a zone that was judged by its loss: its inflow is all that is known now. */
export const nowByInflow = ({ since, m3h }: Pick<ZoneFinding, 'since' | 'm3h'>, hour: number): Finding => {
  const began = (midnightOf(since) + NIGHT.from) * HOUR_MS
  return {
    ...{ type: 'zoneLoss', active: false, since: began, at: Math.max(began, hour * HOUR_MS) },
    ...{ value: rounded(m3h, 2), threshold: null, unit: 'm³/h' },
    reason: 'none of its household meters is read any more: its inflow is judged instead of its night loss',
    reasonZh: '该区已无户表接入:改按进水量判断,不再按夜间漏损',
  }
}

/** What judging has found of a zone, as a finding about its alarm. */
export function zoneLossFinding(found: ZoneFinding, part: LargestPart | undefined): Finding {
  const since = (midnightOf(found.since) + NIGHT.from) * HOUR_MS
  const at = (midnightOf(found.day) + NIGHT.to) * HOUR_MS
  const facts = { type: 'zoneLoss', at, since, value: rounded(found.m3h, 2), threshold: null, unit: 'm³/h' } as const
  const day = new Date(since + CITY_OFFSET_MS)
  const [date, month] = [day.getUTCDate(), day.getUTCMonth()]
  const m3h = rounded(found.m3h, found.m3h < 1 ? 2 : 1)
  if (found.type === 'over')
    return {
      ...facts,
      active: false,
      reason: `the night loss is back to what it was before ${date} ${MONTHS[month]}`,
      reasonZh: `夜间漏损已恢复到${month + 1}月${date}日之前的水平`,
    }
  if (found.type === 'gone')
    return {
      ...facts,
      active: false,
      withdrawn: true,
      reason: `late readings have shown that nothing was lost: the water of ${m3h} m³/h was used by households`,
      reasonZh: `补传读数到达后重新核算:${m3h} m³/h并非漏损,而是户表用水`,
    }
  const [share, reported] = [found.share, found.reported].map((one) => Math.round(PERCENT * one))
  const told = found.toldSince === undefined ? {} : { restates: (midnightOf(found.toldSince) + NIGHT.from) * HOUR_MS }
  return {
    ...facts,
    ...told,
    active: true,
    reason: [
      `loses ${m3h} m³/h more than on quiet nights since ${date} ${MONTHS[month]}`,
      `${share} % of inflow`,
      `${reported} % of ${found.meters} meters reported`,
      ...(part === undefined ? [] : [`largest part: ${part.name}, ${rounded(part.m3h, 2)} m³/h`]),
    ].join('; '),
    reasonZh: [
      `自${month + 1}月${date}日起,夜间漏损比平常多${m3h} m³/h`,
      `占进水量${share}%`,
      `${found.meters}块户表到报率${reported}%`,
      ...(part === undefined ? [] : [`其中最多的是${part.name},${rounded(part.m3h, 2)} m³/h`]),
    ].join(','),
  }
}
