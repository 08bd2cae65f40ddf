import type { ReactNode } from 'react'
import type { ZoneDetail } from '../../../../contract/water-api.ts'
import { consumptionOf, formatCount } from '../format/amount.ts'
import { useText } from '../i18n/text.ts'
import { Age } from '../shell/Age.tsx'
import { Link } from '../shell/Link.tsx'

const LITRES_PER_M3 = 1000

/** What measures the zone: which way the water goes through each, and whether it speaks. */
export function BulkMeters({ zone }: { readonly zone: ZoneDetail }): ReactNode {
  const { t } = useText()
  const { bulkMeters } = zone
  return (
    <section className="panel bulk-meters" aria-label={t('bulk.title')}>
      <div className="heading">
        <h2>{t('bulk.title')}</h2>
        <span className="panel-count">{formatCount(bulkMeters.length)}</span>
      </div>
      {bulkMeters.length === 0 ? (
        <p className="quiet">{t('bulk.none')}</p>
      ) : (
        <ul>
          {bulkMeters.map(({ deviceId, name, direction, litresDay, lastHeardAt }) => (
            <li key={`${deviceId} ${direction}`}>
              <span className={`direction direction-${direction}`} aria-hidden="true">
                {direction === 'in' ? '⇥' : '↦'}
              </span>
              <span className="inside-name">
                <Link to={{ page: 'device', id: deviceId }}>{name}</Link>
                <small className="quiet">{t(`bulk.${direction}`)}</small>
              </span>
              {litresDay === null ? null : (
                <span>
                  {t('bulk.day', { amount: Object.values(consumptionOf(litresDay / LITRES_PER_M3)).join(' ') })}
                </span>
              )}
              <span className="quiet push">{lastHeardAt === null ? t('bulk.never') : <Age at={lastHeardAt} />}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
