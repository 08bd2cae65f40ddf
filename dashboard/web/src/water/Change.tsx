import type { ReactNode } from 'react'
import { useText } from '../i18n/text.ts'
import { flowFigure } from './water-words.ts'

/** Smaller changes of the mean of seven nights are the nights' own noise, m³/h. */
export const STEADY_M3H = 0.05

/** How a week of nights differs from the one before: by arrow and word. */
export function Change({ trendM3h }: { readonly trendM3h: number | null }): ReactNode {
  const { t } = useText()
  if (trendM3h === null) return null
  if (Math.abs(trendM3h) < STEADY_M3H) return <span className="change quiet">→ {t('zones.steady')}</span>
  const flow = flowFigure(Math.abs(trendM3h))
  return trendM3h > 0 ? (
    <span className="change is-worse">↑ {t('zones.rising', { flow })}</span>
  ) : (
    <span className="change is-better">↓ {t('zones.falling', { flow })}</span>
  )
}
