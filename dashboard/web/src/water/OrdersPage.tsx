import { type ReactNode, useState } from 'react'
import type { OrderAnswer, OrderSums } from '../../../../contract/work-order-api.ts'
import { ORDER_STATES } from '../../../../contract/work-orders.ts'
import { get, queryOf } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { usePages } from '../api/use-pages.ts'
import { formatCount } from '../format/amount.ts'
import { formatDay } from '../format/time.ts'
import { useText } from '../i18n/text.ts'
import { LongTable } from '../list/LongTable.tsx'
import { mayAct } from '../queue/act.ts'
import { Icon } from '../shell/Icon.tsx'
import { Link } from '../shell/Link.tsx'
import { NewOrderByHand } from './NewOrderByHand.tsx'
import { OrderDue } from './OrderDue.tsx'
import { OrderStateMark } from './OrderStateMark.tsx'
import { WaterTabs } from './WaterTabs.tsx'
import { flowWords, volumeFigure, yuanFigure } from './water-words.ts'

const ROW_PX = 64
const STATES = ['unclosed', ...ORDER_STATES, 'all'] as const

/** Every repair, what is overdue on top; and what confirmed ones have saved. */
export function OrdersPage(): ReactNode {
  const { t } = useText()
  const [state, setState] = useState<(typeof STATES)[number]>('unclosed')
  const [overdue, setOverdue] = useState(false)
  const [opening, setOpening] = useState(false)
  const query = { state, overdue: overdue ? 'true' : null }
  const pages = usePages<OrderAnswer>('/api/water/orders', query)
  return (
    <div className="page page-fill">
      <header className="page-head">
        <h1>{t('orders.title')}</h1>
        <span className="quiet">{t('orders.total', { n: formatCount(pages.total) })}</span>
        <WaterTabs current="orders" />
      </header>
      <Sums />
      <div className="list-filters">
        <label>
          {t('orders.state')}
          <select
            value={state}
            onChange={(event) => setState(STATES.find((one) => one === event.target.value) ?? 'unclosed')}
          >
            {STATES.map((one) => (
              <option key={one} value={one}>
                {t(`order.state.${one}`)}
              </option>
            ))}
          </select>
        </label>
        <label>
          <input type="checkbox" checked={overdue} onChange={(event) => setOverdue(event.target.checked)} />
          {t('orders.overdueOnly')}
        </label>
        <span className="push row-buttons">
          <a className="button" href={`/api/water/orders.csv${queryOf(query)}`} download>
            <Icon name="download" />
            {t('orders.export')}
          </a>
          {mayAct('water.edit') ? (
            <button
              type="button"
              className="button button-primary"
              aria-expanded={opening}
              onClick={() => setOpening(!opening)}
            >
              <Icon name="plus" />
              {t('order.new')}
            </button>
          ) : null}
        </span>
      </div>
      {opening ? (
        <section className="panel" aria-label={t('order.new')}>
          <NewOrderByHand onCancel={() => setOpening(false)} />
        </section>
      ) : null}
      <LongTable
        label={t('orders.title')}
        className="own-columns list-orders"
        pages={pages}
        rowPx={ROW_PX}
        columns={[t('orders.due'), t('orders.what'), t('orders.loss'), t('orders.who'), t('orders.state')]}
        empty={
          <>
            <p>{t(pages.loading ? 'devices.loading' : pages.failed ? 'devices.failed' : 'orders.none')}</p>
            {pages.loading || pages.failed ? null : <p className="quiet">{t('orders.noneHint')}</p>}
          </>
        }
        keyOf={(order) => order.id}
        cells={(order) => <Cells order={order} />}
      />
    </div>
  )
}

function Sums(): ReactNode {
  const { t } = useText()
  const { data } = useAnswer('order sums', (signal) => get<OrderSums>('/api/water/orders/sums', signal))
  const figures = [
    ['orders.unclosed', data?.unclosed],
    ['orders.overdue', data?.overdue],
    ['orders.claimed', data?.claimed],
  ] as const
  return (
    <section className="order-sums" aria-label={t('orders.saved')}>
      <dl>
        {figures.map(([name, count]) => (
          <div key={name} className={name === 'orders.overdue' && (count ?? 0) > 0 ? 'is-over' : undefined}>
            <dt>{t(name)}</dt>
            <dd>{count === undefined ? '–' : formatCount(count)}</dd>
          </div>
        ))}
        <div className="order-saved">
          <dt>{t('orders.saved')}</dt>
          <dd>
            {data === undefined
              ? '–'
              : t('orders.savedYear', { m3: volumeFigure(data.savedM3Year), yuan: yuanFigure(data.savedYuanYear) })}
            <small className="quiet">{t('orders.savedBy', { n: data?.confirmed ?? 0 })}</small>
          </dd>
        </div>
      </dl>
    </section>
  )
}

function Cells({ order }: { readonly order: OrderAnswer }): ReactNode {
  const { t } = useText()
  return (
    <>
      <td>
        <OrderDue order={order} />
      </td>
      <td className="list-name">
        <Link to={{ page: 'order', id: order.id }}>
          <strong>{order.name}</strong>
        </Link>
        <small className="quiet">
          {t(`order.kind.${order.subject}`)} · {order.path.join(' / ')}
        </small>
      </td>
      <td data-label={t('orders.loss')}>
        {flowWords(order.m3h)}
        <small className="quiet">
          {order.state === 'confirmed'
            ? t('orders.savedYear', { m3: volumeFigure(order.savedM3Year), yuan: yuanFigure(order.savedYuanYear) })
            : `${t('orders.lost')} ${volumeFigure(order.lostM3)} m³ · ${t('order.yuan', { n: yuanFigure(order.lostYuan) })}`}
        </small>
      </td>
      <td data-label={t('orders.who')}>
        {order.assignee ?? <span className="quiet">{t('order.unassigned')}</span>}
        <small className="quiet">
          {t('order.opened')} {formatDay(order.openedAt)}
        </small>
      </td>
      <td>
        <OrderStateMark order={order} />
      </td>
    </>
  )
}
