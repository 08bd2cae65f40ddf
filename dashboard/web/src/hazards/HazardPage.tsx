import { type ReactNode, useState } from 'react'
import { HAZARD_KINDS, HAZARD_VERDICTS, type HazardDetail, type HazardEvent } from '../../../../contract/hazards.ts'
import { attempt } from '../api/attempt.ts'
import { get, request } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { formatDate } from '../format/time.ts'
import { inLanguage, useText } from '../i18n/text.ts'
import { At } from '../shell/Age.tsx'
import { Link } from '../shell/Link.tsx'
import { PlacePath } from '../shell/PlacePath.tsx'
import { ChangeHazard } from './ChangeHazard.tsx'
import { ClaimHazard } from './ClaimHazard.tsx'
import { Due } from './Due.tsx'
import { withReadableTimes } from './hazard-rules.ts'
import { Photographs } from './Photographs.tsx'
import { VerdictMarks } from './VerdictMarks.tsx'
import { Verdicts } from './Verdicts.tsx'

/** Sends one step and shows what it made of the hazard. @returns whether it was accepted */
export type Step = (method: 'POST' | 'PATCH', path: string, body: unknown) => Promise<boolean>

/** One hazard from the day it was found until three parties agree that it is gone. */
export function HazardPage({ id }: { readonly id: string }): ReactNode {
  const { t, language } = useText()
  const address = `/api/hazards/${encodeURIComponent(id)}`
  const answer = useAnswer(`hazard ${id}`, (signal) => get<HazardDetail>(address, signal))
  const [newer, setNewer] = useState<HazardDetail | null>(null)
  const hazard = newer ?? answer.data
  if (hazard === undefined)
    return (
      <div className="page">
        {answer.failure === undefined ? null : (
          <p className="empty">
            {t('hazard.unknown')}
            <Link to={{ page: 'hazards' }} className="button">
              {t('hazards.title')}
            </Link>
          </p>
        )}
      </div>
    )
  const step: Step = async (method, path, body) => {
    const done = await attempt(() => request<HazardDetail>(method, `${address}${path}`, body))
    if (done) setNewer(done.done)
    // Somebody else may have been faster: what stands there now says why.
    else {
      setNewer(null)
      answer.reload()
    }
    return done !== undefined
  }
  const home = hazard.premisesId
  return (
    <div className="page hazard-page">
      <nav className="crumbs quiet" aria-label={t('homes.where')}>
        <Link to={{ page: 'hazards' }}>{t('hazards.title')}</Link>
        <PlacePath names={hazard.placePath} />
      </nav>
      <header className="page-head">
        <div>
          <h1>{inLanguage(HAZARD_KINDS[hazard.kind], language)}</h1>
          <VerdictMarks hazard={hazard} />
        </div>
        <div className="page-head-status">
          <Due hazard={hazard} />
        </div>
        {home === null ? null : (
          <Link to={{ page: 'home', id: home }} className="button">
            {t('hazard.toHome')}
          </Link>
        )}
      </header>
      <div className="incident-body">
        <div className="incident-column">
          <section className="panel">
            <h2>{t('hazard.what')}</h2>
            <p className="hazard-description">{hazard.description}</p>
            <dl className="facts facts-lines">
              <div className="fact">
                <dt>{t('hazard.owner')}</dt>
                <dd>{hazard.owner}</dd>
              </div>
              <div className="fact">
                <dt>{t('hazard.found')}</dt>
                <dd>
                  {formatDate(hazard.foundAt)} · {hazard.foundBy}
                </dd>
              </div>
            </dl>
            {hazard.may.change ? <ChangeHazard hazard={hazard} step={step} /> : null}
          </section>
          <Photographs hazard={hazard} step={step} />
        </div>
        <div className="incident-column">
          <ClaimHazard hazard={hazard} step={step} />
          <Verdicts hazard={hazard} step={step} />
          <section className="panel" aria-label={t('hazard.history')}>
            <h2>{t('hazard.history')}</h2>
            <ol className="hazard-history">
              {hazard.history.toReversed().map((event) => (
                <li key={event.n}>
                  <span className="quiet">
                    <At at={event.at} />
                  </span>
                  <Happened event={event} />
                </li>
              ))}
            </ol>
          </section>
        </div>
      </div>
    </div>
  )
}

function Happened({ event }: { readonly event: HazardEvent }): ReactNode {
  const { t, language } = useText()
  const verdict = event.verdict === null ? null : HAZARD_VERDICTS[event.verdict]
  const refusal = verdict === null ? null : { en: verdict.refusedEn, zh: verdict.refusedZh }
  const said = event.type === 'refused' ? refusal : verdict
  return (
    <span>
      <strong className={event.type === 'refused' ? 'warn' : undefined}>
        {said === null ? t(`hazard.event.${event.type}`) : inLanguage(said, language)}
      </strong>{' '}
      · {event.by}
      {event.comment === '' ? null : <> · {withReadableTimes(event.comment, formatDate)}</>}
    </span>
  )
}
