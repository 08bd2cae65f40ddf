import { type ReactNode, useEffect } from 'react'
import { text, useText } from '../i18n/text.ts'
import { useConsole } from '../store/console.ts'
import { useView, view } from '../store/view.ts'
import { Icon } from './Icon.tsx'

const SHOWN_MS = 6000

/** What has just happened to something the person did. */
export function Toast(): ReactNode {
  const { t } = useText()
  const toast = useView((v) => v.toast)
  const refusal = useConsole((s) => s.refusal)
  useEffect(() => {
    if (refusal) view.say(text('act.failed', { message: refusal.message }), true)
  }, [refusal])
  useEffect(() => {
    if (!toast) return
    const timer = setTimeout(() => view.change({ toast: null }), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [toast])
  return (
    <div className="toasts" role="status" aria-live="polite">
      {toast ? (
        <div className={`toast${toast.bad ? ' toast-bad' : ''}`} key={toast.id}>
          {toast.text}
          <button
            type="button"
            className="icon-button"
            aria-label={t('act.dismiss')}
            onClick={() => view.change({ toast: null })}
          >
            <Icon name="close" size={16} />
          </button>
        </div>
      ) : null}
    </div>
  )
}
