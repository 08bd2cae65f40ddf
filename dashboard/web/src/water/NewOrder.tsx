import { type ReactNode, useState } from 'react'
import type { OrderDetail } from '../../../../contract/work-order-api.ts'
import type { OrderSubject } from '../../../../contract/work-orders.ts'
import { attempt } from '../api/attempt.ts'
import { request } from '../api/request.ts'
import { DayField, endOfDay, inDays } from '../hazards/DayField.tsx'
import { useText } from '../i18n/text.ts'
import { go } from '../shell/route.ts'
import { serverNow } from '../store/console.ts'

/** Usual time for a repair, days; whoever assigns it says otherwise. */
const DAYS_GIVEN = 3
const LARGEST_M3H = 2000

/** Opens a repair order for a zone or a meter: how much, for whom, until when. */
export function NewOrder(props: {
  readonly kind: OrderSubject
  /** Place of the zone, or device. */
  readonly id: string
  /** Known loss, m³/h; absent: what the open alarm says, or what the person writes down. */
  readonly m3h?: number | undefined
  onCancel(): void
}): ReactNode {
  const { t } = useText()
  const { kind, id, m3h, onCancel } = props
  const [loss, setLoss] = useState(m3h === undefined ? '' : String(Number(m3h.toPrecision(3))))
  const [note, setNote] = useState('')
  const [assignee, setAssignee] = useState('')
  const [day, setDay] = useState(() => inDays(serverNow(), DAYS_GIVEN))
  const [busy, setBusy] = useState(false)
  const open = async (): Promise<void> => {
    setBusy(true)
    const who = assignee.trim()
    const opened = await attempt(() =>
      request<OrderDetail>('POST', '/api/water/orders', {
        subject: kind,
        subjectId: id,
        note: note.trim(),
        ...(loss === '' ? {} : { m3h: Number(loss) }),
        ...(who === '' ? {} : { assignee: who, dueAt: endOfDay(day) }),
      }),
    )
    setBusy(false)
    if (opened) go({ page: 'order', id: opened.done.id })
  }
  return (
    <form
      className="form form-wide"
      onSubmit={(event) => {
        event.preventDefault()
        void open()
      }}
    >
      <label>
        {t('order.m3h')}
        <input
          type="number"
          inputMode="decimal"
          step="any"
          min="0.001"
          max={LARGEST_M3H}
          value={loss}
          placeholder={t('order.m3hHint')}
          onChange={(event) => setLoss(event.target.value)}
        />
      </label>
      <label>
        {t('order.assignee')}
        <input type="text" maxLength={100} value={assignee} onChange={(event) => setAssignee(event.target.value)} />
      </label>
      <DayField label={t('order.due')} day={day} onChange={setDay} />
      <label className="form-long">
        {t('order.note')}
        <textarea
          rows={2}
          maxLength={2000}
          value={note}
          placeholder={t('order.noteHint')}
          onChange={(event) => setNote(event.target.value)}
        />
      </label>
      <div className="form-buttons form-long">
        <button type="submit" className="button button-primary" disabled={busy}>
          {t('order.openNow')}
        </button>
        <button type="button" className="button button-quiet" onClick={onCancel}>
          {t('act.cancel')}
        </button>
        {assignee.trim() === '' ? <span className="quiet">{t('order.assignLater')}</span> : null}
      </div>
    </form>
  )
}
