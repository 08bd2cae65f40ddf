import type { ReactNode } from 'react'
import type { HomeDetail } from '../../../../contract/home-answers.ts'
import { useText } from '../i18n/text.ts'

/** Who is in the home now and can go and look: the first to be called. */
export function StaffOnDuty(props: {
  readonly home: HomeDetail
  onCall(who: string, number: string): void
}): ReactNode {
  const { t } = useText()
  const { home, onCall } = props
  const onDuty = (home.contacts?.staff ?? []).filter((one) => one.onDuty)
  return (
    <section className="panel" aria-label={t('staff.title')}>
      <h2>{t('staff.title')}</h2>
      {onDuty.length > 0 ? (
        <ul className="plain responders">
          {onDuty.map((one) => (
            <li key={one.id} className="responder">
              <span className="responder-who">
                <strong>{one.name}</strong> <span className="quiet">{t(`staff.${one.duty}`)}</span>
              </span>
              <span className="responder-way quiet">
                {one.from}–{one.to}
              </span>
              <span className="responder-acts">
                {one.phone === '' ? null : (
                  <a href={`tel:${one.phone}`} className="button" onClick={() => onCall(one.name, one.phone)}>
                    {one.phone}
                  </a>
                )}
              </span>
            </li>
          ))}
        </ul>
      ) : (
        <p className={home.staff.onDuty > 0 ? 'quiet' : 'warn'}>
          {home.staff.onDuty > 0 ? t('staff.count', { n: home.staff.onDuty }) : t('staff.none')}
        </p>
      )}
    </section>
  )
}
