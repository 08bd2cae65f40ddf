import { type ReactNode, useCallback, useEffect, useState } from 'react'
import type { QuarantineGroup, QuarantineItem } from '../../../../contract/api.ts'
import { get, queryOf } from '../api/request.ts'
import { formatCount } from '../format/amount.ts'
import { useText } from '../i18n/text.ts'
import { Age, At } from '../shell/Age.tsx'
import { Icon } from '../shell/Icon.tsx'
import { MessageView } from './MessageView.tsx'
import { wordsOf } from './reason-words.ts'

/** Entries of a group read at once while a person leafs through them. */
const ENTRIES_AT_ONCE = 50

/** What is alike in one row; opened, its messages one by one, the newest first. */
export function GroupRow(props: {
  readonly group: QuarantineGroup
  readonly state: 'open' | 'replayed'
  readonly open: boolean
  onToggle(): void
  onReplayed(): void
}): ReactNode {
  const { t, language } = useText()
  const { group, open } = props
  const { newest } = group
  return (
    <li className={`group${open ? ' is-open' : ''}`}>
      <button type="button" className="group-head" aria-expanded={open} onClick={props.onToggle}>
        <span className={`group-count${group.count === 1 ? ' quiet' : ''}`}>×{formatCount(group.count)}</span>
        <span className="group-words">
          <strong>{wordsOf(group.reason, language)}</strong>
          <span className="quiet group-detail" lang="en">
            {newest.detail}
          </span>
        </span>
        <span className="chip group-device">{group.deviceId === '' ? '–' : group.deviceId}</span>
        <code className="group-preview">{newest.preview}</code>
        <span className="quiet group-age">
          <Age at={group.lastAt} />
        </span>
        <span className="group-chevron">
          <Icon name={open ? 'chevronUp' : 'chevron'} />
        </span>
      </button>
      {open ? (
        <div className="group-body">
          {group.count > 1 ? (
            <Leaf group={group} state={props.state} onReplayed={props.onReplayed} />
          ) : (
            <MessageView id={newest.id} onReplayed={props.onReplayed} />
          )}
          <p className="quiet group-since">
            {group.count > 1 ? (
              <>
                {t('quarantine.first')} <At at={group.firstAt} />
              </>
            ) : null}
          </p>
        </div>
      ) : null}
    </li>
  )
}

/** Leafs through the messages of a group. */
function Leaf(props: {
  readonly group: QuarantineGroup
  readonly state: 'open' | 'replayed'
  onReplayed(): void
}): ReactNode {
  const { t } = useText()
  const { group, state } = props
  const { deviceId, reason, pattern } = group
  const [entries, setEntries] = useState<readonly QuarantineItem[]>([group.newest])
  const [next, setNext] = useState<string | null>(String(group.newest.id))
  const [at, setAt] = useState(0)
  const more = useCallback(async () => {
    if (next === null) return
    const page = await get<{ readonly items: readonly QuarantineItem[]; readonly next: string | null }>(
      `/api/quarantine${queryOf({ deviceId, reason, pattern, state, limit: ENTRIES_AT_ONCE, cursor: next })}`,
    ).catch(() => undefined)
    if (page === undefined) return
    setEntries((before) => [...before, ...page.items])
    setNext(page.next)
  }, [deviceId, reason, pattern, state, next])
  useEffect(() => {
    if (at >= entries.length - 1) void more()
  }, [at, entries.length, more])
  const entry = entries[at] ?? group.newest
  return (
    <>
      <div className="leaf">
        <button
          type="button"
          className="icon-button"
          disabled={at === 0}
          aria-label={t('quarantine.newer')}
          title={t('quarantine.newer')}
          onClick={() => setAt(at - 1)}
        >
          <Icon name="left" />
        </button>
        <span>{t('quarantine.nth', { n: formatCount(at + 1), of: formatCount(group.count) })}</span>
        <button
          type="button"
          className="icon-button"
          disabled={at >= entries.length - 1}
          aria-label={t('quarantine.older')}
          title={t('quarantine.older')}
          onClick={() => setAt(at + 1)}
        >
          <Icon name="right" />
        </button>
      </div>
      <MessageView key={entry.id} id={entry.id} onReplayed={props.onReplayed} />
    </>
  )
}
