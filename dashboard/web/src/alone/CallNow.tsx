import type { ReactNode } from 'react'
import { type AloneRow, STAGES } from '../../../../contract/alone.ts'
import { formatSpan } from '../format/age.ts'
import { inLanguage, useText } from '../i18n/text.ts'
import { useTick } from '../shell/ticker.ts'

/** Whom to call now, since when, and when the next is due. */
export function CallNow({ call }: { readonly call: NonNullable<AloneRow['call']> }): ReactNode {
  const { t, language } = useText()
  const { contact, stage, since, nextAt } = call
  const waiting = useTick((now) => t('alone.waitingSince', { span: formatSpan(now - since, t) }))
  const due = useTick((now) =>
    nextAt === null
      ? ''
      : now >= nextAt
        ? t('alone.nextNow')
        : t('alone.nextDue', { span: formatSpan(nextAt - now, t) }),
  )
  return (
    <span className="call-now">
      <strong>
        {contact === null ? t('alone.goThere') : t('alone.callNow', { stage: inLanguage(STAGES[stage], language) })}
      </strong>
      <small className="quiet">
        {waiting}
        {due === '' ? '' : ` · ${due}`}
      </small>
    </span>
  )
}
