import type { ReactNode } from 'react'
import type { Severity } from '../../../../contract/alarms.ts'
import type { Home } from '../../../../contract/home-answers.ts'
import { useText } from '../i18n/text.ts'
import { SeverityShape } from '../queue/SeverityBadge.tsx'
import { Icon } from '../shell/Icon.tsx'
import { useTick } from '../shell/ticker.ts'
import { CONCERN_LOOKS, concernsOf } from './concerns.ts'

const SHAPES: Readonly<Record<'critical' | 'major' | 'minor', Severity>> = {
  critical: 'CRITICAL',
  major: 'MAJOR',
  minor: 'MINOR',
}
const MINUTE_MS = 60_000

/** What of a home wants somebody: a shape, a word and a figure each. */
export function Concerns({ home }: { readonly home: Home }): ReactNode {
  const { t } = useText()
  const minute = useTick((now) => Math.floor(now / MINUTE_MS) * MINUTE_MS)
  const concerns = concernsOf(home, minute)
  if (concerns.length === 0)
    return (
      <span className="concern concern-none">
        <Icon name="check" size={16} />
        {t('concern.none')}
      </span>
    )
  return (
    <ul className="concerns">
      {concerns.map(({ kind, count }) => {
        const look = CONCERN_LOOKS[kind]
        return (
          <li key={kind} className={`concern concern-${look}`}>
            {look === 'quiet' ? null : <SeverityShape severity={SHAPES[look]} size={16} />}
            {t(`concern.${kind}`, { n: count })}
          </li>
        )
      })}
    </ul>
  )
}
