import type { ReactNode } from 'react'
import type { Home } from '../../../../contract/home-answers.ts'
import { useText } from '../i18n/text.ts'
import { Age } from '../shell/Age.tsx'
import { useTick } from '../shell/ticker.ts'
import { isDrillDue } from './concerns.ts'

/** When the home last drilled; marked where it owes a drill. */
export function LastDrill({ home }: { readonly home: Pick<Home, 'kind' | 'lastDrillAt'> }): ReactNode {
  const { t } = useText()
  const isDue = useTick((now) => isDrillDue(home, now))
  const { lastDrillAt } = home
  if (lastDrillAt === null && !isDue) return <span className="quiet">–</span>
  return (
    <span className={isDue ? 'drill-due' : undefined} title={isDue ? t('record.drillDue') : undefined}>
      {lastDrillAt === null ? t('drill.never') : <Age at={lastDrillAt} />}
    </span>
  )
}
