import { type ReactNode, useState } from 'react'
import type { HazardDetail } from '../../../../contract/hazards.ts'
import { useText } from '../i18n/text.ts'
import type { Step } from './HazardPage.tsx'

/** Whoever put it right says so; from then on it is judged. */
export function ClaimHazard(props: { readonly hazard: HazardDetail; readonly step: Step }): ReactNode {
  const { t } = useText()
  const { hazard, step } = props
  const [comment, setComment] = useState('')
  const [busy, setBusy] = useState(false)
  if (hazard.state !== 'open') return null
  const claim = async (): Promise<void> => {
    setBusy(true)
    await step('POST', '/claim', { comment: comment.trim() })
    setBusy(false)
  }
  return (
    <section className="panel" aria-label={t('hazard.claim')}>
      <h2>{t('hazard.claim')}</h2>
      {hazard.may.claim ? (
        <form
          className="form form-wide"
          onSubmit={(event) => {
            event.preventDefault()
            void claim()
          }}
        >
          <label className="form-long">
            {t('hazard.claimWords')}
            <textarea rows={2} maxLength={2000} value={comment} onChange={(event) => setComment(event.target.value)} />
          </label>
          {hazard.photographs.some(({ after }) => after) ? null : (
            <p className="quiet form-long">{t('hazard.photoFirst')}</p>
          )}
          <button type="submit" className="button button-primary" disabled={busy}>
            {t('hazard.claimNow')}
          </button>
        </form>
      ) : (
        <p className="quiet">{t('hazard.mayNotClaim')}</p>
      )}
    </section>
  )
}
