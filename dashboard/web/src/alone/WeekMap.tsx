import type { ReactNode } from 'react'
import type { AloneDetail } from '../../../../contract/alone.ts'
import { useText } from '../i18n/text.ts'

const DAYS = [1, 2, 3, 4, 5, 6, 7] as const

/** Their week, hour by hour: the darker, the more water. A screen reader hears each day's hours with water. */
export function WeekMap({ weekdays }: { readonly weekdays: AloneDetail['weekdays'] }): ReactNode {
  const { t } = useText()
  const most = Math.max(1, ...weekdays.flat().map((litres) => litres ?? 0))
  return (
    <section aria-label={t('alone.week')}>
      <h3>{t('alone.week')}</h3>
      <p className="quiet">{t('alone.weekLead')}</p>
      <table className="week-map">
        <tbody>
          {DAYS.map((day) => {
            const hours = weekdays[day - 1] ?? []
            const list = hours
              .flatMap((litres, hour) =>
                litres === null || litres < 1 ? [] : [t('alone.weekHour', { hour, n: litres })],
              )
              .join(', ')
            const name = t(`alone.weekday.${day}`)
            return (
              <tr key={day}>
                <th scope="row">{name}</th>
                <td>
                  <span className="visually-hidden">
                    {t('alone.weekWords', { day: name, list: list === '' ? t('alone.weekNothing') : list })}
                  </span>
                  <span className="week-hours" aria-hidden="true">
                    {hours.map((litres, hour) => (
                      <span
                        // biome-ignore lint/suspicious/noArrayIndexKey: the hours of a day in their order
                        key={hour}
                        className={litres === null ? 'is-unknown' : undefined}
                        style={
                          litres === null ? undefined : { opacity: litres === 0 ? 0.06 : 0.25 + 0.75 * (litres / most) }
                        }
                        title={litres === null ? undefined : t('alone.weekHour', { hour, n: litres })}
                      />
                    ))}
                  </span>
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </section>
  )
}
