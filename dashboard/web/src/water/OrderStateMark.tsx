import type { ReactNode } from 'react'
import { NIGHTS_TO_CONFIRM } from '../../../../contract/repair-verdict.ts'
import type { OrderAnswer } from '../../../../contract/work-order-api.ts'
import type { OrderState } from '../../../../contract/work-orders.ts'
import { useText } from '../i18n/text.ts'
import { Icon, type IconName } from '../shell/Icon.tsx'

const SHAPES: Record<OrderState, IconName> = {
  open: 'question',
  assigned: 'person',
  claimed: 'water',
  confirmed: 'check',
  cancelled: 'close',
}

/** How far a repair is, by shape, word and colour. */
export function OrderStateMark(props: {
  readonly order: Pick<OrderAnswer, 'state' | 'refusals' | 'confirming'>
}): ReactNode {
  const { t } = useText()
  const { state, refusals, confirming } = props.order
  return (
    <span className="order-standing">
      <span className={`tag order-state order-${state}`}>
        <Icon name={SHAPES[state]} size={15} />
        {t(`order.state.${state}`)}
      </span>
      {confirming === null ? null : (
        <small className="quiet">{t('order.confirming', { n: confirming, of: NIGHTS_TO_CONFIRM })}</small>
      )}
      {refusals === 0 ? null : <small className="warn">{t('order.refusals', { n: refusals })}</small>}
    </span>
  )
}
