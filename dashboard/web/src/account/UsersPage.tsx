import { type ReactNode, useState } from 'react'
import type { UserAnswer } from '../../../../contract/api.ts'
import { ROLES, type Role } from '../../../../contract/roles.ts'
import { ApiFailure, get, request } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { useText } from '../i18n/text.ts'
import { Age } from '../shell/Age.tsx'
import { useConsole } from '../store/console.ts'
import { view } from '../store/view.ts'

/** A link that was made just now: it is shown once. */
interface FreshLink {
  readonly name: string
  readonly url: string
}

const pathOf = (name: string): string => `/api/users/${encodeURIComponent(name)}`

/** Who may sign in, for administrators. */
export function UsersPage(): ReactNode {
  const { t } = useText()
  const self = useConsole((s) => s.session?.name)
  const users = useAnswer('users', (signal) => get<{ readonly items: readonly UserAnswer[] }>('/api/users', signal))
  const [link, setLink] = useState<FreshLink | null>(null)
  /** @returns whether it was done */
  const change = async (work: () => Promise<unknown>): Promise<boolean> => {
    try {
      await work()
      return true
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error
      view.say(error.code === 'user.last-admin' ? t('users.lastAdmin') : error.message, true)
      return false
    } finally {
      users.reload()
    }
  }
  const showLink = async (name: string, asking: Promise<{ readonly path: string }>): Promise<boolean> =>
    change(async () => {
      const { path } = await asking
      setLink({ name, url: location.origin + path })
    })
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('users.title')}</h1>
      </header>
      {link === null ? null : (
        <section className="panel panel-wide fresh-link" role="status">
          <h2>{t('users.linkFor', { name: link.name })}</h2>
          <p>{t('users.linkHint')}</p>
          <code className="bytes">{link.url}</code>
          <p className="form-buttons">
            <button
              type="button"
              className="button"
              onClick={() =>
                void navigator.clipboard.writeText(link.url).then(
                  () => view.say(t('users.copied')),
                  () => view.say(t('users.notCopied'), true),
                )
              }
            >
              {t('users.copy')}
            </button>
            <button type="button" className="button button-quiet" onClick={() => setLink(null)}>
              {t('act.dismiss')}
            </button>
          </p>
        </section>
      )}
      <section className="panel panel-wide">
        <div className="table-scroll users">
          <table className="table">
            <thead>
              <tr>
                <th>{t('users.name')}</th>
                <th>{t('users.role')}</th>
                <th>{t('users.state')}</th>
                <th className="number">{t('users.sessions')}</th>
                <th>{t('users.lastUsed')}</th>
                <th>{t('users.actions')}</th>
              </tr>
            </thead>
            <tbody>
              {users.data?.items.map((user) => (
                <UserRow key={user.name} user={user} isSelf={user.name === self} change={change} showLink={showLink} />
              ))}
            </tbody>
          </table>
        </div>
        {users.failure ? <p role="alert">{users.failure.message}</p> : null}
      </section>
      <section className="panel">
        <h2>{t('users.add')}</h2>
        <NewUser
          add={(name, role) => showLink(name, request<{ readonly path: string }>('POST', '/api/users', { name, role }))}
        />
      </section>
    </div>
  )
}

function UserRow(props: {
  readonly user: UserAnswer
  readonly isSelf: boolean
  change(work: () => Promise<unknown>): Promise<boolean>
  showLink(name: string, asking: Promise<{ readonly path: string }>): Promise<boolean>
}): ReactNode {
  const { t } = useText()
  const { user, isSelf, change } = props
  const [removing, setRemoving] = useState(false)
  const at = pathOf(user.name)
  return (
    <tr className={user.disabled ? 'is-disabled' : undefined}>
      <td>
        <strong>{user.name}</strong> {isSelf ? <span className="tag">{t('users.you')}</span> : null}
      </td>
      <td>
        <select
          aria-label={t('users.roleOf', { name: user.name })}
          value={user.role}
          onChange={(event) => void change(() => request('PATCH', at, { role: event.target.value }))}
        >
          {ROLES.map((role) => (
            <option key={role} value={role}>
              {t(`role.${role}`)}
            </option>
          ))}
        </select>
      </td>
      <td>{user.disabled ? t('users.disabled') : user.hasPassword ? t('users.active') : t('users.noPassword')}</td>
      <td className="number">{user.sessions}</td>
      <td>{user.lastUsedAt === null ? '–' : <Age at={user.lastUsedAt} />}</td>
      <td>
        <span className="row-buttons">
          {user.disabled ? null : (
            <button
              type="button"
              className="button"
              onClick={() =>
                void props.showLink(user.name, request<{ readonly path: string }>('POST', `${at}/link`, {}))
              }
            >
              {t('users.link')}
            </button>
          )}
          {user.sessions === 0 ? null : (
            <button
              type="button"
              className="button"
              onClick={() => void change(() => request('DELETE', `${at}/sessions`))}
            >
              {t('users.signOut')}
            </button>
          )}
          <button
            type="button"
            className="button"
            onClick={() => void change(() => request('PATCH', at, { disabled: !user.disabled }))}
          >
            {user.disabled ? t('users.enable') : t('users.disable')}
          </button>
          {removing ? (
            <>
              <button
                type="button"
                className="button button-primary"
                onClick={() => void change(() => request('DELETE', at))}
              >
                {t('users.removeSure', { name: user.name })}
              </button>
              <button type="button" className="button button-quiet" onClick={() => setRemoving(false)}>
                {t('act.cancel')}
              </button>
            </>
          ) : (
            <button type="button" className="button button-quiet" onClick={() => setRemoving(true)}>
              {t('users.remove')}
            </button>
          )}
        </span>
      </td>
    </tr>
  )
}

function NewUser(props: { add(name: string, role: Role): Promise<boolean> }): ReactNode {
  const { t } = useText()
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('dispatcher')
  const submit = async (): Promise<void> => {
    if (await props.add(name.trim(), role)) setName('')
  }
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <label>
        {t('users.name')}
        <input
          type="text"
          autoComplete="off"
          required
          maxLength={64}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </label>
      <label>
        {t('users.role')}
        <select value={role} onChange={(event) => setRole(event.target.value as Role)}>
          {ROLES.map((one) => (
            <option key={one} value={one}>
              {t(`role.${one}`)}
            </option>
          ))}
        </select>
      </label>
      <p className="quiet">{t(`users.may.${role}`)}</p>
      <button type="submit" className="button button-primary">
        {t('users.add')}
      </button>
    </form>
  )
}
