import { type ReactNode, useState } from 'react'
import { HAZARD_KINDS, type HazardAnswer } from '../../../../contract/hazards.ts'
import type { HomeDetail } from '../../../../contract/home-answers.ts'
import { get, queryOf } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { inLanguage, useText } from '../i18n/text.ts'
import { mayAct } from '../queue/act.ts'
import { Icon } from '../shell/Icon.tsx'
import { Link } from '../shell/Link.tsx'
import { go } from '../shell/route.ts'
import { Due } from './Due.tsx'
import { NewHazard } from './NewHazard.tsx'
import { VerdictMarks } from './VerdictMarks.tsx'

const SHOWN = 20

/** What of this home is not as it must be, the soonest deadline first. */
export function HomeHazards({ home }: { readonly home: HomeDetail }): ReactNode {
  const { t, language } = useText()
  const [opening, setOpening] = useState(false)
  const { data } = useAnswer(`hazards ${home.id} ${home.openHazards}`, (signal) =>
    get<{ readonly items: readonly HazardAnswer[]; readonly total: number }>(
      `/api/hazards${queryOf({ placeId: home.id, limit: SHOWN })}`,
      signal,
    ),
  )
  const items = data?.items ?? []
  return (
    <section className="panel" aria-label={t('hazards.title')}>
      <div className="heading">
        <h2>{t('hazards.title')}</h2>
        {data === undefined ? null : <span className="panel-count">{t('hazards.total', { n: data.total })}</span>}
        {mayAct('hazard.edit') && !opening ? (
          <button type="button" className="button push" onClick={() => setOpening(true)}>
            <Icon name="plus" />
            {t('hazards.open')}
          </button>
        ) : null}
      </div>
      {opening ? (
        <NewHazard home={home} onCancel={() => setOpening(false)} onOpened={(id) => go({ page: 'hazard', id })} />
      ) : null}
      {data !== undefined && items.length === 0 && !opening ? <p className="quiet">{t('hazards.noneHere')}</p> : null}
      <ul className="plain">
        {items.map((hazard) => (
          <li key={hazard.id} className="hazard-line">
            <Link to={{ page: 'hazard', id: hazard.id }}>{inLanguage(HAZARD_KINDS[hazard.kind], language)}</Link>
            <Due hazard={hazard} />
            <VerdictMarks hazard={hazard} />
            <span className="quiet hazard-words">
              {hazard.owner}: {hazard.description}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
