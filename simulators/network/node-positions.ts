/** Where the nodes of an EPANET file lie on the map of the city. */
type Position = readonly [lon: number, lat: number]

const METRES_PER_DEGREE = 111_320
/** The longer side of a network on the map: files come in metres, in feet or in nothing that is told. */
const LEAST_M = 2000
const MOST_M = 7000

/** @param middle where the middle of the network comes to lie; the shape stays as it is in the file */
export function nodePositions(inp: string, middle: Position): ReadonlyMap<string, Position> {
  const points = coordinatesOf(inp)
  const [lowX, highX] = rangeOf(points.map(([, x]) => x))
  const [lowY, highY] = rangeOf(points.map(([, , y]) => y))
  const longer = Math.max(highX - lowX, highY - lowY, 1)
  const scale = Math.min(Math.max(longer, LEAST_M), MOST_M) / longer
  const metresPerLon = METRES_PER_DEGREE * Math.cos((middle[1] * Math.PI) / 180)
  return new Map(
    points.map(([id, x, y]) => [
      id,
      [
        Number((middle[0] + ((x - (lowX + highX) / 2) * scale) / metresPerLon).toFixed(6)),
        Number((middle[1] + ((y - (lowY + highY) / 2) * scale) / METRES_PER_DEGREE).toFixed(6)),
      ],
    ]),
  )
}

const rangeOf = (values: readonly number[]): readonly [number, number] => [
  values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
  values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
]

function coordinatesOf(inp: string): (readonly [id: string, x: number, y: number])[] {
  const section = /^\[COORDINATES\][^\n]*\n([^[]*)/im.exec(inp)?.[1] ?? ''
  return section.split('\n').flatMap((line): [string, number, number][] => {
    const [id = '', x, y] = line.replace(/;.*$/, '').trim().split(/\s+/)
    return y === undefined || Number.isNaN(Number(x) + Number(y)) ? [] : [[id, Number(x), Number(y)]]
  })
}
