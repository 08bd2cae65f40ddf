import type { ReactNode } from 'react'
import { may, type Right } from '../../../../contract/roles.ts'
import { useText } from '../i18n/text.ts'
import { Link } from '../shell/Link.tsx'
import { useConsole } from '../store/console.ts'

const TABS = ['homes', 'hazards', 'duty', 'alone'] as const
/** Shown only to those who may. */
const RIGHT_OF: Partial<Record<(typeof TABS)[number], Right>> = { alone: 'alone.edit' }

/** The four lists that a supervisor goes through. */
export function HomesTabs({ current }: { readonly current: (typeof TABS)[number] }): ReactNode {
  const { t } = useText()
  const role = useConsole(({ session }) => session?.role)
  const tabs = TABS.filter((page) => {
    const right = RIGHT_OF[page]
    return right === undefined || (role !== undefined && may(role, right))
  })
  return (
    <nav className="tabs" aria-label={t('nav.homes')}>
      {tabs.map((page) => (
        <Link key={page} to={{ page }} current={page === current}>
          {t(`tabs.${page}`)}
        </Link>
      ))}
    </nav>
  )
}
