import 'uplot/dist/uPlot.min.css'
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { HistoryBucket } from '../../../../contract/api.ts'
import { QUANTITIES, type Quantity } from '../../../../contract/quantities.ts'
import { get, queryOf } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { formatSpan } from '../format/age.ts'
import { consumptionOf, formatNumber, quantityName } from '../format/amount.ts'
import { useText } from '../i18n/text.ts'
import { serverNow } from '../store/console.ts'
import { useView } from '../store/view.ts'
import { type Drawing, draw, LEAST_PX, LEGEND_PX } from './draw.ts'

interface HistoryAnswer {
  readonly quantity: Quantity
  readonly stepMs: number
  readonly buckets: readonly HistoryBucket[]
}

/** What is said instead of a curve. */
const FAILURES: Readonly<Record<string, 'chart.away' | 'chart.useHidden'>> = {
  'history.away': 'chart.away',
  'use.hidden': 'chart.useHidden',
}

/** About one bucket per three pixels of a wide chart. */
const LINE_POINTS = 300
/** Bars that can still be told apart. */
const BAR_POINTS: Readonly<Record<string, number>> = { '1h': 12, '24h': 24, '7d': 7 * 4, '30d': 30, '1y': 52 }
/** How often an open chart asks again while readings come in. */
const REFRESH_MS = 10_000
const LITRES_PER_M3 = 1000

export const RANGES = {
  '1h': 3_600_000,
  '24h': 86_400_000,
  '7d': 7 * 86_400_000,
  '30d': 30 * 86_400_000,
  '1y': 365 * 86_400_000,
} as const
export type Range = keyof typeof RANGES

/** Decimals that tell neighbouring values apart without drowning them in digits. */
const figureFor =
  (largest: number) =>
  (value: number): string =>
    formatNumber(value, largest >= 100 ? 0 : largest >= 10 ? 1 : largest >= 1 ? 2 : 3, 0)

export function HistoryChart(props: {
  readonly deviceId: string
  readonly quantity: Quantity
  readonly range: Range
  /** In the quantity's own unit. */
  readonly limit?: number | null
}): ReactNode {
  const { deviceId, quantity, range, limit = null } = props
  const { t, language } = useText()
  const theme = useView((v) => v.theme)
  const facts = QUANTITIES[quantity]
  const bars = facts.type === 'number' && 'register' in facts
  const host = useRef<HTMLDivElement>(null)
  const [round, setRound] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) setRound((n) => n + 1)
    }, REFRESH_MS)
    return () => clearInterval(timer)
  }, [])
  const span = RANGES[range]
  const ask = async (signal: AbortSignal): Promise<HistoryAnswer & { from: number; to: number }> => {
    const to = serverNow()
    const points = bars ? BAR_POINTS[range] : LINE_POINTS
    const query = queryOf({ quantity, from: Math.floor(to - span), to: Math.ceil(to), points })
    const answer = await get<HistoryAnswer>(`/api/devices/${encodeURIComponent(deviceId)}/history${query}`, signal)
    return { ...answer, from: to - span, to }
  }
  const what = `${deviceId}/${quantity}/${range}`
  const answer = useAnswer(`${what}/${round}`, ask)
  // The picture stays while a newer one of the same thing is on its way.
  const [shown, setShown] = useState<{ what: string; data: HistoryAnswer & { from: number; to: number } } | null>(null)
  useEffect(() => {
    if (answer.data) setShown({ what, data: answer.data })
  }, [answer.data, what])
  const data = shown?.what === what ? shown.data : undefined
  const has = data !== undefined && data.buckets.length > 0
  const largest = data ? Math.max(0, ...data.buckets.map((b) => Math.abs(bars ? (b.consumption ?? 0) : b.max))) : 0
  const litres = (bars || quantity === 'flow') && largest < 1
  const scale = litres ? LITRES_PER_M3 : 1
  const ownUnit = facts.type === 'number' ? facts.unit : ''
  const unit = bars ? (litres ? 'l' : 'm³') : litres ? 'l/h' : ownUnit
  const sum = bars && data ? data.buckets.reduce((total, b) => total + (b.consumption ?? 0), 0) : 0

  // biome-ignore lint/correctness/useExhaustiveDependencies: `theme` changes the colours that are read while drawing
  useLayoutEffect(() => {
    const element = host.current
    if (!element || !data || data.buckets.length === 0) return
    const drawing: Drawing = {
      kind: bars ? 'bars' : 'line',
      buckets: data.buckets,
      from: data.from,
      to: data.to,
      stepMs: data.stepMs,
      scale,
      unit,
      limit: bars ? null : limit,
      figure: figureFor(Math.max(largest, limit ?? 0) * scale),
      words: {
        time: t('device.time'),
        value: bars ? t('chart.consumption') : t('chart.mean'),
        min: t('chart.min'),
        max: t('chart.max'),
      },
    }
    const plot = draw(element, drawing)
    const observer = new ResizeObserver(() => {
      plot.setSize({
        width: element.clientWidth,
        height: Math.max(LEAST_PX, element.clientHeight - LEGEND_PX),
      })
    })
    observer.observe(element)
    return () => {
      observer.disconnect()
      plot.destroy()
    }
  }, [data, bars, scale, unit, largest, limit, t, theme])

  return (
    <figure className="chart" aria-label={t('chart.label', { quantity: quantityName(quantity, language) })}>
      <figcaption className="chart-caption">
        <span className="chart-name">{bars ? t('chart.consumption') : quantityName(quantity, language)}</span>
        <span className="quiet">
          {unit}
          {bars && data ? ` · ${t('chart.perBucket', { span: formatSpan(data.stepMs, t) })}` : ''}
        </span>
        {bars && has ? (
          <strong className="chart-sum">
            {t('chart.sum', { amount: Object.values(consumptionOf(sum)).join(' ') })}
          </strong>
        ) : null}
        {!bars && has ? (
          <span className="chart-key">
            <i className="key-line" /> {t('chart.mean')} <i className="key-band" /> {t('chart.band')}
          </span>
        ) : null}
      </figcaption>
      <div className="chart-host" ref={host}>
        {has ? null : (
          <p className="chart-empty quiet">
            {answer.failure
              ? t(FAILURES[answer.failure.code] ?? 'chart.failed')
              : t(data ? 'chart.empty' : 'chart.loading')}
          </p>
        )}
      </div>
    </figure>
  )
}
