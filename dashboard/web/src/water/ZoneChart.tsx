import 'uplot/dist/uPlot.min.css'
import { type ReactNode, useLayoutEffect, useRef } from 'react'
import { LEAST_PX } from '../chart/draw.ts'
import { useView } from '../store/view.ts'
import { drawPlot, type Plot } from './plot.ts'

/** A chart with its title, its key, and a line that says in words what is pointed at. `plot` null: `empty` instead. */
export function ZoneChart(props: {
  readonly title: string
  /** Said to who does not see it. */
  readonly summary: string
  readonly plot: Plot | null
  readonly empty: string
  /** What the colours mean. */
  readonly legend: ReactNode
  readonly children?: ReactNode
}): ReactNode {
  const { title, summary, plot, empty, legend } = props
  const theme = useView((v) => v.theme)
  const host = useRef<HTMLDivElement>(null)
  const readout = useRef<HTMLParagraphElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `theme` changes the colours that are read while drawing
  useLayoutEffect(() => {
    const element = host.current
    if (element === null || readout.current === null || plot === null) return
    const drawn = drawPlot(element, readout.current, plot)
    const observer = new ResizeObserver(() =>
      drawn.setSize({ width: element.clientWidth, height: Math.max(LEAST_PX, element.clientHeight) }),
    )
    observer.observe(element)
    return () => {
      observer.disconnect()
      drawn.destroy()
    }
  }, [plot, theme])
  return (
    <section className="panel zone-chart" aria-label={title}>
      <div className="heading">
        <h2>{title}</h2>
        <span className="zone-chart-key quiet">{legend}</span>
      </div>
      <p className="visually-hidden">{summary}</p>
      <div className="zone-chart-host" ref={host} aria-hidden="true">
        {plot === null ? <p className="chart-empty quiet">{empty}</p> : null}
      </div>
      <p className="zone-chart-readout" ref={readout} aria-hidden="true" />
      {props.children}
    </section>
  )
}
