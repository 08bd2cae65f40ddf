import { type ReactNode, useState } from 'react'
import { type AloneDetail, ANSWER_NAMES, ANSWERS, type Answer, STAGES } from '../../../../contract/alone.ts'
import { RESPONDER_KINDS } from '../../../../contract/homes.ts'
import { inLanguage, useText } from '../i18n/text.ts'
import { mayAct } from '../queue/act.ts'
import { sendAnswer } from './alone-act.ts'
import { CallNow } from './CallNow.tsx'

/** Whom to call in which order, and what they said: one click each. */
export function Contacts(props: { readonly person: AloneDetail; onAnswered(): void }): ReactNode {
  const { t, language } = useText()
  const { person, onAnswered } = props
  const { contacts, call, deviceId } = person
  const [note, setNote] = useState('')
  const [busy, setBusy] = useState(false)
  const mayAnswer = mayAct('alone.edit')
  const answer = async (what: Answer, contact: number | null): Promise<void> => {
    setBusy(true)
    if (await sendAnswer(deviceId, what, contact, note.trim())) {
      setNote('')
      onAnswered()
    }
    setBusy(false)
  }
  const buttons = (contact: number | null): ReactNode => (
    <span className="answers">
      {ANSWER_NAMES.filter((what) => contact !== null || what !== 'nobody').map((what) => (
        <button
          key={what}
          type="button"
          className={`button answer-${what}`}
          disabled={busy}
          onClick={() => void answer(what, contact)}
        >
          {inLanguage(ANSWERS[what], language)}
        </button>
      ))}
    </span>
  )
  return (
    <section aria-label={t('alone.contacts')} className="alone-contacts">
      <h3>{t('alone.contacts')}</h3>
      {call === null ? null : <CallNow call={call} />}
      {contacts === null ? <p className="quiet">{t('alone.contactsHidden')}</p> : null}
      {contacts?.length === 0 ? <p className="quiet">{t('alone.noContacts')}</p> : null}
      {contacts === null ? null : (
        <ol className="plain contacts">
          {contacts.map(({ stage, kind, name, phone, minutes }, i) => (
            <li key={`${stage} ${name} ${phone}`} className={call?.contact === i ? 'is-now' : undefined}>
              <span className="contact-who">
                <span className="tag">{inLanguage(STAGES[stage], language)}</span>
                {call?.contact === i ? <span className="tag tag-good">{t('alone.now')}</span> : null}
                <strong>{name}</strong>
                {kind === undefined ? null : (
                  <span className="quiet">{inLanguage(RESPONDER_KINDS[kind], language)}</span>
                )}
                {phone === '' ? null : <a href={`tel:${phone.replaceAll(/[ -]/g, '')}`}>{phone}</a>}
                <span className="quiet">{t('alone.minutes', { n: minutes })}</span>
              </span>
              {mayAnswer ? buttons(i) : null}
            </li>
          ))}
        </ol>
      )}
      {mayAnswer ? (
        <>
          <input
            className="alone-note"
            aria-label={t('alone.note')}
            placeholder={t('alone.note')}
            maxLength={500}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
          <p className="answers-of-nobody">
            <span className="quiet">{t('alone.anybody')}</span> {buttons(null)}
          </p>
        </>
      ) : null}
    </section>
  )
}
