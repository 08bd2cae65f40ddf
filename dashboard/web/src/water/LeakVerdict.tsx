import type { ReactNode } from 'react'
import type { MeterDetail } from '../../../../contract/water-api.ts'
import { useText } from '../i18n/text.ts'
import { At } from '../shell/Age.tsx'
import { Icon } from '../shell/Icon.tsx'
import { litresWords } from './litres-words.ts'

/** Whether the home behind the meter leaks, and by what one knows it. */
export function LeakVerdict({ meter }: { readonly meter: MeterDetail }): ReactNode {
  const { t, language } = useText()
  const { leak, stillAt, judged, useHidden } = meter
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
  const isTight = stillAt !== null || (useHidden && judged)
  return (
    <p className={`leak-verdict${isTight ? ' is-tight' : ''}`}>
      <Icon name={isTight ? 'check' : 'question'} size={22} />
      <span>
        <strong>{t(judged ? 'meter.noLeak' : 'meter.unknown')}</strong>{' '}
        {useHidden ? null : stillAt === null ? (
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
