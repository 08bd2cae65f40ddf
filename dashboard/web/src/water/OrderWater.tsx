import type { ReactNode } from 'react'
import { NIGHTS_TO_CONFIRM } from '../../../../contract/repair-verdict.ts'
import type { OrderDetail } from '../../../../contract/work-order-api.ts'
import { useText } from '../i18n/text.ts'
import { Icon } from '../shell/Icon.tsx'
import { flowWords, nightDate, volumeFigure, yuanFigure } from './water-words.ts'

/** What the water says of the repair: the only party that can close it as repaired. */
export function OrderWater({ order }: { readonly order: OrderDetail }): ReactNode {
  const { t } = useText()
  const { check, subject, state } = order
  return (
    <section className="panel order-water" aria-label={t('order.water')}>
      <h2>{t('order.water')}</h2>
      <Verdict order={order} />
      {check === null || check.nights.length === 0 || state === 'cancelled' ? null : (
        <ol className="order-nights">
          {check.nights.map(({ day, m3h, confirms }) => (
            <li key={day} className={confirms ? 'is-confirming' : 'is-refusing'}>
              <Icon name={confirms ? 'check' : 'close'} size={16} />
              <span>{nightDate(day)}</span>
              <strong>{flowWords(m3h)}</strong>
              <span>{t(confirms ? 'order.yes' : 'order.no')}</span>
            </li>
          ))}
        </ol>
      )}
      <p className="quiet order-rule">
        {t(`order.rule.${subject}`)} <b>{t('order.nobodyByHand')}</b>
      </p>
    </section>
  )
}

function Verdict({ order }: { readonly order: OrderDetail }): ReactNode {
  const { t } = useText()
  const { check, state, subject, beforeM3h, afterM3h } = order
  if (state === 'confirmed' && beforeM3h !== null && afterM3h !== null)
    return (
      <dl className="order-saving">
        <div>
          <dt>{t('order.before')}</dt>
          <dd>{flowWords(beforeM3h)}</dd>
        </div>
        <div>
          <dt>{t('order.after')}</dt>
          <dd>{flowWords(afterM3h)}</dd>
        </div>
        <div className="is-saved">
          <dt>{t('order.saves')}</dt>
          <dd>
            {flowWords(Math.max(0, beforeM3h - afterM3h))}
            <small>
              {t('order.savesYear', { m3: volumeFigure(order.savedM3Year), yuan: yuanFigure(order.savedYuanYear) })}
            </small>
          </dd>
        </div>
      </dl>
    )
  if (state === 'claimed' && check !== null) {
    if (subject === 'meter') return <p className="order-count">{t('order.meterWaits')}</p>
    return (
      <p className="order-count">
        <strong>{t('order.confirming', { n: check.confirming, of: NIGHTS_TO_CONFIRM })}</strong>{' '}
        <span className="quiet">
          {check.nights.length === 0
            ? t('order.noNightYet')
            : t('order.waitsFor', { n: NIGHTS_TO_CONFIRM - check.confirming })}
        </span>
      </p>
    )
  }
  if (state === 'assigned' && beforeM3h !== null && afterM3h !== null)
    return (
      <p className="order-count warn">
        {t('order.refusedNote', { before: flowWords(beforeM3h), after: flowWords(afterM3h) })}
      </p>
    )
  return state === 'cancelled' ? null : <p className="order-count quiet">{t('order.notClaimed')}</p>
}
