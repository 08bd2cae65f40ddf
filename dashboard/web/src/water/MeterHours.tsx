import { type ReactNode, useMemo } from 'react'
import uPlot from 'uplot'
import type { MeterDetail } from '../../../../contract/water-api.ts'
import { formatCount, formatNumber } from '../format/amount.ts'
import { formatDay, formatMinute } from '../format/time.ts'
import { useText } from '../i18n/text.ts'
import type { Plot } from './plot.ts'
import { ZoneChart } from './ZoneChart.tsx'

const HOUR_S = 3600
const HOUR_MS = 3_600_000
const HALF = 0.5
const BAR_SHARE = 0.85
const WIDEST_BAR_PX = 24

/** Litres of every hour of a fortnight; pale where only the sum over a gap is known. */
export function MeterHours({ hours }: { readonly hours: MeterDetail['hours'] }): ReactNode {
  const { t } = useText()
  const plot = useMemo<Plot | null>(() => {
    const first = hours[0]
    const last = hours.at(-1)
    if (first === undefined || last === undefined || hours.every(({ litres }) => litres === null)) return null
    const paths = uPlot.paths.bars?.({ size: [BAR_SHARE, WIDEST_BAR_PX] })
    const bars = (stroke: string, fill: string): uPlot.Series => ({
      stroke,
      fill,
      width: 1,
      points: { show: false },
      ...(paths ? { paths } : {}),
    })
    return {
      from: first.hour * HOUR_S,
      to: (last.hour + 1) * HOUR_S,
      data: [
        hours.map(({ hour }) => (hour + HALF) * HOUR_S),
        hours.map(({ litres, measured }) => (measured ? litres : null)),
        hours.map(({ litres, measured }) => (measured ? null : litres)),
      ],
      series: (colour) => [
        bars(colour('--accent'), colour('--accent')),
        bars(colour('--line-2'), colour('--chart-band')),
      ],
      say: (index) => {
        const one = hours[index]
        if (one === undefined) return ''
        const at = one.hour * HOUR_MS
        const amount = one.litres === null ? '–' : `${formatCount(one.litres)} l`
        return `${formatDay(at)} ${formatMinute(at)} · ${amount}${one.measured || one.litres === null ? '' : ` · ${t('meter.onlySum')}`}`
      },
      rest: hours.findLastIndex(({ litres }) => litres !== null),
      figure: (value) => formatNumber(value, 0),
    }
  }, [hours, t])
  return (
    <ZoneChart
      title={t('meter.hours')}
      summary={t('meter.hoursLabel')}
      plot={plot}
      empty={t('meter.noHours')}
      legend={
        <>
          <span>
            <i className="key-line" />l {t('meter.perHour')}
          </span>
          <span>
            <i className="key-band" />
            {t('meter.onlySum')}
          </span>
        </>
      }
    />
  )
}
