import { type ReactNode, useRef } from 'react'
import type { ZoneDetail } from '../../../../contract/water-api.ts'
import { get } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { useText } from '../i18n/text.ts'
import { Link } from '../shell/Link.tsx'
import { BalanceBars } from './BalanceBars.tsx'
import { BulkMeters } from './BulkMeters.tsx'
import { FlowChart } from './FlowChart.tsx'
import { HouseholdList } from './HouseholdList.tsx'
import { InsideZones } from './InsideZones.tsx'
import { NightChart } from './NightChart.tsx'
import { useCalmReload } from './use-calm-reload.ts'
import { zonePath } from './water-api.ts'
import { isMeasured, volumeFigure } from './water-words.ts'
import { ZoneHead } from './ZoneHead.tsx'

const LITRES_PER_M3 = 1000

/** One zone: what it loses, since when, on what evidence; its households and what lies in it. */
export function ZonePage({ id }: { readonly id: string }): ReactNode {
  const { t } = useText()
  const lists = useRef<HTMLDivElement>(null)
  const { data: zone, failure, reload } = useAnswer(`zone ${id}`, (signal) => get<ZoneDetail>(zonePath(id), signal))
  useCalmReload(lists, reload)
  if (zone === undefined && failure !== undefined)
    return (
      <div className="page">
        <p className="empty">
          {failure.status === 404 ? t('zone.unknown', { id }) : t('error.unknown', { code: failure.code })}
          <Link to={{ page: 'water' }} className="button">
            {t('water.title')}
          </Link>
        </p>
      </div>
    )
  if (zone === undefined) return <div className="page" />
  return (
    <div className="page zone-page">
      <ZoneHead zone={zone} />
      <div className="zone-body">
        <div className="zone-column" ref={lists}>
          <HouseholdList zone={zone} />
          <InsideZones zone={zone} />
          <BulkMeters zone={zone} />
        </div>
        <div className="zone-column">
          {isMeasured(zone) || zone.nights.length > 0 ? <NightChart zone={zone} /> : null}
          {zone.hoursHidden ? (
            <HoursHidden />
          ) : (
            <>
              {isMeasured(zone) || zone.hours.length > 0 ? (
                <FlowChart hours={zone.hours} onlyInflow={zone.onlyInflow} />
              ) : null}
              {zone.onlyInflow ? <NoBalance zone={zone} /> : isMeasured(zone) ? <BalanceBars zoneId={zone.id} /> : null}
            </>
          )}
        </div>
      </div>
    </div>
  )
}

/** With so few homes their hours and their sums are nearly those of one. */
function HoursHidden(): ReactNode {
  const { t } = useText()
  return (
    <section className="panel" aria-label={t('flow.title')}>
      <h2>{t('flow.title')}</h2>
      <p className="quiet">{t('flow.hidden')}</p>
    </section>
  )
}

/** Where use is not measured there is nothing to balance, and all that came in would look lost. */
function NoBalance({ zone: { week } }: { readonly zone: ZoneDetail }): ReactNode {
  const { t } = useText()
  return (
    <section className="panel" aria-label={t('balance.title')}>
      <h2>{t('balance.title')}</h2>
      <p className="quiet">
        {week === null || week.inflowL === null
          ? t('balance.onlyInflowNone')
          : t('balance.onlyInflow', { m3: volumeFigure(week.inflowL / LITRES_PER_M3) })}
      </p>
    </section>
  )
}
