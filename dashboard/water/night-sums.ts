/** Judged nights of each of the two weeks that a change is told from. */
const LEAST_NIGHTS = 3

/** Mean loss of the newer half − of the older half, m³/h; null where too few nights of either were judged. */
export function changeWithin(trend: readonly (number | null)[]): number | null {
  const half = trend.length / 2
  const before = meanOf(trend.slice(0, half))
  const after = meanOf(trend.slice(half))
  return before === undefined || after === undefined ? null : after - before
}

function meanOf(values: readonly (number | null)[]): number | undefined {
  const known = values.filter((value) => value !== null)
  if (known.length < LEAST_NIGHTS) return undefined
  return known.reduce((sum, value) => sum + value, 0) / known.length
}
