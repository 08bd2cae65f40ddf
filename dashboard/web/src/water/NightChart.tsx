import { type ReactNode, useMemo, useState } from 'react'
import type uPlot from 'uplot'
import type { ZoneDetail } from '../../../../contract/water-api.ts'
import { judgedM3h, type ZoneNight } from '../../../../contract/zones.ts'
import { type Text, useText } from '../i18n/text.ts'
import type { Plot } from './plot.ts'
import { flowFigure, nightDate, nightDay, nightFigure, shareFigure, verdictOf, zoneSentence } from './water-words.ts'
import { ZoneChart } from './ZoneChart.tsx'

const DAY_S = 86_400
const SECOND_MS = 1000
const LABEL_PX = 12

function words(night: ZoneNight, t: Text): string {
  const { day, lossM3h, lowM3h, highM3h } = night
  const fill = { day: nightDay(day), verdict: t(`verdict.${verdictOf(night)}`) }
  const [loss, inflow] = [nightFigure(night), nightFigure(night)]
  if (lowM3h === null || highM3h === null)
    return lossM3h === null ? t('nights.readInflow', { ...fill, inflow }) : t('nights.read', { ...fill, loss })
  const band = { ...fill, low: flowFigure(lowM3h), high: flowFigure(highM3h) }
  return lossM3h === null ? t('nights.readInflowBand', { ...band, inflow }) : t('nights.readBand', { ...band, loss })
}

/**
 * Sixty nights of loss in the band that quiet nights stay in, with the losses that were open; of inflow, where only that is
 * measured.
 */
export function NightChart({ zone }: { readonly zone: ZoneDetail }): ReactNode {
  const { t } = useText()
  const { losses, onlyInflow } = zone
  const title = t(onlyInflow ? 'nights.titleInflow' : 'nights.title')
  // Nights of before it had household meters say another thing, and lie on another scale.
  const nights = useMemo(
    () => zone.nights.filter(({ lossM3h }) => (lossM3h === null) === onlyInflow),
    [zone.nights, onlyInflow],
  )
  const [table, setTable] = useState(false)
  const plot = useMemo<Plot | null>(() => {
    const beginAndEnd = onlyInflow
      ? { began: t('nights.beganInflow'), ended: t('nights.endedInflow') }
      : { began: t('nights.began'), ended: t('nights.ended') }
    const first = nights[0]
    const last = nights.at(-1)
    if (first === undefined || last === undefined) return null
    const of = (wanted: (night: ZoneNight) => boolean) => nights.map((n) => (wanted(n) ? judgedM3h(n) : null))
    const judged = ({ verdict }: ZoneNight): boolean => verdict === 'quiet' || verdict === 'loss'
    return {
      from: (first.day - 1) * DAY_S,
      to: (last.day + 1) * DAY_S,
      data: [
        nights.map(({ day }) => day * DAY_S),
        nights.map(({ highM3h }) => highM3h),
        nights.map(({ lowM3h }) => lowM3h),
        nights.map(({ expectedM3h }) => expectedM3h),
        of(judged),
        of(({ verdict }) => verdict === 'loss'),
        of(({ verdict }) => verdict === 'learning'),
        of(({ verdict }) => verdict === 'not-judged'),
      ],
      series: (colour) => {
        const none = { points: { show: false } }
        const marks = (stroke: string, fill: string, size: number): uPlot.Series => ({
          stroke: 'transparent',
          width: 0,
          points: { show: true, size, stroke, fill, width: 1.6 },
        })
        return [
          { stroke: 'transparent', width: 0, ...none },
          { stroke: 'transparent', width: 0, ...none },
          { stroke: colour('--text-2'), width: 1, dash: [5, 4], ...none },
          {
            stroke: colour('--accent'),
            width: 2,
            points: { show: true, size: 5, fill: colour('--accent'), stroke: colour('--accent') },
          },
          marks(colour('--loss'), colour('--loss'), 9),
          marks(colour('--text-2'), colour('--text-2'), 5),
          marks(colour('--text-2'), colour('--panel'), 7),
        ]
      },
      bands: (colour) => [{ series: [1, 2], fill: colour('--chart-band') }],
      paint: (u, colour) => paintLosses(u, losses, colour, beginAndEnd),
      say: (index) => {
        const night = nights[index]
        return night === undefined ? '' : words(night, t)
      },
    }
  }, [nights, losses, onlyInflow, t])
  return (
    <ZoneChart
      title={title}
      summary={zoneSentence(zone, t)}
      plot={plot}
      empty={t('nights.none')}
      legend={
        <>
          <span>
            <i className="key-line" />
            {t(onlyInflow ? 'nights.inflow' : 'nights.loss')} m³/h
          </span>
          <span>
            <i className="key-band" />
            {t('nights.band')}
          </span>
          <span>
            <i className="key-open" />
            {t(onlyInflow ? 'nights.openInflow' : 'nights.open')}
          </span>
          <span>
            <i className="key-dot" />
            {t('nights.learning')}
          </span>
          <span>
            <i className="key-hollow" />
            {t('nights.notJudged')}
          </span>
        </>
      }
    >
      <details className="chart-table" onToggle={(event) => setTable(event.currentTarget.open)}>
        <summary className="quiet">{t('nights.asTable')}</summary>
        {table ? <NightTable nights={nights} title={title} onlyInflow={onlyInflow} /> : null}
      </details>
    </ZoneChart>
  )
}

