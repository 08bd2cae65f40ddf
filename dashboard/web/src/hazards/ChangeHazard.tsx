import { type ReactNode, useState } from 'react'
import type { HazardDetail } from '../../../../contract/hazards.ts'
import { formatDate } from '../format/time.ts'
import { useText } from '../i18n/text.ts'
import { DayField, endOfDay } from './DayField.tsx'
import type { Step } from './HazardPage.tsx'

/** Another owner or deadline; why stands in the history. */
export function ChangeHazard(props: { readonly hazard: HazardDetail; readonly step: Step }): ReactNode {
  const { t } = useText()
  const { hazard, step } = props
  const [open, setOpen] = useState(false)
  const [owner, setOwner] = useState(hazard.owner)
  const [day, setDay] = useState(formatDate(hazard.dueAt))
  const [reason, setReason] = useState('')
  if (!open)
    return (
      <button type="button" className="button" onClick={() => setOpen(true)}>
        {t('hazard.change')}
      </button>
    )
  const isSame = owner.trim() === hazard.owner && day === formatDate(hazard.dueAt)
  const save = async (): Promise<void> => {
    const dueAt = day === formatDate(hazard.dueAt) ? {} : { dueAt: endOfDay(day) }
    if (!(await step('PATCH', '', { owner: owner.trim(), ...dueAt, reason: reason.trim() }))) return
    setReason('')
    setOpen(false)
  }
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <label>
        {t('hazard.owner')}
        <input type="text" required maxLength={100} value={owner} onChange={(event) => setOwner(event.target.value)} />
      </label>
      <DayField label={t('hazard.dueUntil')} day={day} onChange={setDay} />
      <label>
        {t('watch.reason')}
        <input
          type="text"
          required
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      </label>
      <div className="form-buttons">
        <button type="submit" className="button button-primary" disabled={isSame || reason.trim() === ''}>
          {t('password.save')}
        </button>
        <button type="button" className="button button-quiet" onClick={() => setOpen(false)}>
          {t('act.cancel')}
        </button>
      </div>
    </form>
  )
}
