import type { ReactNode } from 'react'
import type { HomeDetail } from '../../../../contract/home-answers.ts'
import { useText } from '../i18n/text.ts'
import { daysWords } from './days-words.ts'

/** Everybody on the home's roster with their shifts; who is there now stands above. */
export function HomeStaff({ home }: { readonly home: HomeDetail }): ReactNode {
  const { t } = useText()
  const staff = home.contacts?.staff ?? []
  if (staff.length === 0) return null
  return (
    <details className="panel more-panel">
      <summary>{t('home.roster', { n: staff.length })}</summary>
      <table className="roster">
        <tbody>
          {staff.map((one) => (
            <tr key={one.id}>
              <td>
                <strong>{one.name}</strong>
                {one.onDuty ? <span className="tag tag-good">{t('home.onDutyNow')}</span> : null}
              </td>
              <td>{t(`staff.${one.duty}`)}</td>
              <td>
                {one.from}–{one.to} <span className="quiet">{daysWords(one.days, t)}</span>
              </td>
              <td>{one.phone === '' ? '–' : <a href={`tel:${one.phone}`}>{one.phone}</a>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}
