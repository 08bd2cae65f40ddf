import type { ReactNode } from 'react'
import type { HydrantEvent } from '../../../../contract/events.ts'
import { formatCount } from '../format/amount.ts'
import { useText } from '../i18n/text.ts'
import { At } from '../shell/Age.tsx'
import { reasonOf } from './alarm-words.ts'
import { foldTimeline } from './fold-timeline.ts'

/** What happened to an alarm or an incident, newest first. `words`: what an event says besides. */
export function Timeline(props: {
  readonly events: readonly HydrantEvent[]
  readonly words?: (event: HydrantEvent) => string
}): ReactNode {
  const { events, words } = props
  const { t, language } = useText()
  if (events.length === 0) return <p className="quiet">{t('detail.noTimeline')}</p>
  return (
    <ol className="timeline">
      {foldTimeline(events).map(({ event, from, count }) => (
        <li key={event.seq} className={`event event-${event.type.replace('.', '-')}`}>
          <span className="event-time">
            <At at={event.at} />
          </span>
          <span className="event-what">
            <strong>{t(`event.${event.type}`)}</strong>
            {count > 1 ? <span> ×{formatCount(count)}</span> : null}
            {words === undefined ? null : <Words words={words(event)} />}
            <span className="quiet"> · {event.actor ?? t('event.system')}</span>
            {count > 1 ? (
              <span className="quiet">
                {' · '}
                {t('event.since')} <At at={from} />
              </span>
            ) : null}
            {event.type === 'alarm.closed' && event.alarm.disposition !== null ? (
              <span> · {t(`disposition.${event.alarm.disposition}`)}</span>
            ) : null}
            {'comment' in event && event.comment !== '' ? <q className="event-comment">{event.comment}</q> : null}
            {event.type === 'alarm.raised' ? (
              <span className="event-comment">{reasonOf(event.alarm, language)}</span>
            ) : null}
            {event.type === 'command.refused' ? <span className="event-comment">{event.message}</span> : null}
          </span>
        </li>
      ))}
    </ol>
  )
}

const Words = ({ words }: { readonly words: string }): ReactNode =>
  words === '' ? null : <span className="event-words"> {words}</span>
