import type { ReactNode } from 'react'
import { judgedM3h, type ZoneNight } from '../../../../contract/zones.ts'
import { useText } from '../i18n/text.ts'
import { flowFigure } from './water-words.ts'

const WIDTH = 100
const HEIGHT = 12
/** Room beyond the larger of loss and band. */
const ROOM = 1.15

/** A night's loss (inflow, where only that is measured) beside the band that quiet nights stay in. Each has its own scale: it says in or out, not how much. */
export function BandBullet({ night }: { readonly night: ZoneNight }): ReactNode {
  const { t } = useText()
  const { lowM3h, highM3h, expectedM3h } = night
  const m3h = judgedM3h(night)
  if (m3h === null || lowM3h === null || highM3h === null) return null
  const most = Math.max(m3h, highM3h) * ROOM || 1
  const least = Math.min(0, m3h, lowM3h)
  const x = (value: number): number => ((value - least) / (most - least)) * WIDTH
  return (
    <svg
      className={`bullet${night.verdict === 'loss' ? ' is-loss' : ''}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={t('zones.usually', { low: flowFigure(lowM3h), high: flowFigure(highM3h) })}
    >
      <rect className="bullet-track" x="0" y="4" width={WIDTH} height="4" />
      <rect className="bullet-band" x={x(lowM3h)} y="1" width={Math.max(1, x(highM3h) - x(lowM3h))} height="10" />
      {expectedM3h === null ? null : (
        <rect className="bullet-expected" x={x(expectedM3h) - 0.5} y="1" width="1" height="10" />
      )}
      <rect className="bullet-loss" x={x(Math.min(0, m3h))} y="4" width={x(m3h) - x(Math.min(0, m3h))} height="4" />
      <rect className="bullet-mark" x={x(m3h) - 1} y="0" width="2.5" height={HEIGHT} />
    </svg>
  )
}
