import uPlot from 'uplot'
import { CITY_TIME_ZONE } from '../../../../contract/city-time.ts'
import { colourOf, LEAST_PX, timeLabel } from '../chart/draw.ts'

/** A chart of a zone with uPlot, imperatively. Under it one line says in words what the mouse points at. */

const SECOND_MS = 1000
const AXIS_PX = 46
const TIME_AXIS_PX = 30
const ROOM = 0.08

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
  figure(value: number): string
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
            return [low < 0 ? low - (max - low) * ROOM : 0, max + (max - low || 1) * ROOM]
          },
        },
      },
      axes: [
        { ...axis, size: TIME_AXIS_PX, values: timeLabel(plot.to - plot.from) },
        { ...axis, size: AXIS_PX, values: (_u, splits) => splits.map((value) => plot.figure(value)) },
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
