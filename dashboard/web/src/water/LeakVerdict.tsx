import type { ReactNode } from 'react'
import type { MeterDetail } from '../../../../contract/water-api.ts'
import { useText } from '../i18n/text.ts'
import { At } from '../shell/Age.tsx'
import { Icon } from '../shell/Icon.tsx'
import { litresWords } from './litres-words.ts'

/** Known hours from which a missing standstill says something: a night must be among them. */
const HOURS_TO_JUDGE = 24

/** Whether the home behind the meter leaks, and by what one knows it. */
export function LeakVerdict({ meter }: { readonly meter: MeterDetail }): ReactNode {
  const { t, language } = useText()
  const { leak, stillAt, hours } = meter
  if (leak !== null)
    return (
      <p className="leak-verdict is-leaking">
        <Icon name="water" size={22} />
        <span>
          <strong>
            {t('meter.leaks')} · {litresWords(leak.lph)}
          </strong>{' '}
          {language === 'zh' ? leak.evidenceZh : leak.evidence}
          <small className="quiet">
            {' '}
            · {t('order.sinceWhen')} <At at={leak.since} />
          </small>
        </span>
      </p>
    )
  const known = hours.filter(({ measured }) => measured).length
  const isKnown = stillAt !== null || known >= HOURS_TO_JUDGE
  return (
    <p className={`leak-verdict${stillAt === null ? '' : ' is-tight'}`}>
      <Icon name={stillAt === null ? 'question' : 'check'} size={22} />
      <span>
        <strong>{t(isKnown ? 'meter.noLeak' : 'meter.unknown')}</strong>{' '}
        {stillAt === null ? (
          t('meter.notStillYet')
        ) : (
          <>
            {t('meter.stillOnce')} <At at={stillAt} />
          </>
        )}
      </span>
    </p>
  )
}
