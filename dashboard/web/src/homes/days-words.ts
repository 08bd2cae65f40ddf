import type { Text } from '../i18n/text.ts'
import type { TextKey } from '../i18n/zh.ts'

/** Days of a week, 1 is Monday. */
export const DAYS = [1, 2, 3, 4, 5, 6, 7] as const
const NAMES: Readonly<Record<number, TextKey>> = {
  1: 'day.1',
  2: 'day.2',
  3: 'day.3',
  4: 'day.4',
  5: 'day.5',
  6: 'day.6',
  7: 'day.7',
}

export const dayName = (day: number, t: Text): string => t(NAMES[day] ?? 'day.every')

/** "Mon Tue Wed"; none named: every day. */
export const daysWords = (days: readonly number[], t: Text): string =>
  days.length === 0 || days.length === DAYS.length
    ? t('day.every')
    : days
        .toSorted((a, b) => a - b)
        .map((day) => dayName(day, t))
        .join(' ')
