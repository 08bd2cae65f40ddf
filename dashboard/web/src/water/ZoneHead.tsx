import { type ReactNode, useState } from 'react'
import type { ZoneDetail } from '../../../../contract/water-api.ts'
import { formatCount } from '../format/amount.ts'
import { useText } from '../i18n/text.ts'
import { mayAct } from '../queue/act.ts'
import { Icon } from '../shell/Icon.tsx'
import { NewOrder } from './NewOrder.tsx'
import { OrderMark } from './OrderMark.tsx'
import { Validity } from './Validity.tsx'
import { zonePath } from './water-api.ts'
import {
  isMeasured,
  nightWords,
  percentFigure,
  standingOf,
  volumeFigure,
  yuanFigure,
  zoneSentence,
} from './water-words.ts'
import { ZoneCrumbs } from './ZoneCrumbs.tsx'

/** How the zone stands, in one sentence and a few figures; what can be done about it. */
export function ZoneHead({ zone }: { readonly zone: ZoneDetail }): ReactNode {
  const { t } = useText()
  const [repairing, setRepairing] = useState(false)
  const { open, tonight, workOrder } = zone
  const standing = standingOf(zone)
  const none = <span className="quiet">–</span>
  return (
    <>
      <ZoneCrumbs zone={zone} />
      <header className="page-head zone-head">
        <h1>{zone.name}</h1>
        <span className="tag">{t(`place.${zone.kind}`)}</span>
        <span className="row-buttons push">
          {workOrder === null ? (
            mayAct('water.edit') ? (
              <button
                type="button"
                className={`button${standing === 'loss' ? ' button-primary' : ''}`}
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
          <a className="button" href={`${zonePath(zone.id)}/households.csv`} download>
            <Icon name="download" />
            {t('zone.householdsCsv')}
          </a>
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
        ) : null}
      </p>
      <dl className="home-facts zone-facts">
        <Fact name={t('zone.tonight')}>{tonight === null ? none : nightWords(tonight)}</Fact>
        <Fact name={t('zone.week')}>{zone.weekPercent === null ? none : `${percentFigure(zone.weekPercent)} %`}</Fact>
        <Fact name={t('zone.connection')}>
          {zone.weekLitresPerConnectionDay === null
            ? none
            : `${formatCount(zone.weekLitresPerConnectionDay)} ${t('water.perDay')}`}
        </Fact>
        {open === null ? null : (
          <Fact name={t('zone.lost')}>
            {t('water.m3', { n: volumeFigure(open.lostM3) })} · {t('water.yuan', { n: yuanFigure(open.lostYuan) })}
          </Fact>
        )}
        <Fact name={t('zone.meters')}>{formatCount(zone.meters)}</Fact>
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
