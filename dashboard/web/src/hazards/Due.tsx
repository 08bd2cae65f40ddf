import type { ReactNode } from 'react'
import type { Hazard } from '../../../../contract/hazards.ts'
import { formatDate } from '../format/time.ts'
import { useText } from '../i18n/text.ts'
import { useTick } from '../shell/ticker.ts'
import { daysLeft } from './hazard-rules.ts'

/** The deadline: how many days are left, or by how many it is over. */
export function Due({ hazard }: { readonly hazard: Pick<Hazard, 'state' | 'dueAt' | 'closedAt'> }): ReactNode {
  const { t } = useText()
  const { state, dueAt, closedAt } = hazard
  const left = useTick((now) => daysLeft(dueAt, now, formatDate))
  if (state === 'closed')
    return <span className="due quiet">{t('hazard.closedOn', { date: formatDate(closedAt ?? dueAt) })}</span>
  const key = left < 0 ? 'hazard.over' : left === 0 ? 'hazard.today' : 'hazard.left'
  return (
    <span className={left < 0 ? 'due due-over' : left === 0 ? 'due due-today' : 'due'}>
      <b>{t(key, { n: Math.abs(left) })}</b> <small className="quiet">{formatDate(dueAt)}</small>
    </span>
  )
}
