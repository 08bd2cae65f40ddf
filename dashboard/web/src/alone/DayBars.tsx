import type { ReactNode } from 'react'
import type { DayUse } from '../../../../contract/alone.ts'
import { useText } from '../i18n/text.ts'
import { dayWords } from './alone-words.ts'

const BAR = 7
const GAP = 2
const HEIGHT = 28
/** A day without a drop is seen too. */
const LEAST = 1

/** Litres of the last fourteen days as bars; an absence is hatched, a day that is not known has none. */
export function DayBars(props: { readonly days: readonly DayUse[]; readonly limit: number }): ReactNode {
  const { t } = useText()
  const { days, limit } = props
  const most = Math.max(limit * 2, ...days.map(({ litres }) => litres ?? 0))
  const list = days.map((day) => dayWords(day, t)).join(', ')
  return (
    <svg
      className="day-bars"
      width={days.length * (BAR + GAP)}
      height={HEIGHT}
      viewBox={`0 0 ${days.length * (BAR + GAP)} ${HEIGHT}`}
      role="img"
      aria-label={t('alone.barsWords', { list })}
    >
      {days.map((day, i) => {
        const { litres, away } = day
        const x = i * (BAR + GAP)
        const height = litres === null ? 0 : Math.max(LEAST, (litres / most) * HEIGHT)
        const look = litres === null ? 'is-unknown' : away ? 'is-away' : litres < limit ? 'is-low' : 'is-known'
        return (
          <rect
            key={day.day}
            className={look}
            x={x}
            width={BAR}
            y={litres === null ? 0 : HEIGHT - height}
            height={litres === null ? HEIGHT : height}
          >
            <title>{dayWords(day, t)}</title>
          </rect>
        )
      })}
    </svg>
  )
}
