import type { ReactNode } from 'react'
import type { ZoneRow } from '../../../../contract/water-api.ts'
import type { Pages } from '../api/use-pages.ts'
import { formatCount } from '../format/amount.ts'
import { useText } from '../i18n/text.ts'
import { LongTable } from '../list/LongTable.tsx'
import { Link } from '../shell/Link.tsx'
import { BandBullet } from './BandBullet.tsx'
import { Change } from './Change.tsx'
import { TrendLine } from './TrendLine.tsx'
import { Validity } from './Validity.tsx'
import { flowFigure, nightFigure, percentFigure } from './water-words.ts'

const ROW_PX = 64

/** Villages, the worst first: a line each. */
export function ZoneTable({ pages, empty }: { readonly pages: Pages<ZoneRow>; readonly empty: ReactNode }): ReactNode {
  const { t } = useText()
  return (
    <LongTable
      label={t('zones.title')}
      className="list-zones"
      pages={pages}
      rowPx={ROW_PX}
      columns={[t('zones.zone'), t('zones.tonight'), t('zones.week'), t('zones.trend'), t('zones.validity')]}
      empty={empty}
      keyOf={(zone) => zone.id}
      cells={(zone) => <Cells zone={zone} />}
    />
  )
}

function Cells({ zone }: { readonly zone: ZoneRow }): ReactNode {
  const { t } = useText()
  const { tonight, weekPercent, weekLitresPerConnectionDay, householdLeaks, onlyInflow, open } = zone
  return (
    <>
      <td className="list-name" data-zone={zone.id}>
        <Link to={{ page: 'zone', id: zone.id }}>{zone.name}</Link>
        <small className="quiet">{zone.path.join(' › ')}</small>
      </td>
      <td className="cell-tonight">
        {tonight === null ? (
          <span className="quiet">–</span>
        ) : (
          <>
            <strong className={open === null || onlyInflow ? undefined : 'is-worse'}>{nightFigure(tonight)}</strong>{' '}
            <span className="quiet">m³/h</span>
            <BandBullet night={tonight} />
          </>
        )}
        {onlyInflow ? (
          <small className={open === null ? 'quiet' : 'is-worse'}>
            {open === null ? t('zones.inflow') : t('zones.moreInflow', { flow: flowFigure(open.lossM3h) })}
          </small>
        ) : null}
        {householdLeaks > 0 ? <small>{t('zones.leaks', { n: formatCount(householdLeaks) })}</small> : null}
      </td>
      <td className="cell-week" data-label={t('zones.week')}>
        {weekPercent === null ? (
          <span className="quiet">–</span>
        ) : (
          <>
            {percentFigure(weekPercent)} %
            {weekLitresPerConnectionDay === null ? null : (
              <small className="quiet">
                {formatCount(weekLitresPerConnectionDay)} {t('water.perDay')}
              </small>
            )}
          </>
        )}
      </td>
      <td className="cell-trend">
        <TrendLine zone={zone} />
        <small>
          <Change trendM3h={zone.trendM3h} />
        </small>
      </td>
      <td className="cell-validity">
        <Validity zone={zone} />
      </td>
    </>
  )
}
