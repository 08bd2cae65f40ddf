import type { ReactNode } from 'react'
import type { ZoneRow } from '../../../../contract/water-api.ts'
import { useText } from '../i18n/text.ts'
import { Change } from './Change.tsx'
import type { LitVillage } from './loss-map.ts'
import { Validity } from './Validity.tsx'
import { percentFigure, zoneSentence } from './water-words.ts'

/** Clear of the mark itself. */
const ASIDE_PX = 18

/** The village under the mouse, in words. */
export function LossCard({ zone, at }: { readonly zone: ZoneRow; readonly at: LitVillage }): ReactNode {
  const { t } = useText()
  // On the side of the mark on which there is more room.
  const isLeft = at.x > at.width / 2
  const across = {
    ...(isLeft ? { right: at.width - at.x + ASIDE_PX } : { left: at.x + ASIDE_PX }),
    maxWidth: (isLeft ? at.x : at.width - at.x) - ASIDE_PX,
  }
  const down = at.y > at.height / 2 ? { bottom: at.height - at.y } : { top: at.y }
  return (
    <div className="loss-card" style={{ ...across, ...down }} aria-hidden="true">
      <strong>{zone.name}</strong>
      <small className="quiet">{zone.path.join(' › ')}</small>
      <p>{zoneSentence(zone, t)}</p>
      <p className="loss-card-facts">
        {zone.weekPercent === null ? null : (
          <span>
            {t('zones.week')} {percentFigure(zone.weekPercent)} %
          </span>
        )}
        <Change trendM3h={zone.trendM3h} />
      </p>
      <Validity zone={zone} />
    </div>
  )
}
