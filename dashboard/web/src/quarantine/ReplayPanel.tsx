import { type ReactNode, useEffect, useRef, useState } from 'react'
import { ApiFailure } from '../api/request.ts'
import { formatCount } from '../format/amount.ts'
import { useText } from '../i18n/text.ts'
import { Icon } from '../shell/Icon.tsx'
import { NOTHING, replayAll, type Tally } from './replay.ts'

type Stage =
  | { readonly at: 'idle' }
  | { readonly at: 'running' | 'done'; readonly dryRun: boolean; readonly tally: Tally }
  | { readonly at: 'failed'; readonly message: string }

/** What a replay has come to, or would come to. */
export function TallyWords({ tally, dryRun }: { readonly tally: Tally; readonly dryRun: boolean }): ReactNode {
  const { t } = useText()
  const { understood, notUnderstood, gone, pending, readings } = tally
  if (tally.records === 0) return <span>{t('replay.nothing')}</span>
  return (
    <span className="tally">
      <span className="tally-good">
        {t(dryRun ? 'replay.would' : 'replay.understood', { n: formatCount(understood), r: formatCount(readings) })}
      </span>
      <span className={notUnderstood > 0 ? 'tally-bad' : 'quiet'}>
        {t('replay.still', { n: formatCount(notUnderstood) })}
      </span>
      {gone > 0 ? <span className="quiet">{t('replay.gone', { n: formatCount(gone) })}</span> : null}
      {pending > 0 ? <span className="tally-bad">{t('replay.pending', { n: formatCount(pending) })}</span> : null}
    </span>
  )
}

/** Replays everything that the page's filter finds: first what would become of it, then, on a second click, for good. */
export function ReplayPanel(props: { readonly filter: object; readonly count: number; onDone(): void }): ReactNode {
  const { t } = useText()
  const { filter, count, onDone } = props
  const [stage, setStage] = useState<Stage>({ at: 'idle' })
  const abort = useRef(new AbortController())
  const key = JSON.stringify(filter)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter is another question
  useEffect(() => {
    setStage({ at: 'idle' })
    return () => {
      abort.current.abort()
      abort.current = new AbortController()
    }
  }, [key])
  const run = async (dryRun: boolean): Promise<void> => {
    const { signal } = abort.current
    setStage({ at: 'running', dryRun, tally: NOTHING })
    try {
      const tally = await replayAll(filter, dryRun, signal, (so) => {
        if (!signal.aborted) setStage({ at: 'running', dryRun, tally: so })
      })
      if (signal.aborted) return
      setStage({ at: 'done', dryRun, tally })
      if (!dryRun) onDone()
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error
      setStage({ at: 'failed', message: error.message })
    }
  }
  const busy = stage.at === 'running'
  const tried = stage.at === 'done' && stage.dryRun ? stage.tally : undefined
  return (
    <section className="replay" aria-label={t('replay.title')}>
      <div className="replay-words">
        <strong>{t('replay.title')}</strong>
        <span className="quiet">{t('replay.hint')}</span>
      </div>
      <div className="replay-do">
        {stage.at === 'running' || stage.at === 'done' ? (
          <output className="replay-result">
            <TallyWords tally={stage.tally} dryRun={stage.dryRun} />
          </output>
        ) : null}
        {stage.at === 'failed' ? (
          <span className="tally-bad" role="alert">
            {t('act.failed', { message: stage.message })}
          </span>
        ) : null}
        {tried !== undefined && tried.understood > 0 ? (
          <>
            <button type="button" className="button button-primary" onClick={() => void run(false)}>
              <Icon name="replay" />
              {t('replay.now', { n: formatCount(tried.records) })}
            </button>
            <button type="button" className="button button-quiet" onClick={() => setStage({ at: 'idle' })}>
              {t('act.cancel')}
            </button>
          </>
        ) : count === 0 ? null : (
          <button type="button" className="button" disabled={busy} onClick={() => void run(true)}>
            <Icon name="replay" />
            {busy ? t('replay.running') : t('replay.try', { n: formatCount(count) })}
          </button>
        )}
      </div>
    </section>
  )
}
