import { type ReactNode, useState } from 'react'
import { endOfDay, inDays } from '../hazards/DayField.tsx'
import { useText } from '../i18n/text.ts'
import { mayAct } from '../queue/act.ts'
import { serverNow } from '../store/console.ts'
import { sendAway } from './alone-act.ts'

/** Offered for one click; any other day is one more. */
const DAYS = [1, 3, 7, 14] as const

/** Away in two clicks: that they are, and for how long. */
export function AwayButton(props: { readonly deviceId: string; onDone(): void }): ReactNode {
  const { t } = useText()
  const { deviceId, onDone } = props
  const [asking, setAsking] = useState(false)
  const [busy, setBusy] = useState(false)
  const [day, setDay] = useState('')
  if (!mayAct('alone.edit')) return null
  const send = async (until: number | null): Promise<void> => {
    setBusy(true)
    if (await sendAway(deviceId, until)) {
      setAsking(false)
      onDone()
    }
    setBusy(false)
  }
  if (!asking)
    return (
      <button type="button" className="button" onClick={() => setAsking(true)}>
        {t('alone.away')}
      </button>
    )
  return (
    <fieldset className="away-choice" disabled={busy}>
      <legend>{t('alone.awayChoose')}</legend>
      <button type="button" className="button" onClick={() => void send(null)}>
        {t('alone.awayUntilUse')}
      </button>
      {DAYS.map((days) => (
        <button
          key={days}
          type="button"
          className="button"
          onClick={() => void send(endOfDay(inDays(serverNow(), days)))}
        >
          {t('alone.awayDays', { n: days })}
        </button>
      ))}
      <label>
        {t('alone.awayDate')}
        <input type="date" value={day} min={inDays(serverNow(), 0)} onChange={(event) => setDay(event.target.value)} />
      </label>
      {day === '' ? null : (
        <button type="button" className="button button-primary" onClick={() => void send(endOfDay(day))}>
          {t('alone.setAway')}
        </button>
      )}
      <button type="button" className="button button-quiet" onClick={() => setAsking(false)}>
        {t('act.cancel')}
      </button>
    </fieldset>
  )
}
