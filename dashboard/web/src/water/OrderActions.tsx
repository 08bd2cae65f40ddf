import { type ReactNode, useState } from 'react'
import { CITY_OFFSET } from '../../../../contract/city-time.ts'
import type { OrderDetail } from '../../../../contract/work-order-api.ts'
import { formatDate, formatMinute } from '../format/time.ts'
import { DayField, endOfDay, inDays } from '../hazards/DayField.tsx'
import { useText } from '../i18n/text.ts'
import { serverNow } from '../store/console.ts'
import type { OrderStep } from './OrderPage.tsx'

const DAYS_GIVEN = 3
const ACTIONS = ['assign', 'claim', 'comment', 'cancel'] as const
type Action = (typeof ACTIONS)[number]

interface Props {
  readonly order: OrderDetail
  readonly step: OrderStep
  /** Closes the form. */
  onDone(): void
}

/** What this person may do with it now, one form at a time. */
export function OrderActions({ order, step }: Omit<Props, 'onDone'>): ReactNode {
  const { t } = useText()
  const { may } = order
  const [open, setOpen] = useState<Action | null>(null)
  const offered = ACTIONS.filter((action) => may[action])
  if (offered.length === 0) return null
  const first = may.claim ? 'claim' : may.assign ? 'assign' : null
  const words = (action: Action): string =>
    action === 'assign' && order.assignee !== null ? t('order.assignAgain') : t(`order.${action}`)
  const props = { order, step, onDone: () => setOpen(null) }
  return (
    <section className="panel order-actions" aria-label={t('order.actions')}>
      <h2>{t('order.actions')}</h2>
      <div className="row-buttons">
        {offered.map((action) => (
          <button
            key={action}
            type="button"
            className={action === first ? 'button button-primary' : 'button'}
            aria-expanded={open === action}
            onClick={() => setOpen(open === action ? null : action)}
          >
            {words(action)}
          </button>
        ))}
      </div>
      {open === 'assign' ? <Assign {...props} /> : null}
      {open === 'claim' ? <Claim {...props} /> : null}
      {open === 'comment' ? <Say {...props} path="/comments" field="comment" /> : null}
      {open === 'cancel' ? <Say {...props} path="/cancel" field="reason" /> : null}
    </section>
  )
}

/** A form whose one button sends it. */
function Form(props: {
  readonly button: string
  readonly danger?: boolean
  readonly ready: boolean
  send(): Promise<boolean>
  onDone(): void
  readonly children: ReactNode
}): ReactNode {
  const { t } = useText()
  const [busy, setBusy] = useState(false)
  const send = async (): Promise<void> => {
    setBusy(true)
    const done = await props.send()
    setBusy(false)
    if (done) props.onDone()
  }
  return (
    <form
      className="form form-wide"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      {props.children}
      <div className="form-buttons">
        <button
          type="submit"
          className={props.danger === true ? 'button button-fire' : 'button button-primary'}
          disabled={busy || !props.ready}
        >
          {props.button}
        </button>
        <button type="button" className="button button-quiet" onClick={props.onDone}>
          {t('act.cancel')}
        </button>
      </div>
    </form>
  )
}

function Assign({ order, step, onDone }: Props): ReactNode {
  const { t } = useText()
  const [assignee, setAssignee] = useState(order.assignee ?? '')
  const [day, setDay] = useState(order.dueAt === null ? inDays(serverNow(), DAYS_GIVEN) : formatDate(order.dueAt))
  const [comment, setComment] = useState('')
  return (
    <Form
      button={t('order.assignNow')}
      ready={assignee.trim() !== ''}
      onDone={onDone}
      send={() => step('/assign', { assignee: assignee.trim(), dueAt: endOfDay(day), comment: comment.trim() })}
    >
      <label>
        {t('order.assignee')}
        <input
          type="text"
          required
          maxLength={100}
          value={assignee}
          onChange={(event) => setAssignee(event.target.value)}
        />
      </label>
      <DayField label={t('order.due')} day={day} onChange={setDay} />
      <label className="form-long">
        {t('order.remark')}
        <input type="text" maxLength={2000} value={comment} onChange={(event) => setComment(event.target.value)} />
      </label>
    </Form>
  )
}

function Claim({ step, onDone }: Props): ReactNode {
  const { t } = useText()
  const [now] = useState(() => `${formatDate(serverNow())}T${formatMinute(serverNow())}`)
  const [at, setAt] = useState(now)
  const [done, setDone] = useState('')
  return (
    <Form
      button={t('order.claimNow')}
      ready={done.trim() !== ''}
      onDone={onDone}
      send={() =>
        step('/claim', {
          done: done.trim(),
          ...(at === now ? {} : { repairedAt: Date.parse(`${at}:00${CITY_OFFSET}`) }),
        })
      }
    >
      <label className="form-long">
        {t('order.done')}
        <textarea
          required
          rows={2}
          maxLength={2000}
          value={done}
          placeholder={t('order.donePlaceholder')}
          onChange={(event) => setDone(event.target.value)}
        />
      </label>
      <label>
        {t('order.repairedAt')}
        <input type="datetime-local" required value={at} max={now} onChange={(event) => setAt(event.target.value)} />
      </label>
    </Form>
  )
}

/** A remark, or why it is cancelled. */
function Say(props: Props & { readonly path: string; readonly field: 'comment' | 'reason' }): ReactNode {
  const { t } = useText()
  const { step, onDone, path, field } = props
  const [words, setWords] = useState('')
  const isCancel = field === 'reason'
  return (
    <Form
      button={t(isCancel ? 'order.cancelNow' : 'order.commentNow')}
      danger={isCancel}
      ready={words.trim() !== ''}
      onDone={onDone}
      send={() => step(path, { [field]: words.trim() })}
    >
      <label className="form-long">
        {t(isCancel ? 'order.cancelWhy' : 'order.comment')}
        <textarea required rows={2} maxLength={2000} value={words} onChange={(event) => setWords(event.target.value)} />
      </label>
    </Form>
  )
}
