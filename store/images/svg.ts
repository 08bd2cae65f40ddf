import type { Image, ImageFault } from './image.ts'

/**
 * Programs, and entities (which can hide one, or grow without end). The answer that carries a drawing also forbids every
 * program in it: this is so that a person hears of it when the plan is drawn, not a rescuer when it does not show.
 */
const PROGRAM = /<(?:\w+:)?script[\s/>]|<!ENTITY|\son\w+\s*=|javascript:/i

/** CSS pixels per unit (CSS Values 4, 6.2). */
const PIXELS: Readonly<Record<string, number>> = {
  '': 1,
  px: 1,
  pt: 4 / 3,
  pc: 16,
  in: 96,
  cm: 96 / 2.54,
  mm: 96 / 25.4,
}

/** An SVG drawing is kept as it is: it says nothing of where it was made, and its texts are part of the plan. */
export function readSvg(bytes: Uint8Array): Image | ImageFault {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return 'unknown'
  }
  const root = startTag(text)
  if (root === undefined) return 'unknown'
  if (PROGRAM.test(text)) return 'program'
  const isWhole = root.endsWith('/') || text.lastIndexOf('</svg') > 0
  if (!isWhole || !text.trimEnd().endsWith('>')) return 'damaged'
  const size = sizeOf(root)
  if (size === undefined) return 'damaged'
  return { mediaType: 'image/svg+xml', ...size, bytes }
}

/** The attributes of the root element, where it is `svg`. Step by step: a pattern could be made to take for ever. */
function startTag(text: string): string | undefined {
  let rest = text.slice(text.search(/[^\s\ufeff]/))
  for (;;) {
    const end = rest.startsWith('<!--') ? '-->' : /^<[?!]/.test(rest) ? '>' : undefined
    if (end === undefined) return /^<svg(?=[\s/>])([^>]*)>/.exec(rest)?.[1]
    const at = rest.indexOf(end)
    if (at < 0) return undefined
    rest = rest.slice(at + end.length).trimStart()
  }
}

/** By `width` and `height`, else by the `viewBox`: without either a plan has no shape to put pins on. */
function sizeOf(root: string): { readonly width: number; readonly height: number } | undefined {
  const attribute = (name: string): string => new RegExp(`\\s${name}\\s*=\\s*["']([^"']*)["']`).exec(root)?.[1] ?? ''
  const length = (text: string): number => {
    const [, number = '', unit = ''] = /^\s*(\d*\.?\d+)\s*([a-z]*)\s*$/.exec(text) ?? []
    return number === '' ? Number.NaN : Number(number) * (PIXELS[unit] ?? Number.NaN)
  }
  const [, , boxWidth, boxHeight] = attribute('viewBox')
    .trim()
    .split(/[\s,]+/)
    .map(Number)
  const given = { width: length(attribute('width')), height: length(attribute('height')) }
  const { width, height } = Number.isFinite(given.width + given.height)
    ? given
    : { width: boxWidth ?? Number.NaN, height: boxHeight ?? Number.NaN }
  if (!(width > 0 && height > 0)) return undefined
  return { width: Math.max(1, Math.round(width)), height: Math.max(1, Math.round(height)) }
}
