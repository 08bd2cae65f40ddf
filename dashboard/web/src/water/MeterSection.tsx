import { type ReactNode, useState } from 'react'
import type { MeterDetail } from '../../../../contract/water-api.ts'
import type { OrderAnswer } from '../../../../contract/work-order-api.ts'
import { get, queryOf } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { consumptionOf, formatNumber } from '../format/amount.ts'
import { useText } from '../i18n/text.ts'
import { mayAct } from '../queue/act.ts'
import { At } from '../shell/Age.tsx'
import { Icon } from '../shell/Icon.tsx'
import { Link } from '../shell/Link.tsx'
import { LeakVerdict } from './LeakVerdict.tsx'
import { litresWords } from './litres-words.ts'
import { MeterHours } from './MeterHours.tsx'
import { NewOrder } from './NewOrder.tsx'

const LITRES_PER_M3 = 1000
const REGISTER_DECIMALS = 3

/** A water meter's own part of its page: register, use by hour, whether it leaks and why, its zones, a repair. */
export function MeterSection(props: { readonly id: string; readonly kind: 'water-meter' | 'bulk-meter' }): ReactNode {
  const { t } = useText()
  const { id, kind } = props
  const { data: meter, failure } = useAnswer(`meter ${id}`, (signal) =>
    get<MeterDetail>(`/api/water/meters/${encodeURIComponent(id)}`, signal),
  )
  const order = useAnswer(`orders of ${id}`, (signal) =>
    get<{ readonly items: readonly OrderAnswer[] }>(`/api/water/orders${queryOf({ subjectId: id, limit: 1 })}`, signal),
  ).data?.items[0]
  const [opening, setOpening] = useState(false)
  if (meter === undefined)
    return failure === undefined ? null : (
      <section className="panel panel-wide">
        <h2>{t('meter.title')}</h2>
        <p className="quiet">{t('meter.failed')}</p>
      </section>
    )
  const { registerM3, registerAt, leastLph, stillAt, zones, leak, hours, useHidden } = meter
  return (
    <section className="panel panel-wide meter-section" aria-label={t('meter.title')}>
      <div className="heading">
        <h2>{t('meter.title')}</h2>
        <span className="push row-buttons">
          {order !== undefined ? (
            <Link to={{ page: 'order', id: order.id }} className="button">
              <Icon name="audit" />
              {t('meter.toOrder')} · {t(`order.state.${order.state}`)}
            </Link>
          ) : mayAct('water.edit') ? (
            <button
              type="button"
              className={leak === null ? 'button' : 'button button-primary'}
              aria-expanded={opening}
              onClick={() => setOpening(!opening)}
            >
              <Icon name="plus" />
              {t('meter.openRepair')}
            </button>
          ) : null}
        </span>
      </div>
      {opening ? (
        <NewOrder
          kind="meter"
          id={id}
          m3h={leak === null ? undefined : leak.lph / LITRES_PER_M3}
          onCancel={() => setOpening(false)}
        />
      ) : null}
      {kind === 'water-meter' ? <LeakVerdict meter={meter} /> : null}
      <dl className="facts meter-facts">
        {useHidden ? null : (
          <>
            <div className="fact">
              <dt>{t('meter.register')}</dt>
              <dd>
                <strong>{registerM3 === null ? '–' : `${formatNumber(registerM3, REGISTER_DECIMALS)} m³`}</strong>
                {registerAt === null ? null : (
                  <small className="quiet">
                    {t('meter.registerAt')} <At at={registerAt} />
                  </small>
                )}
              </dd>
            </div>
            <div className="fact">
              <dt>{t('meter.least')}</dt>
              <dd>{leastLph === null ? '–' : litresWords(leastLph)}</dd>
            </div>
          </>
        )}
        {kind === 'water-meter' && !useHidden ? (
          <div className="fact">
            <dt>{t('meter.still')}</dt>
            <dd>{stillAt === null ? '–' : <At at={stillAt} />}</dd>
          </div>
        ) : null}
        {leak === null ? null : (
          <div className="fact">
            <dt>{t('orders.lost')}</dt>
            <dd>{Object.values(consumptionOf(leak.lostM3)).join(' ')}</dd>
          </div>
        )}
        {zones.length === 0 ? null : (
          <div className="fact">
            <dt>{t('meter.zones')}</dt>
            <dd className="meter-zones">
              {zones.map((zone) => (
                <Link key={zone.id} to={{ page: 'zone', id: zone.id }}>
                  {zone.name}
                </Link>
              ))}
            </dd>
          </div>
        )}
      </dl>
      {useHidden ? <p className="note quiet">{t('meter.useHidden')}</p> : <MeterHours hours={hours} />}
    </section>
  )
}
