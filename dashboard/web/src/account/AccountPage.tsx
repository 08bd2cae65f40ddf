import { type ReactNode, useState } from 'react'
import type { OpenSession } from '../../../../contract/api.ts'
import { get, request } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { useText } from '../i18n/text.ts'
import { Age, At } from '../shell/Age.tsx'
import { useConsole } from '../store/console.ts'
import { view } from '../store/view.ts'
import { browserName } from './browser-name.ts'
import { PasswordForm } from './PasswordForm.tsx'

/** Whoever is in: their password, and where they are signed in. */
export function AccountPage(): ReactNode {
  const { t } = useText()
  const session = useConsole((s) => s.session)
  const sessions = useAnswer('sessions', (signal) =>
    get<{ readonly items: readonly OpenSession[] }>('/api/me/sessions', signal),
  )
  const [asked, setAsked] = useState(false)
  if (!session) return null
  const mine = sessions.data?.items.find((one) => one.current)
  const end = async (one: OpenSession): Promise<void> => {
    await request('DELETE', `/api/me/sessions/${one.id}`).catch((error: Error) => view.say(error.message, true))
    sessions.reload()
  }
  const endAll = async (): Promise<void> => {
    await request('DELETE', '/api/me/sessions').catch(() => undefined)
    location.assign('/')
  }
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('account.title')}</h1>
        <strong>{session.name}</strong>
        <span className="tag">{t(`role.${session.role}`)}</span>
      </header>
      <section className="panel panel-wide">
        <h2>{t('account.sessions')}</h2>
        <p className="quiet">{t('account.sessionsHint')}</p>
        <ul className="plain">
          {sessions.data?.items.map((one) => (
            <li key={one.id} className="part session">
              <span className="session-words">
                <strong title={one.agent}>{browserName(one.agent) ?? t('account.unknownBrowser')}</strong>
                <span className="quiet">
                  {one.address} · {t('account.since')} <At at={one.createdAt} />
                  {one.byLink ? ` · ${t('account.byLink')}` : ''}
                </span>
              </span>
              <span className="quiet push">
                {one.current ? <span className="tag">{t('account.here')}</span> : <Age at={one.lastUsedAt} />}
              </span>
              {one.current ? null : (
                <button type="button" className="button" onClick={() => void end(one)}>
                  {t('account.end')}
                </button>
              )}
            </li>
          ))}
        </ul>
        {sessions.failure ? <p role="alert">{sessions.failure.message}</p> : null}
        <p className="form-buttons">
          {asked ? (
            <>
              <span>{t('account.everywhereSure')}</span>
              <button type="button" className="button button-primary" onClick={() => void endAll()}>
                {t('account.everywhere')}
              </button>
              <button type="button" className="button button-quiet" onClick={() => setAsked(false)}>
                {t('act.cancel')}
              </button>
            </>
          ) : (
            <button type="button" className="button" onClick={() => setAsked(true)}>
              {t('account.everywhere')}
            </button>
          )}
        </p>
      </section>
      <section className="panel">
        <h2>{session.mustSetPassword ? t('password.set') : t('account.password')}</h2>
        {mine ? (
          <PasswordForm
            name={session.name}
            asksCurrent={!session.mustSetPassword && !mine.byLink}
            onSaved={sessions.reload}
          />
        ) : null}
      </section>
    </div>
  )
}
