import { type ChangeEvent, type ReactNode, useState } from 'react'
import type { HazardDetail } from '../../../../contract/hazards.ts'
import { useText } from '../i18n/text.ts'
import { At } from '../shell/Age.tsx'
import { Icon } from '../shell/Icon.tsx'
import type { Step } from './HazardPage.tsx'

const SIDES = ['before', 'after'] as const

/** How it was found beside how it is now. */
export function Photographs(props: { readonly hazard: HazardDetail; readonly step: Step }): ReactNode {
  const { t } = useText()
  const { hazard, step } = props
  const [busy, setBusy] = useState(false)
  const send = async (event: ChangeEvent<HTMLInputElement>, after: boolean): Promise<void> => {
    const files = [...(event.target.files ?? [])]
    event.target.value = ''
    setBusy(true)
    for (const file of files) if (!(await step('POST', `/photographs?after=${after}`, file))) break
    setBusy(false)
  }
  return (
    <section className="panel" aria-label={t('hazard.photographs')}>
      <h2>{t('hazard.photographs')}</h2>
      <div className="photographs">
        {SIDES.map((side) => {
          const shown = hazard.photographs.filter(({ after }) => after === (side === 'after'))
          return (
            <div key={side}>
              <h3>{t(`hazard.${side}`)}</h3>
              {shown.length === 0 ? <p className="empty quiet">{t('hazard.noPhotograph')}</p> : null}
              {shown.map(({ id, at, by }) => {
                const address = `/api/hazards/${encodeURIComponent(hazard.id)}/photographs/${encodeURIComponent(id)}`
                return (
                  <figure key={id}>
                    <a href={address} target="_blank" rel="noreferrer">
                      <img className="photograph" src={address} alt={t(`hazard.${side}`)} loading="lazy" />
                    </a>
                    <figcaption className="quiet">
                      {by} · <At at={at} />
                    </figcaption>
                  </figure>
                )
              })}
              {hazard.may.photograph ? (
                <label className="button file-button">
                  <input
                    type="file"
                    multiple
                    className="visually-hidden"
                    disabled={busy}
                    accept="image/png,image/jpeg,image/webp"
                    onChange={(event) => void send(event, side === 'after')}
                  />
                  <Icon name="plus" size={16} />
                  {t('hazard.addPhotograph')}
                </label>
              ) : null}
            </div>
          )
        })}
      </div>
    </section>
  )
}
