import { type ReactNode, useMemo } from 'react'
import uPlot from 'uplot'
import type { ZoneDetail } from '../../../../contract/water-api.ts'
import { formatDay, formatMinute } from '../format/time.ts'
import { useText } from '../i18n/text.ts'
import { type Plot, resting } from './plot.ts'
import { flowFigure, shareFigure } from './water-words.ts'
import { ZoneChart } from './ZoneChart.tsx'

const HOUR_S = 3600
const HOUR_MS = 3_600_000
/** Litres of an hour as m³/h. */
const LITRES_PER_M3 = 1000

/** Below it the veil could not be seen. */
const TOLD_OF_MISSING = 0.05
const DENSEST = 0.45

const flowOf = (litres: number | null): number | null => (litres === null ? null : litres / LITRES_PER_M3)
/** What is not measured is a dash, and not 0. */
const figureOf = (litres: number | null): string => (litres === null ? '–' : flowFigure(litres / LITRES_PER_M3))

/**
 * What came in and what was used, hour by hour: between the two lines lies what was lost. `onlyInflow`: what was used is not
 * measured, and there is one line.
 */
export function FlowChart({ hours, onlyInflow }: Pick<ZoneDetail, 'hours' | 'onlyInflow'>): ReactNode {
  const { t } = useText()
  const plot = useMemo<Plot | null>(() => {
    const first = hours[0]
    const last = hours.at(-1)
    if (first === undefined || last === undefined) return null
    return {
      from: first.hour * HOUR_S,
      to: (last.hour + 1) * HOUR_S,
      data: [
        hours.map(({ hour }) => hour * HOUR_S),
        // An hour without any word of the bulk meter is not an hour without water.
        hours.map(({ inflowL, bulkReported }) => (bulkReported > 0 ? flowOf(inflowL) : null)),
        ...(onlyInflow ? [] : [hours.map(({ householdL, reported }) => (reported > 0 ? flowOf(householdL) : null))]),
      ],
      series: (colour) => {
        const paths = uPlot.paths.stepped?.({ align: 1 })
        const line = { points: { show: false }, ...(paths ? { paths } : {}) }
        const inflow = { stroke: colour('--accent'), width: 2, ...line }
        return onlyInflow
          ? [inflow]
          : [inflow, { stroke: colour('--good'), width: 2, fill: colour('--used-tint'), ...line }]
      },
      // The hour that runs has not been told to its end.
      rest: Math.max(
        0,
        hours.findLastIndex(({ hour }) => (hour + 1) * HOUR_MS <= Date.now()),
      ),
      paint: (u, colour) => paintMissing(u, hours, colour('--text-2')),
      bands: (colour) => (onlyInflow ? [] : [{ series: [1, 2], fill: colour('--loss-tint') }]),
      say: (index) => {
        const one = hours[index]
        if (one === undefined) return ''
        const hour = one.hour * HOUR_MS
        const at = `${formatDay(hour)} ${formatMinute(hour)}`
        const inflow = figureOf(one.inflowL)
        if (onlyInflow) return t('flow.readInflow', { at, inflow, reported: shareFigure(one.bulkReported) })
        return t('flow.read', {
          at,
          inflow,
          households: figureOf(one.householdL),
          loss: figureOf(one.lossL),
          reported: shareFigure(one.reported),
        })
      },
    }
  }, [hours, onlyInflow, t])
  return (
    <ZoneChart
      title={t(onlyInflow ? 'flow.titleInflow' : 'flow.title')}
      summary={plot === null ? t('flow.none') : plot.say(resting(plot))}
      plot={plot}
      empty={t('flow.none')}
      legend={
        <>
          <span>
            <i className="key-line" />
            {t('flow.inflow')} m³/h
          </span>
          {onlyInflow ? null : (
            <>
              <span>
                <i className="key-line key-used" />
                {t('flow.households')}
              </span>
              <span>
                <i className="key-open" />
                {t('flow.loss')}
              </span>
            </>
          )}
          <span>
            <i className="key-missing" />
            {t('flow.missing')}
          </span>
        </>
      }
    />
  )
}

/** Hours that not everybody has reported of are veiled, the more the less is known. */
function paintMissing(u: uPlot, hours: ZoneDetail['hours'], ink: string): void {
  const { ctx, bbox } = u
  ctx.save()
  ctx.fillStyle = ink
  for (const { hour, reported, bulkReported } of hours) {
    const missing = 1 - Math.min(reported, bulkReported)
    if (missing < TOLD_OF_MISSING) continue
    const from = u.valToPos(hour * HOUR_S, 'x', true)
    const to = u.valToPos((hour + 1) * HOUR_S, 'x', true)
    ctx.globalAlpha = DENSEST * missing
    ctx.fillRect(from, bbox.top, to - from, bbox.height)
  }
  ctx.restore()
}
