import type { ReactNode } from 'react'
import type { ZoneRow } from '../../../../contract/water-api.ts'
import { useText } from '../i18n/text.ts'
import { flowFigure } from './water-words.ts'

const WIDTH = 112
const HEIGHT = 30
const EDGE = 3

/** Fourteen nights in a line. A night that was not judged is a gap. */
export function TrendLine({ zone }: { readonly zone: Pick<ZoneRow, 'trend' | 'open' | 'onlyInflow'> }): ReactNode {
  const { t } = useText()
  const { trend, open, onlyInflow } = zone
  const known = trend.filter((value) => value !== null)
  const last = known.at(-1)
  if (last === undefined)
    return (
      <span className="quiet" title={t('zones.trendNone')}>
        –
      </span>
    )
  const min = Math.min(...known)
  const max = Math.max(...known)
  const floor = Math.min(0, min)
  const x = (i: number): number => EDGE + (i / Math.max(1, trend.length - 1)) * (WIDTH - 2 * EDGE)
  const y = (value: number): number => HEIGHT - EDGE - ((value - floor) / (max - floor || 1)) * (HEIGHT - 2 * EDGE)
  let path = ''
  let drawn = false
  for (const [i, value] of trend.entries()) {
    if (value !== null) path += `${drawn ? 'L' : 'M'}${x(i).toFixed(1)} ${y(value).toFixed(1)}`
    drawn = value !== null
  }
  const lastAt = trend.lastIndexOf(last)
  return (
    <svg
      className={`trend-line${open === null ? '' : ' is-loss'}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={t(onlyInflow ? 'zones.trendInflow' : 'zones.trendWords', {
        min: flowFigure(min),
        max: flowFigure(max),
        last: flowFigure(last),
      })}
    >
      <path className="trend-floor" d={`M${EDGE} ${y(0)}H${WIDTH - EDGE}`} />
      {/* A night between two gaps is a dot: round ends draw a line of no length. */}
      <path className="trend-path" d={path.replaceAll(/M([\d.]+ [\d.]+)(?=M|$)/g, 'M$1l0.01 0')} />
      <circle cx={x(lastAt)} cy={y(last)} r="2.8" />
    </svg>
  )
}
