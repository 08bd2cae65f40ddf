import type { ReactNode } from 'react'
import { formatAge, formatSpan } from '../format/age.ts'
import { formatClock, formatDate, formatTime } from '../format/time.ts'
import { useText } from '../i18n/text.ts'
import { serverNow } from '../store/console.ts'
import { useTick } from './ticker.ts'

const exact = (at: number): string => `${formatDate(at)} ${formatClock(at)}`

/** "14 h ago", ticking; the exact time on hover. */
export function Age({ at }: { readonly at: number }): ReactNode {
  const { t } = useText()
  const words = useTick((now) => formatAge(now - at, t))
  return (
    <time dateTime={new Date(at).toISOString()} title={exact(at)}>
      {words}
    </time>
  )
}

/** "2 h 5 min" since then, ticking. */
export function Lasting({ since }: { readonly since: number }): ReactNode {
  const { t } = useText()
  const words = useTick((now) => formatSpan(now - since, t))
  return (
    <time dateTime={new Date(since).toISOString()} title={exact(since)}>
      {words}
    </time>
  )
}

export function At({ at }: { readonly at: number }): ReactNode {
  return (
    <time dateTime={new Date(at).toISOString()} title={exact(at)}>
      {formatTime(at, serverNow())}
    </time>
  )
}
