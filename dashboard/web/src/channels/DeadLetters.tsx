import { type ReactNode, useState } from 'react'
import type { Message } from '../../../../contract/channels.ts'
import { attempt } from '../api/attempt.ts'
import { get, queryOf, request } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { useText } from '../i18n/text.ts'
import { At } from '../shell/Age.tsx'
import { Icon } from '../shell/Icon.tsx'
import { Link } from '../shell/Link.tsx'
import { view } from '../store/view.ts'

const SHOWN = 100

/** Messages that were given up: nobody was told by them. */
export function DeadLetters(props: {
  /** Changes when there are more or fewer of them. */
  readonly news: number
  reload(): void
}): ReactNode {
  const { t } = useText()
  const { news, reload } = props
  const [busy, setBusy] = useState<string | null>(null)
  const answer = useAnswer(`dead ${news}`, (signal) =>
    get<{ readonly items: readonly Message[]; readonly total: number }>(
      `/api/dead-letters${queryOf({ limit: SHOWN })}`,
      signal,
    ),
  )
  const { data } = answer
  if (data === undefined || data.items.length === 0) return null
  const again = async (id: string): Promise<void> => {
    setBusy(id)
    if (await attempt(() => request('POST', `/api/dead-letters/${encodeURIComponent(id)}/send-again`, {})))
      view.say(t('channels.sentAgain'))
    setBusy(null)
    answer.reload()
    reload()
  }
  return (
    <section className="panel panel-wide" aria-label={t('channels.deadLetters')}>
      <div className="heading">
        <h2>{t('channels.deadLetters')}</h2>
        <span className="panel-count">{t('channels.dead', { n: data.total })}</span>
      </div>
      <p className="quiet">{t('channels.deadHint')}</p>
      <ul className="plain dead-letters">
        {data.items.map((message) => (
          <li key={message.id}>
            <span className="quiet">
              <At at={message.createdAt} />
            </span>
            <strong>{message.channelName}</strong>
            <span>{t(`messages.occasion.${message.occasion}`)}</span>
            {message.incidentId === '' ? null : (
              <Link to={{ page: 'incident', id: message.incidentId }}>{t('incident.open')}</Link>
            )}
            <span className="quiet">{t('messages.attempts', { n: message.attempts })}</span>
            <button
              type="button"
              className="button push"
              disabled={busy !== null}
              onClick={() => void again(message.id)}
            >
              <Icon name="replay" size={16} />
              {t('channels.sendAgain')}
            </button>
            {message.lastError === null ? null : <span className="message-error">{message.lastError}</span>}
          </li>
        ))}
      </ul>
    </section>
  )
}
