import type { ReactNode } from 'react'
import type { ZoneRow } from '../../../../contract/water-api.ts'
import { useText } from '../i18n/text.ts'
import { Change } from './Change.tsx'
import { Validity } from './Validity.tsx'
import { percentFigure, zoneSentence } from './water-words.ts'

/** The village under the mouse, in words. */
export function LossCard(props: { readonly zone: ZoneRow; readonly x: number; readonly y: number }): ReactNode {
  const { t } = useText()
  const { zone, x, y } = props
  return (
    <div className="loss-card" style={{ left: x, top: y }} aria-hidden="true">
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