interface BeginAndEnd {
  readonly began: string
  readonly ended: string
}

/** The time in which a loss was open, with its begin and its end. */
function paintLosses(
  u: uPlot,
  losses: ZoneDetail['losses'],
  colour: (name: string) => string,
  words: BeginAndEnd,
): void {
  const { ctx, bbox } = u
  const ratio = devicePixelRatio
  const right = bbox.left + bbox.width
  const x = (at: number): number => Math.min(right, Math.max(bbox.left, u.valToPos(at / SECOND_MS, 'x', true)))
  ctx.save()
  ctx.font = `${LABEL_PX * ratio}px system-ui, sans-serif`
  ctx.textAlign = 'left'
  ctx.textBaseline = 'top'
  for (const { since, until } of losses) {
    const from = x(since)
    const to = until === null ? right : x(until)
    if (to <= bbox.left || from >= right) continue
    ctx.fillStyle = colour('--loss-tint')
    ctx.fillRect(from, bbox.top, Math.max(2 * ratio, to - from), bbox.height)
    mark(ctx, from, words.began, colour('--loss'))
    if (until !== null) mark(ctx, to, words.ended, colour('--good'))
  }
  ctx.restore()

  function mark(context: CanvasRenderingContext2D, at: number, word: string, ink: string): void {
    context.strokeStyle = ink
    context.fillStyle = ink
    context.lineWidth = 1.5 * ratio
    context.beginPath()
    context.moveTo(at, bbox.top)
    context.lineTo(at, bbox.top + bbox.height)
    context.stroke()
    const width = context.measureText(word).width
    const beyond = at + width + 6 * ratio > right
    context.fillText(word, beyond ? at - width - 4 * ratio : at + 4 * ratio, bbox.top + 2 * ratio)
  }
}

function NightTable(props: {
  readonly nights: readonly ZoneNight[]
  readonly title: string
  readonly onlyInflow: boolean
}): ReactNode {
  const { nights, title, onlyInflow } = props
  const { t } = useText()
  const shown = (value: number | null): string => (value === null ? '–' : flowFigure(value))
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by the keyboard
    <section className="table-scroll" aria-label={title} tabIndex={0}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t('nights.day')}</th>
            <th scope="col" className="number">
              {t(onlyInflow ? 'nights.inflow' : 'nights.loss')} m³/h
            </th>
            <th scope="col" className="number">
              {t('nights.expected')}
            </th>
            <th scope="col" className="number">
              {t('nights.band')}
            </th>
            {onlyInflow ? null : (
              <th scope="col" className="number">
                {t('nights.reported')}
              </th>
            )}
            <th scope="col" className="number">
              {t('nights.bulk')}
            </th>
            <th scope="col">{t('nights.verdict')}</th>
          </tr>
        </thead>
        <tbody>
          {nights.toReversed().map((night) => (
            <tr key={night.day}>
              <td>{nightDate(night.day)}</td>
              <td className="number">{nightFigure(night)}</td>
              <td className="number">{shown(night.expectedM3h)}</td>
              <td className="number">
                {shown(night.lowM3h)}–{shown(night.highM3h)}
              </td>
              {onlyInflow ? null : <td className="number">{shareFigure(night.reported)} %</td>}
              <td className="number">{shareFigure(night.bulkReported)} %</td>
              <td>{t(`verdict.${verdictOf(night)}`)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
