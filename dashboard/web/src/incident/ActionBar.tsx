import { type ReactNode, useState } from 'react'
import type { Disposition } from '../../../../contract/alarms.ts'
import type { Incident } from '../../../../contract/incidents.ts'
import { useText } from '../i18n/text.ts'
import type { TextKey } from '../i18n/zh.ts'
import { mayAct } from '../queue/act.ts'
import { TakeButton } from '../queue/IncidentRow.tsx'
import { Icon, type IconName } from '../shell/Icon.tsx'
import { Link } from '../shell/Link.tsx'
import { isOfPeople } from '../store/queue.ts'
import { CloseForm } from './CloseForm.tsx'
import { act } from './incident-act.ts'

/** What can be done now, the next thing first. */
export function ActionBar({ incident }: { readonly incident: Incident }): ReactNode {
  const { t } = useText()
  const [closing, setClosing] = useState<{ readonly as: Disposition | null } | null>(null)
  const [busy, setBusy] = useState(false)
  const form =
    closing === null ? null : (
      <CloseForm incident={incident} suggested={closing.as} key={closing.as} onDone={() => setClosing(null)} />
    )
  if (incident.state === 'closed')
    return (
      <>
        <div className="act-bar">
          <Link to={{ page: 'report', id: incident.id }} className="button button-primary">
            <Icon name="print" />
            {t('report.open')}
          </Link>
          {incident.disposition === null && mayAct('incident.act') ? (
            <button type="button" className="button" onClick={() => setClosing({ as: null })}>
              {t('act.judge')}
            </button>
          ) : null}
        </div>
        {form}
      </>
    )
  if (!mayAct('incident.act')) return <p className="quiet act-bar">{t('act.notAllowed')}</p>
  const run = (work: Promise<boolean>): void => {
    setBusy(true)
    void work.finally(() => setBusy(false))
  }
  const button = (word: TextKey, icon: IconName, onClick: () => void, look = ''): ReactNode => (
    <button type="button" className={`button ${look}`} disabled={busy} onClick={onClick}>
      <Icon name={icon} />
      {t(word)}
    </button>
  )
  const unsure = incident.verification === 'pre-alarm' && isOfPeople(incident)
  const falseAs: Disposition = incident.mode === 'real' ? 'false' : incident.mode
  return (
    <>
      <div className="act-bar">
        <TakeButton incident={incident} />
        {unsure
          ? incident.kind === 'care'
            ? button('alone.confirm', 'care', () => run(act(incident.id, 'confirm')), 'button-fire')
            : button('incident.confirm', 'fire', () => run(act(incident.id, 'confirm')), 'button-fire')
          : null}
        {unsure ? button('incident.false', 'close', () => setClosing({ as: falseAs })) : null}
        {button('incident.tell', 'broadcast', () => run(act(incident.id, 'tell')), 'button-tell')}
        {incident.state === 'received' || incident.state === 'verified'
          ? button('incident.dispatch', 'external', () => run(act(incident.id, 'dispatch', { responderIds: [] })))
          : null}
        {button(
          'incident.close',
          'check',
          () => setClosing({ as: incident.verification === 'confirmed' ? 'real' : null }),
          'button-quiet push',
        )}
      </div>
      {form}
    </>
  )
}
