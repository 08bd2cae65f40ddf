import { type ReactNode, useState } from 'react'
import type { AuditRecord } from '../../../../contract/api.ts'
import { get, queryOf } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { useSettled } from '../api/use-settled.ts'
import { formatCount } from '../format/amount.ts'
import { useText } from '../i18n/text.ts'
import { RANGES, type Range } from '../quarantine/which.ts'
import { At } from '../shell/Age.tsx'
import { Icon } from '../shell/Icon.tsx'
import { serverNow } from '../store/console.ts'

const PAGE = 100
const MOST = 1000
const MINUTE_MS = 60_000
/** Beginnings of what an action is called: what a person looks for first. */
const ACTIONS = [
  'alarm.',
  'incident.',
  'watch.',
  'duty.',
  'bell.',
  'session.',
  'user.',
  'token.',
  'device.',
  'resident.',
  'quarantine.',
  'backup.',
  'audit.',
] as const

interface Which {
  readonly actor: string
  readonly action: string
  readonly target: string
  readonly range: Range
}
const NO_FILTER: Which = { actor: '', action: '', target: '', range: 'all' }

/** Who did what. For administrators; the server keeps everybody else out. */
export function AuditPage(): ReactNode {
  const { t } = useText()
  const [which, setWhich] = useState(NO_FILTER)
  const [limit, setLimit] = useState(PAGE)
  const settled = useSettled(which)
  const from =
    settled.range === 'all' ? null : Math.floor((serverNow() - RANGES[settled.range]) / MINUTE_MS) * MINUTE_MS
  const filter = { actor: settled.actor.trim(), action: settled.action, target: settled.target.trim(), from }
  const query = queryOf({ ...filter, limit })
  const { data, failure } = useAnswer(query, (signal) =>
    get<{ readonly items: readonly AuditRecord[]; readonly total: number; readonly next: string | null }>(
      `/api/audit${query}`,
      signal,
    ),
  )
  const [kept, setKept] = useState(data)
  if (data && kept !== data) setKept(data)
  const change = (news: Partial<Which>): void => {
    setWhich((before) => ({ ...before, ...news }))
    setLimit(PAGE)
  }
  return (
    <div className="page set-aside">
      <header className="page-head">
        <h1>{t('audit.title')}</h1>
        {kept ? <span className="quiet">{t('audit.total', { n: formatCount(kept.total) })}</span> : null}
        <a className="button" href={`/api/audit.csv${queryOf(filter)}`} download>
          <Icon name="download" />
          {t('audit.export')}
        </a>
      </header>
      <p className="lead">{t('audit.lead')}</p>
      <div className="list-filters">
        <input
          type="search"
          value={which.actor}
          placeholder={t('audit.byActor')}
          aria-label={t('audit.byActor')}
          onChange={(event) => change({ actor: event.target.value })}
        />
        <input
          type="search"
          value={which.target}
          placeholder={t('audit.byTarget')}
          aria-label={t('audit.byTarget')}
          onChange={(event) => change({ target: event.target.value })}
        />
        <label>
          {t('audit.action')}
          <select value={which.action} onChange={(event) => change({ action: event.target.value })}>
            <option value="">{t('audit.anyAction')}</option>
            {ACTIONS.map((one) => (
              <option key={one} value={one}>
                {t(`audit.actions.${one}`)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t('audit.when')}
          <select value={which.range} onChange={(event) => change({ range: event.target.value as Range })}>
            {Object.keys(RANGES).map((range) => (
              <option key={range} value={range}>
                {t(`quarantine.range.${range as Range}`)}
              </option>
            ))}
          </select>
        </label>
      </div>
      {failure ? <p role="alert">{failure.message || t('devices.failed')}</p> : null}
      {kept === undefined ? (
        failure ? null : (
          <p className="quiet">{t('devices.loading')}</p>
        )
      ) : kept.items.length === 0 ? (
        <div className="empty">
          <p className="empty-title">{t('audit.none')}</p>
          <button type="button" className="button" onClick={() => change(NO_FILTER)}>
            {t('queue.clearFilter')}
          </button>
        </div>
      ) : (
        <>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by the keyboard */}
          <section className="audit" aria-label={t('audit.title')} tabIndex={0}>
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">{t('audit.when')}</th>
                  <th scope="col">{t('audit.actor')}</th>
                  <th scope="col">{t('audit.action')}</th>
                  <th scope="col">{t('audit.target')}</th>
                  <th scope="col">{t('audit.detail')}</th>
                </tr>
              </thead>
              <tbody>
                {kept.items.map((entry) => (
                  <tr key={entry.id}>
                    <td>
                      <At at={entry.at} />
                    </td>
                    <td>
                      <button type="button" className="link" onClick={() => change({ actor: entry.actor })}>
                        {entry.actor}
                      </button>
                    </td>
                    <td className="audit-action">
                      <ActionWords action={entry.action} />
                      <code>{entry.action}</code>
                    </td>
                    <td className="audit-target">
                      <button type="button" className="link" onClick={() => change({ target: entry.target })}>
                        {entry.target}
                      </button>
                    </td>
                    <td className="audit-detail">{wordsOf(entry.detail)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
          {kept.next !== null && limit < MOST ? (
            <button type="button" className="button more" onClick={() => setLimit(Math.min(MOST, limit + PAGE))}>
              {t('quarantine.more', { n: formatCount(kept.total - kept.items.length) })}
            </button>
          ) : null}
          {kept.next !== null && limit >= MOST ? <p className="quiet">{t('quarantine.narrow')}</p> : null}
        </>
      )}
    </div>
  )
}

/** Which sort of thing it was, for who does not read codes. */
function ActionWords({ action }: { readonly action: string }): ReactNode {
  const { t } = useText()
  const known = ACTIONS.find((beginning) => action.startsWith(beginning))
  return known === undefined ? null : <span>{t(`audit.actions.${known}`)}</span>
}

/** Details are JSON or words: `{"outcome":"done","comment":""}` → `outcome done`. What is empty says nothing. */
function wordsOf(detail: string): string {
  try {
    return flat(JSON.parse(detail))
  } catch {
    return detail
  }
}

function flat(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .map(([name, inner]) => [name, flat(inner)] as const)
    .filter(([, words]) => words !== '')
    .map(([name, words]) => `${name} ${words}`)
    .join(' · ')
}
