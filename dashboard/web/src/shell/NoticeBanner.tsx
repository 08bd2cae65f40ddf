import type { ReactNode } from 'react'
import { useText } from '../i18n/text.ts'
import { useConsole } from '../store/console.ts'
import { Icon } from './Icon.tsx'

/** What is wrong with Hydrant itself, and why alarms or readings may be late. Stays as long as it is so. */
export function NoticeBanner(): ReactNode {
  const { language } = useText()
  const notices = useConsole((s) => s.notices)
  return notices.map((notice) => (
    <div
      className={`banner ${notice.ahead ? 'banner-note' : 'banner-lost'}`}
      role={notice.ahead ? 'status' : 'alert'}
      key={`${notice.code} ${notice.ahead}`}
    >
      <Icon name="gateway" />
      {notice[language]}
    </div>
  ))
}
