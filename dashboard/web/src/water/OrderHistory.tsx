import type { ReactNode } from 'react'
import type { OrderDetail } from '../../../../contract/work-order-api.ts'
import type { OrderEvent } from '../../../../contract/work-orders.ts'
import { formatDate, formatMinute } from '../format/time.ts'
import { withReadableTimes } from '../hazards/hazard-rules.ts'
import { useText } from '../i18n/text.ts'
import { At } from '../shell/Age.tsx'
import { flowWords } from './water-words.ts'

const exact = (at: number): string => `${formatDate(at)} ${formatMinute(at)}`

/** Everything that happened to it, newest first. */
export function OrderHistory({ order }: { readonly order: OrderDetail }): ReactNode {
  const { t } = useText()
  return (
    <section className="panel" aria-label={t('order.history')}>
      <h2>{t('order.history')}</h2>
      <ol className="hazard-history">
        {order.history.toReversed().map((event) => (
          <li key={event.n}>
            <span className="quiet">
              <At at={event.at} />
            </span>
            <Happened event={event} />
          </li>
        ))}
      </ol>
    </section>
  )
}

function Happened({ event }: { readonly event: OrderEvent }): ReactNode {
  const { t } = useText()
  const { type, by, comment, beforeM3h, afterM3h } = event
  return (
    <span>
      <strong className={type === 'refused' ? 'warn' : undefined}>{t(`order.event.${type}`)}</strong>
      {by === '' ? null : <> · {by}</>}
      {beforeM3h === null ? null : (
        <>
          {' · '}
          {afterM3h === null
            ? flowWords(beforeM3h)
            : t('order.figures', { before: flowWords(beforeM3h), after: flowWords(afterM3h) })}
        </>
      )}
      {comment === '' ? null : <> · {withReadableTimes(comment, type === 'assigned' ? formatDate : exact)}</>}
    </span>
  )
}
