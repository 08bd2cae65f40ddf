import type { ReactNode } from 'react'
import type { HistoryBucket } from '../../../../contract/api.ts'
import { useText } from '../i18n/text.ts'
import { figureOf, type Instrument } from './instrument-state.ts'

const WIDTH = 240
const HEIGHT = 44
const ROOM = 3

/** The last day of one instrument, its limits dashed across. */
export function Sparkline(props: {
  readonly instrument: Instrument
  readonly buckets: readonly HistoryBucket[]
  readonly from: number
  readonly to: number
}): ReactNode {
  const { t } = useText()
  const { instrument, buckets, from, to } = props
  if (buckets.length === 0) return <p className="quiet spark-empty">{t('plant.noTrend')}</p>
  const low = Math.min(...buckets.map(({ min }) => min))
  const high = Math.max(...buckets.map(({ max }) => max))
  // A limit far from what was measured would press the curve flat.
  const near = [instrument.low, instrument.high].filter(
    (limit) => limit !== null && limit >= low - (high - low || 1) * 2 && limit <= high + (high - low || 1) * 2,
  ) as number[]
  const bottom = Math.min(low, ...near)
  const top = Math.max(high, ...near)
  const span = top - bottom || 1
  const x = (at: number): number => ((at - from) / (to - from)) * WIDTH
  const y = (value: number): number => HEIGHT - ROOM - ((value - bottom) / span) * (HEIGHT - 2 * ROOM)
  const line = buckets.map(({ at, mean }) => `${x(at).toFixed(1)},${y(mean).toFixed(1)}`).join(' ')
  const words = {
    name: t(`plant.role.${instrument.role}`),
    low: figureOf(low),
    high: figureOf(high),
    unit: instrument.unit,
  }
  return (
    <svg
      className="spark"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={t('plant.sparkline', words)}
    >
      {near.map((limit) => (
        <line key={limit} className="spark-limit" x1="0" x2={WIDTH} y1={y(limit)} y2={y(limit)} />
      ))}
      <polyline className="spark-line" points={line} />
    </svg>
  )
}
