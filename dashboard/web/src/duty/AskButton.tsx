import { type ReactNode, useState } from 'react'
import { useText } from '../i18n/text.ts'
import { post } from '../incident/incident-act.ts'
import { mayAct } from '../queue/act.ts'
import { Icon } from '../shell/Icon.tsx'

/** GB 26875.1: an unanswered check alerts until it is answered or ten minutes have passed. */
const MINUTES = 10

/** Asks a control room whether somebody is there. */
export function AskButton(props: {
  readonly placeId: string
  readonly name: string
  readonly isRunning: boolean
  onAsked(): void
}): ReactNode {
  const { t } = useText()
  const { placeId, name, isRunning, onAsked } = props
  const [busy, setBusy] = useState(false)
  if (!mayAct('duty.check') || isRunning) return null
  const ask = async (): Promise<void> => {
    setBusy(true)
    if (await post('/api/duty-checks', { placeId, minutes: MINUTES })) onAsked()
    setBusy(false)
  }
  return (
    <button
      type="button"
      className="button"
      disabled={busy}
      aria-label={t('duty.askOf', { name })}
      onClick={() => void ask()}
    >
      <Icon name="bell" />
      {t('duty.ask')}
    </button>
  )
}
