import { type ReactNode, useState } from 'react'
import { ONLY_INFLOW, type ZoneDetail } from '../../../../contract/water-api.ts'
import { formatCount } from '../format/amount.ts'
import { inLanguage, useText } from '../i18n/text.ts'
import { mayAct } from '../queue/act.ts'
import { Icon } from '../shell/Icon.tsx'
import { NewOrder } from './NewOrder.tsx'
import { OrderMark } from './OrderMark.tsx'
import { Validity } from './Validity.tsx'
import { zonePath } from './water-api.ts'
import {
  flowFigure,
  isMeasured,
  nightWords,
  percentFigure,
  standingOf,
  volumeFigure,
  yuanFigure,
  zoneSentence,
} from './water-words.ts'
import { ZoneCrumbs } from './ZoneCrumbs.tsx'

const LITRES_PER_M3 = 1000

/** How the zone stands, in one sentence and a few figures; what can be done about it. */
export function ZoneHead({ zone }: { readonly zone: ZoneDetail }): ReactNode {
  const { t, language } = useText()
  const [repairing, setRepairing] = useState(false)
  const { open, tonight, workOrder, onlyInflow, week } = zone
  const standing = standingOf(zone)
  const none = <span className="quiet">–</span>
  return (
    <>
      <ZoneCrumbs zone={zone} />
      <header className="page-head zone-head">
        <h1>{zone.name}</h1>
        <span className="tag">{t(`place.${zone.kind}`)}</span>
        {onlyInflow ? <span className="tag">{inLanguage(ONLY_INFLOW, language)}</span> : null}
        <span className="row-buttons push">
          {workOrder === null ? (
            mayAct('water.edit') ? (
              <button
                type="button"
                className={`button${open === null ? '' : ' button-primary'}`}
                aria-expanded={repairing}
                onClick={() => setRepairing(!repairing)}
              >
                <Icon name="plus" />
                {t('zone.repair')}
              </button>
            ) : null
          ) : (
            <OrderMark order={workOrder} />
          )}
          <a className="button" href={`${zonePath(zone.id)}/nights.csv`} download>
            <Icon name="download" />
            {t('zone.nightsCsv')}
          </a>
          {zone.householdsTotal === 0 ? null : (
            <a className="button" href={`${zonePath(zone.id)}/households.csv`} download>
              <Icon name="download" />
              {t('zone.householdsCsv')}
            </a>
          )}
        </span>
      </header>
      {repairing ? (
        <section className="panel" aria-label={t('zone.repair')}>
          <NewOrder kind="zone" id={zone.id} m3h={open?.lossM3h} onCancel={() => setRepairing(false)} />
        </section>
      ) : null}
      <p className={`zone-sentence zone-sentence-${standing}`}>
        <span>{zoneSentence(zone, t)}</span>
        {standing === 'unmeasured' ? (
          <small className="quiet">
            {zone.inside.some(isMeasured) ? t('zone.seeInside') : t('zone.unmeasuredHint', { id: zone.id })}
          </small>
        ) : standing === 'more-inflow' ? (
          <small className="quiet">{t('zone.moreInflowDo')}</small>
        ) : null}
      </p>
      <dl className="home-facts zone-facts">
        <Fact name={t(onlyInflow ? 'zone.nightInflow' : 'zone.tonight')}>
          {tonight === null ? none : nightWords(tonight)}
        </Fact>
        {onlyInflow ? (
          <>
            <Fact name={t('zone.usual')}>
              {tonight === null || tonight.lowM3h === null || tonight.highM3h === null
                ? none
                : `${flowFigure(tonight.lowM3h)}–${flowFigure(tonight.highM3h)} m³/h`}
            </Fact>
            <Fact name={t('zone.weekInflow')}>
              {week === null || week.inflowL === null
                ? none
                : t('water.m3', { n: volumeFigure(week.inflowL / LITRES_PER_M3) })}
            </Fact>
          </>
        ) : (
          <>
            <Fact name={t('zone.week')}>
              {zone.weekPercent === null ? none : `${percentFigure(zone.weekPercent)} %`}
            </Fact>
            <Fact name={t('zone.connection')}>
              {zone.weekLitresPerConnectionDay === null
                ? none
                : `${formatCount(zone.weekLitresPerConnectionDay)} ${t('water.perDay')}`}
            </Fact>
          </>
        )}
        {open === null ? null : (
          <Fact name={t(onlyInflow ? 'zone.more' : 'zone.lost')}>
            {t('water.m3', { n: volumeFigure(open.lostM3) })} · {t('water.yuan', { n: yuanFigure(open.lostYuan) })}
          </Fact>
        )}
        {onlyInflow ? null : <Fact name={t('zone.meters')}>{formatCount(zone.meters)}</Fact>}
        <Fact name={t('zone.validity')}>
          <Validity zone={zone} />
        </Fact>
      </dl>
    </>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
