import type { ReactNode } from 'react'
import { CITY_OFFSET } from '../../../../contract/city-time.ts'
import { formatDate } from '../format/time.ts'

const DAY_MS = 86_400_000

/** The last second of a day, `2026-11-22`, in the city. */
export const endOfDay = (day: string): number => Date.parse(`${day}T23:59:59${CITY_OFFSET}`)
export const inDays = (now: number, days: number): string => formatDate(now + days * DAY_MS)

/** A day of the city. */
export function DayField(props: {
  readonly label: string
  readonly day: string
  onChange(day: string): void
}): ReactNode {
  return (
    <label>
      {props.label}
      <input type="date" required value={props.day} onChange={(event) => props.onChange(event.target.value)} />
    </label>
  )
}
