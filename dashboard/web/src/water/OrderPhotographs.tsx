import { type ChangeEvent, type ReactNode, useState } from 'react'
import type { OrderDetail } from '../../../../contract/work-order-api.ts'
import { useText } from '../i18n/text.ts'
import { At } from '../shell/Age.tsx'
import { Icon } from '../shell/Icon.tsx'
import type { OrderStep } from './OrderPage.tsx'

/** What was found and what was done, in pictures. */
export function OrderPhotographs(props: { readonly order: OrderDetail; readonly step: OrderStep }): ReactNode {
  const { t } = useText()
  const { order, step } = props
  const [busy, setBusy] = useState(false)
  const send = async (event: ChangeEvent<HTMLInputElement>): Promise<void> => {
    const files = [...(event.target.files ?? [])]
    event.target.value = ''
    setBusy(true)
    for (const file of files) if (!(await step('/photographs', file))) break
    setBusy(false)
  }
  return (
    <section className="panel" aria-label={t('order.photographs')}>
      <h2>{t('order.photographs')}</h2>
      {order.photographs.length === 0 ? <p className="quiet">{t('order.noPhotograph')}</p> : null}
      <div className="photographs">
        {order.photographs.map(({ id, at, by }) => {
          const address = `/api/water/orders/${encodeURIComponent(order.id)}/photographs/${encodeURIComponent(id)}`
          return (
            <figure key={id}>
              <a href={address} target="_blank" rel="noreferrer">
                <img className="photograph" src={address} alt={t('order.photographOf')} loading="lazy" />
              </a>
              <figcaption className="quiet">
                {by} · <At at={at} />
              </figcaption>
            </figure>
          )
        })}
      </div>
      {order.may.cancel ? (
        <label className="button file-button">
          <input
            type="file"
            multiple
            className="visually-hidden"
            disabled={busy}
            accept="image/png,image/jpeg,image/webp"
            onChange={(event) => void send(event)}
          />
          <Icon name="plus" size={16} />
          {t('order.addPhotograph')}
        </label>
      ) : null}
    </section>
  )
}
