import uPlot from 'uplot'
import type { HistoryBucket } from '../../../../contract/api.ts'
import { CITY_TIME_ZONE } from '../../../../contract/city-time.ts'
import { formatClock, formatDate, formatDay, formatMinute, formatMonth } from '../format/time.ts'

/** Draws history with uPlot, imperatively: a mean line in its min–max band, or bars of consumption. */

export interface Drawing {
  readonly kind: 'line' | 'bars'
  readonly buckets: readonly HistoryBucket[]
  readonly from: number
  readonly to: number
  readonly stepMs: number
  /** Turns stored units into shown ones: 1000 for litres. */
  readonly scale: number
  readonly unit: string
  readonly words: { readonly time: string; readonly value: string; readonly min: string; readonly max: string }
  /** A limit drawn across, in stored units. */
  readonly limit: number | null
  readonly figure: (value: number) => string
}

const HOUR_S = 3600
const DAY_S = 24 * HOUR_S
const SECOND_MS = 1000
/** Beyond this many steps without a reading the line is broken: nothing was measured there. */
const GAP_STEPS = 3
const BAR_GAP = 0.75
const AXIS_PX = 62
/** The line of figures under the plot. */
export const LEGEND_PX = 28
export const LEAST_PX = 80

/** A colour of the theme as it is now. */
export const colourOf = (element: Element, name: string): string =>
  getComputedStyle(element).getPropertyValue(name).trim()

/** Labels of the time axis in the city's zone, as fine as the span asks for. */
export const timeLabel =
  (span: number) =>
  (_: uPlot, splits: number[]): string[] =>
    splits.map((s, i) => {
      const at = s * SECOND_MS
      if (span > 120 * DAY_S) return formatMonth(at)
      if (span > 3 * DAY_S) return formatDay(at)
      const minute = formatMinute(at)
      const before = splits[i - 1]
      const newDay = before !== undefined && formatDate(before * SECOND_MS) !== formatDate(at)
      return newDay && span > 12 * HOUR_S ? formatDay(at) : minute
    })

function columns(drawing: Drawing): uPlot.AlignedData {
  const { buckets, scale, stepMs } = drawing
  const at: number[] = []
  const mean: (number | null)[] = []
  const min: (number | null)[] = []
  const max: (number | null)[] = []
  let before: number | undefined
  for (const bucket of buckets) {
    if (drawing.kind === 'line' && before !== undefined && bucket.at - before > GAP_STEPS * typicalGap(drawing)) {
      at.push((before + stepMs) / SECOND_MS)
      mean.push(null)
      min.push(null)
      max.push(null)
    }
    before = bucket.at
    at.push((drawing.kind === 'bars' ? bucket.at + stepMs / 2 : bucket.at) / SECOND_MS)
    mean.push(drawing.kind === 'bars' ? (bucket.consumption ?? 0) * scale : bucket.mean * scale)
    min.push(bucket.min * scale)
    max.push(bucket.max * scale)
  }
  return drawing.kind === 'bars' ? [at, mean] : [at, mean, min, max]
}

/** A meter that reports once an hour has an hour between its readings although the buckets are finer. */
function typicalGap({ buckets, stepMs }: Drawing): number {
  const gaps = buckets
    .slice(1)
    .map((bucket, i) => bucket.at - (buckets[i]?.at ?? bucket.at))
    .sort((a, b) => a - b)
  return Math.max(stepMs, gaps[Math.floor(gaps.length / 2)] ?? stepMs)
}

/** @returns the chart; call `destroy()` on it. Sized to its host, which must have a size. */
export function draw(host: HTMLElement, drawing: Drawing): uPlot {
  const text = colourOf(host, '--text-2')
  const grid = colourOf(host, '--line')
  const accent = colourOf(host, '--accent')
  const band = colourOf(host, '--chart-band')
  const alarm = colourOf(host, '--chart-limit')
  const axis = {
    stroke: text,
    grid: { stroke: grid, width: 1 },
    ticks: { stroke: grid, width: 1 },
    font: '12px system-ui',
  }
  const span = (drawing.to - drawing.from) / SECOND_MS
  const bars = drawing.kind === 'bars'
  const figure = (_: uPlot, value: number | null): string =>
    value === null || value === undefined ? '–' : `${drawing.figure(value)} ${drawing.unit}`
  const options: uPlot.Options = {
    width: host.clientWidth,
    height: Math.max(LEAST_PX, host.clientHeight - LEGEND_PX),
    // Scales and labels are drawn in the city's zone.
    tzDate: (s) => uPlot.tzDate(new Date(s * SECOND_MS), CITY_TIME_ZONE),
    cursor: { drag: { x: false, y: false }, points: { size: 7 } },
    legend: { live: true },
    scales: {
      x: { time: true, range: [drawing.from / SECOND_MS, drawing.to / SECOND_MS] },
      y: {
        range: (_u, min, max) => {
          const limit = drawing.limit === null ? max : Math.max(max, drawing.limit * drawing.scale)
          const low = bars ? 0 : Math.min(min, limit)
          const room = (limit - low || Math.abs(limit) || 1) * 0.08
          return [bars ? 0 : low >= 0 && low - room < 0 ? 0 : low - room, limit + room]
        },
      },
    },
    axes: [
      { ...axis, values: timeLabel(span) },
      { ...axis, size: AXIS_PX, values: (_u, splits) => splits.map((value) => drawing.figure(value)) },
    ],
    series: [
      {
        value: (_u, s) => (s === null ? '–' : `${formatDate(s * SECOND_MS)} ${formatClock(s * SECOND_MS)}`),
        label: drawing.words.time,
      },
      bars
        ? {
            label: drawing.words.value,
            stroke: accent,
            fill: band,
            width: 1,
            value: figure,
            ...(uPlot.paths.bars ? { paths: uPlot.paths.bars({ size: [BAR_GAP, 40] }) } : {}),
            points: { show: false },
          }
        : {
            label: drawing.words.value,
            stroke: accent,
            width: 2,
            value: figure,
            points: { show: drawing.buckets.length < 40, size: 4 },
          },
      ...(bars
        ? []
        : [
            { label: drawing.words.min, stroke: 'transparent', width: 0, points: { show: false }, value: figure },
            { label: drawing.words.max, stroke: 'transparent', width: 0, points: { show: false }, value: figure },
          ]),
    ],
    ...(bars ? {} : { bands: [{ series: [3, 2] as [number, number], fill: band }] }),
    hooks: {
      draw: [
        (u) => {
          if (drawing.limit === null) return
          const y = u.valToPos(drawing.limit * drawing.scale, 'y', true)
          const { ctx } = u
          ctx.save()
          ctx.strokeStyle = alarm
          ctx.lineWidth = devicePixelRatio * 1.5
          ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio])
          ctx.beginPath()
          ctx.moveTo(u.bbox.left, y)
          ctx.lineTo(u.bbox.left + u.bbox.width, y)
          ctx.stroke()
          ctx.restore()
        },
      ],
    },
  }
  return new uPlot(options, columns(drawing), host)
}
