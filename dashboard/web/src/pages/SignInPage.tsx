import { type ReactNode, useState } from 'react'
import type { Session } from '../../../../contract/api.ts'
import { ApiFailure, NETWORK_FAILURE, request } from '../api/request.ts'
import { chooseLanguage, useText } from '../i18n/text.ts'
import { Logo } from '../shell/TopBar.tsx'

/** How to get in without a password. Never translated: it is typed. */
const LINK_COMMAND = 'npm run hydrant -- user link admin'

export function SignInPage(props: { readonly expired: boolean; onSignedIn(session: Session): void }): ReactNode {
  const { t, language } = useText()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const submit = async (): Promise<void> => {
    setBusy(true)
    setProblem(null)
    try {
      props.onSignedIn(await request<Session>('POST', '/api/session', { name, password }))
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error
      if (error.code === NETWORK_FAILURE) setProblem(t('signIn.unreachable'))
      else if (error.code === 'login.wrong') setProblem(t('signIn.wrong'))
      else setProblem(error.message || t('error.unknown', { code: error.code }))
    } finally {
      setBusy(false)
    }
  }
  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <header>
          <Logo size={52} />
          <div>
            <h1>{t('app.name')}</h1>
            <p className="quiet">{t('app.tagline')}</p>
          </div>
          <button
            type="button"
            className="button button-quiet push"
            aria-label={t('top.languageLabel')}
            lang={language === 'zh' ? 'en' : 'zh-CN'}
            onClick={() => void chooseLanguage(language === 'zh' ? 'en' : 'zh')}
          >
            {t('top.language')}
          </button>
        </header>
        {props.expired ? (
          <p className="sign-in-note" role="status">
            {t('signIn.expired')}
          </p>
        ) : null}
        <form
          onSubmit={(event) => {
            event.preventDefault()
            void submit()
          }}
        >
          <label>
            {t('signIn.name')}
            <input
              type="text"
              name="username"
              autoComplete="username"
              autoCapitalize="none"
              required
              value={name}
              // biome-ignore lint/a11y/noAutofocus: the only thing to do on this page
              autoFocus
              onChange={(event) => setName(event.target.value)}
            />
          </label>
          <label>
            {t('signIn.password')}
            <input
              type="password"
              name="password"
              autoComplete="current-password"
              required
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          </label>
          <p className="sign-in-problem" role="alert">
            {problem}
          </p>
          <button type="submit" className="button button-primary button-wide" disabled={busy}>
            {busy ? t('signIn.submitting') : t('signIn.submit')}
          </button>
        </form>
        <aside className="sign-in-hint">
          <strong>{t('signIn.hintTitle')}</strong>
          <p>{t('signIn.hint')}</p>
          <code>{LINK_COMMAND}</code>
        </aside>
      </div>
    </main>
  )
}
