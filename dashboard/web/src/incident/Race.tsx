import { type ReactNode, useState } from 'react'
import { type Incident, RESPONSES } from '../../../../contract/incidents.ts'
import { inLanguage, useText } from '../i18n/text.ts'
import { mayAct } from '../queue/act.ts'
import { At } from '../shell/Age.tsx'
import { Icon } from '../shell/Icon.tsx'
import { useTick } from '../shell/ticker.ts'
import { act } from './incident-act.ts'
import { type Clock, clocksOf, formatElapsed } from './race.ts'

const SECOND_MS = 1000

/** Three clocks: own staff in one minute, neighbours in three, the brigade in five. */
export function Race({ incident }: { readonly incident: Incident }): ReactNode {
  const { t } = useText()
  const second = useTick((now) => Math.floor(now / SECOND_MS))
  return (
    <section className="panel race" aria-label={t('race.title')}>
      <h2>{t('race.title')}</h2>
      <ul className="race-clocks">
        {clocksOf(incident, second * SECOND_MS).map((clock) => (
          <RaceClock key={clock.response} clock={clock} incident={incident} />
        ))}
      </ul>
    </section>
  )
}

function RaceClock({ clock, incident }: { readonly clock: Clock; readonly incident: Incident }): ReactNode {
  const { t, language } = useText()
  const [busy, setBusy] = useState(false)
  const { response, limitMs, tookMs, state } = clock
  const there = incident.arrivals[response]
  const facts = RESPONSES[response]
  const figure =
    state === 'running'
      ? formatElapsed(limitMs - tookMs)
      : state === 'late'
        ? `+${formatElapsed(tookMs - limitMs)}`
        : state === 'never'
          ? '–'
          : formatElapsed(tookMs)
  return (
    <li className={`clock-box clock-${state}`}>
      <span className="clock-who">
        <b>{t('race.minutes', { n: facts.minutes })}</b>
        <span>{inLanguage(facts, language)}</span>
      </span>
      <span className="clock-figure" role={state === 'running' || state === 'late' ? 'timer' : undefined}>
        {figure}
      </span>
      <span className="clock-words">
        {t(`race.${state}`)}
        {there === undefined ? null : (
          <>
            {' · '}
            <At at={there} />
          </>
        )}
      </span>
      {there === undefined && incident.state !== 'closed' ? (
        <button
          type="button"
          className="button"
          disabled={busy || !mayAct('incident.act')}
          aria-label={`${inLanguage(facts, language)}: ${t('race.arrived')}`}
          onClick={() => {
            setBusy(true)
            void act(incident.id, 'arrive', { response }).finally(() => setBusy(false))
          }}
        >
          <Icon name="check" size={16} />
          {t('race.arrived')}
        </button>
      ) : null}
    </li>
  )
}
