import { type Map as MapLibre, Marker } from 'maplibre-gl'
import { type Alarm, severityRank } from '../../../../contract/alarms.ts'
import { GLYPH, SHAPES } from '../queue/severity-shape.ts'
import type { AlarmMark } from './overlay.ts'

/**
 * The most urgent alarms as HTML on the map. A new one is on the screen in the same frame as its row, and its ring pulses,
 * without the map being drawn anew: drawing it takes 100–300 ms where the graphics card is a program.
 */

/** More than this many positions are drawn by the map itself. */
export const MOST_MARKERS = 60
/** Rings at the same time. More would be one red field. */
const MOST_RINGS = 24
const SVG = 'http://www.w3.org/2000/svg'
/** A triangle's middle lies lower than its box's. */
const GLYPH_Y = { CRITICAL: 17.2, MAJOR: 18.4, MINOR: 17.2, WARNING: 17.2 } as const

interface Shown {
  readonly marker: Marker
  readonly look: string
}

function drawMark({ severity }: Alarm): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('viewBox', '-2 -2 28 28')
  const polygon = document.createElementNS(SVG, 'polygon')
  polygon.setAttribute('points', SHAPES[severity].map((point) => point.join(',')).join(' '))
  svg.append(polygon)
  if (GLYPH[severity] === '') {
    const dot = document.createElementNS(SVG, 'circle')
    for (const [name, value] of Object.entries({ cx: 12, cy: 12, r: 3, class: 'shape-glyph-dot' }))
      dot.setAttribute(name, String(value))
    svg.append(dot)
  } else {
    const glyph = document.createElementNS(SVG, 'text')
    glyph.setAttribute('x', '12')
    glyph.setAttribute('y', String(GLYPH_Y[severity]))
    glyph.setAttribute('text-anchor', 'middle')
    glyph.textContent = GLYPH[severity]
    svg.append(glyph)
  }
  return svg
}

export class AlarmMarkers {
  private readonly map: MapLibre
  private readonly onAlarm: (id: string) => void
  private readonly shown = new Map<string, Shown>()

  constructor(map: MapLibre, onAlarm: (id: string) => void) {
    this.map = map
    this.onAlarm = onAlarm
  }

  /** @param marks at most MOST_MARKERS, the most urgent last */
  show(marks: readonly AlarmMark[]): void {
    const keys = new Set<string>()
    const firstRing = marks.length - MOST_RINGS
    for (const [i, { alarm, waiting, lon, lat }] of marks.entries()) {
      const key = `${lon},${lat}`
      const rings = waiting && alarm.severity === 'CRITICAL' && i >= firstRing
      const look = `${alarm.id} ${alarm.severity} ${waiting} ${rings}`
      keys.add(key)
      const before = this.shown.get(key)
      if (before?.look === look) continue
      before?.marker.remove()
      const marker = new Marker({ element: this.element(alarm, waiting, rings) }).setLngLat([lon, lat]).addTo(this.map)
      this.shown.set(key, { marker, look })
    }
    for (const [key, { marker }] of this.shown)
      if (!keys.has(key)) {
        marker.remove()
        this.shown.delete(key)
      }
  }

  private element(alarm: Alarm, waiting: boolean, rings: boolean): HTMLElement {
    const element = document.createElement('div')
    element.className = `mark shape-${alarm.severity}${waiting ? '' : ' shape-hollow'}`
    element.style.zIndex = String(10 - severityRank(alarm.severity) + (waiting ? 10 : 0))
    // The queue says the same to those who do not see the map.
    element.ariaHidden = 'true'
    if (rings) {
      const ring = document.createElement('span')
      ring.className = 'ring'
      ring.append(document.createElement('i'), document.createElement('i'))
      element.append(ring)
    }
    element.append(drawMark(alarm))
    element.addEventListener('click', (event) => {
      event.stopPropagation()
      this.onAlarm(alarm.id)
    })
    return element
  }
}
