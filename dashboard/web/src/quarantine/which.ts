/** Which part of the quarantine a person looks at. */
export interface Which {
  readonly deviceId: string
  readonly reason: string
  readonly range: Range
  readonly state: 'open' | 'replayed'
}

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
export const RANGES = { all: 0, hour: HOUR_MS, day: 24 * HOUR_MS, week: 7 * 24 * HOUR_MS } as const
export type Range = keyof typeof RANGES

/** The filter as the API takes it; a whole minute, so that a list that is asked again asks the same. */
export const filterOf = (
  { deviceId, reason, range }: Pick<Which, 'deviceId' | 'reason' | 'range'>,
  now: number,
): { readonly deviceId?: string; readonly reason?: string; readonly from?: number } => ({
  ...(deviceId.trim() === '' ? {} : { deviceId: deviceId.trim() }),
  ...(reason === '' ? {} : { reason }),
  ...(range === 'all' ? {} : { from: Math.floor((now - RANGES[range]) / MINUTE_MS) * MINUTE_MS }),
})
