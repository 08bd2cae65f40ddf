import type { ReactNode } from 'react'
import type { WorkOrder } from '../../../../contract/work-orders.ts'
import { formatDate } from '../format/time.ts'
import { daysLeft } from '../hazards/hazard-rules.ts'
import { useText } from '../i18n/text.ts'
import { useTick } from '../shell/ticker.ts'

/** The day it has to be done by; of what is closed the day it was. */
export function OrderDue({ order }: { readonly order: Pick<WorkOrder, 'state' | 'dueAt' | 'closedAt'> }): ReactNode {
  const { t } = useText()
  const { state, dueAt, closedAt } = order
  const left = useTick((now) => (dueAt === null ? 0 : daysLeft(dueAt, now, formatDate)))
  if (state === 'confirmed' || state === 'cancelled') {
    const date = formatDate(closedAt ?? 0)
    return (
      <span className="due quiet">
        {t(state === 'confirmed' ? 'order.confirmedOn' : 'order.cancelledOn', { date })}
      </span>
    )
  }
  if (dueAt === null) return <span className="due due-today">{t('order.unassigned')}</span>
  if (state === 'claimed') return <span className="due quiet">{formatDate(dueAt)}</span>
  const key = left < 0 ? 'order.over' : left === 0 ? 'order.today' : 'order.left'
  return (
    <span className={left < 0 ? 'due due-over' : left === 0 ? 'due due-today' : 'due'}>
      <b>{t(key, { n: Math.abs(left) })}</b> <small className="quiet">{formatDate(dueAt)}</small>
    </span>
  )
}
