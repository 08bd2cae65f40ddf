import { type ReactNode, useState } from 'react'
import type { WatchMode } from '../../../../contract/incidents.ts'
import { formatSpan } from '../format/age.ts'
import { useText } from '../i18n/text.ts'
import { mayAct } from '../queue/act.ts'
import { At } from '../shell/Age.tsx'
import { useTick } from '../shell/ticker.ts'
import { serverNow, useConsole } from '../store/console.ts'
import { post } from './incident-act.ts'

const MINUTE_MS = 60_000
const MODES = ['test', 'drill', 'isolated'] as const
/** How long a test, drill or isolation lasts: an isolation of a whole shift at most, then somebody looks again. Minutes. */
const LASTING = [15, 30, 60, 120, 480] as const

const isSame = (mode: WatchMode, target: Target): boolean =>
  'placeId' in target ? mode.placeId === target.placeId : mode.deviceId === target.deviceId
type Target = { readonly placeId: string } | { readonly deviceId: string }

/** Tests, drills and isolations in force at a place or device, and a form that sets one with its end. */
export function WatchModes(props: {
  readonly target: Target
  readonly modes: readonly WatchMode[]
  /** Above the form: what it is set on, where there is a choice. */
  readonly children?: ReactNode
}): ReactNode {
  const { t } = useText()
  const { target, modes, children } = props
  const devices = useConsole((s) => s.devices)
  const places = useConsole((s) => s.places)
  const [setting, setSetting] = useState(false)
  const [mode, setMode] = useState<WatchMode['mode']>('drill')
  const [minutes, setMinutes] = useState<number>(LASTING[1])
  const [reason, setReason] = useState('')
  const may = mayAct('watch.set')
  const end = (one: WatchMode): void => {
    const of = one.placeId === null ? { deviceId: one.deviceId } : { placeId: one.placeId }
    void post('/api/watch', { target: of, mode: one.mode, until: serverNow(), reason: one.reason })
  }
  const set = async (): Promise<void> => {
    const until = Math.round(serverNow() + minutes * MINUTE_MS)
    if (await post('/api/watch', { target, mode, until, reason: reason.trim() })) setSetting(false)
  }
  if (modes.length === 0 && !may) return null
  return (
    <section className="panel watch" aria-label={t('watch.title')}>
      <h2>{t('watch.title')}</h2>
      {modes.length === 0 ? <p className="quiet">{t('watch.none')}</p> : null}
      <ul className="plain">
        {modes.map((one) => (
          <li key={`${one.placeId} ${one.deviceId}`} className="watch-mode">
            <span>
              <b className="tag tag-test">{t(`watch.${one.mode}`)}</b>{' '}
              {(one.placeId === null ? devices.get(one.deviceId ?? '')?.name : places.get(one.placeId)?.name) ??
                one.deviceId ??
                one.placeId}{' '}
              · {t('watch.until')} <At at={one.until} /> <Left until={one.until} />
            </span>
            <span className="quiet">
              {one.by}: {one.reason}
            </span>
            {may ? (
              <button type="button" className="button" onClick={() => end(one)}>
                {t('watch.end')}
              </button>
            ) : null}
          </li>
        ))}
      </ul>
      {setting ? children : null}
      {!may || modes.some((one) => isSame(one, target)) ? null : setting ? (
        <form
          className="watch-form"
          onSubmit={(event) => {
            event.preventDefault()
            void set()
          }}
        >
          <select
            aria-label={t('watch.mode')}
            value={mode}
            onChange={(event) => setMode(MODES.find((one) => one === event.target.value) ?? 'drill')}
          >
            {MODES.map((one) => (
              <option key={one} value={one}>
                {t(`watch.${one}`)}
              </option>
            ))}
          </select>
          <select
            aria-label={t('watch.lasting')}
            value={minutes}
            onChange={(event) => setMinutes(Number(event.target.value))}
          >
            {LASTING.map((n) => (
              <option key={n} value={n}>
                {t('span.minutes', { n })}
              </option>
            ))}
          </select>
          <input
            aria-label={t('watch.reason')}
            placeholder={t('watch.reason')}
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <button type="submit" className="button button-primary" disabled={reason.trim() === ''}>
            {t('watch.set')}
          </button>
          <button type="button" className="button button-quiet" onClick={() => setSetting(false)}>
            {t('act.cancel')}
          </button>
        </form>
      ) : (
        <button type="button" className="button button-quiet" onClick={() => setSetting(true)}>
          {t('watch.start')}
        </button>
      )}
    </section>
  )
}

function Left({ until }: { readonly until: number }): ReactNode {
  const { t } = useText()
  const left = useTick((now) => formatSpan(until - now, t))
  return <span className="quiet">{t('watch.left', { left })}</span>
}
