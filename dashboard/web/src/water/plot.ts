import uPlot from 'uplot'
import { CITY_TIME_ZONE } from '../../../../contract/city-time.ts'
import { colourOf, LEAST_PX, timeLabel } from '../chart/draw.ts'
import { formatNumber } from '../format/amount.ts'

/** A chart of a zone with uPlot, imperatively. Under it one line says in words what the mouse points at. */

const SECOND_MS = 1000
const AXIS_PX = 46
/** Beside the digits: tick, gap, margin. */
const AXIS_MARGIN_PX = 16
const DIGIT_PX = 7.5
const TIME_AXIS_PX = 30
const ROOM = 0.08
/** Above the lines there is room for the words of a mark. */
const ROOM_ABOVE = 0.18

export interface Plot {
  /** Seconds since 1970. */
  readonly from: number
  readonly to: number
  readonly data: uPlot.AlignedData
  series(colour: (name: string) => string): uPlot.Series[]
  bands?(colour: (name: string) => string): uPlot.Band[]
  /** Drawn under the lines. */
  paint?(u: uPlot, colour: (name: string) => string): void
  /** What stands at a point of the data. */
  say(index: number): string
  /** The point that is said while nothing is pointed at; absent: the last. */
  readonly rest?: number
  /** The axis reaches at least so high: what scatters below it is not made large. */
  readonly least?: number
  /** Values at the axis; absent: with as many decimals as the lines of the grid have. */
  figure?(value: number): string
}

const MOST_DECIMALS = 3
/** A step of the grid is a rounded number but for the last bits of a float. */
const WHOLE = 1e-6

function figureFor([first = 0, second = 1]: number[]): (value: number) => string {
  const step = Math.abs(second - first)
  let decimals = 0
  while (decimals < MOST_DECIMALS && Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) > WHOLE)
    decimals += 1
  return (value) => formatNumber(value, decimals)
}

/** What is said of a chart that nobody points at. */
export const resting = ({ data, rest }: Plot): number => rest ?? data[0].length - 1

/** @returns the chart; call `destroy()` on it. `readout` gets the words, while nothing is pointed at those of the point that rests. */
export function drawPlot(host: HTMLElement, readout: HTMLElement, plot: Plot): uPlot {
  const colour = (name: string): string => colourOf(host, name)
  const axis = {
    stroke: colour('--text-2'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1 },
    font: '12px system-ui',
  }
  const last = resting(plot)
  const say = (index: number | null | undefined): void => {
    readout.textContent = plot.say(index ?? last)
  }
  say(last)
  return new uPlot(
    {
      width: host.clientWidth,
      height: Math.max(LEAST_PX, host.clientHeight),
      tzDate: (s) => uPlot.tzDate(new Date(s * SECOND_MS), CITY_TIME_ZONE),
      cursor: { drag: { x: false, y: false }, points: { size: 7 }, y: false },
      legend: { show: false },
      scales: {
        x: { time: true, range: [plot.from, plot.to] },
        y: {
          range: (_u, min, max) => {
            const low = Math.min(0, min)
            const high = Math.max(max, plot.least ?? max)
            return [low < 0 ? low - (high - low) * ROOM : 0, high + (high - low || 1) * ROOM_ABOVE]
          },
        },
      },
      axes: [
        { ...axis, size: TIME_AXIS_PX, values: timeLabel(plot.to - plot.from) },
        {
          ...axis,
          size: (_u, figures) =>
            Math.max(AXIS_PX, AXIS_MARGIN_PX + DIGIT_PX * Math.max(0, ...(figures ?? []).map(({ length }) => length))),
          values: (_u, splits) => splits.map(plot.figure ?? figureFor(splits)),
        },
      ],
      series: [{}, ...plot.series(colour)],
      ...(plot.bands ? { bands: plot.bands(colour) } : {}),
      hooks: {
        drawAxes: [(u) => plot.paint?.(u, colour)],
        setCursor: [(u) => say(u.cursor.idx)],
      },
    },
    plot.data,
    host,
  )
}
