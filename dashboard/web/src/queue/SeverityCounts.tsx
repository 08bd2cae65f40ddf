import type { ReactNode } from 'react'
import { SEVERITIES } from '../../../../contract/alarms.ts'
import { formatCount } from '../format/amount.ts'
import { useText } from '../i18n/text.ts'
import { useConsole } from '../store/console.ts'
import { countBySeverity } from '../store/queue.ts'
import { SeverityShape } from './SeverityBadge.tsx'

/** The figures to read across the room. */
export function SeverityCounts(): ReactNode {
  const { t } = useText()
  const alarms = useConsole((state) => state.alarms)
  const incidents = useConsole((state) => state.incidents)
  const counts = countBySeverity({ alarms, incidents })
  return (
    <ul className="counts" aria-label={t('queue.counts')}>
      {SEVERITIES.map((severity) => {
        const { open, unacknowledged } = counts[severity]
        return (
          <li key={severity} className={`count count-${severity}${open === 0 ? ' is-none' : ''}`}>
            <span className="count-figure">
              <SeverityShape severity={severity} hollow={unacknowledged === 0} size={22} />
              {formatCount(open)}
            </span>
            <span className="count-word">{t(`severity.${severity}`)}</span>
            <span className="count-unack">
              {unacknowledged > 0 ? t('queue.unack', { n: unacknowledged }) : '\u00a0'}
            </span>
          </li>
        )
      })}
    </ul>
  )
}
