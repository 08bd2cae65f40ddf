import type { ReactNode } from 'react'
import type { Severity } from '../../../../contract/alarms.ts'
import { useText } from '../i18n/text.ts'
import { GLYPH, SHAPES } from './severity-shape.ts'

/** Hollow once somebody has acknowledged it. */
export function SeverityShape(props: {
  readonly severity: Severity
  readonly hollow?: boolean
  readonly size?: number
}): ReactNode {
  const { severity, hollow = false, size = 20 } = props
  return (
    <svg
      className={`shape shape-${severity}${hollow ? ' shape-hollow' : ''}`}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      aria-hidden="true"
    >
      <polygon points={SHAPES[severity].map((p) => p.join(',')).join(' ')} strokeLinejoin="round" />
      {GLYPH[severity] === '' ? (
        <circle className="shape-glyph-dot" cx="12" cy="12" r="3" />
      ) : (
        <text x="12" y={severity === 'MAJOR' ? 18.4 : 17.2} textAnchor="middle" fontSize="15" fontWeight="800">
          {GLYPH[severity]}
        </text>
      )}
    </svg>
  )
}

/** Shape, word and colour together. */
export function SeverityBadge(props: { readonly severity: Severity; readonly hollow?: boolean }): ReactNode {
  const { t } = useText()
  const { severity, hollow = false } = props
  return (
    <span className={`badge badge-${severity}${hollow ? ' badge-hollow' : ''}`}>
      <SeverityShape severity={severity} hollow={hollow} />
      <span>{t(`severity.${severity}`)}</span>
    </span>
  )
}
