import type { Severity } from '../../../../contract/alarms.ts'

/**
 * Severity has a shape besides its word and colour: one dispatcher in twelve men sees red and green alike. The outlines
 * are shared by the queue (SVG) and the map (canvas). On a 24 × 24 grid.
 */
export const SHAPES: Record<Severity, readonly (readonly [number, number])[]> = {
  // octagon, as a stop sign
  CRITICAL: [
    [8, 2],
    [16, 2],
    [22, 8],
    [22, 16],
    [16, 22],
    [8, 22],
    [2, 16],
    [2, 8],
  ],
  // triangle, as a warning sign
  MAJOR: [
    [12, 2.5],
    [22.5, 21],
    [1.5, 21],
  ],
  // diamond
  MINOR: [
    [12, 1.5],
    [22.5, 12],
    [12, 22.5],
    [1.5, 12],
  ],
  // square with its corners cut by the stroke: reads as "note"
  WARNING: [
    [4, 4],
    [20, 4],
    [20, 20],
    [4, 20],
  ],
}

/** Fill and the colour of what stands on it, the same in both themes: contrast ≥ 4.5. */
export const SEVERITY_COLOURS: Record<Severity, { readonly fill: string; readonly ink: string }> = {
  CRITICAL: { fill: '#d3222c', ink: '#ffffff' },
  MAJOR: { fill: '#f28c1d', ink: '#1d1000' },
  MINOR: { fill: '#ecc931', ink: '#1c1800' },
  WARNING: { fill: '#62b1ee', ink: '#04131f' },
}

export const GLYPH: Record<Severity, string> = { CRITICAL: '!', MAJOR: '!', MINOR: '', WARNING: 'i' }
