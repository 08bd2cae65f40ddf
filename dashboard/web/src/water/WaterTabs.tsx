import type { ReactNode } from 'react'
import { useText } from '../i18n/text.ts'
import { Link } from '../shell/Link.tsx'

const TABS = ['water', 'first', 'orders', 'plants'] as const

/** What a water engineer goes through in the morning. */
export function WaterTabs({ current }: { readonly current: (typeof TABS)[number] }): ReactNode {
  const { t } = useText()
  return (
    <nav className="tabs" aria-label={t('nav.water')}>
      {TABS.map((page) => (
        <Link key={page} to={{ page }} current={page === current}>
          {t(`tabs.${page}`)}
        </Link>
      ))}
    </nav>
  )
}
