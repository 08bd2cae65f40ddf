import { type ReactNode, useState } from 'react'
import type { OrderDetail } from '../../../../contract/work-order-api.ts'
import { attempt } from '../api/attempt.ts'
import { get, request } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { useText } from '../i18n/text.ts'
import { At } from '../shell/Age.tsx'
import { Link } from '../shell/Link.tsx'
import { PlacePath } from '../shell/PlacePath.tsx'
import { OrderActions } from './OrderActions.tsx'
import { OrderDue } from './OrderDue.tsx'
import { OrderHistory } from './OrderHistory.tsx'
import { OrderNights } from './OrderNights.tsx'
import { OrderPhotographs } from './OrderPhotographs.tsx'
import { OrderStateMark } from './OrderStateMark.tsx'
import { OrderWater } from './OrderWater.tsx'
import { flowWords, volumeFigure, yuanFigure } from './water-words.ts'

/** Sends one step and shows what it made of the order. @returns whether it was accepted */
export type OrderStep = (path: string, body: unknown) => Promise<boolean>

/** One repair from the day it was opened until the water confirms it. */
export function OrderPage({ id }: { readonly id: string }): ReactNode {
  const { t } = useText()
  const address = `/api/water/orders/${encodeURIComponent(id)}`
  const answer = useAnswer(`order ${id}`, (signal) => get<OrderDetail>(address, signal))
  const [newer, setNewer] = useState<OrderDetail | null>(null)
  const order = newer ?? answer.data
  if (order === undefined)
    return (
      <div className="page">
        {answer.failure === undefined ? null : (
          <p className="empty">
            {t('order.unknown')}
            <Link to={{ page: 'orders' }} className="button">
              {t('orders.title')}
            </Link>
          </p>
        )}
      </div>
    )
  const step: OrderStep = async (path, body) => {
    const done = await attempt(() => request<OrderDetail>('POST', `${address}${path}`, body))
    if (done) setNewer(done.done)
    // Somebody else, or the water, may have been faster: what stands there now says why.
    else {
      setNewer(null)
      answer.reload()
    }
    return done !== undefined
  }
  return (
    <div className="page hazard-page order-page">
      <nav className="crumbs quiet" aria-label={t('homes.where')}>
        <Link to={{ page: 'orders' }}>{t('orders.title')}</Link>
        <PlacePath names={order.path} />
      </nav>
      <header className="page-head">
        <div>
          <h1>{order.name}</h1>
          <OrderStateMark order={order} />
        </div>
        <div className="page-head-status">
          <OrderDue order={order} />
        </div>
        {order.subject === 'zone' ? (
          <Link to={{ page: 'zone', id: order.subjectId }} className="button">
            {t('order.toZone')}
          </Link>
        ) : (
          <Link to={{ page: 'device', id: order.subjectId }} className="button">
            {t('order.toMeter')}
          </Link>
        )}
      </header>
      <div className="incident-body">
        <div className="incident-column">
          <About order={order} />
          {order.subject === 'zone' ? <OrderNights order={order} /> : null}
          <OrderPhotographs order={order} step={step} />
        </div>
        <div className="incident-column">
          <OrderWater order={order} />
          <OrderActions order={order} step={step} />
          <OrderHistory order={order} />
        </div>
      </div>
    </div>
  )
}

function About({ order }: { readonly order: OrderDetail }): ReactNode {
  const { t, language } = useText()
  const { evidence } = order
  return (
    <section className="panel">
      <h2>
        {t('order.about')} · {t(`order.kind.${order.subject}`)}
      </h2>
      {order.note === '' ? null : <p className="hazard-description">{order.note}</p>}
      <dl className="facts facts-lines">
        <div className="fact">
          <dt>{t('order.lossNow')}</dt>
          <dd>
            <strong>{flowWords(order.m3h)}</strong>
          </dd>
        </div>
        {order.state === 'cancelled' ? null : (
          <div className="fact">
            <dt>{t('order.lostSoFar')}</dt>
            <dd>
              {volumeFigure(order.lostM3)} m³ · {t('order.yuan', { n: yuanFigure(order.lostYuan) })}
            </dd>
          </div>
        )}
        <div className="fact">
          <dt>{t('order.sinceWhen')}</dt>
          <dd>
            <At at={order.since} />
          </dd>
        </div>
        <div className="fact">
          <dt>{t('order.evidence')}</dt>
          <dd>{evidence === null ? t('order.byHand') : language === 'zh' ? evidence.zh : evidence.en}</dd>
        </div>
        <div className="fact">
          <dt>{t('orders.who')}</dt>
          <dd>{order.assignee ?? t('order.unassigned')}</dd>
        </div>
        <div className="fact">
          <dt>{t('order.opened')}</dt>
          <dd>
            <At at={order.openedAt} /> · {order.openedBy}
          </dd>
        </div>
      </dl>
    </section>
  )
}
