import type { ReactNode } from 'react'
import { type AloneEvent, ANSWERS, STAGES } from '../../../../contract/alone.ts'
import { formatDay } from '../format/time.ts'
import { inLanguage, useText } from '../i18n/text.ts'
import { At } from '../shell/Age.tsx'

/** What was entered, said and seen of them; it only grows. */
export function History({ events }: { readonly events: readonly AloneEvent[] }): ReactNode {
  const { t, language } = useText()
  return (
    <section aria-label={t('alone.history')}>
      <h3>{t('alone.history')}</h3>
      <ul className="plain record">
        {events.map(({ n, at, type, by, answer, stage, until, note }) => (
          <li key={n}>
            <At at={at} />
            <span>
              {answer === null ? t(`alone.event.${type}`) : inLanguage(ANSWERS[answer], language)}
              {stage === null ? '' : ` (${inLanguage(STAGES[stage], language)})`}
              {until === null ? '' : ` · ${t('alone.awayUntil', { day: formatDay(until) })}`}
              {note === null || note === '' ? null : <em> {note}</em>}
            </span>
            <span className="quiet">{by ?? t('alone.water')}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
