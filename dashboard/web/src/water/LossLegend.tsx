import type { ReactNode } from 'react'
import { useText } from '../i18n/text.ts'
import { SHARE_COLOURS, SHARE_LIMITS, TREND_COLOURS } from './loss-marks.ts'
import type { Sort } from './water-api.ts'

/** What size, colour and line of a mark say. */
export function LossLegend({ sort }: { readonly sort: Sort }): ReactNode {
  const { t } = useText()
  return (
    <ul className="loss-legend quiet">
      {sort === 'trend' ? (
        (['rising', 'falling', 'steady'] as const).map((word) => (
          <li key={word}>
            <i style={{ background: TREND_COLOURS[word] }} />
            {t(`lossMap.${word}`)}
          </li>
        ))
      ) : (
        <li className="loss-legend-shares">
          {t('lossMap.share')}
          {SHARE_COLOURS.map((colour, i) => {
            const limit = SHARE_LIMITS[i]
            return (
              <span key={colour}>
                <i style={{ background: colour }} />
                {limit === undefined
                  ? t('lossMap.over', { n: SHARE_LIMITS.at(-1) ?? 0 })
                  : t('lossMap.upTo', { n: limit })}
              </span>
            )
          })}
        </li>
      )}
      <li>
        <i className="legend-open" />
        {t('lossMap.open')}
      </li>
      <li>
        <i className="legend-hollow" />
        {t('lossMap.hollow')}
      </li>
      <li>{t(`lossMap.size.${sort}`)}</li>
    </ul>
  )
}
