import type { ReactNode } from 'react'
import { useText } from '../i18n/text.ts'
import { figureOf, type Instrument, stateOf } from './instrument-state.ts'

const WIDTH = 120
const HEIGHT = 110
const WALL = 4
/** Above the highest of limit and level, so that a full tank is seen to be full. */
const HEADROOM = 1.08

/** A tank, filled as its level says, with its low and high marks. */
export function Tank({ instrument }: { readonly instrument: Instrument }): ReactNode {
  const { t } = useText()
  const { value, low, high } = instrument
  const top = Math.max(high ?? 0, value ?? 0, low ?? 0) * HEADROOM || 1
  const inner = HEIGHT - 2 * WALL
  const y = (level: number): number => HEIGHT - WALL - (Math.max(0, level) / top) * inner
  return (
    <svg
      className={`tank instrument-${stateOf(instrument)}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={value === null ? t('plant.tankEmpty') : t('plant.tankLabel', { level: figureOf(value) })}
    >
      {value === null ? null : (
        <rect
          className="tank-water"
          x={WALL}
          width={WIDTH - 2 * WALL}
          y={y(value)}
          height={Math.max(0, HEIGHT - WALL - y(value))}
        />
      )}
      <path className="tank-wall" d={`M${WALL / 2} 0V${HEIGHT - WALL / 2}H${WIDTH - WALL / 2}V0`} />
      {[low, high].map((limit) =>
        limit === null ? null : (
          <g key={limit}>
            <line className="tank-limit" x1={WALL} x2={WIDTH - WALL} y1={y(limit)} y2={y(limit)} />
            <text className="tank-figure" x={WIDTH - WALL - 4} y={y(limit) - 3} textAnchor="end">
              {figureOf(limit)}
            </text>
          </g>
        ),
      )}
    </svg>
  )
}
