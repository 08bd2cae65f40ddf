import { type ReactNode, useState } from 'react'
import type { DutyCheck } from '../../../../contract/incidents.ts'
import { useText } from '../i18n/text.ts'
import { post } from '../incident/incident-act.ts'
import { mayAct } from '../queue/act.ts'
import { At } from '../shell/Age.tsx'
import { DutyMark } from './DutyMark.tsx'

/** Ingest writes who answered at the panel itself in this way: `panel-7 #3`, or `panel-7`. */
const AT_PANEL = /^\S+ #(\d+)$/

/** One duty check: who asked when, what came of it, and where nobody has answered a place for who did by telephone. */
export function DutyCheckLine(props: {
  readonly check: DutyCheck
  readonly name?: ReactNode
  onAnswered(): void
}): ReactNode {
  const { t } = useText()
  const { check, name, onAnswered } = props
  const [who, setWho] = useState<string | null>(null)
  const operator = AT_PANEL.exec(check.answeredBy ?? '')?.[1]
  const answer = async (): Promise<void> => {
    if (!(await post(`/api/duty-checks/${encodeURIComponent(check.id)}/answer`, { comment: who?.trim() ?? '' }))) return
    setWho(null)
    onAnswered()
  }
  return (
    <li className="duty-line">
      {name === undefined ? null : <strong>{name}</strong>}
      <DutyMark check={check} />
      <span className="quiet">
        <At at={check.askedAt} /> · {t('duty.askedBy', { name: check.askedBy })}
        {check.answeredBy === null
          ? null
          : ` · ${t('duty.answeredBy', { name: operator === undefined ? check.answeredBy : t('duty.operator', { n: operator }) })}`}
      </span>
      {check.answeredAt !== null || !mayAct('duty.check') ? null : who === null ? (
        <button type="button" className="button push" onClick={() => setWho('')}>
          {t('duty.enter')}
        </button>
      ) : (
        <form
          className="call-form"
          onSubmit={(event) => {
            event.preventDefault()
            void answer()
          }}
        >
          <input
            aria-label={t('duty.who')}
            placeholder={t('duty.who')}
            maxLength={200}
            value={who}
            // biome-ignore lint/a11y/noAutofocus: it appears because the person asked for it
            autoFocus
            onChange={(event) => setWho(event.target.value)}
          />
          <button type="submit" className="button button-primary" disabled={who.trim() === ''}>
            {t('duty.enter')}
          </button>
          <button type="button" className="button button-quiet" onClick={() => setWho(null)}>
            {t('act.cancel')}
          </button>
        </form>
      )}
    </li>
  )
}
