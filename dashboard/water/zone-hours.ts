import type { ZoneHourAnswer } from '../../contract/water-api.ts'
import { measuredOnly } from '../../contract/zone-balance.ts'
import type { MeterCountChange, ZoneHour } from '../../store/state/water-port.ts'

const HOUR_MS = 3_600_000

/** Each hour beside the share of its meters' time that was measured. @param counts every change of their number, ascending */
export function hoursBesideReports(hours: readonly ZoneHour[], counts: readonly MeterCountChange[]): ZoneHourAnswer[] {
  let household = 0
  let bulk = 0
  let next = 0
  return hours.map(({ hour, inflowL, householdL, householdMeasuredMs, bulkMeasuredMs }) => {
    for (; next < counts.length; next++) {
      const { hour: from, part, change } = counts[next] as MeterCountChange
      if (from > hour) break
      if (part === 'household') household += change
      else bulk += change
    }
    return {
      hour,
      ...measuredOnly({ inflowL, householdL }, { household, bulk }),
      reported: household === 0 ? 1 : householdMeasuredMs / (household * HOUR_MS),
      bulkReported: bulk === 0 ? 0 : bulkMeasuredMs / (bulk * HOUR_MS),
    }
  })
}
