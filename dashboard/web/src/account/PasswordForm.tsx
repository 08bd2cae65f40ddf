import { type ReactNode, useState } from 'react'
import { ApiFailure, request } from '../api/request.ts'
import { useText } from '../i18n/text.ts'
import { view } from '../store/view.ts'

/** As the server asks for. */
const SHORTEST_PASSWORD = 10

/** A new password; the present one is asked for by the server unless the person came by a one-time link. */
export function PasswordForm(props: {
  readonly name: string
  readonly asksCurrent: boolean
  onSaved(): void
}): ReactNode {
  const { t } = useText()
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)
  const save = async (): Promise<void> => {
    if (password.length < SHORTEST_PASSWORD) return setProblem(t('password.short'))
    setBusy(true)
    setProblem('')
    try {
      await request('POST', '/api/me/password', { password, ...(props.asksCurrent ? { current } : {}) })
      setCurrent('')
      setPassword('')
      view.say(t('account.passwordChanged'))
      props.onSaved()
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error
      setProblem(error.code === 'password.wrong' ? t('account.passwordWrong') : error.message)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <input type="text" autoComplete="username" value={props.name} readOnly hidden />
      {props.asksCurrent ? (
        <label>
          {t('account.passwordCurrent')}
          <input
            type="password"
            autoComplete="current-password"
            required
            value={current}
            onChange={(event) => setCurrent(event.target.value)}
          />
        </label>
      ) : null}
      <label>
        {t('password.new')}
        <input
          type="password"
          autoComplete="new-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </label>
      <p className="quiet">{t('account.passwordHint')}</p>
      <p role="alert" className="form-problem">
        {problem}
      </p>
      <button type="submit" className="button button-primary" disabled={busy}>
        {t('password.save')}
      </button>
    </form>
  )
}
