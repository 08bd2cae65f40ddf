import type { ReactNode } from 'react'
import type { Home } from '../../../../contract/home-answers.ts'
import type { DutyCheck } from '../../../../contract/incidents.ts'
import { get, queryOf } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { lastEvent, useReload } from '../api/use-reload.ts'
import { AskButton } from '../duty/AskButton.tsx'
import { DutyCheckLine } from '../duty/DutyCheckLine.tsx'
import { useText } from '../i18n/text.ts'

const SHOWN = 5
const GATHER_MS = 500

/** Whether somebody sits in the control room: asked now, and the last times. */
export function HomeDuty({ home }: { readonly home: Home }): ReactNode {
  const { t } = useText()
  const { data, reload } = useAnswer(`duty ${home.id}`, (signal) =>
    get<{ readonly items: readonly DutyCheck[] }>(
      `/api/duty-checks${queryOf({ placeId: home.id, limit: SHOWN })}`,
      signal,
    ),
  )
  useReload(lastEvent, GATHER_MS, reload)
  const checks = data?.items ?? []
  return (
    <section className="panel" aria-label={t('duty.title')}>
      <div className="heading">
        <h2>{t('duty.title')}</h2>
        <span className="push">
          <AskButton
            placeId={home.id}
            name={home.name}
            isRunning={checks.some(({ settled }) => settled === null)}
            onAsked={reload}
          />
        </span>
      </div>
      {checks.length === 0 ? <p className="quiet">{t('duty.none')}</p> : null}
      <ul className="plain">
        {checks.map((check) => (
          <DutyCheckLine key={check.id} check={check} onAnswered={reload} />
        ))}
      </ul>
    </section>
  )
}
