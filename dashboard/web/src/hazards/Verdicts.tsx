import { type ReactNode, useState } from 'react'
import {
  HAZARD_VERDICT_NAMES,
  HAZARD_VERDICTS,
  type HazardDetail,
  type HazardVerdict,
} from '../../../../contract/hazards.ts'
import { inLanguage, useText } from '../i18n/text.ts'
import { At } from '../shell/Age.tsx'
import { Icon } from '../shell/Icon.tsx'
import { useConsole } from '../store/console.ts'
import type { Step } from './HazardPage.tsx'
import { partyOf, whyNotJudge } from './hazard-rules.ts'

/** The three verdicts, whose each is, and what is in: only all three take the hazard off the list. */
export function Verdicts(props: { readonly hazard: HazardDetail; readonly step: Step }): ReactNode {
  const { t } = useText()
  return (
    <section className="panel" aria-label={t('hazard.verdicts')}>
      <h2>{t('hazard.verdicts')}</h2>
      <p className="quiet">
        {t('hazard.verdictsHint')} {props.hazard.state === 'open' ? <b>{t('hazard.notClaimed')}</b> : null}
      </p>
      <ul className="verdicts">
        {HAZARD_VERDICT_NAMES.map((name) => (
          <Verdict key={name} name={name} {...props} />
        ))}
      </ul>
    </section>
  )
}

function Verdict(props: {
  readonly name: HazardVerdict
  readonly hazard: HazardDetail
  readonly step: Step
}): ReactNode {
  const { t, language } = useText()
  const { name, hazard, step } = props
  const session = useConsole((s) => s.session)
  const [reason, setReason] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const facts = HAZARD_VERDICTS[name]
  const given = hazard.verdicts[name]
  const may = hazard.may.judge.includes(name)
  const whyNot = session && !may ? whyNotJudge(hazard, name, session) : null
  const judge = async (agreed: boolean): Promise<void> => {
    setBusy(true)
    const done = await step('POST', '/verdicts', { verdict: name, agreed, reason: reason?.trim() ?? '' })
    setBusy(false)
    if (done) setReason(null)
  }
  const look = given === undefined ? 'waiting' : given.agreed ? 'agreed' : 'refused'
  const refusal = inLanguage({ en: facts.refusedEn, zh: facts.refusedZh }, language)
  return (
    <li className={`verdict-box verdict-${look}`}>
      <h3>
        <Icon name={look === 'agreed' ? 'check' : look === 'refused' ? 'close' : 'question'} size={16} />
        {look === 'refused' ? refusal : inLanguage(facts, language)}
      </h3>
      <p className="quiet">{t('hazard.party', { role: t(`role.${partyOf(name)}`) })}</p>
      {given === undefined ? (
        <p>{t('hazard.waiting')}</p>
      ) : (
        <p>
          {given.by} · <At at={given.at} />
          {given.reason === '' ? null : <span className="verdict-reason">{given.reason}</span>}
        </p>
      )}
      {may ? (
        reason === null ? (
          <div className="row-buttons">
            {given?.agreed ? null : (
              <button type="button" className="button button-primary" disabled={busy} onClick={() => void judge(true)}>
                {inLanguage(facts, language)}
              </button>
            )}
            <button type="button" className="button" disabled={busy} onClick={() => setReason('')}>
              {refusal}…
            </button>
          </div>
        ) : (
          <form
            onSubmit={(event) => {
              event.preventDefault()
              void judge(false)
            }}
          >
            <textarea
              rows={2}
              maxLength={2000}
              aria-label={t('hazard.whyRefused')}
              placeholder={t('hazard.whyRefused')}
              value={reason}
              // biome-ignore lint/a11y/noAutofocus: it appears because the person asked for it
              autoFocus
              onChange={(event) => setReason(event.target.value)}
            />
            <div className="row-buttons">
              <button type="submit" className="button button-fire" disabled={busy || reason.trim() === ''}>
                {refusal}
              </button>
              <button type="button" className="button button-quiet" onClick={() => setReason(null)}>
                {t('act.cancel')}
              </button>
            </div>
          </form>
        )
      ) : whyNot === null || whyNot === 'not-claimed' || whyNot === 'closed' ? null : (
        <p className="quiet verdict-why">{t(`hazard.whyNot.${whyNot}`)}</p>
      )}
    </li>
  )
}
