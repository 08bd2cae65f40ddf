import type { ReactNode } from 'react'
import { HAZARD_VERDICT_NAMES, HAZARD_VERDICTS, type Hazard } from '../../../../contract/hazards.ts'
import { inLanguage, useText } from '../i18n/text.ts'
import { Icon } from '../shell/Icon.tsx'

/** How far it is: open, or claimed done with the verdicts that are in. */
export function VerdictMarks({
  hazard,
}: {
  readonly hazard: Pick<Hazard, 'state' | 'verdicts' | 'refusals'>
}): ReactNode {
  const { t, language } = useText()
  const { state, verdicts, refusals } = hazard
  return (
    <span className="verdict-marks">
      <span className={`tag hazard-state hazard-${state}`}>{t(`hazard.state.${state}`)}</span>
      {state === 'open'
        ? null
        : HAZARD_VERDICT_NAMES.map((name) => {
            const given = verdicts[name]
            const words = `${inLanguage(HAZARD_VERDICTS[name], language)}: ${t(given?.agreed ? 'hazard.agreed' : 'hazard.waiting')}`
            return (
              <span key={name} className={`verdict-mark${given?.agreed ? ' is-agreed' : ''}`} title={words}>
                <Icon name={given?.agreed ? 'check' : 'question'} size={14} />
                <span className="visually-hidden">{words}</span>
              </span>
            )
          })}
      {refusals === 0 ? null : <small className="warn">{t('hazard.refusals', { n: refusals })}</small>}
    </span>
  )
}
