import type { ZoneRow } from '../../../../contract/water-api.ts'
import { STEADY_M3H } from './Change.tsx'
import type { Sort } from './water-api.ts'
import { flowWords, isMeasured, percentFigure, volumeFigure } from './water-words.ts'

/** Villages as marks of the loss map. One source for all three ways of looking; only the paint differs. */

/** Shares of inflow, percent: 12 is the basic target of CJJ 92-2016, 5 what the best villages of the city reach. */
export const SHARE_LIMITS = [5, 12, 20, 30] as const
/** Diverging blue to orange, told apart by people who confuse red and green; the middle of CJJ 92 is where it turns. */
export const SHARE_COLOURS = ['#4f86b8', '#9cc3e0', '#f0cd8a', '#ec9242', '#c9372c'] as const
export const TREND_COLOURS = {
  rising: '#ec9242',
  falling: '#4f86b8',
  steady: '#8fa3b5',
  unknown: 'transparent',
} as const
type TrendWord = keyof typeof TREND_COLOURS

const LITRES_PER_M3 = 1000
const PERCENT = 100

const trendWord = (change: number | null): TrendWord => {
  if (change === null) return 'unknown'
  return Math.abs(change) < STEADY_M3H ? 'steady' : change > 0 ? 'rising' : 'falling'
}
const ARROWS: Record<TrendWord, string> = { rising: '▲', falling: '▼', steady: '●', unknown: '' }

const shareText = (percent: number | null): string => (percent === null ? '' : ` · ${percentFigure(percent)} %`)

/**
 * What may be said of the newest night; null: nothing. Of a zone of which only the inflow is measured nobody knows what it
 * loses: where more than usual runs in, it is shown by that.
 */
function tonightOf({ tonight, open, onlyInflow, unjudged, tonightPercent }: ZoneRow) {
  if (onlyInflow) {
    const percent =
      tonight === null || tonight.inflowM3h <= 0 ? null : (PERCENT * (open?.lossM3h ?? 0)) / tonight.inflowM3h
    return open === null ? null : { m3h: open.lossM3h, percent, sign: '+' }
  }
  const m3h = tonight?.lossM3h ?? null
  return m3h === null || unjudged !== null ? null : { m3h, percent: tonightPercent, sign: '' }
}

/** What a mark shows in each way of looking: its size's figure, its share, its words. −1: nothing may be said. */
export function lossFeatures(villages: readonly ZoneRow[]) {
  return {
    type: 'FeatureCollection' as const,
    features: villages.flatMap((zone) => {
      const { id, name, lon, lat, week, open } = zone
      if (lon === null || lat === null) return []
      const told = tonightOf(zone)
      const lost = told === null ? -1 : Math.max(0, told.m3h)
      const lossL = week?.valid === true && isMeasured(zone) ? week.lossL : null
      const weekM3 = lossL === null ? -1 : Math.max(0, lossL / LITRES_PER_M3)
      const trend = trendWord(zone.trendM3h)
      return [
        {
          type: 'Feature' as const,
          properties: {
            id,
            name,
            open: open !== null,
            tonight: lost,
            tonightShare: told?.percent ?? -1,
            tonightText: told === null ? '' : `${told.sign}${flowWords(told.m3h)}${shareText(told.percent)}`,
            week: weekM3,
            weekShare: weekM3 < 0 ? -1 : (zone.weekPercent ?? -1),
            weekText: weekM3 < 0 ? '' : `${volumeFigure(weekM3)} m³${shareText(zone.weekPercent)}`,
            trend: trend === 'unknown' ? -1 : lost,
            trendWord: trend,
            trendText: ARROWS[trend],
          } satisfies Record<string, unknown> & Record<Sort, number>,
          geometry: { type: 'Point' as const, coordinates: [lon, lat] },
        },
      ]
    }),
  }
}
