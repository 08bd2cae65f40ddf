import { type ReactNode, useState } from 'react'
import type { z } from 'zod'
import type { Alarm } from '../../../../contract/alarms.ts'
import { callsForHelp, HEALTH_NEEDS, type residentsAnswerSchema } from '../../../../contract/residents.ts'
import { may } from '../../../../contract/roles.ts'
import { get } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { inLanguage, useText } from '../i18n/text.ts'
import { useConsole } from '../store/console.ts'

type ResidentsAnswer = z.infer<typeof residentsAnswerSchema>
/** A room of a home, below county and home, is what the crew looks for. */
const HOME_DEPTH = 2

/**
 * Who lives where the alarm is, with what a rescuer must know. Asked for by a click, because each asking is written down
 * with the person's name; gone with the drawer.
 */
export function PeopleHere({ alarm }: { readonly alarm: Alarm }): ReactNode {
  const { t } = useText()
  const role = useConsole((s) => s.session?.role)
  const [asked, setAsked] = useState(false)
  if (role === undefined || !may(role, 'resident.read')) return null
  // A care worker sees them at any time; to everybody else only a call for help opens them.
  const always = role === 'care' || role === 'admin'
  if (!always && !callsForHelp(alarm)) return null
  return (
    <section className="people" aria-label={t('people.title')}>
      <h3>{t('people.title')}</h3>
      {asked ? (
        <PeopleList path={`/api/alarms/${encodeURIComponent(alarm.id)}/residents`} key={alarm.state} />
      ) : (
        <>
          <button type="button" className="button" onClick={() => setAsked(true)}>
            {t('people.show')}
          </button>
          <p className="quiet">{t('people.hint')}</p>
        </>
      )}
    </section>
  )
}

/** @param path of the API: whose residents are asked for */
export function PeopleList({ path }: { readonly path: string }): ReactNode {
  const { t, language } = useText()
  const answer = useAnswer(`people ${path}`, (signal) => get<ResidentsAnswer>(path, signal))
  if (answer.failure)
    return (
      <p role="alert" className="quiet">
        {answer.failure.code === 'resident.not-involved' ? t('people.over') : answer.failure.message}
      </p>
    )
  if (!answer.data) return <p className="quiet">{t('queue.loading')}</p>
  const { items, total } = answer.data
  if (items.length === 0) return <p className="quiet">{t('people.none')}</p>
  // As a crew walks through the house: floor by floor, room by room.
  const way = (one: (typeof items)[number]): string => [...one.placePath, one.room].join(' ')
  const walked = items.toSorted((a, b) => way(a).localeCompare(way(b), 'zh', { numeric: true }))
  const helpless = items.filter((one) => one.health.length > 0).length
  return (
    <>
      <p>
        <b>{t('people.count', { n: total, helpless })}</b>
      </p>
      <ul className="plain">
        {walked.map((one) => (
          <li key={one.id} className="person">
            <span className="person-room">{one.room || one.placePath.slice(HOME_DEPTH).join(' ') || '–'}</span>
            <span className="person-words">
              <strong>{one.name}</strong>
              {one.health.map((need) => (
                <span key={need} className="need">
                  {inLanguage(HEALTH_NEEDS[need], language)}
                </span>
              ))}
              {one.note === '' ? null : <span>{one.note}</span>}
              {one.relativePhone === null ? null : (
                <span className="quiet">
                  {t('people.relative')} <a href={`tel:${one.relativePhone}`}>{one.relativePhone}</a>
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
      {answer.data.next === null ? null : <p className="quiet">{t('people.more', { n: items.length })}</p>}
    </>
  )
}
