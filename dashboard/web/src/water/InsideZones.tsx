import type { ReactNode } from 'react'
import type { ZoneDetail, ZoneRow } from '../../../../contract/water-api.ts'
import { formatCount } from '../format/amount.ts'
import { useText } from '../i18n/text.ts'
import { Link } from '../shell/Link.tsx'
import { BandBullet } from './BandBullet.tsx'
import { StandingMark } from './StandingMark.tsx'
import { isMeasured, nightWords, percentFigure, standingOf } from './water-words.ts'

/** By what lies inside: a county of the city may hold its villages without a township between. */
const TITLES = {
  county: 'inside.townships',
  township: 'inside.townships',
  village: 'inside.villages',
  well: 'inside.wells',
} as const

/** The zones directly inside: their own loss where a bulk meter tells it, else what their households leak. */
export function InsideZones({ zone }: { readonly zone: ZoneDetail }): ReactNode {
  const { t } = useText()
  const { inside } = zone
  const [first] = inside
  if (first === undefined) return null
  const title = t(TITLES[first.kind])
  return (
    <section className="panel inside" aria-label={title}>
      <div className="heading">
        <h2>{title}</h2>
        <span className="panel-count">{formatCount(inside.length)}</span>
      </div>
      <ul>
        {inside.map((one) => (
          <Inside key={one.id} zone={one} />
        ))}
      </ul>
    </section>
  )
}

function Inside({ zone }: { readonly zone: ZoneRow }): ReactNode {
  const { t } = useText()
  const { tonight, householdLeaks, householdLeakLph, onlyInflow } = zone
  return (
    <li>
      <span className="inside-name">
        <Link to={{ page: 'zone', id: zone.id }}>{zone.name}</Link>
        <small className="quiet">
          {onlyInflow ? t('inside.onlyInflow') : t('inside.meters', { n: formatCount(zone.meters) })}
        </small>
      </span>
      {isMeasured(zone) ? (
        <>
          <StandingMark standing={standingOf(zone)} />
          {tonight === null ? null : (
            <span className="inside-loss">
              {nightWords(tonight)}
              <BandBullet night={tonight} />
            </span>
          )}
          {zone.weekPercent === null ? null : <span className="quiet">{percentFigure(zone.weekPercent)} %</span>}
        </>
      ) : (
        <small className="quiet">{t('inside.noBulk')}</small>
      )}
      {householdLeaks > 0 ? (
        <span className="is-worse">
          {t('inside.leaks', { n: formatCount(householdLeaks), lph: formatCount(householdLeakLph) })}
        </span>
      ) : null}
    </li>
  )
}
