import type { ReactNode } from 'react'
import { UNJUDGED, type ZoneRow } from '../../../../contract/water-api.ts'
import { formatCount } from '../format/amount.ts'
import { inLanguage, useText } from '../i18n/text.ts'
import { OrderMark } from './OrderMark.tsx'
import { StandingMark } from './StandingMark.tsx'
import { isMeasured, shareFigure, standingOf } from './water-words.ts'

/** What the verdict on a zone stands on: who reported, and whether the bulk meter did; and who is at it already. */
export function Validity({ zone }: { readonly zone: ZoneRow }): ReactNode {
  const { t, language } = useText()
  const { tonight, meters } = zone
  return (
    <span className="validity">
      <span className="validity-line">
        <StandingMark standing={standingOf(zone)} />
        {zone.workOrder === null ? null : <OrderMark order={zone.workOrder} />}
      </span>
      <small className="quiet">
        {tonight === null || !isMeasured(zone) ? (
          zone.unjudged === null ? null : (
            inLanguage(UNJUDGED[zone.unjudged], language)
          )
        ) : (
          <>
            <span>
              {zone.onlyInflow
                ? t('validity.onlyInflow')
                : t('validity.meters', { n: formatCount(meters), percent: shareFigure(tonight.reported) })}
            </span>
            <span>
              {tonight.bulkReported >= 1
                ? t('validity.bulkOk')
                : t('validity.bulk', { percent: shareFigure(tonight.bulkReported) })}
            </span>
          </>
        )}
      </small>
    </span>
  )
}
