import { SEVERITIES, type Severity } from '../../../../contract/alarms.ts'
import { GLYPH, SEVERITY_COLOURS, SHAPES } from '../queue/severity-shape.ts'
import type { MapPalette } from './palette.ts'

/** The map's own symbols, drawn on a canvas: nothing is loaded. */

/** Pixels per side at scale 1; drawn at twice that for sharp screens. */
const ALARM_PX = 30
const MARK_PX = 13
const SHARPNESS = 2
const GRID = 24

export interface MapSymbol {
  readonly name: string
  readonly image: ImageData
  readonly pixelRatio: number
}

export const alarmSymbol = (severity: Severity, acknowledged: boolean): string =>
  `alarm-${severity}-${acknowledged ? 'hollow' : 'full'}`

function drawn(name: string, px: number, paint: (ctx: CanvasRenderingContext2D, size: number) => void): MapSymbol {
  const size = px * SHARPNESS
  const canvas = document.createElement('canvas')
  canvas.width = size
  canvas.height = size
  const ctx = canvas.getContext('2d', { willReadFrequently: true })
  if (!ctx) throw new Error('this browser has no canvas')
  paint(ctx, size)
  return { name, image: ctx.getImageData(0, 0, size, size), pixelRatio: SHARPNESS }
}

function alarm(severity: Severity, acknowledged: boolean, halo: string): MapSymbol {
  const { fill, ink } = SEVERITY_COLOURS[severity]
  return drawn(alarmSymbol(severity, acknowledged), ALARM_PX, (ctx, size) => {
    const unit = size / (GRID + 4)
    ctx.translate(2 * unit, 2 * unit)
    ctx.beginPath()
    for (const [x, y] of SHAPES[severity]) ctx.lineTo(x * unit, y * unit)
    ctx.closePath()
    ctx.lineJoin = 'round'
    ctx.strokeStyle = halo
    ctx.lineWidth = 4 * unit
    ctx.stroke()
    ctx.fillStyle = acknowledged ? halo : fill
    ctx.fill()
    ctx.strokeStyle = fill
    ctx.lineWidth = (acknowledged ? 3 : 1) * unit
    ctx.stroke()
    ctx.fillStyle = acknowledged ? fill : ink
    if (GLYPH[severity] === '') {
      ctx.beginPath()
      ctx.arc(12 * unit, 12 * unit, 3 * unit, 0, 2 * Math.PI)
      ctx.fill()
      return
    }
    ctx.font = `800 ${15 * unit}px system-ui, sans-serif`
    ctx.textAlign = 'center'
    ctx.textBaseline = 'alphabetic'
    ctx.fillText(GLYPH[severity], 12 * unit, (severity === 'MAJOR' ? 18.4 : 17.2) * unit)
  })
}

/** Silent: a ring struck through. Never heard: a dotted ring. Disabled: a dash. None of them is filled, as fine ones are. */
function marks(palette: MapPalette): readonly MapSymbol[] {
  const ring = (ctx: CanvasRenderingContext2D, size: number, colour: string): void => {
    ctx.strokeStyle = colour
    ctx.lineWidth = size * 0.12
    ctx.beginPath()
    ctx.arc(size / 2, size / 2, size * 0.36, 0, 2 * Math.PI)
  }
  return [
    drawn('mark-silent', MARK_PX, (ctx, size) => {
      ring(ctx, size, palette.silent)
      ctx.fillStyle = palette.halo
      ctx.fill()
      ctx.stroke()
      ctx.beginPath()
      ctx.moveTo(size * 0.26, size * 0.74)
      ctx.lineTo(size * 0.74, size * 0.26)
      ctx.stroke()
    }),
    drawn('mark-never', MARK_PX, (ctx, size) => {
      ring(ctx, size, palette.quiet)
      ctx.setLineDash([size * 0.14, size * 0.14])
      ctx.stroke()
    }),
    drawn('mark-disabled', MARK_PX, (ctx, size) => {
      ctx.strokeStyle = palette.quiet
      ctx.lineWidth = size * 0.14
      ctx.beginPath()
      ctx.moveTo(size * 0.2, size / 2)
      ctx.lineTo(size * 0.8, size / 2)
      ctx.stroke()
    }),
  ]
}

export const mapSymbols = (palette: MapPalette): readonly MapSymbol[] => [
  ...SEVERITIES.flatMap((severity) => [alarm(severity, false, palette.halo), alarm(severity, true, palette.halo)]),
  ...marks(palette),
]
