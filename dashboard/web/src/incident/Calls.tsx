import { type ReactNode, useEffect, useState } from 'react'
import type { IncidentEvent } from '../../../../contract/events.ts'
import { useText } from '../i18n/text.ts'
import { mayAct } from '../queue/act.ts'
import { At } from '../shell/Age.tsx'
import { Icon } from '../shell/Icon.tsx'
import { act } from './incident-act.ts'

export interface CallDraft {
  readonly who: string
  readonly number: string
}

/** Who was called, and whether they answered: two buttons end a call. */
export function Calls(props: {
  readonly incidentId: string
  readonly open: boolean
  readonly events: readonly IncidentEvent[]
  readonly draft: CallDraft
}): ReactNode {
  const { t } = useText()
  const { incidentId, open, events, draft } = props
  const [who, setWho] = useState(draft.who)
  const [number, setNumber] = useState(draft.number)
  const [busy, setBusy] = useState(false)
  useEffect(() => {
    setWho(draft.who)
    setNumber(draft.number)
  }, [draft])
  const calls = events.filter((event) => event.call !== undefined)
  const note = async (answered: boolean): Promise<void> => {
    setBusy(true)
    if (await act(incidentId, 'call', { call: { who: who.trim(), number: number.trim(), answered } })) {
      setWho('')
      setNumber('')
    }
    setBusy(false)
  }
  const ready = who.trim() !== '' && !busy
  return (
    <section className="panel" aria-label={t('calls.title')}>
      <h2>{t('calls.title')}</h2>
      {calls.length === 0 && !(open && mayAct('incident.act')) ? <p className="quiet">{t('calls.none')}</p> : null}
      <ul className="plain calls">
        {calls.map((event) => (
          <li key={event.seq} className={event.call?.answered ? 'call-answered' : 'call-missed'}>
            <At at={event.at} /> <strong>{event.call?.who}</strong> <span className="quiet">{event.call?.number}</span>{' '}
            <span className="call-fate">
              <Icon name={event.call?.answered ? 'check' : 'close'} size={14} />
              {t(event.call?.answered ? 'calls.answered' : 'calls.missed')}
            </span>
          </li>
        ))}
      </ul>
      {open && mayAct('incident.act') ? (
        <form className="call-form" onSubmit={(event) => event.preventDefault()}>
          <input
            aria-label={t('calls.who')}
            placeholder={t('calls.who')}
            value={who}
            maxLength={200}
            onChange={(event) => setWho(event.target.value)}
          />
          <input
            aria-label={t('calls.number')}
            placeholder={t('calls.number')}
            value={number}
            maxLength={50}
            inputMode="tel"
            onChange={(event) => setNumber(event.target.value)}
          />
          <button type="button" className="button" disabled={!ready} onClick={() => void note(true)}>
            <Icon name="check" size={16} />
            {t('calls.answered')}
          </button>
          <button type="button" className="button" disabled={!ready} onClick={() => void note(false)}>
            <Icon name="close" size={16} />
            {t('calls.missed')}
          </button>
        </form>
      ) : null}
    </section>
  )
}
