import type { ReactNode } from 'react'
import type { Message } from '../../../../contract/channels.ts'
import type { IncidentEvent } from '../../../../contract/events.ts'
import { useText } from '../i18n/text.ts'
import { mayAct } from '../queue/act.ts'
import { At } from '../shell/Age.tsx'
import { Icon, type IconName } from '../shell/Icon.tsx'
import { Link } from '../shell/Link.tsx'
import { useTick } from '../shell/ticker.ts'

const MARK: Readonly<Record<Message['state'], IconName>> = { sent: 'check', waiting: 'replay', 'gave-up': 'close' }

/** Until the courier has written what goes out because of an escalation or the one key. */
const COURIER_MS = 3000

/** The fate of every message: nobody has to ask whether it went out. */
export function Messages(props: {
  readonly messages: readonly Message[]
  readonly events: readonly IncidentEvent[]
}): ReactNode {
  const { t } = useText()
  const { messages, events } = props
  const due = events.find(({ type }) => type === 'incident.told' || type === 'incident.escalated')?.at
  const unheard = useTick((now) => messages.length === 0 && due !== undefined && now - due > COURIER_MS)
  const sent = messages.filter(({ state }) => state === 'sent').length
  const lost = messages.filter(({ state }) => state === 'gave-up').length
  return (
    <section className="panel" aria-label={t('messages.title')}>
      <h2>
        {t('messages.title')}
        {messages.length === 0 ? null : (
          <span className="panel-count">{t('messages.count', { sent, n: messages.length })}</span>
        )}
      </h2>
      {unheard ? (
        <p className="warn" role="alert">
          {t('messages.unheard')}{' '}
          {mayAct('admin') ? <Link to={{ page: 'channels' }}>{t('messages.toChannels')}</Link> : null}
        </p>
      ) : messages.length === 0 ? (
        <p className="quiet">{t('messages.none')}</p>
      ) : null}
      {lost > 0 ? <p className="warn">{t('messages.lost', { n: lost })}</p> : null}
      <ul className="plain messages">
        {messages.toReversed().map((message) => (
          <li key={message.id} className={`message message-${message.state}`}>
            <span className="message-fate">
              <Icon name={MARK[message.state]} size={14} />
              {t(`messages.${message.state}`)}
            </span>
            <strong>{message.channelName}</strong>
            <span className="quiet">
              {t(`messages.occasion.${message.occasion}`)}
              {message.occasion === 'escalated' ? ` · ${t('incident.step', { n: message.step })}` : ''} ·{' '}
              <At at={message.sentAt ?? message.createdAt} />
              {message.attempts > 1 ? ` · ${t('messages.attempts', { n: message.attempts })}` : ''}
            </span>
            {message.state !== 'sent' && message.lastError !== null ? (
              <span className="message-error">{message.lastError}</span>
            ) : null}
          </li>
        ))}
      </ul>
    </section>
  )
}
