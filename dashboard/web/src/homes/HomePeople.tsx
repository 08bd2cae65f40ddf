import { type ReactNode, useState } from 'react'
import type { Alarm } from '../../../../contract/alarms.ts'
import { callsForHelp } from '../../../../contract/residents.ts'
import { useText } from '../i18n/text.ts'
import { mayAct } from '../queue/act.ts'
import { PeopleList } from '../queue/PeopleHere.tsx'
import { useConsole } from '../store/console.ts'

/**
 * Who lives in the home. Care workers may ask at any time; dispatchers and the brigade while an alarm calls for help, and
 * are told of those whom it concerns. Each asking is written down.
 */
export function HomePeople(props: { readonly homeId: string; readonly alarms: readonly Alarm[] }): ReactNode {
  const { t } = useText()
  const { homeId, alarms } = props
  const role = useConsole((s) => s.session?.role)
  const [asked, setAsked] = useState(false)
  if (!mayAct('resident.read')) return null
  const mayNow = role === 'care' || role === 'admin' || alarms.some(callsForHelp)
  return (
    <section className="panel panel-people" aria-label={t('people.title')}>
      <h2>{t('people.title')}</h2>
      {!mayNow ? (
        <p className="quiet">{t('home.peopleLater')}</p>
      ) : asked ? (
        <PeopleList path={`/api/places/${encodeURIComponent(homeId)}/residents`} />
      ) : (
        <>
          <button type="button" className="button" onClick={() => setAsked(true)}>
            {t('people.show')}
          </button>
          <p className="quiet">{t('home.peopleHint')}</p>
        </>
      )}
    </section>
  )
}
