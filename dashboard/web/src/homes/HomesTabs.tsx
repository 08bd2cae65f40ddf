import type { ReactNode } from 'react'
import { useText } from '../i18n/text.ts'
import { Link } from '../shell/Link.tsx'

const TABS = ['homes', 'hazards', 'duty', 'alone'] as const

/** The four lists that a supervisor goes through. */
export function HomesTabs({ current }: { readonly current: (typeof TABS)[number] }): ReactNode {
  const { t } = useText()
  return (
    <nav className="tabs" aria-label={t('nav.homes')}>
      {TABS.map((page) => (
        <Link key={page} to={{ page }} current={page === current}>
          {t(`tabs.${page}`)}
        </Link>
      ))}
    </nav>
  )
}
