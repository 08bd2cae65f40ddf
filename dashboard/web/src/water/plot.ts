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
  /** Values at the axis; absent: with as many decimals as tell two lines of the grid apart. */
  figure?(value: number): string
}

function figureFor([first = 0, second = 1]: number[]): (value: number) => string {
  const step = Math.abs(second - first)
  return (value) => formatNumber(value, step < 0.1 ? 2 : step < 1 ? 1 : 0)
}

/** @returns the chart; call `destroy()` on it. `readout` gets the words, those of the last point while nothing is pointed at. */
export function drawPlot(host: HTMLElement, readout: HTMLElement, plot: Plot): uPlot {
  const colour = (name: string): string => colourOf(host, name)
  const axis = {
    stroke: colour('--text-2'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1 },
    font: '12px system-ui',
  }
  const last = plot.data[0].length - 1
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
            return [low < 0 ? low - (max - low) * ROOM : 0, max + (max - low || 1) * ROOM_ABOVE]
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
