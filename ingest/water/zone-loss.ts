import { CITY_OFFSET_MS, midnightOf } from '../../contract/city-time.ts'
import { NIGHT } from '../../contract/zones.ts'
import type { Finding } from '../detectors/detector.ts'
import { rounded } from '../detectors/wording.ts'
import { HOUR_MS } from '../zones/tape.ts'
import type { ZoneFinding } from './judge.ts'

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
