import { type ReactNode, useState } from 'react'
import type { ZonePipes } from '../../../../contract/zones.ts'
import { attempt } from '../api/attempt.ts'
import { request } from '../api/request.ts'
import { useText } from '../i18n/text.ts'
import { zonePath } from './water-api.ts'

const FIELDS = ['mainsKm', 'privateKm', 'pressureM'] as const

const numberOf = (words: string): number | null => (words.trim() === '' ? null : Number(words))

/** Says how long the pipes of a zone are and under what pressure: the leakage index and CJJ 92 follow from it. */
export function PipesForm(props: {
  readonly zoneId: string
  readonly pipes: ZonePipes
  /** m of water; counts where nobody says a pressure. */
  readonly measuredPressureM: number | null
  onDone(): void
}): ReactNode {
  const { t } = useText()
  const { zoneId, pipes, measuredPressureM, onDone } = props
  const [words, setWords] = useState(() => FIELDS.map((name) => pipes[name]?.toString() ?? ''))
  const [busy, setBusy] = useState(false)
  const save = async (): Promise<void> => {
    const [mainsKm = null, privateKm = null, pressureM = null] = words.map(numberOf)
    setBusy(true)
    const body: ZonePipes = { mainsKm, privateKm, pressureM }
    const saved = await attempt(() => request<ZonePipes>('PUT', `${zonePath(zoneId)}/pipes`, body))
    setBusy(false)
    if (saved) onDone()
  }
  return (
    <form
      className="form form-wide pipes-form"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      {FIELDS.map((name, i) => (
        <label key={name}>
          {t(`pipes.${name}`)}
          <input
            type="number"
            inputMode="decimal"
            step="any"
            min={name === 'pressureM' ? '0.1' : '0'}
            value={words[i]}
            placeholder={
              name === 'pressureM' && measuredPressureM !== null
                ? t('pipes.measured', { n: Math.round(measuredPressureM) })
                : t('pipes.unknown')
            }
            onChange={(event) => setWords(words.map((word, at) => (at === i ? event.target.value : word)))}
          />
        </label>
      ))}
      <div className="form-buttons form-long">
        <button type="submit" className="button button-primary" disabled={busy}>
          {t('pipes.save')}
        </button>
        <button type="button" className="button button-quiet" onClick={onDone}>
          {t('act.cancel')}
        </button>
      </div>
    </form>
  )
}
