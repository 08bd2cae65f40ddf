import { type ReactNode, useState } from 'react'
import { DISPOSITIONS, type Disposition } from '../../../../contract/alarms.ts'
import { CAUSE_NAMES, CAUSES, type Cause, type Incident } from '../../../../contract/incidents.ts'
import { inLanguage, useText } from '../i18n/text.ts'
import { act } from './incident-act.ts'

/** What it was and why, in one small form. */
export function CloseForm(props: {
  readonly incident: Incident
  readonly suggested: Disposition | null
  onDone(): void
}): ReactNode {
  const { t, language } = useText()
  const { incident, suggested, onDone } = props
  const [disposition, setDisposition] = useState<Disposition | null>(suggested)
  const [cause, setCause] = useState<Cause | ''>(suggested === 'real' && incident.kind === 'fire' ? 'fire' : '')
  const [words, setWords] = useState('')
  const [busy, setBusy] = useState(false)
  const burning = incident.sources.some((source) => source.active)
  const send = async (): Promise<void> => {
    if (disposition === null || cause === '') return
    setBusy(true)
    if (await act(incident.id, 'close', { disposition, cause, comment: words.trim() })) onDone()
    setBusy(false)
  }
  return (
    <form
      className="panel close-form"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      <h2>{t('close.title')}</h2>
      <fieldset className="close-choices">
        <legend>{t('act.closeAs')}</legend>
        {DISPOSITIONS.map((one) => (
          <label key={one} className="choice">
            <input type="radio" name="disposition" checked={disposition === one} onChange={() => setDisposition(one)} />
            {t(`disposition.${one}`)}
          </label>
        ))}
      </fieldset>
      <label className="close-field">
        {t('close.cause')}
        <select
          value={cause}
          onChange={(event) => setCause(CAUSE_NAMES.find((one) => one === event.target.value) ?? '')}
        >
          <option value="">{t('close.choose')}</option>
          {CAUSE_NAMES.map((one) => (
            <option key={one} value={one}>
              {inLanguage(CAUSES[one], language)}
            </option>
          ))}
        </select>
      </label>
      <label className="close-field close-note">
        {t('close.note')}
        <textarea rows={2} maxLength={2000} value={words} onChange={(event) => setWords(event.target.value)} />
      </label>
      {burning ? <p className="warn">{t('close.burning')}</p> : null}
      <div className="close-buttons">
        <button type="submit" className="button button-primary" disabled={busy || disposition === null || cause === ''}>
          {t('close.confirm')}
        </button>
        <button type="button" className="button button-quiet" onClick={onDone}>
          {t('act.cancel')}
        </button>
      </div>
    </form>
  )
}
