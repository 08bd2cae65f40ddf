import type { ReactNode } from 'react'
import type { OrderState } from '../../../../contract/work-orders.ts'
import { useText } from '../i18n/text.ts'
import { Icon } from '../shell/Icon.tsx'
import { Link } from '../shell/Link.tsx'

/** The repair that is under way, and the way to it. */
export function OrderMark({ order }: { readonly order: { readonly id: string; readonly state: string } }): ReactNode {
  const { t } = useText()
  return (
    <Link to={{ page: 'order', id: order.id }} className="order-mark">
      <Icon name="audit" size={15} />
      {t(`order.state.${order.state as OrderState}`)}
    </Link>
  )
}
