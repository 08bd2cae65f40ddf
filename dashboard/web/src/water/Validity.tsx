import type { ReactNode } from 'react'
import { UNJUDGED, type ZoneRow } from '../../../../contract/water-api.ts'
import { formatCount } from '../format/amount.ts'
import { inLanguage, useText } from '../i18n/text.ts'
import { StandingMark } from './StandingMark.tsx'
import { isMeasured, shareFigure, standingOf } from './water-words.ts'

/** What the verdict on a zone stands on: who reported, and whether the bulk meter did. */
export function Validity({ zone }: { readonly zone: ZoneRow }): ReactNode {
  const { t, language } = useText()
  const { tonight, meters } = zone
  return (
    <span className="validity">
      <StandingMark standing={standingOf(zone)} />
      <small className="quiet">
        {tonight === null || !isMeasured(zone) ? (
          zone.unjudged === null ? null : (
            inLanguage(UNJUDGED[zone.unjudged], language)
          )
        ) : (
          <>
            <span>{t('validity.meters', { n: formatCount(meters), percent: shareFigure(tonight.reported) })}</span>
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
